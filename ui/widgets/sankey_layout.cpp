// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/sankey_layout.h"

#include <algorithm>
#include <numeric>

namespace gatescope::ui {
namespace {

constexpr double kBarWidth = 14;
constexpr double kMargin = 10;
constexpr double kGap = 5;         ///< between the nodes of a layer
constexpr double kSmallest = 2;    ///< height of a node without size: it is there, so it is seen
constexpr double kLabelGap = 6;    ///< between a bar and its label
constexpr double kLeastLabel = 40; ///< a shorter label says nothing
constexpr double kRightExtra = 40;
constexpr double kTouch = 1.5; ///< thin bands are found this near

double share(double size, double unit) {
    return std::max(size * unit, kSmallest);
}

/// Height of a layer when one of the measure takes `unit` pixels and no node is lower than its line of text.
double heightOf(const SankeyData& data, const std::vector<std::size_t>& layer, double unit, double line) {
    double height = kGap * static_cast<double>(layer.size() > 0 ? layer.size() - 1 : 0);
    for (const auto node : layer) height += std::max(share(data.nodes[node].size, unit), line);
    return height;
}

/// y of an edge at x: a cubic with its control points half way, the same that path() draws.
double parameterAt(double left, double right, double x) {
    const double wanted = (x - left) / (right - left);
    double low = 0;
    double high = 1;
    for (int i = 0; i < 24; ++i) {
        const double t = (low + high) / 2;
        const double at = 1.5 * t * (1 - t) + t * t * t;
        (at < wanted ? low : high) = t;
    }
    return low;
}

} // namespace

bool SankeyLayout::Band::contains(const QPointF& place) const {
    if (thickness <= 0 || place.x() < left || place.x() > right || right <= left) return false;
    const double t = parameterAt(left, right, place.x());
    const double top = leftTop + (rightTop - leftTop) * (3 * t * t - 2 * t * t * t);
    return place.y() >= top - kTouch && place.y() <= top + thickness + kTouch;
}

QPainterPath SankeyLayout::Band::path() const {
    const double middle = (left + right) / 2;
    QPainterPath path({left, leftTop});
    path.cubicTo(middle, leftTop, middle, rightTop, right, rightTop);
    path.lineTo(right, rightTop + thickness);
    path.cubicTo(middle, rightTop + thickness, middle, leftTop + thickness, left, leftTop + thickness);
    path.closeSubpath();
    return path;
}

SankeyLayout::SankeyLayout(const SankeyData& data, const QSizeF& size, const QFont& font,
                           const std::vector<std::vector<std::size_t>>& order)
    : m_size(size), m_nodes(data.nodes.size()), m_layers(static_cast<std::size_t>(data.layers.size())) {
    const QFontMetricsF metrics(font);
    for (std::size_t i = 0; i < data.nodes.size(); ++i) m_layers[data.nodes[i].layer].push_back(i);
    for (std::size_t layer = 0; layer < std::min(order.size(), m_layers.size()); ++layer) {
        if (std::is_permutation(m_layers[layer].begin(), m_layers[layer].end(), order[layer].begin(),
                                order[layer].end())) {
            m_layers[layer] = order[layer];
        }
    }
    m_right = rightRoom(data, metrics);
    placeNodes(data, metrics);
    placeBands(data);
    placeLabels(data, metrics);
}

double SankeyLayout::layerX(std::size_t layer) const {
    const double room = std::max(kBarWidth, m_size.width() - 2 * kMargin - kBarWidth - m_right);
    const double last = std::max<double>(1, static_cast<double>(m_layers.size()) - 1);
    return kMargin + kBarWidth / 2 + room * static_cast<double>(layer) / last;
}

void SankeyLayout::placeNodes(const SankeyData& data, const QFontMetricsF& metrics) {
    m_top = metrics.height() + 8;
    const double room = std::max(10.0, m_size.height() - m_top - kMargin);
    std::size_t most = 1;
    double total = 0;
    for (const auto& layer : m_layers) {
        most = std::max(most, layer.size());
        total = std::max(total, std::accumulate(layer.begin(), layer.end(), 0.0, [&](double sum, std::size_t node) {
                             return sum + data.nodes[node].size;
                         }));
    }
    const double line = std::min(metrics.height() + 1, room / static_cast<double>(most) - kGap);
    const auto fits = [&](double unit) {
        return std::all_of(m_layers.begin(), m_layers.end(),
                           [&](const auto& layer) { return heightOf(data, layer, unit, line) <= room; });
    };
    double low = 0;
    double high = total > 0 ? room / total : 0;
    for (int i = 0; i < 40 && total > 0; ++i) (fits((low + high) / 2) ? low : high) = (low + high) / 2;
    m_unit = low;
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        // What is left is spread between the nodes, so that all layers fill the height.
        const auto count = static_cast<double>(m_layers[layer].size());
        const double spare = std::max(0.0, room - heightOf(data, m_layers[layer], m_unit, line));
        const double extra = count > 1 ? std::min(spare / (count - 1), 4 * kGap) : 0;
        double y = m_top + (spare - extra * (count - 1)) / 2;
        for (const auto node : m_layers[layer]) {
            const double tall = share(data.nodes[node].size, m_unit);
            const double slot = std::max(tall, line);
            m_nodes[node].bar = QRectF(layerX(layer) - kBarWidth / 2, y + (slot - tall) / 2, kBarWidth, tall);
            y += slot + kGap + extra;
        }
    }
}

