// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/hop_graph_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

namespace gatescope::ui {
namespace {

constexpr double kMargin = 12;
constexpr double kCardPadding = 22; ///< stripe, air on both sides
constexpr double kGlyphRoom = 20;
constexpr double kSmallestCard = 96;
constexpr double kWidestCard = 200;
constexpr double kSmallestGap = 40; ///< between columns
constexpr double kWidestGap = 170;
constexpr double kSpread = 60; ///< at most so much is added between columns where there is room
constexpr double kArrow = 9;
constexpr double kGapMark = 22;
constexpr double kThinnest = 1.5;
constexpr double kThickest = 13;
constexpr double kTouch = 4;
constexpr double kLeastLabel = 34;
constexpr std::size_t kMostColumns = 6; ///< of a lane
constexpr std::size_t kMostRowsWithDetails = 5;

/// Columns within one lane: each node after those that lead to it. Of a circle the edge that closes it does not count.
class LaneColumns {
public:
    LaneColumns(const HopGraphData& data, std::size_t lane) {
        for (std::size_t i = 0; i < data.nodes.size(); ++i) {
            if (data.nodes[i].lane == lane) m_column.emplace(i, 0);
        }
        for (const auto& edge : data.edges) {
            if (edge.from == edge.to || !m_column.contains(edge.from) || !m_column.contains(edge.to)) continue;
            m_next[edge.from].push_back(edge.to);
            ++m_open[edge.to];
        }
        spread();
    }
    const std::map<std::size_t, std::size_t>& columns() const { return m_column; }

private:
    void spread() {
        std::vector<std::size_t> waiting;
        for (const auto& [node, column] : m_column) waiting.push_back(node);
        while (!waiting.empty()) {
            auto next =
                std::find_if(waiting.begin(), waiting.end(), [&](std::size_t node) { return m_open[node] == 0; });
            if (next == waiting.end()) next = waiting.begin();
            const std::size_t node = *next;
            waiting.erase(next);
            for (const auto other : m_next[node]) {
                if (m_open[other] > 0) --m_open[other];
                const bool waits = std::find(waiting.begin(), waiting.end(), other) != waiting.end();
                if (waits) m_column[other] = std::min(std::max(m_column[other], m_column[node] + 1), kMostColumns - 1);
            }
        }
    }

    std::map<std::size_t, std::size_t> m_column;
    std::map<std::size_t, std::vector<std::size_t>> m_next;
    std::map<std::size_t, std::size_t> m_open; ///< edges into it from nodes that have no column yet
};

/// What a thing asks for, and below what it cannot be read.
struct Width {
    double wanted = 0, least = 0;
    void grow(const Width& other) {
        wanted = std::max(wanted, other.wanted);
        least = std::max(least, other.least);
    }
};

Width cardWidth(const HopNode& node, bool compact, const QFontMetricsF& metrics, const QFontMetricsF& bold) {
    const auto wide = [&](const QString& text) { return text.isEmpty() ? 0.0 : metrics.horizontalAdvance(text) + 10; };
    const double numbers = wide(node.note) + wide(node.warning);
    const QString& head = node.address.isEmpty() ? node.name : node.address;
    double least = std::max(kGlyphRoom + bold.horizontalAdvance(compact ? node.address : node.role), numbers);
    if (compact)
        least += wide(node.badge);
    else
        least = std::max({least, metrics.horizontalAdvance(node.address), wide(node.badge) + wide(node.nat)});
    const double wanted = compact ? kGlyphRoom + bold.horizontalAdvance(head) + wide(node.badge) : wide(node.name);
    const auto bounded = [](double width) { return std::clamp(width + kCardPadding, kSmallestCard, kWidestCard); };
    return {bounded(std::max(wanted, least)), bounded(least)};
}

double labelWidth(const HopEdge& edge, const QFontMetricsF& metrics) {
    // The first words are to be read whole; the last are where the call goes, which may be long.
    double widest = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(edge.label.size(), 3); ++i) {
        widest = std::max(widest, metrics.horizontalAdvance(edge.label[i].text));
    }
    return std::clamp(widest + 2 * kArrow + (edge.gap ? kGapMark + 6 : 0), kSmallestGap, kWidestGap);
}

double fitted(const Width& width, double share) {
    return width.least + (width.wanted - width.least) * share;
}

} // namespace

