// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/time_plot.h"

#include "ui/widgets/palette.h"

#include <QAccessible>
#include <QApplication>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace gatescope::ui {
namespace {

constexpr double kRightMargin = 12;
constexpr double kGrip = 5;   ///< how near an edge must be to take it
constexpr int kTickRoom = 26; ///< beside the text of a tick, in all

} // namespace

TimePlot::TimePlot(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
}

void TimePlot::setAxis(std::optional<TimeSpan> span, std::int64_t step, bool severalDays) {
    m_axis = span && span->length() > 0 ? span : std::nullopt;
    m_step = std::max<std::int64_t>(step, 1);
    m_severalDays = severalDays;
    if (m_cursor && !(m_axis && m_axis->contains(*m_cursor))) m_cursor.reset();
    update();
}

void TimePlot::setBrush(std::optional<TimeSpan> brush) {
    if (m_brush == brush) return;
    m_brush = brush;
    update();
}

QRectF TimePlot::plotArea() const {
    const double left = leftMargin();
    const double bottom = fontMetrics().height() + 4.0;
    return {left, topMargin(), std::max(1.0, width() - left - kRightMargin),
            std::max(1.0, height() - topMargin() - bottom)};
}

double TimePlot::xOf(TimeNs time) const {
    const QRectF area = plotArea();
    if (!m_axis) return area.left();
    const double share = static_cast<double>(time - m_axis->from) / static_cast<double>(m_axis->length());
    return area.left() + area.width() * std::clamp(share, 0.0, 1.0);
}

TimeNs TimePlot::timeAt(double x) const {
    if (!m_axis) return 0;
    const QRectF area = plotArea();
    const double share = std::clamp((x - area.left()) / area.width(), 0.0, 1.0);
    return m_axis->from + static_cast<TimeNs>(share * static_cast<double>(m_axis->length()));
}

TimeNs TimePlot::bucketAt(TimeNs time) const {
    const TimeNs last = m_axis->to - 1;
    const TimeNs inside = std::clamp(time, m_axis->from, last);
    return inside - (inside - m_axis->from) % m_step;
}

TimeSpan TimePlot::snapped(TimeNs a, TimeNs b) const {
    const auto [first, last] = std::minmax(a, b);
    return {bucketAt(first), std::min(bucketAt(last) + m_step, m_axis->to)};
}

void TimePlot::paintAxis(QPainter& painter) const {
    const QRectF area = plotArea();
    painter.setPen(colour(Tone::Line, palette()));
    painter.drawLine(QPointF(area.left(), area.bottom() + 0.5), QPointF(area.right(), area.bottom() + 0.5));
    if (!m_axis) return;
    const int letter = fontMetrics().horizontalAdvance(tickText(m_axis->from, 1, m_severalDays)) + kTickRoom;
    const auto most = std::max<std::int64_t>(static_cast<std::int64_t>(area.width()) / letter, 1);
    const std::int64_t every = usualStep(m_axis->length(), most + 1);
    const TimeNs first = m_axis->from + (every - m_axis->from % every) % every;
    const bool dates = m_severalDays;
    const std::int64_t ticks = first > m_axis->to ? 0 : (m_axis->to - first) / every + 1;
    for (std::int64_t i = 0; i < ticks; ++i) {
        const TimeNs tick = first + i * every;
        const double x = xOf(tick);
        const QString text = tickText(tick, every, dates);
        const double half = fontMetrics().horizontalAdvance(text) / 2.0;
        painter.setPen(colour(Tone::Line, palette()));
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + 3));
        const double left = std::clamp(x - half, 0.0, std::max(0.0, width() - 2 * half - 4));
        painter.setPen(colour(Tone::Muted, palette()));
        painter.drawText(QPointF(left, area.bottom() + 3 + fontMetrics().ascent()), text);
    }
}

void TimePlot::paintBrush(QPainter& painter) const {
    const QRectF area = plotArea();
    const auto& shown = m_wanted ? m_wanted : m_brush;
    if (m_axis && shown && !(shown->from <= m_axis->from && shown->to >= m_axis->to)) {
        const double from = xOf(shown->from);
        const double to = std::max(xOf(shown->to), from + 1);
        QColor outside = palette().color(QPalette::Window);
        outside.setAlphaF(0.62F);
        painter.fillRect(QRectF(area.left(), area.top(), from - area.left(), area.height()), outside);
        painter.fillRect(QRectF(to, area.top(), area.right() - to, area.height()), outside);
        QColor inside = colour(Tone::Brush, palette());
        inside.setAlphaF(0.10F);
        painter.fillRect(QRectF(from, area.top(), to - from, area.height()), inside);
        painter.setPen(QPen(colour(Tone::Brush, palette()), 2));
        painter.drawLine(QPointF(from, area.top()), QPointF(from, area.bottom()));
        painter.drawLine(QPointF(to, area.top()), QPointF(to, area.bottom()));
    }
    if (m_axis && m_cursor && hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Text), 1, Qt::DotLine));
        const double x = (xOf(*m_cursor) + xOf(std::min(*m_cursor + m_step, m_axis->to))) / 2;
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
    if (hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(colour(Tone::Accent, palette()), 1));
        painter.drawRect(QRectF(0.5, 0.5, width() - 1.0, height() - 1.0));
    }
}

