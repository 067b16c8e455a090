// SPDX-License-Identifier: Apache-2.0
#include "ui/models/status_sign.h"

namespace gatescope::ui {

Sign statusSign(std::optional<std::int64_t> status) {
    if (!status) return {Glyph::NoAnswer, Tone::Warning, QStringLiteral("no response was seen")};
    if (*status == 429) return {Glyph::Throttled, Tone::Warning, QStringLiteral("throttled: too many requests")};
    if (*status >= 500) return {Glyph::Cross, Tone::Bad, QStringLiteral("server error")};
    if (*status >= 400) return {Glyph::Warning, Tone::Warning, QStringLiteral("client error")};
    if (*status >= 300) return {Glyph::Request, Tone::Muted, QStringLiteral("redirect")};
    return {Glyph::Check, Tone::Good, QStringLiteral("answered")};
}

Sign openSign(std::string_view state) {
    if (state == "streaming") return {Glyph::Stream, Tone::Accent, QStringLiteral("the answer is streaming")};
    if (state == "answering") return {Glyph::Response, Tone::Accent, QStringLiteral("the answer has begun")};
    return {Glyph::History, Tone::Muted, QStringLiteral("waiting for the answer")};
}

} // namespace gatescope::ui