/// How many lines run between two rows already, so that they lie beside each other.
struct HopGraphLayout::Channels {
    std::map<std::size_t, int> used; ///< by the row above, plus one
    double offset(std::size_t channel) {
        constexpr std::array kSteps{0.0, 5.0, -5.0, 9.0, -9.0};
        return kSteps[static_cast<std::size_t>(used[channel]++) % kSteps.size()];
    }
};

HopGraphLayout::HopGraphLayout(const HopGraphData& data, double width, const QFont& font) {
    const QFontMetricsF metrics(font);
    QFont heavy = font;
    heavy.setBold(true);
    m_nodes.resize(data.nodes.size());
    placeColumns(data);
    placeCards(data, width, metrics, QFontMetricsF(heavy));
    placeEdges(data);
    placeLabels(data, metrics);
}

void HopGraphLayout::placeColumns(const HopGraphData& data) {
    for (std::size_t lane = 0; lane < static_cast<std::size_t>(data.lanes.size()); ++lane) {
        const std::size_t first = m_columns.size();
        const LaneColumns within(data, lane);
        for (const auto& [node, column] : within.columns()) {
            if (first + column >= m_columns.size()) m_columns.resize(first + column + 1);
            m_columns[first + column].push_back(node);
            m_nodes[node].column = first + column;
        }
        m_laneOfColumn.resize(m_columns.size(), lane);
    }
    for (auto& column : m_columns) {
        const auto place = [&](std::size_t node) {
            const auto& each = data.nodes[node];
            return std::tuple(each.grouped, each.since, each.key);
        };
        std::sort(column.begin(), column.end(), [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
        for (std::size_t row = 0; row < column.size(); ++row) m_nodes[column[row]].row = row;
    }
}

void HopGraphLayout::placeCards(const HopGraphData& data, double width, const QFontMetricsF& metrics,
                                const QFontMetricsF& bold) {
    std::size_t rows = 0;
    for (const auto& column : m_columns) rows = std::max(rows, column.size());
    m_compact = rows > kMostRowsWithDetails;
    m_cardHeight = (m_compact ? 2 : 5) * metrics.height() + 12;
    m_rowGap = m_compact ? 20 : 26;
    m_top = 2 * metrics.height() + 10;
    const std::size_t count = m_columns.size();
    std::vector<Width> cards(count, Width{kSmallestCard, kSmallestCard});
    std::vector<double> gaps(count > 0 ? count - 1 : 0, kSmallestGap);
    for (std::size_t column = 0; column < count; ++column) {
        for (const auto node : m_columns[column]) {
            cards[column].grow(cardWidth(data.nodes[node], m_compact, metrics, bold));
        }
    }
    for (const auto& edge : data.edges) {
        const auto to = m_nodes[edge.to].column;
        // Its label stands in the gap behind its beginning or before its end.
        if (to > m_nodes[edge.from].column) gaps[to - 1] = std::max(gaps[to - 1], labelWidth(edge, metrics));
    }
    const double between = std::accumulate(gaps.begin(), gaps.end(), 0.0);
    Width all{between, between};
    for (const auto& card : cards) all = {all.wanted + card.wanted, all.least + card.least};
    const double room = width - 2 * kMargin;
    const double share =
        all.wanted > all.least ? std::clamp((room - all.least) / (all.wanted - all.least), 0.0, 1.0) : 1.0;
    const double extra =
        gaps.empty() ? 0 : std::clamp((room - all.wanted) / static_cast<double>(gaps.size()), 0.0, kSpread);
    double x = kMargin;
    double lastGap = 0;
    m_lanes.resize(static_cast<std::size_t>(data.lanes.size()));
    for (std::size_t column = 0; column < count; ++column) {
        const double card = fitted(cards[column], share);
        const double gap = column + 1 < count ? gaps[column] + extra : 0;
        for (const auto node : m_columns[column]) {
            const double y = m_top + static_cast<double>(m_nodes[node].row) * (m_cardHeight + m_rowGap);
            m_nodes[node].card = QRectF(x, y + m_rowGap / 2, card, m_cardHeight);
        }
        auto& lane = m_lanes[m_laneOfColumn[column]];
        const bool first = column == 0 || m_laneOfColumn[column - 1] != m_laneOfColumn[column];
        const bool last = column + 1 == count || m_laneOfColumn[column + 1] != m_laneOfColumn[column];
        if (first) lane.left = column == 0 ? 0 : x - lastGap / 2;
        x += card;
        if (last) lane.right = x + gap / 2;
        x += gap;
        lastGap = gap;
    }
    if (!m_lanes.empty()) m_lanes.back().right = std::max(width, x + kMargin);
    m_size = QSizeF(std::max(width, x + kMargin),
                    m_top + static_cast<double>(rows) * (m_cardHeight + m_rowGap) + m_rowGap / 2);
}

double HopGraphLayout::rowCentre(std::size_t row) const {
    return m_top + static_cast<double>(row) * (m_cardHeight + m_rowGap) + m_rowGap / 2 + m_cardHeight / 2;
}

bool HopGraphLayout::rowIsFree(std::size_t row, std::size_t firstColumn, std::size_t lastColumn) const {
    for (std::size_t column = firstColumn; column <= lastColumn; ++column) {
        if (row < m_columns[column].size()) return false;
    }
    return true;
}

void HopGraphLayout::placeEdges(const HopGraphData& data) {
    m_edges.resize(data.edges.size());
    double most = 0;
    for (const auto& edge : data.edges) most = std::max(most, edge.size);
    for (std::size_t i = 0; i < data.edges.size(); ++i) {
        const double share = most > 0 ? data.edges[i].size / most : 0;
        m_edges[i].width = std::max(kThinnest, share * kThickest * (m_compact ? 0.7 : 1.0));
    }
    // Where each edge touches its cards: beside each other, in the order of where they come from or go to.
    std::vector<double> leftY(data.edges.size()), rightY(data.edges.size());
    const auto touch = [&](bool leaving) {
        std::map<std::size_t, std::vector<std::size_t>> atNode;
        for (std::size_t i = 0; i < data.edges.size(); ++i) {
            atNode[leaving ? data.edges[i].from : data.edges[i].to].push_back(i);
        }
        for (auto& [node, edges] : atNode) {
            const auto other = [&](std::size_t edge) {
                return rowCentre(m_nodes[leaving ? data.edges[edge].to : data.edges[edge].from].row);
            };
            std::stable_sort(edges.begin(), edges.end(),
                             [&](std::size_t a, std::size_t b) { return other(a) < other(b); });
            double total = 0;
            for (const auto edge : edges) total += m_edges[edge].width + 3;
            const double scale = std::min(1.0, (m_cardHeight - 14) / total);
            double y = m_nodes[node].card.center().y() - total * scale / 2;
            for (const auto edge : edges) {
                const double tall = (m_edges[edge].width + 3) * scale;
                (leaving ? leftY : rightY)[edge] = y + tall / 2;
                y += tall;
            }
        }
    };
    touch(true);
    touch(false);
    Channels channels;
    for (std::size_t i = 0; i < data.edges.size(); ++i) drawPath(data, i, leftY[i], rightY[i], channels);
}

void HopGraphLayout::drawPath(const HopGraphData& data, std::size_t index, double leftY, double rightY,
                              Channels& channels) {
    const Node& from = m_nodes[data.edges[index].from];
    const Node& to = m_nodes[data.edges[index].to];
    Edge& edge = m_edges[index];
    edge.tip = QPointF(to.card.left(), rightY);
    const QPointF begin(from.card.right(), leftY);
    const QPointF end(to.card.left() - kArrow, rightY);
    QPainterPath path(begin);
    const auto curve = [&path](const QPointF& target) {
        const double middle = (path.currentPosition().x() + target.x()) / 2;
        path.cubicTo({middle, path.currentPosition().y()}, {middle, target.y()}, target);
    };
    const auto channelY = [&](std::size_t channel) {
        return m_top + static_cast<double>(channel) * (m_cardHeight + m_rowGap) + channels.offset(channel);
    };
    if (to.column == from.column + 1) {
        curve(end);
    } else if (to.column > from.column) {
        // Past the columns between them: along a row without cards, else between two rows.
        double y = 0;
        if (rowIsFree(from.row, from.column + 1, to.column - 1))
            y = leftY;
        else if (rowIsFree(to.row, from.column + 1, to.column - 1))
            y = rightY;
        else
            y = channelY(to.row < from.row ? from.row : from.row + 1);
        curve({m_nodes[m_columns[from.column + 1].front()].card.left(), y});
        path.lineTo(m_nodes[m_columns[to.column - 1].front()].card.right(), y);
        curve(end);
    } else {
        constexpr double kTurn = 26;
        const double y = channelY(std::max(from.row, to.row) + 1);
        path.cubicTo({begin.x() + kTurn, begin.y()}, {begin.x() + kTurn, y}, {begin.x(), y});
        path.lineTo(end.x(), y);
        path.cubicTo({end.x() - kTurn, y}, {end.x() - kTurn, end.y()}, end);
    }
    edge.path = path;
    const auto pieces = path.toSubpathPolygons();
    if (!pieces.isEmpty()) edge.line = pieces.front();
    if (data.edges[index].gap) {
        edge.gapMark = QRectF(end.x() - kGapMark - 2, end.y() - 9, kGapMark, 18);
    }
}

bool HopGraphLayout::placeLabel(const HopEdge& source, Edge& edge, bool atSource, const QFontMetricsF& metrics,
                                const std::vector<QRectF>& taken) const {
    const Node& from = m_nodes[source.from];
    const Node& to = m_nodes[source.to];
    const double left = atSource ? from.card.right() : m_nodes[m_columns[to.column - 1].front()].card.right();
    const double right = atSource ? m_nodes[m_columns[from.column + 1].front()].card.left() : to.card.left();
    const bool marked = !edge.gapMark.isEmpty() && (!atSource || to.column == from.column + 1);
    const double room = right - left - kArrow - 8 - (marked ? kGapMark + 4 : 0);
    if (room < kLeastLabel) return false;
    edge.words.clear();
    double widest = 0;
    const std::size_t most = m_compact ? 2 : 4;
    for (const auto& word : source.label) {
        if (edge.words.size() == most) break;
        const QString text = metrics.elidedText(word.text, Qt::ElideMiddle, room);
        edge.words.push_back({text, word.tone});
        widest = std::max(widest, metrics.horizontalAdvance(text));
    }
    if (edge.words.empty()) return false;
    // The first line stands over the line, the others under it.
    const double y = atSource ? edge.path.elementAt(0).y : edge.tip.y();
    const double above = edge.width / 2 + metrics.height();
    const double below = edge.width / 2 + metrics.height() * static_cast<double>(edge.words.size() - 1);
    const double x = atSource ? left + 4 : right - kArrow - 4 - (marked ? kGapMark + 4 : 0) - widest;
    const QRectF label(x, y - above, widest, above + below);
    const auto collides = [&](const QRectF& other) { return other.intersects(label); };
    if (std::any_of(taken.begin(), taken.end(), collides)) return false;
    edge.label = label;
    edge.rightAligned = !atSource;
    return true;
}

void HopGraphLayout::placeLabels(const HopGraphData& data, const QFontMetricsF& metrics) {
    std::vector<std::size_t> leaving(data.nodes.size()), arriving(data.nodes.size()), order(data.edges.size());
    for (const auto& edge : data.edges) {
        ++leaving[edge.from];
        ++arriving[edge.to];
    }
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return data.edges[a].size > data.edges[b].size; });
    std::vector<QRectF> taken;
    for (const auto i : order) {
        const HopEdge& source = data.edges[i];
        if (m_nodes[source.to].column <= m_nodes[source.from].column) continue;
        // At the end where fewer edges meet.
        const bool atSource = leaving[source.from] <= arriving[source.to];
        Edge& edge = m_edges[i];
        if (!placeLabel(source, edge, atSource, metrics, taken) &&
            !placeLabel(source, edge, !atSource, metrics, taken)) {
            edge.words.clear();
            continue;
        }
        taken.push_back(edge.label);
    }
}