bool TimePlot::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (m_axis && plotArea().adjusted(-2, -20, 2, 20).contains(help->pos())) {
            QToolTip::showText(help->globalPos(), readout(bucketAt(timeAt(help->pos().x()))), this);
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    // Escape also stops reading: while something is chosen here, it clears that first.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape &&
        (m_brush || m_drag != Drag::None)) {
        event->accept();
        return true;
    }
    return QWidget::event(event);
}

TimePlot::Drag TimePlot::dragAt(double x) const {
    if (!m_axis) return Drag::None;
    if (!m_brush || (m_brush->from <= m_axis->from && m_brush->to >= m_axis->to)) return Drag::Choose;
    if (std::abs(x - xOf(m_brush->from)) <= kGrip) return Drag::From;
    if (std::abs(x - xOf(m_brush->to)) <= kGrip) return Drag::To;
    return x > xOf(m_brush->from) && x < xOf(m_brush->to) ? Drag::Move : Drag::Choose;
}

TimeSpan TimePlot::dragged(double x) const {
    switch (m_drag) {
    case Drag::From:
        return snapped(timeAt(x), m_brush->to - 1);
    case Drag::To:
        return snapped(m_brush->from, timeAt(x) - 1);
    case Drag::Move: {
        const TimeNs by = timeAt(x) - timeAt(m_pressed);
        const TimeNs whole = by / m_step * m_step;
        const TimeNs from =
            std::clamp(m_brush->from + whole, m_axis->from, std::max(m_axis->from, m_axis->to - m_brush->length()));
        return {from, from + m_brush->length()};
    }
    default:
        return snapped(timeAt(m_pressed), timeAt(x));
    }
}

void TimePlot::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !m_axis) return QWidget::mousePressEvent(event);
    m_pressed = event->position().x();
    m_drag = dragAt(m_pressed);
    m_moved = false;
}

void TimePlot::mouseMoveEvent(QMouseEvent* event) {
    const double x = event->position().x();
    if (m_drag == Drag::None) {
        const Drag possible = dragAt(x);
        setCursor(possible == Drag::From || possible == Drag::To ? Qt::SizeHorCursor
                  : possible == Drag::Move                       ? Qt::OpenHandCursor
                                                                 : Qt::CrossCursor);
        return;
    }
    if (!m_moved && std::abs(x - m_pressed) < QApplication::startDragDistance() / 2.0) return;
    m_moved = true;
    m_wanted = dragged(x);
    QToolTip::showText(event->globalPosition().toPoint(), spanText(*m_wanted, m_severalDays), this);
    update();
}

void TimePlot::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || m_drag == Drag::None) return QWidget::mouseReleaseEvent(event);
    m_drag = Drag::None;
    const auto wanted = std::exchange(m_wanted, std::nullopt);
    update();
    if (wanted) want(wanted);
}

void TimePlot::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) want(std::nullopt);
}

void TimePlot::leaveEvent(QEvent* event) {
    unsetCursor();
    QWidget::leaveEvent(event);
}

void TimePlot::want(const std::optional<TimeSpan>& span) {
    m_anchor.reset();
    if (span != m_brush) Q_EMIT spanWanted(span);
}

void TimePlot::moveCursor(TimeNs to, bool choose) {
    const TimeNs before = m_cursor.value_or(m_brush ? m_brush->from : m_axis->from);
    m_cursor = bucketAt(to);
    update();
    const QString words = readout(*m_cursor);
    setAccessibleDescription(words);
    QToolTip::showText(mapToGlobal(QPoint(static_cast<int>(xOf(*m_cursor)), 0)), words, this);
    if (!choose) {
        m_anchor.reset();
        return;
    }
    const TimeNs anchor = m_anchor.value_or(before);
    Q_EMIT spanWanted(snapped(bucketAt(anchor), *m_cursor));
    m_anchor = anchor;
}

void TimePlot::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && (m_brush || m_drag != Drag::None)) {
        m_drag = Drag::None;
        m_wanted.reset();
        update();
        return want(std::nullopt);
    }
    if (!m_axis) return QWidget::keyPressEvent(event);
    const bool choose = event->modifiers() & Qt::ShiftModifier;
    // The first key shows the cursor where it is.
    const TimeNs at = m_cursor.value_or(bucketAt(m_brush ? m_brush->from : m_axis->from));
    const TimeNs stride = m_cursor || choose ? m_step : 0;
    switch (event->key()) {
    case Qt::Key_Left:
        return moveCursor(std::max(at - stride, m_axis->from), choose);
    case Qt::Key_Right:
        return moveCursor(at + stride, choose);
    case Qt::Key_Home:
        return moveCursor(m_axis->from, choose);
    case Qt::Key_End:
        return moveCursor(m_axis->to - 1, choose);
    default:
        QWidget::keyPressEvent(event);
    }
}

} // namespace gatescope::ui
