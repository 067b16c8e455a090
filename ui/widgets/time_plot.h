// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/time_span.h"

#include <QWidget>

#include <optional>

namespace gatescope::ui {

/// A plot over time with a brush: the base of the time strip and of the stacked series.
///
/// Drag chooses a span, its edges can be dragged, its middle moves it; Escape or a double click clears it.
/// Keys: left and right move a cursor, with Shift they choose from where Shift was pressed first, Home and End go to
/// the ends. The brush snaps to whole steps. It only says what is wanted: the owner sets the brush.
class TimePlot : public QWidget {
    Q_OBJECT
public:
    explicit TimePlot(QWidget* parent = nullptr);

    /// What the width of the plot shows, and the length of a bucket.
    void setAxis(std::optional<TimeSpan> span, std::int64_t step, bool severalDays);
    const std::optional<TimeSpan>& axis() const { return m_axis; }
    std::int64_t step() const { return m_step; }
    void setBrush(std::optional<TimeSpan> brush);
    const std::optional<TimeSpan>& brush() const { return m_brush; }
    const std::optional<TimeNs>& cursor() const { return m_cursor; }

    /// Where the marks are painted; the axis stands under it.
    QRectF plotArea() const;
    double xOf(TimeNs time) const;
    TimeNs timeAt(double x) const;

Q_SIGNALS:
    /// Absent: no span, all the time.
    void spanWanted(const std::optional<gatescope::ui::TimeSpan>& span);

protected:
    /// Room on the left for what the marks mean.
    virtual double leftMargin() const { return 8; }
    virtual double topMargin() const { return 4; }
    /// Words on what began in the bucket; shown as a tool tip and said to screen readers.
    virtual QString readout(TimeNs bucket) const = 0;
    void paintAxis(QPainter& painter) const;
    /// Over the marks.
    void paintBrush(QPainter& painter) const;

    bool event(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    enum class Drag { None, Choose, Move, From, To };
    Drag dragAt(double x) const;
    TimeSpan snapped(TimeNs a, TimeNs b) const;
    TimeNs bucketAt(TimeNs time) const;
    TimeSpan dragged(double x) const;
    void moveCursor(TimeNs to, bool choose);
    void want(const std::optional<TimeSpan>& span);

    std::optional<TimeSpan> m_axis;
    std::int64_t m_step = 0;
    bool m_severalDays = false;
    std::optional<TimeSpan> m_brush;
    std::optional<TimeSpan> m_wanted; ///< under the mouse, not let go yet
    std::optional<TimeNs> m_cursor;   ///< begin of a bucket
    std::optional<TimeNs> m_anchor;   ///< where choosing with the keys began
    Drag m_drag = Drag::None;
    double m_pressed = 0;
    bool m_moved = false;
};

} // namespace gatescope::ui
