// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/json_highlighter.h"

#include "ui/widgets/palette.h"

namespace gatescope::ui {
namespace {

/// A body can be one line of a megabyte: colours are worth less than a frame.
constexpr qsizetype kLongestLine = 4'000;

qsizetype endOfString(const QString& text, qsizetype at) {
    for (++at; at < text.size(); ++at) {
        if (text[at] == QChar('\\'))
            ++at;
        else if (text[at] == QChar('"'))
            return at + 1;
    }
    return text.size();
}

bool isAtom(QChar letter) {
    return letter.isLetterOrNumber() || letter == QChar('-') || letter == QChar('+') || letter == QChar('.');
}

} // namespace

void JsonHighlighter::highlightBlock(const QString& text) {
    if (text.size() > kLongestLine) return;
    const auto paint = [this](qsizetype from, qsizetype to, Tone tone) {
        setFormat(static_cast<int>(from), static_cast<int>(to - from), colour(tone));
    };
    for (qsizetype at = 0; at < text.size();) {
        const QChar letter = text[at];
        if (letter == QChar('"')) {
            const qsizetype end = endOfString(text, at);
            const bool name = end < text.size() && text[end] == QChar(':');
            paint(at, end, name ? Tone::Key : Tone::String);
            at = end;
        } else if (isAtom(letter)) {
            qsizetype end = at;
            while (end < text.size() && isAtom(text[end])) ++end;
            paint(at, end, Tone::Number);
            at = end;
        } else {
            ++at;
        }
    }
}

} // namespace gatescope::ui
