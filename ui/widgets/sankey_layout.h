// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/palette.h"

#include <QFont>
#include <QFontMetricsF>
#include <QImage>
#include <QPainterPath>
#include <QRectF>
#include <QStringList>

#include <cstddef>
#include <optional>
#include <vector>

class QPainter;

namespace gatescope::ui {

struct SankeyNode {
    std::size_t layer = 0;
    double size = 0;
    QString name;
    QString note;    ///< its size in words, behind the name: `1.2M`
    QString warning; ///< such as `3 % 429`; empty: nothing to warn of
    QString words;   ///< what there is to say when it is pointed at, in lines
    QString brief;   ///< the most important of it in one line
    Tone tone = Tone::Category1;
    bool nameless = false; ///< no value, or several put together: hatched
};

struct SankeyLink {
    std::size_t from = 0, to = 0; ///< indexes into SankeyData::nodes, in neighbouring layers
    double size = 0;
    QString words, brief; ///< as those of a node
};

/// What a flow diagram shows. Sizes are finite and not negative.
struct SankeyData {
    QStringList layers; ///< titles, from left to right
    std::vector<SankeyNode> nodes;
    std::vector<SankeyLink> links;
};

/// What stands at a place.
struct SankeyHit {
    enum class Kind { Nothing, Node, Link };
    Kind kind = Kind::Nothing;
    std::size_t index = 0;
    bool operator==(const SankeyHit&) const = default;
};

/// Where everything stands. Finding what is under the mouse looks at this and at nothing else.
class SankeyLayout {
public:
    struct Node {
        QRectF bar;
        QRectF label;                ///< empty: no room for one
        QString name, note, warning; ///< what there is room for: the name first
    };
    struct Band {
        double left = 0, right = 0, leftTop = 0, rightTop = 0, thickness = 0;
        bool contains(const QPointF& place) const;
        QPainterPath path() const;
    };

    /// `order`: by layer, indexes of its nodes from top to bottom; a layer that is missing there goes by its data.
    SankeyLayout(const SankeyData& data, const QSizeF& size, const QFont& font,
                 const std::vector<std::vector<std::size_t>>& order = {});
    SankeyLayout() = default;

    const QSizeF& size() const { return m_size; }
    const std::vector<Node>& nodes() const { return m_nodes; }
    const std::vector<Band>& bands() const { return m_bands; }
    const std::vector<std::vector<std::size_t>>& layers() const { return m_layers; }
    /// The centre of a layer's bars.
    double layerX(std::size_t layer) const;
    SankeyHit at(const QPointF& place) const;

private:
    double rightRoom(const SankeyData& data, const QFontMetricsF& metrics) const;
    void placeNodes(const SankeyData& data, const QFontMetricsF& metrics);
    void placeBands(const SankeyData& data);
    void placeLabels(const SankeyData& data, const QFontMetricsF& metrics);

    QSizeF m_size;
    double m_unit = 0; ///< pixels for one of the measure
    double m_top = 0;
    double m_right = 0; ///< room for the labels of the last layer
    std::vector<Node> m_nodes;
    std::vector<Band> m_bands;
    std::vector<std::vector<std::size_t>> m_layers; ///< from top to bottom
};

/// Paints the whole diagram: for the screen, for PNG and for SVG. May run in any thread.
void paintSankey(QPainter& painter, const SankeyData& data, const SankeyLayout& layout, const QPalette& palette,
                 const QFont& font);
/// The names alone, over what is painted under them.
void paintSankeyLabels(QPainter& painter, const SankeyData& data, const SankeyLayout& layout, const QPalette& palette,
                       const QFont& font);
/// The whole diagram as an image with the scale of the screen.
QImage sankeyImage(const SankeyData& data, const SankeyLayout& layout, const QPalette& palette, const QFont& font,
                   double scale);

} // namespace gatescope::ui
