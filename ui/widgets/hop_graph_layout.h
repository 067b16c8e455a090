// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/icon.h"

#include <QFont>
#include <QFontMetricsF>
#include <QImage>
#include <QPainterPath>
#include <QPolygonF>
#include <QRectF>
#include <QStringList>

#include <cstddef>
#include <cstdint>
#include <vector>

class QPainter;

namespace gatescope::ui {

/// How well a thing is known: seen or proven, claimed, inferred.
enum class HopLine { Solid, Dashed, Dotted };

/// A text with its colour.
struct HopWord {
    QString text;
    Tone tone = Tone::Muted;
};

/// Equal hops of many calls, as a card.
struct HopNode {
    std::size_t lane = 0;   ///< index into HopGraphData::lanes
    QString key;            ///< says which one it is, the same while more data comes
    std::int64_t since = 0; ///< first seen; the nodes of a column stand in this order, and then by key
    Glyph glyph = Glyph::Request;
    QString role;
    QString badge; ///< kind of its address range: `CGNAT`
    Tone tone = Tone::CategoryOther;
    QString address;
    QString nat; ///< `14 ports`
    QString name;
    QString note;    ///< its size: `812 calls`
    QString warning; ///< share of its errors: `12 %`; empty: nothing to warn of
    HopLine line = HopLine::Solid;
    bool grouped = false; ///< stands for many small ones
    QString words;        ///< what there is to say when it is pointed at, in lines
};

struct HopEdge {
    std::size_t from = 0, to = 0; ///< indices into HopGraphData::nodes
    double size = 0;              ///< finite, not negative
    HopLine line = HopLine::Solid;
    bool gap = false; ///< something lies between the two that nothing shows
    Tone tone = Tone::BarReceive;
    std::vector<HopWord> label; ///< the most important first
    QString words;
};

/// What the drawing shows; every lane has a node.
struct HopGraphData {
    QStringList lanes;
    std::vector<HopNode> nodes;
    std::vector<HopEdge> edges;
};

/// What stands at a place.
struct HopHit {
    enum class Kind { Nothing, Node, Edge };
    Kind kind = Kind::Nothing;
    std::size_t index = 0;
    bool operator==(const HopHit&) const = default;
};

/// Where everything stands. Finding what is under the mouse looks at this and at nothing else.
///
/// A lane has a column for each hop that a call makes within it. The nodes of a column stand from the top down in the
/// order in which they appeared, so that a new one never moves the others up or down.
class HopGraphLayout {
public:
    struct Node {
        QRectF card;
        std::size_t column = 0, row = 0;
    };
    struct Edge {
        QPainterPath path;
        QPolygonF line; ///< the same as straight pieces
        double width = 1;
        QRectF label; ///< empty: no room for one
        std::vector<HopWord> words;
        bool rightAligned = false;
        QRectF gapMark; ///< empty: no gap
        QPointF tip;
    };
    struct Lane {
        double left = 0, right = 0;
    };

    /// As wide as `width` when everything can be read so, else wider.
    HopGraphLayout(const HopGraphData& data, double width, const QFont& font);
    HopGraphLayout() = default;

    const QSizeF& size() const { return m_size; }
    double titleHeight() const { return m_top; }
    bool compact() const { return m_compact; }
    const std::vector<Node>& nodes() const { return m_nodes; }
    const std::vector<Edge>& edges() const { return m_edges; }
    const std::vector<Lane>& lanes() const { return m_lanes; }
    /// Indices of nodes, by column from the top down.
    const std::vector<std::vector<std::size_t>>& columns() const { return m_columns; }
    HopHit at(const QPointF& place) const;

private:
    struct Channels;
    void placeColumns(const HopGraphData& data);
    void placeCards(const HopGraphData& data, double width, const QFontMetricsF& metrics, const QFontMetricsF& bold);
    void placeEdges(const HopGraphData& data);
    void drawPath(const HopGraphData& data, std::size_t edge, double leftY, double rightY, Channels& channels);
    void placeLabels(const HopGraphData& data, const QFontMetricsF& metrics);
    bool placeLabel(const HopEdge& source, Edge& edge, bool atSource, const QFontMetricsF& metrics,
                    const std::vector<QRectF>& taken) const;
    bool rowIsFree(std::size_t row, std::size_t firstColumn, std::size_t lastColumn) const;
    double rowCentre(std::size_t row) const;

    QSizeF m_size;
    double m_top = 0;
    double m_cardHeight = 0, m_rowGap = 0;
    bool m_compact = false;
    std::vector<Node> m_nodes;
    std::vector<Edge> m_edges;
    std::vector<Lane> m_lanes;
    std::vector<std::vector<std::size_t>> m_columns;
    std::vector<std::size_t> m_laneOfColumn;
};

/// Paints the part of the drawing that lies in `area`, without the titles of the lanes. May run in any thread.
void paintHopGraph(QPainter& painter, const HopGraphData& data, const HopGraphLayout& layout, const QRectF& area,
                   const QPalette& palette, const QFont& font);
/// The titles of the lanes, at the top of what is seen: `y` is that of the drawing there.
void paintHopTitles(QPainter& painter, const HopGraphData& data, const HopGraphLayout& layout, double y,
                    const QPalette& palette, const QFont& font);
/// What the lines mean, in one line of text from `place` on; gives its width.
double paintHopLegend(QPainter& painter, const QPointF& place, const QPalette& palette, const QFont& font);
/// Everything, with titles and legend, for files.
void paintHopSheet(QPainter& painter, const HopGraphData& data, const HopGraphLayout& layout, const QPalette& palette,
                   const QFont& font);
QSizeF hopSheetSize(const HopGraphLayout& layout, const QFont& font);

} // namespace gatescope::ui
