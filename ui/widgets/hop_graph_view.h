// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/newest_job.h"
#include "ui/widgets/hop_graph_layout.h"

#include <QAbstractScrollArea>

#include <memory>

namespace gatescope::ui {

/// The ways of calls, hop by hop, in lanes. Laid out and painted off the GUI thread, and only what is on screen with
/// some room around it; pointing at it looks at the layout and paints what is pointed at over the picture.
///
/// Click chooses a node or an edge (with its modifier keys). Keys: up and down move within a column, left and right
/// along the widest edge or else to the next column, Home and End to the first and last, Enter chooses, the menu key
/// asks for a menu.
class HopGraphView : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit HopGraphView(QWidget* parent = nullptr);

    void show(std::shared_ptr<const HopGraphData> data);
    const HopGraphData& data() const { return *m_data; }
    /// As it is on screen; the one of older data while a newer one is on its way.
    const HopGraphLayout& layoutOnScreen() const { return *m_picture.layout; }
    /// A place of the layout as a place of the viewport.
    QPointF toViewport(const QPointF& place) const { return place - offset(); }
    bool settled() const { return !m_job.busy(); }
    HopHit current() const { return m_current; }
    void setCurrent(std::size_t node);
    void setEmptyText(const QString& text);
    QSize sizeHint() const override { return {700, 320}; }
    QSize minimumSizeHint() const override { return {240, 120}; }

Q_SIGNALS:
    void chosen(const gatescope::ui::HopHit& what, Qt::KeyboardModifiers modifiers);
    void menuWanted(const gatescope::ui::HopHit& what, const QPoint& globalPlace);
    /// Under the mouse, or the current node of the keyboard.
    void pointed(const gatescope::ui::HopHit& what);
    void painted();

protected:
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    struct Picture {
        std::shared_ptr<const HopGraphData> data;
        std::shared_ptr<const HopGraphLayout> layout;
        double width = 0; ///< that the layout was made for
        QImage image;
        QRectF area; ///< of the drawing, that the image shows
    };
    void askForPicture(bool layoutHolds = false);
    void take(Picture picture);
    void updateBars();
    QPointF offset() const;
    QRectF visible() const;
    HopHit hitAt(const QPointF& viewportPlace) const;
    void setHovered(const HopHit& hit);
    void paintHighlight(QPainter& painter, const HopHit& hit) const;
    QString wordsOf(const HopHit& hit) const;
    void step(int columns, int rows);
    void stepAlong(int columns);
    void bringIntoView(const QRectF& card);

    std::shared_ptr<const HopGraphData> m_data;
    Picture m_picture;
    HopHit m_hovered, m_current, m_pressed; ///< the current one is always a node
    QString m_emptyText;
    NewestJob m_job;
};

/// What the lines of the drawing mean.
class HopLegend : public QWidget {
    Q_OBJECT
public:
    explicit HopLegend(QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace gatescope::ui
