// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/sankey_view.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace gatescope::ui {
namespace {

using Kind = SankeyHit::Kind;
constexpr float kHighlightAlpha = 0.55F;

} // namespace

SankeyView::SankeyView(QWidget* parent) : QWidget(parent), m_data(std::make_shared<const SankeyData>()) {
    m_picture.data = m_data;
    setObjectName(QStringLiteral("sankey"));
    setAccessibleName(tr("Token flow; the table below has the same numbers"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
}

void SankeyView::show(std::shared_ptr<const SankeyData> data) {
    m_data = std::move(data);
    m_current = {};
    askForPicture();
}

void SankeyView::setEmptyText(const QString& text) {
    m_emptyText = text;
    update();
}

void SankeyView::askForPicture() {
    if (width() < 2 || height() < 2) return;
    auto job = [this, data = m_data, size = QSizeF(this->size()), words = font(), colours = palette(),
                scale = devicePixelRatioF(), order = wantedOrder()](std::stop_token stop) -> NewestJob::Deliver {
        SankeyLayout layout(*data, size, words, order);
        if (stop.stop_requested()) return {};
        QImage image = sankeyImage(*data, layout, colours, words, scale);
        auto picture = std::make_shared<Picture>(Picture{data, std::move(layout), std::move(image)});
        return [this, picture] {
            m_picture = std::move(*picture);
            m_hovered = m_pressed = {};
            m_dragging = false;
            if (m_current.index >= m_data->nodes.size()) m_current = {};
            update();
            Q_EMIT painted();
        };
    };
    m_job.ask(std::move(job));
}

std::vector<std::vector<std::size_t>> SankeyView::wantedOrder() const {
    std::vector<std::vector<std::size_t>> layers(static_cast<std::size_t>(m_data->layers.size()));
    for (std::size_t i = 0; i < m_data->nodes.size(); ++i) layers[m_data->nodes[i].layer].push_back(i);
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto wish = m_order.find(m_data->layers[static_cast<qsizetype>(layer)]);
        if (wish == m_order.end()) continue;
        const auto rank = [&](std::size_t node) {
            const auto at = wish->second.indexOf(m_data->nodes[node].name);
            return at < 0 ? wish->second.size() : at;
        };
        std::stable_sort(layers[layer].begin(), layers[layer].end(),
                         [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    }
    return layers;
}

void SankeyView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), palette().color(QPalette::Base));
    if (m_picture.data->nodes.empty()) {
        painter.setPen(colour(Tone::Muted, palette()));
        painter.drawText(rect().adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
    } else {
        painter.drawImage(QPointF(0, 0), m_picture.image);
        painter.setRenderHint(QPainter::Antialiasing);
        if (m_dragging) {
            QRectF ghost = m_picture.layout.nodes()[m_pressed.index].bar.translated(0, m_draggedBy);
            painter.setPen(QPen(colour(Tone::Accent, palette()), 2));
            painter.drawRect(ghost.adjusted(-2, -2, 2, 2));
        } else {
            paintHighlight(painter, m_hovered.kind != Kind::Nothing ? m_hovered : m_current);
        }
    }
    if (hasFocus()) {
        painter.setPen(QPen(colour(Tone::Accent, palette()), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

bool SankeyView::touches(std::size_t link, const SankeyHit& hit) const {
    if (hit.kind == Kind::Link) return link == hit.index;
    const auto& each = m_picture.data->links[link];
    return hit.kind == Kind::Node && (each.from == hit.index || each.to == hit.index);
}

void SankeyView::paintHighlight(QPainter& painter, const SankeyHit& hit) const {
    if (hit.kind == Kind::Nothing) return;
    const auto& data = *m_picture.data;
    for (std::size_t i = 0; i < data.links.size(); ++i) {
        const auto& band = m_picture.layout.bands()[i];
        if (!touches(i, hit) || band.thickness <= 0) continue;
        QColor ink = colour(data.nodes[data.links[i].from].tone, palette());
        ink.setAlphaF(kHighlightAlpha);
        painter.fillPath(band.path(), ink);
    }
    paintSankeyLabels(painter, data, m_picture.layout, palette(), font());
    const auto outline = [&](std::size_t node, int wide) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(palette().color(QPalette::Text), wide));
        painter.drawRect(m_picture.layout.nodes()[node].bar.adjusted(-1.5, -1.5, 1.5, 1.5));
    };
    if (hit.kind == Kind::Node) return outline(hit.index, 2);
    outline(data.links[hit.index].from, 1);
    outline(data.links[hit.index].to, 1);
}

QString SankeyView::wordsOf(const SankeyHit& hit) const {
    const auto& data = *m_picture.data;
    if (hit.kind == Kind::Node && hit.index < data.nodes.size()) return data.nodes[hit.index].words;
    if (hit.kind == Kind::Link && hit.index < data.links.size()) return data.links[hit.index].words;
    return {};
}

void SankeyView::setHovered(const SankeyHit& hit) {
    if (hit == m_hovered) return;
    m_hovered = hit;
    setCursor(hit.kind == Kind::Nothing ? Qt::ArrowCursor : Qt::PointingHandCursor);
    update();
    Q_EMIT pointed(hit.kind == Kind::Nothing ? m_current : hit);
}

void SankeyView::setCurrent(std::size_t node) {
    m_current = {Kind::Node, node};
    m_hovered = {};
    setAccessibleDescription(wordsOf(m_current));
    update();
    Q_EMIT pointed(m_current);
}

bool SankeyView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), wordsOf(m_picture.layout.at(help->pos())), this);
        return true;
    }
    return QWidget::event(event);
}

