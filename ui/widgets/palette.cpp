// SPDX-License-Identifier: Apache-2.0
// The only file that may hold colour literals.
#include "ui/widgets/palette.h"

#include <array>
#include <cmath>

namespace gatescope::ui {
namespace {

struct Scheme {
    QRgb window, base, alternate, button, text, muted, line, highlight, highlightedText, inactiveHighlight, accent,
        toolTip;
};

constexpr Scheme kLight{0xfff4f5f7, 0xffffffff, 0xfff7f8fa, 0xffeceef1, 0xff1b1f24, 0xff57606a,
                        0xffd0d5db, 0xffcfe2ff, 0xff0b1f3a, 0xffe1e6ed, 0xff0a5cc4, 0xffffffff};
constexpr Scheme kDark{0xff22262c, 0xff181b20, 0xff1d2126, 0xff2d323a, 0xffe6e9ed, 0xff9aa5b1,
                       0xff3b424c, 0xff214d85, 0xffffffff, 0xff333b46, 0xff6cb0ff, 0xff2d323a};

QPalette paletteOf(const Scheme& scheme) {
    QPalette palette(QColor::fromRgb(scheme.button), QColor::fromRgb(scheme.window));
    const auto set = [&](QPalette::ColorRole role, QRgb colour) { palette.setColor(role, QColor::fromRgb(colour)); };
    set(QPalette::Window, scheme.window);
    set(QPalette::WindowText, scheme.text);
    set(QPalette::Base, scheme.base);
    set(QPalette::AlternateBase, scheme.alternate);
    set(QPalette::Text, scheme.text);
    set(QPalette::PlaceholderText, scheme.muted);
    set(QPalette::Button, scheme.button);
    set(QPalette::ButtonText, scheme.text);
    set(QPalette::BrightText, scheme.text);
    // Fusion draws its lines and bevels with these.
    set(QPalette::Light, scheme.button);
    set(QPalette::Midlight, scheme.button);
    set(QPalette::Mid, scheme.line);
    set(QPalette::Dark, scheme.line);
    set(QPalette::Highlight, scheme.highlight);
    set(QPalette::HighlightedText, scheme.highlightedText);
    set(QPalette::Link, scheme.accent);
    set(QPalette::LinkVisited, scheme.accent);
    set(QPalette::ToolTipBase, scheme.toolTip);
    set(QPalette::ToolTipText, scheme.text);
    palette.setColor(QPalette::Inactive, QPalette::Highlight, QColor::fromRgb(scheme.inactiveHighlight));
    palette.setColor(QPalette::Inactive, QPalette::HighlightedText, QColor::fromRgb(scheme.text));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, QColor::fromRgb(scheme.muted));
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor::fromRgb(scheme.inactiveHighlight));
    palette.setColor(QPalette::Disabled, QPalette::HighlightedText, QColor::fromRgb(scheme.muted));
    return palette;
}

constexpr std::size_t kTones = static_cast<std::size_t>(Tone::Brush) + 1;
using ToneTable = std::array<QRgb, kTones>;

constexpr ToneTable kLightTones{0xff1b1f24, 0xff57606a, 0xff0a5cc4, 0xff17692d, 0xff845400, 0xffb3261e,
                                0xff7a2d8f, 0xff17692d, 0xff0a5cc4, 0xffe3f6e6, 0xfffde4e1, 0xfffff2d1,
                                0xfffde4e1, 0xffdfe9f8, 0xffd0d5db, 0xff7a8da3, 0xffd9a441, 0xff4c8ddb,
                                0xff2f6db5, 0xff9cc7ee, 0xffd98a1f, 0xff9a4f8f, 0xff2f79b8, 0xffd98a1f,
                                0xff2b9274, 0xffc75b3a, 0xff9d6bb5, 0xff5fa9cf, 0xff8c96a3, 0xff0a5cc4};
constexpr ToneTable kDarkTones{0xffe6e9ed, 0xff9aa5b1, 0xff6cb0ff, 0xff6fd28c, 0xffe8b14a, 0xffff938a,
                               0xffd6a3e8, 0xff8fd6a3, 0xff86bdff, 0xff173822, 0xff48201f, 0xff423411,
                               0xff48201f, 0xff26394f, 0xff3b424c, 0xff8594a6, 0xffc9963a, 0xff4684cf,
                               0xff4f8fd8, 0xffa9d2f5, 0xffe0a04a, 0xffc58bd0, 0xff4f93d1, 0xffdf9c3f,
                               0xff45ad8d, 0xffdf7a5b, 0xffb48acc, 0xff7fc3e6, 0xff7c8794, 0xff6cb0ff};

double luminance(const QColor& colour) {
    const auto linear = [](double channel) {
        return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

} // namespace

QPalette lightPalette() {
    return paletteOf(kLight);
}

QPalette darkPalette() {
    return paletteOf(kDark);
}

bool isDark(const QPalette& palette) {
    return luminance(palette.color(QPalette::Base)) < luminance(palette.color(QPalette::Text));
}

QColor colour(Tone tone, const QPalette& palette) {
    return QColor::fromRgb((isDark(palette) ? kDarkTones : kLightTones)[static_cast<std::size_t>(tone)]);
}

Tone categoryTone(std::size_t index) {
    constexpr auto kFirst = static_cast<std::size_t>(Tone::Category1);
    constexpr auto kCount = static_cast<std::size_t>(Tone::CategoryOther) - kFirst;
    return static_cast<Tone>(kFirst + index % kCount);
}

double contrast(const QColor& a, const QColor& b) {
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace gatescope::ui
