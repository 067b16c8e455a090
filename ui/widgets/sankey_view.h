// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/newest_job.h"
#include "ui/widgets/sankey_layout.h"

#include <QWidget>

#include <map>
#include <memory>

namespace gatescope::ui {

/// A flow diagram. Laid out and painted into an image off the GUI thread; pointing at it only looks at the layout and
/// paints what is pointed at over the image.
///
/// Click chooses a node or a link (with its modifier keys); dragging a node up or down reorders its layer.
/// Keys: arrows move between nodes, Enter chooses, Shift with up and down moves the node, the menu key asks for a menu.
class SankeyView : public QWidget {
    Q_OBJECT
public:
    explicit SankeyView(QWidget* parent = nullptr);

    void show(std::shared_ptr<const SankeyData> data);
    const SankeyData& data() const { return *m_data; }
    /// As it is on screen; the one of older data while a newer one is on its way.
    const SankeyLayout& layoutOnScreen() const { return m_picture.layout; }
    /// True when what is on screen is the newest data at the size of the view.
    bool settled() const { return !m_job.busy(); }
    SankeyHit current() const { return m_current; }
    /// Said in the middle when there is nothing to show.
    void setEmptyText(const QString& text);
    QSize sizeHint() const override { return {700, 280}; }
    QSize minimumSizeHint() const override { return {240, 120}; }

Q_SIGNALS:
    void chosen(const gatescope::ui::SankeyHit& what, Qt::KeyboardModifiers modifiers);
    void menuWanted(const gatescope::ui::SankeyHit& what, const QPoint& globalPlace);
    /// Under the mouse, or the current node of the keyboard.
    void pointed(const gatescope::ui::SankeyHit& what);
    /// A new picture is on screen.
    void painted();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    /// What a job of layout and painting gives.
    struct Picture {
        std::shared_ptr<const SankeyData> data;
        SankeyLayout layout;
        QImage image;
    };
    void askForPicture();
    void setHovered(const SankeyHit& hit);
    void setCurrent(std::size_t node);
    void paintHighlight(QPainter& painter, const SankeyHit& hit) const;
    bool touches(std::size_t link, const SankeyHit& hit) const;
    QString wordsOf(const SankeyHit& hit) const;
    void step(int layers, int places);
    /// Moves a node of a layer to another place in it and remembers that by names.
    void moveTo(std::size_t node, std::size_t place);
    void dropDragged(double y);
    std::vector<std::vector<std::size_t>> wantedOrder() const;

    std::shared_ptr<const SankeyData> m_data;
    Picture m_picture;
    SankeyHit m_hovered;
    SankeyHit m_current; ///< of the keyboard; always a node
    SankeyHit m_pressed;
    QPointF m_pressedAt;
    double m_draggedBy = 0;
    bool m_dragging = false;
    QString m_emptyText;
    std::map<QString, QStringList> m_order; ///< by title of the layer: names as the user put them
    NewestJob m_job;
};

} // namespace gatescope::ui
