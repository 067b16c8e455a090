// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/icon.h"

#include <QString>

namespace gatescope::ui {

/// A sign, its tone and the words that go with it, so that colour is never the only difference.
struct Sign {
    Glyph glyph;
    Tone tone;
    QString words;
};

} // namespace gatescope::ui
