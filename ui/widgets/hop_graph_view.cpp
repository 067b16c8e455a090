// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/hop_graph_view.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace gatescope::ui {
namespace {

using Kind = HopHit::Kind;
constexpr int kStep = 24;       ///< of the scroll bars, in pixels
constexpr double kAround = 0.5; ///< of the viewport, painted beyond each of its sides
constexpr std::size_t kMostFineLines = 40;
constexpr double kLargest = 8192; ///< side of the picture, in pixels of the screen

QImage imageOf(const HopGraphData& data, const HopGraphLayout& layout, const QRectF& area, const QPalette& palette,
               const QFont& font, double scale) {
    QImage image((area.size() * scale).toSize().expandedTo({1, 1}), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(scale);
    QPainter painter(&image);
    painter.translate(-area.topLeft());
    paintHopGraph(painter, data, layout, area, palette, font);
    return image;
}

} // namespace

HopGraphView::HopGraphView(QWidget* parent)
    : QAbstractScrollArea(parent), m_data(std::make_shared<const HopGraphData>()) {
    m_picture.data = m_data;
    m_picture.layout = std::make_shared<const HopGraphLayout>();
    setObjectName(QStringLiteral("hopGraph"));
    setAccessibleName(tr("Source paths; the tables below have the same hops and numbers"));
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(NoFrame);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    horizontalScrollBar()->setSingleStep(kStep);
    verticalScrollBar()->setSingleStep(kStep);
}

void HopGraphView::show(std::shared_ptr<const HopGraphData> data) {
    // The node that the keyboard is on stays the same one, whatever its number is now.
    QString key;
    if (m_current.kind == Kind::Node && m_current.index < m_data->nodes.size())
        key = m_data->nodes[m_current.index].key;
    m_data = std::move(data);
    const auto same = std::find_if(m_data->nodes.begin(), m_data->nodes.end(),
                                   [&](const auto& node) { return !key.isEmpty() && node.key == key; });
    m_current = {};
    if (same != m_data->nodes.end()) m_current = {Kind::Node, static_cast<std::size_t>(same - m_data->nodes.begin())};
    askForPicture();
}

void HopGraphView::setEmptyText(const QString& text) {
    m_emptyText = text;
    viewport()->update();
}

QPointF HopGraphView::offset() const {
    return QPointF(horizontalScrollBar()->value(), verticalScrollBar()->value());
}

QRectF HopGraphView::visible() const {
    return QRectF(offset(), QSizeF(viewport()->size()));
}

void HopGraphView::askForPicture(bool layoutHolds) {
    const QSize room = viewport()->size();
    if (room.width() < 2 || room.height() < 2) return;
    const double scale = devicePixelRatioF();
    QRectF area = visible();
    const double beyond = std::min(kAround, (kLargest / scale / std::max(area.width(), area.height()) - 1) / 2);
    area.adjust(-area.width() * beyond, -area.height() * beyond, area.width() * beyond, area.height() * beyond);
    const auto known = layoutHolds ? m_picture.layout : nullptr;
    auto job = [this, data = layoutHolds ? m_picture.data : m_data, known, area, scale, words = font(),
                colours = palette(), wide = double(room.width())](std::stop_token stop) -> NewestJob::Deliver {
        auto layout = known ? known : std::make_shared<const HopGraphLayout>(*data, wide, words);
        if (stop.stop_requested()) return {};
        auto picture = std::make_shared<Picture>(
            Picture{data, layout, wide, imageOf(*data, *layout, area, colours, words, scale), area});
        return [this, picture] { take(std::move(*picture)); };
    };
    m_job.ask(std::move(job));
}

void HopGraphView::take(Picture picture) {
    const bool moved = picture.layout != m_picture.layout;
    m_picture = std::move(picture);
    if (moved) {
        m_hovered = m_pressed = {};
        updateBars();
    }
    viewport()->update();
    Q_EMIT painted();
}

void HopGraphView::updateBars() {
    const QSizeF all = m_picture.data->nodes.empty() ? QSizeF() : m_picture.layout->size();
    const QSize room = viewport()->size();
    horizontalScrollBar()->setPageStep(room.width());
    verticalScrollBar()->setPageStep(room.height());
    horizontalScrollBar()->setRange(0, std::max(0, static_cast<int>(std::ceil(all.width())) - room.width()));
    verticalScrollBar()->setRange(0, std::max(0, static_cast<int>(std::ceil(all.height())) - room.height()));
}

void HopGraphView::scrollContentsBy(int, int) {
    viewport()->update();
    // The next picture is asked for before the edge of this one comes into sight.
    const QRectF wanted = visible().intersected(QRectF({0, 0}, m_picture.layout->size()));
    if (!m_picture.area.contains(wanted)) askForPicture(m_picture.data == m_data);
}

void HopGraphView::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    const QRect room = viewport()->rect();
    painter.fillRect(room, palette().color(QPalette::Base));
    if (m_picture.data->nodes.empty()) {
        painter.setPen(colour(Tone::Muted, palette()));
        painter.drawText(room.adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
    } else {
        painter.translate(-offset());
        painter.drawImage(m_picture.area.topLeft(), m_picture.image);
        painter.setRenderHint(QPainter::Antialiasing);
        paintHighlight(painter, m_hovered.kind != Kind::Nothing ? m_hovered : m_current);
        paintHopTitles(painter, *m_picture.data, *m_picture.layout, offset().y(), palette(), font());
        painter.resetTransform();
    }
    if (hasFocus()) {
        painter.setPen(QPen(colour(Tone::Accent, palette()), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(room).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

void HopGraphView::paintHighlight(QPainter& painter, const HopHit& hit) const {
    const auto& data = *m_picture.data;
    const auto& layout = *m_picture.layout;
    const bool shown = (hit.kind == Kind::Node && hit.index < data.nodes.size()) ||
                       (hit.kind == Kind::Edge && hit.index < data.edges.size());
    if (!shown) return;
    painter.setBrush(Qt::NoBrush);
    const auto outline = [&](std::size_t node, double wide) {
        painter.setPen(QPen(colour(Tone::Accent, palette()), wide));
        painter.drawRoundedRect(layout.nodes()[node].card.adjusted(-2, -2, 2, 2), 6, 6);
    };
    std::vector<const QPolygonF*> lines;
    const QRectF seen = visible();
    for (std::size_t i = 0; i < data.edges.size(); ++i) {
        const auto& edge = data.edges[i];
        const bool touches = hit.kind == Kind::Edge ? i == hit.index : edge.from == hit.index || edge.to == hit.index;
        const auto& line = layout.edges()[i].line;
        // A straight line has a bounding rectangle without height, which intersects nothing.
        if (touches && line.boundingRect().adjusted(-1, -1, 1, 1).intersects(seen)) lines.push_back(&line);
    }
    // Many fine lines would take longer than a frame to draw smoothly, and nobody would see the difference.
    const bool fine = lines.size() <= kMostFineLines;
    painter.setRenderHint(QPainter::Antialiasing, fine);
    painter.setPen(QPen(colour(Tone::Accent, palette()), fine ? 1.5 : 1));
    for (const auto* line : lines) painter.drawPolyline(*line);
    painter.setRenderHint(QPainter::Antialiasing);
    if (hit.kind == Kind::Node) return outline(hit.index, 2);
    outline(data.edges[hit.index].from, 1.2);
    outline(data.edges[hit.index].to, 1.2);
}

QString HopGraphView::wordsOf(const HopHit& hit) const {
    const auto& data = *m_picture.data;
    if (hit.kind == Kind::Node && hit.index < data.nodes.size()) return data.nodes[hit.index].words;
    if (hit.kind == Kind::Edge && hit.index < data.edges.size()) return data.edges[hit.index].words;
    return {};
}

HopHit HopGraphView::hitAt(const QPointF& place) const {
    // What lies under the titles cannot be seen.
    if (place.y() < m_picture.layout->titleHeight() - 4) return {};
    return m_picture.layout->at(place + offset());
}

void HopGraphView::setHovered(const HopHit& hit) {
    if (hit == m_hovered) return;
    m_hovered = hit;
    viewport()->setCursor(hit.kind == Kind::Nothing ? Qt::ArrowCursor : Qt::PointingHandCursor);
    viewport()->update();
    if (m_picture.data == m_data) Q_EMIT pointed(hit.kind == Kind::Nothing ? m_current : hit);
}

void HopGraphView::setCurrent(std::size_t node) {
    if (node >= m_data->nodes.size()) return;
    m_current = {Kind::Node, node};
    m_hovered = {};
    if (m_picture.data == m_data) {
        setAccessibleDescription(wordsOf(m_current));
        bringIntoView(m_picture.layout->nodes()[node].card);
    }
    viewport()->update();
    Q_EMIT pointed(m_current);
}

void HopGraphView::bringIntoView(const QRectF& card) {
    const QRectF seen = visible().adjusted(0, m_picture.layout->titleHeight(), 0, 0);
    const auto reach = [](QScrollBar* bar, double low, double high, double from, double to) {
        if (low < from) bar->setValue(bar->value() + static_cast<int>(std::floor(low - from)));
        if (high > to) bar->setValue(bar->value() + static_cast<int>(std::ceil(high - to)));
    };
    constexpr double kAir = 14;
    reach(horizontalScrollBar(), card.left() - kAir, card.right() + kAir, seen.left(), seen.right());
    reach(verticalScrollBar(), card.top() - kAir, card.bottom() + kAir, seen.top(), seen.bottom());
}

bool HopGraphView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), wordsOf(hitAt(help->pos())), viewport());
        return true;
    }
    if (event->type() == QEvent::Leave) setHovered({});
    return QAbstractScrollArea::viewportEvent(event);
}

void HopGraphView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    updateBars();
    askForPicture();
}

