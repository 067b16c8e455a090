// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QColor>
#include <QGuiApplication>
#include <QPalette>

namespace gatescope::ui {

/// What a colour is for. Every colour on screen is one of these or a role of QPalette.
enum class Tone {
    Text,    ///< as the palette's text
    Muted,   ///< secondary text, missing values
    Accent,  ///< links, the focused thing
    Good,    ///< answered, valid
    Warning, ///< throttled, client errors, damage
    Bad,     ///< server errors, failures
    Key,     ///< names in JSON
    String,  ///< texts in JSON
    Number,  ///< numbers and constants in JSON
    // Surfaces: text on them is the palette's text.
    FilterValid,
    FilterInvalid,
    BannerWarning,
    BannerBad,
    Chip,
    Line,
    // Bars of the timing view.
    BarSend,
    BarWait,
    BarReceive,
    // Parts of a token count. They differ in lightness too, and are drawn with different patterns.
    TokensInput,
    TokensCached,
    TokensOutput,
    TokensReasoning,
    // Things of one kind side by side, told apart also by people who see few colours (after Okabe and Ito).
    Category1,
    Category2,
    Category3,
    Category4,
    Category5,
    Category6,
    CategoryOther, ///< what is put together, and what has no name
    Brush          ///< the chosen span of time; laid over with transparency
};

/// The tone of the n-th of several things; they repeat after six.
Tone categoryTone(std::size_t index);

QPalette lightPalette();
QPalette darkPalette();

/// The colour of a tone that fits the given palette, light or dark.
QColor colour(Tone tone, const QPalette& palette = QGuiApplication::palette());
bool isDark(const QPalette& palette);
/// WCAG 2.1 contrast ratio, 1 to 21.
double contrast(const QColor& a, const QColor& b);

} // namespace gatescope::ui