void SankeyLayout::placeBands(const SankeyData& data) {
    m_bands.resize(data.links.size());
    std::vector<double> out(m_nodes.size(), 0);
    std::vector<double> in(m_nodes.size(), 0);
    std::vector<std::size_t> links(data.links.size());
    std::iota(links.begin(), links.end(), std::size_t{0});
    const auto middle = [&](std::size_t node) { return m_nodes[node].bar.center().y(); };
    // At each node the bands leave in the order of where they go, so that they cross as little as can be.
    std::stable_sort(links.begin(), links.end(),
                     [&](std::size_t a, std::size_t b) { return middle(data.links[a].to) < middle(data.links[b].to); });
    for (const auto i : links) {
        const auto& link = data.links[i];
        const QRectF& bar = m_nodes[link.from].bar;
        m_bands[i] = {bar.right(), m_nodes[link.to].bar.left(), bar.top() + out[link.from], 0, link.size * m_unit};
        out[link.from] += link.size * m_unit;
    }
    std::stable_sort(links.begin(), links.end(), [&](std::size_t a, std::size_t b) {
        return middle(data.links[a].from) < middle(data.links[b].from);
    });
    for (const auto i : links) {
        const auto& link = data.links[i];
        m_bands[i].rightTop = m_nodes[link.to].bar.top() + in[link.to];
        in[link.to] += link.size * m_unit;
    }
}

double SankeyLayout::rightRoom(const SankeyData& data, const QFontMetricsF& metrics) const {
    double wanted = 0;
    if (m_layers.empty()) return 0;
    for (const auto i : m_layers.back()) {
        const auto& node = data.nodes[i];
        wanted = std::max(wanted, metrics.horizontalAdvance(node.name + node.note + node.warning));
    }
    return std::min(wanted + kRightExtra, m_size.width() / (static_cast<double>(m_layers.size()) + 0.6));
}

void SankeyLayout::placeLabels(const SankeyData& data, const QFontMetricsF& metrics) {
    const double line = metrics.height();
    const double between = m_layers.size() > 1 ? layerX(1) - layerX(0) - kBarWidth : 0;
    for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
        const bool last = layer + 1 == m_layers.size();
        const double room = (last ? m_right : between) - kLabelGap - 4;
        double bottom = -1;
        for (const auto i : m_layers[layer]) {
            auto& node = m_nodes[i];
            const double y = node.bar.center().y() - line / 2;
            if (room < kLeastLabel || y < bottom - 2) continue;
            const auto& source = data.nodes[i];
            double left = room - metrics.horizontalAdvance(source.name);
            // The name comes first; its size and its warning stand there when the whole name leaves room for them.
            const auto fit = [&](const QString& text) {
                const double wide = metrics.horizontalAdvance(text);
                if (text.isEmpty() || wide > left) return QString();
                left -= wide;
                return text;
            };
            if (!source.note.isEmpty()) node.note = fit(QStringLiteral("  ") + source.note);
            if (!source.warning.isEmpty()) {
                node.warning = fit(QStringLiteral("  ! ") + source.warning);
                if (node.warning.isEmpty()) node.warning = fit(QStringLiteral("  !"));
            }
            node.name = metrics.elidedText(source.name, Qt::ElideMiddle, room);
            const double wide = metrics.horizontalAdvance(node.name) + metrics.horizontalAdvance(node.note) +
                                metrics.horizontalAdvance(node.warning);
            node.label = QRectF(node.bar.right() + kLabelGap, y, wide, line);
            bottom = y + line;
        }
    }
}

SankeyHit SankeyLayout::at(const QPointF& place) const {
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        const bool onBar = m_nodes[i].bar.adjusted(-2, -kTouch, 2, kTouch).contains(place);
        if (onBar || m_nodes[i].label.contains(place)) return {SankeyHit::Kind::Node, i};
    }
    // Of bands that lie over each other the thinner is painted later, so it is the one that is seen.
    SankeyHit best;
    for (std::size_t i = 0; i < m_bands.size(); ++i) {
        if (!m_bands[i].contains(place)) continue;
        if (best.kind == SankeyHit::Kind::Nothing || m_bands[i].thickness < m_bands[best.index].thickness) {
            best = {SankeyHit::Kind::Link, i};
        }
    }
    return best;
}

} // namespace gatescope::ui