void SankeyView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    askForPicture();
}

void SankeyView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) askForPicture();
}

void SankeyView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return QWidget::mousePressEvent(event);
    m_pressed = m_picture.layout.at(event->position());
    m_pressedAt = event->position();
    m_dragging = false;
}

void SankeyView::mouseMoveEvent(QMouseEvent* event) {
    const bool held = event->buttons() & Qt::LeftButton;
    if (held && m_pressed.kind == Kind::Node) {
        m_draggedBy = event->position().y() - m_pressedAt.y();
        m_dragging = m_dragging || std::abs(m_draggedBy) >= QApplication::startDragDistance();
        if (m_dragging) update();
        return;
    }
    if (!held) setHovered(m_picture.layout.at(event->position()));
}

void SankeyView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return QWidget::mouseReleaseEvent(event);
    const SankeyHit pressed = std::exchange(m_pressed, {});
    if (std::exchange(m_dragging, false)) {
        m_pressed = pressed;
        dropDragged(event->position().y());
        m_pressed = {};
        update();
        return;
    }
    if (pressed.kind == Kind::Nothing || m_picture.layout.at(event->position()) != pressed) return;
    if (m_picture.data == m_data) Q_EMIT chosen(pressed, event->modifiers());
}

void SankeyView::dropDragged(double y) {
    const auto& layer = m_picture.layout.layers()[m_picture.data->nodes[m_pressed.index].layer];
    const auto above = std::count_if(layer.begin(), layer.end(), [&](std::size_t node) {
        return node != m_pressed.index && m_picture.layout.nodes()[node].bar.center().y() < y;
    });
    moveTo(m_pressed.index, static_cast<std::size_t>(above));
}

void SankeyView::moveTo(std::size_t node, std::size_t place) {
    if (m_picture.data != m_data) return;
    const auto layerNumber = m_data->nodes[node].layer;
    QStringList names;
    for (const auto each : m_picture.layout.layers()[layerNumber]) {
        if (each != node) names << m_data->nodes[each].name;
    }
    names.insert(std::min(static_cast<qsizetype>(place), names.size()), m_data->nodes[node].name);
    m_order[m_data->layers[static_cast<qsizetype>(layerNumber)]] = names;
    askForPicture();
}

void SankeyView::leaveEvent(QEvent* event) {
    setHovered({});
    QWidget::leaveEvent(event);
}

void SankeyView::step(int layers, int places) {
    const auto& all = m_picture.layout.layers();
    if (m_picture.data->nodes.empty() || m_picture.data != m_data) return;
    if (m_current.kind != Kind::Node) {
        const auto first = std::find_if(all.begin(), all.end(), [](const auto& layer) { return !layer.empty(); });
        return setCurrent(first->front());
    }
    const auto here = m_data->nodes[m_current.index].layer;
    const auto& layer = all[here];
    if (layers == 0) {
        const auto at = std::find(layer.begin(), layer.end(), m_current.index) - layer.begin();
        const auto next = std::clamp<std::ptrdiff_t>(at + places, 0, std::ssize(layer) - 1);
        return setCurrent(layer[static_cast<std::size_t>(next)]);
    }
    // Along the widest link, as the eye goes.
    const SankeyLink* best = nullptr;
    for (const auto& link : m_data->links) {
        const bool leaves = (layers > 0 ? link.from : link.to) == m_current.index;
        if (leaves && (!best || link.size > best->size)) best = &link;
    }
    if (best) setCurrent(layers > 0 ? best->to : best->from);
}

void SankeyView::keyPressEvent(QKeyEvent* event) {
    const bool move = event->modifiers() == Qt::ShiftModifier && m_current.kind == Kind::Node;
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down: {
        const int by = event->key() == Qt::Key_Up ? -1 : 1;
        if (!move) return step(0, by);
        const auto& layer = m_picture.layout.layers()[m_data->nodes[m_current.index].layer];
        const auto at = std::find(layer.begin(), layer.end(), m_current.index) - layer.begin();
        if (at + by >= 0) moveTo(m_current.index, static_cast<std::size_t>(at + by));
        return;
    }
    case Qt::Key_Left:
        return step(-1, 0);
    case Qt::Key_Right:
        return step(1, 0);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current.kind == Kind::Node) Q_EMIT chosen(m_current, event->modifiers());
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void SankeyView::contextMenuEvent(QContextMenuEvent* event) {
    const bool byKey = event->reason() == QContextMenuEvent::Keyboard;
    const SankeyHit hit = byKey ? m_current : m_picture.layout.at(event->pos());
    if (hit.kind == Kind::Nothing || m_picture.data != m_data) return;
    const QPoint place =
        byKey ? mapToGlobal(m_picture.layout.nodes()[hit.index].bar.center().toPoint()) : event->globalPos();
    Q_EMIT menuWanted(hit, place);
}

} // namespace gatescope::ui