HopHit HopGraphLayout::at(const QPointF& place) const {
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        if (m_nodes[i].card.adjusted(-2, -2, 2, 2).contains(place)) return {HopHit::Kind::Node, i};
    }
    HopHit best;
    double nearest = 0;
    for (std::size_t i = 0; i < m_edges.size(); ++i) {
        const Edge& edge = m_edges[i];
        const double reach = edge.width / 2 + kTouch;
        if (edge.label.contains(place) || edge.gapMark.contains(place)) return {HopHit::Kind::Edge, i};
        if (!edge.line.boundingRect().adjusted(-reach, -reach, reach, reach).contains(place)) continue;
        for (qsizetype k = 1; k < edge.line.size(); ++k) {
            const QPointF a = edge.line[k - 1];
            const QPointF along = edge.line[k] - a;
            const double length = QPointF::dotProduct(along, along);
            const double t = length > 0 ? std::clamp(QPointF::dotProduct(place - a, along) / length, 0.0, 1.0) : 0;
            const QPointF off = place - (a + t * along);
            const double distance = std::hypot(off.x(), off.y());
            if (distance > reach || (best.kind == HopHit::Kind::Edge && distance >= nearest)) continue;
            best = {HopHit::Kind::Edge, i};
            nearest = distance;
        }
    }
    return best;
}

} // namespace gatescope::ui