void HopGraphView::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) askForPicture();
}

void HopGraphView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return QAbstractScrollArea::mousePressEvent(event);
    m_pressed = hitAt(event->position());
}

void HopGraphView::mouseMoveEvent(QMouseEvent* event) {
    if (!(event->buttons() & Qt::LeftButton)) setHovered(hitAt(event->position()));
}

void HopGraphView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return QAbstractScrollArea::mouseReleaseEvent(event);
    const HopHit pressed = std::exchange(m_pressed, {});
    if (pressed.kind == Kind::Nothing || hitAt(event->position()) != pressed || m_picture.data != m_data) return;
    if (pressed.kind == Kind::Node) setCurrent(pressed.index);
    Q_EMIT chosen(pressed, event->modifiers());
}

void HopGraphView::step(int columns, int rows) {
    if (m_data->nodes.empty() || m_picture.data != m_data) return;
    const auto& layout = *m_picture.layout;
    if (m_current.kind != Kind::Node) return setCurrent(layout.columns().front().front());
    if (columns != 0) return stepAlong(columns);
    const auto& here = layout.nodes()[m_current.index];
    const auto& column = layout.columns()[here.column];
    const auto row =
        std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(here.row) + rows, 0, std::ssize(column) - 1);
    setCurrent(column[static_cast<std::size_t>(row)]);
}

