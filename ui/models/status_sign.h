// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/icon.h"

#include <QString>

#include <cstdint>
#include <optional>

namespace gatescope::ui {

/// How an HTTP status is shown: sign, tone and words, so that colour is never the only difference.
struct StatusSign {
    Glyph glyph;
    Tone tone;
    QString words;
};

/// Absent: no response was seen.
StatusSign statusSign(std::optional<std::int64_t> status);

} // namespace gatescope::ui
