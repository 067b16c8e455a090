// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/palette.h"

#include <QIcon>

class QPainter;

namespace gatescope::ui {

/// Line drawings on a 16 by 16 grid, painted at the size and in the palette of the moment: sharp at any scale, and they
/// follow light and dark without being made again.
enum class Glyph {
    Open,
    Close,
    Reload,
    Stop,
    Check,
    Warning,
    Cross,
    Throttled,
    NoAnswer,
    Info,
    Search,
    Eye,
    History,
    Sun,
    Moon,
    Copy,
    Project,
    Agent,
    Model,
    Request,
    Response,
    Key,
    Plus,
    Minus,
    Save,
    Gate,
    Container,
    Proxy,
    Shield,
    Server,
    Node,
    Person,
    Lock,
    LockOpen,
    Record,
    Pause,
    Play,
    Stream
};

QIcon icon(Glyph glyph, Tone tone = Tone::Text);
/// For pictures that are painted in another thread.
void paintGlyph(QPainter& painter, Glyph glyph, const QRectF& rect, const QColor& ink);

} // namespace gatescope::ui