void HopGraphView::stepAlong(int columns) {
    // Along the widest edge, as the eye goes; without one to the next column, so that every node can be reached.
    const auto& layout = *m_picture.layout;
    const auto& here = layout.nodes()[m_current.index];
    const HopEdge* best = nullptr;
    for (const auto& edge : m_data->edges) {
        const bool leaves = (columns > 0 ? edge.from : edge.to) == m_current.index && edge.from != edge.to;
        if (leaves && (!best || edge.size > best->size)) best = &edge;
    }
    if (best) return setCurrent(columns > 0 ? best->to : best->from);
    const auto next = static_cast<std::ptrdiff_t>(here.column) + columns;
    if (next < 0 || next >= std::ssize(layout.columns())) return;
    const auto& column = layout.columns()[static_cast<std::size_t>(next)];
    setCurrent(column[std::min(here.row, column.size() - 1)]);
}

void HopGraphView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Up:
        return step(0, -1);
    case Qt::Key_Down:
        return step(0, 1);
    case Qt::Key_Left:
        return step(-1, 0);
    case Qt::Key_Right:
        return step(1, 0);
    case Qt::Key_Home:
    case Qt::Key_End: {
        if (m_data->nodes.empty() || m_picture.data != m_data) return;
        const auto& columns = m_picture.layout->columns();
        return setCurrent(event->key() == Qt::Key_Home ? columns.front().front() : columns.back().back());
    }
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current.kind == Kind::Node && m_picture.data == m_data) Q_EMIT chosen(m_current, event->modifiers());
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void HopGraphView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void HopGraphView::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void HopGraphView::contextMenuEvent(QContextMenuEvent* event) {
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const HopHit hit = byKey ? m_current : hitAt(event->pos());
    if (hit.kind == Kind::Nothing || m_picture.data != m_data) return;
    QPoint place = event->globalPos();
    if (byKey) {
        const QPointF centre = toViewport(m_picture.layout->nodes()[hit.index].card.center());
        place = viewport()->mapToGlobal(centre.toPoint());
    }
    Q_EMIT menuWanted(hit, place);
}

HopLegend::HopLegend(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Legend: solid lines are seen in packets or proven by the hop that received the call, dashed "
                         "lines are claimed by a header, dotted lines are inferred"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize HopLegend::sizeHint() const {
    return {400, fontMetrics().height() + 6};
}

QSize HopLegend::minimumSizeHint() const {
    return {120, fontMetrics().height() + 6};
}

void HopLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintHopLegend(painter, {8, 3}, palette(), font());
}

} // namespace gatescope::ui
