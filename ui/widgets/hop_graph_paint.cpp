// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/hop_graph_layout.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gatescope::ui {
namespace {

constexpr double kCorner = 5;
constexpr double kStripe = 4;
constexpr float kHaloAlpha = 0.85F;
constexpr float kEdgeAlpha = 0.75F;
constexpr double kLegendLine = 30;

/// Dashes of the same length whatever the width of the pen; the pattern of a pen counts in widths.
QPen penFor(HopLine line, const QColor& ink, double width) {
    QPen pen(ink, width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    if (line == HopLine::Dashed) pen.setDashPattern({8 / width, 5 / width});
    if (line == HopLine::Dotted) pen.setDashPattern({2 / width, 4 / width});
    return pen;
}

void paintEdge(QPainter& painter, const HopEdge& source, const HopGraphLayout::Edge& edge, const QPalette& palette) {
    QColor ink = colour(source.tone, palette);
    ink.setAlphaF(kEdgeAlpha);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(penFor(source.line, ink, edge.width));
    painter.drawPath(edge.path);
    const double tall = std::max(4.0, edge.width / 2 + 2.5);
    const QPointF tip = edge.tip;
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour(source.tone, palette));
    painter.drawPolygon(QPolygonF({tip, tip + QPointF(-9, -tall), tip + QPointF(-9, tall)}));
}

void paintGapMark(QPainter& painter, const QRectF& mark, const QPalette& palette) {
    painter.setPen(QPen(colour(Tone::Muted, palette), 1));
    painter.setBrush(palette.color(QPalette::Base));
    painter.drawRoundedRect(mark, 3, 3);
    painter.setBrush(QBrush(colour(Tone::Line, palette), Qt::BDiagPattern));
    painter.drawRoundedRect(mark, 3, 3);
    painter.setPen(palette.color(QPalette::Text));
    painter.drawText(mark, Qt::AlignCenter, QStringLiteral("?"));
}

void paintLabel(QPainter& painter, const HopGraphLayout::Edge& edge, const QPalette& palette,
                const QFontMetricsF& metrics) {
    if (edge.label.isEmpty()) return;
    QColor halo = palette.color(QPalette::Base);
    halo.setAlphaF(kHaloAlpha);
    const double line = metrics.height();
    const auto write = [&](const HopWord& word, double top) {
        const double wide = metrics.horizontalAdvance(word.text);
        const double x = edge.rightAligned ? edge.label.right() - wide : edge.label.left();
        painter.setPen(Qt::NoPen);
        painter.setBrush(halo);
        painter.drawRoundedRect(QRectF(x - 2, top, wide + 4, line), 3, 3);
        painter.setPen(colour(word.tone, palette));
        painter.drawText(QPointF(x, top + metrics.ascent()), word.text);
    };
    write(edge.words.front(), edge.label.top());
    double y = edge.label.top() + line + edge.width;
    for (std::size_t i = 1; i < edge.words.size(); ++i) {
        write(edge.words[i], y);
        y += line;
    }
}

/// Writes a text with an ellipsis when it does not fit; gives the width that it took.
double write(QPainter& painter, const QString& text, const QPointF& baseline, double room, const QColor& ink) {
    if (text.isEmpty() || room < 8) return 0;
    const QFontMetricsF metrics(painter.font());
    const QString shown = metrics.elidedText(text, Qt::ElideMiddle, room);
    painter.setPen(ink);
    painter.drawText(baseline, shown);
    return metrics.horizontalAdvance(shown);
}

/// Words in a frame, right-aligned at `right`; gives the left end.
double paintBadge(QPainter& painter, const QString& text, double right, double top, const QColor& ink,
                  const QColor& words) {
    if (text.isEmpty()) return right;
    const QFontMetricsF metrics(painter.font());
    const double wide = metrics.horizontalAdvance(text) + 8;
    const QRectF frame(right - wide, top + 0.5, wide, metrics.height() - 1);
    QColor wash = ink;
    wash.setAlphaF(0.18F);
    painter.setPen(QPen(ink, 1));
    painter.setBrush(wash);
    painter.drawRoundedRect(frame, 3, 3);
    painter.setPen(words);
    painter.drawText(frame, Qt::AlignCenter, text);
    return right - wide - 4;
}

class CardPainter {
public:
    CardPainter(QPainter& painter, const HopNode& node, const QRectF& card, const QPalette& palette, const QFont& font)
        : m_painter(painter), m_node(node), m_card(card), m_palette(palette), m_font(font), m_bold(font),
          m_metrics(font) {
        m_bold.setBold(true);
    }

    void paint(bool compact) {
        paintFrame();
        m_y = m_card.top() + 6;
        compact ? paintShort() : paintWhole();
    }

private:
    void paintFrame() {
        const QColor ink = colour(m_node.tone, m_palette);
        QPainterPath shape;
        shape.addRoundedRect(m_card, kCorner, kCorner);
        m_painter.fillPath(shape, m_palette.color(m_node.grouped ? QPalette::Window : QPalette::AlternateBase));
        if (m_node.grouped) m_painter.fillPath(shape, QBrush(colour(Tone::Line, m_palette), Qt::BDiagPattern));
        m_painter.save();
        m_painter.setClipPath(shape, Qt::IntersectClip);
        m_painter.fillRect(QRectF(m_card.left(), m_card.top(), kStripe, m_card.height()), ink);
        m_painter.restore();
        m_painter.setPen(penFor(m_node.line, colour(Tone::Muted, m_palette), 1.2));
        m_painter.setBrush(Qt::NoBrush);
        m_painter.drawPath(shape);
    }
    double left() const { return m_card.left() + kStripe + 8; }
    double right() const { return m_card.right() - 8; }
    QColor text() const { return m_palette.color(QPalette::Text); }
    QColor muted() const { return colour(Tone::Muted, m_palette); }

    /// The sign of the role and a text in bold.
    void paintHead(const QString& head, double end) {
        const QRectF sign(left() - 2, m_y + (m_metrics.height() - 15) / 2, 15, 15);
        paintGlyph(m_painter, m_node.glyph, sign, text());
        m_painter.setFont(m_bold);
        write(m_painter, head, {left() + 18, m_y + m_metrics.ascent()}, end - left() - 18, text());
        m_painter.setFont(m_font);
        m_y += m_metrics.height();
    }
    void paintBadges() {
        const double wide = badgeWidth(m_node.badge);
        paintBadge(m_painter, m_node.badge, left() + wide, m_y, colour(m_node.tone, m_palette), text());
        paintBadge(m_painter, m_node.nat, left() + wide + 4 + badgeWidth(m_node.nat), m_y, muted(), text());
        m_y += m_metrics.height() + 1;
    }
    double badgeWidth(const QString& words) const { return m_metrics.horizontalAdvance(words) + 8; }
    void paintLine(const QString& words, double end, const QColor& ink) {
        write(m_painter, words, {left(), m_y + m_metrics.ascent()}, end - left(), ink);
        m_y += m_metrics.height();
    }
    void paintNumbers() {
        double x = left();
        const QFontMetricsF& metrics = m_metrics;
        const QString warning = m_node.warning.isEmpty() ? QString() : QStringLiteral("! ") + m_node.warning;
        x += write(m_painter, m_node.note, {x, m_y + metrics.ascent()}, right() - x, muted()) + 8;
        write(m_painter, warning, {x, m_y + metrics.ascent()}, right() - x, colour(Tone::Warning, m_palette));
    }
    void paintWhole() {
        paintHead(m_node.role, right());
        const bool addressed = !m_node.address.isEmpty();
        if (addressed) paintLine(m_node.address, right(), text());
        if (addressed) paintBadges();
        paintLine(m_node.name, right(), addressed ? muted() : text());
        m_y = m_card.bottom() - 6 - m_metrics.height();
        paintNumbers();
    }
    void paintShort() {
        const QString& head = m_node.address.isEmpty() ? m_node.name : m_node.address;
        paintHead(head.isEmpty() ? m_node.role : head,
                  paintBadge(m_painter, m_node.badge, right(), m_y, colour(m_node.tone, m_palette), text()));
        paintNumbers();
    }

    QPainter& m_painter;
    const HopNode& m_node;
    QRectF m_card;
    const QPalette& m_palette;
    QFont m_font, m_bold;
    QFontMetricsF m_metrics;
    double m_y = 0;
};

void paintLanes(QPainter& painter, const HopGraphLayout& layout, const QRectF& area, const QPalette& palette) {
    painter.setPen(QPen(colour(Tone::Line, palette), 1, Qt::DashLine));
    for (std::size_t lane = 1; lane < layout.lanes().size(); ++lane) {
        const double x = std::round(layout.lanes()[lane].left) + 0.5;
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
}

} // namespace

void paintHopGraph(QPainter& painter, const HopGraphData& data, const HopGraphLayout& layout, const QRectF& area,
                   const QPalette& palette, const QFont& font) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font);
    painter.fillRect(area, palette.color(QPalette::Base));
    paintLanes(painter, layout, area, palette);
    const QFontMetricsF metrics(font);
    const auto seen = [&](const HopGraphLayout::Edge& edge) {
        return edge.line.boundingRect().adjusted(-20, -20, 20, 20).united(edge.label).intersects(area);
    };
    std::vector<std::size_t> edges(data.edges.size());
    std::iota(edges.begin(), edges.end(), std::size_t{0});
    // Thin ones over thick ones.
    std::stable_sort(edges.begin(), edges.end(),
                     [&](std::size_t a, std::size_t b) { return data.edges[a].size > data.edges[b].size; });
    for (const auto i : edges) {
        if (seen(layout.edges()[i])) paintEdge(painter, data.edges[i], layout.edges()[i], palette);
    }
    for (std::size_t i = 0; i < data.nodes.size(); ++i) {
        const QRectF& card = layout.nodes()[i].card;
        if (card.intersects(area)) CardPainter(painter, data.nodes[i], card, palette, font).paint(layout.compact());
    }
    for (const auto i : edges) {
        const auto& edge = layout.edges()[i];
        if (!edge.gapMark.isEmpty()) paintGapMark(painter, edge.gapMark, palette);
        if (seen(edge)) paintLabel(painter, edge, palette, metrics);
    }
}

void paintHopTitles(QPainter& painter, const HopGraphData& data, const HopGraphLayout& layout, double y,
                    const QPalette& palette, const QFont& font) {
    QFont bold = font;
    bold.setBold(true);
    painter.setFont(bold);
    const double height = layout.titleHeight() - 4;
    painter.fillRect(QRectF(0, y, layout.size().width(), height), palette.color(QPalette::Window));
    painter.setPen(colour(Tone::Line, palette));
    painter.drawLine(QPointF(0, y + height), QPointF(layout.size().width(), y + height));
    painter.setPen(colour(Tone::Muted, palette));
    for (std::size_t lane = 0; lane < layout.lanes().size(); ++lane) {
        const auto& each = layout.lanes()[lane];
        const QRectF room(each.left + 4, y + 1, each.right - each.left - 8, height - 2);
        painter.drawText(room, Qt::AlignCenter | Qt::TextWordWrap, data.lanes[static_cast<qsizetype>(lane)]);
    }
}

double paintHopLegend(QPainter& painter, const QPointF& place, const QPalette& palette, const QFont& font) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    double x = place.x();
    const double middle = place.y() + metrics.height() / 2;
    const auto say = [&](const QString& words) {
        painter.setPen(colour(Tone::Muted, palette));
        painter.drawText(QPointF(x, place.y() + metrics.ascent()), words);
        x += metrics.horizontalAdvance(words) + 16;
    };
    const auto sample = [&](HopLine line, Tone tone, const char* words) {
        painter.setPen(penFor(line, colour(tone, palette), 3));
        painter.drawLine(QPointF(x, middle), QPointF(x + kLegendLine, middle));
        x += kLegendLine + 6;
        say(QCoreApplication::translate("HopLegend", words));
    };
    sample(HopLine::Solid, Tone::BarReceive, "seen or proven");
    sample(HopLine::Dashed, Tone::BarReceive, "claimed");
    sample(HopLine::Dotted, Tone::BarReceive, "inferred");
    sample(HopLine::Solid, Tone::Warning, "errors");
    sample(HopLine::Solid, Tone::Bad, "10 % and more");
    paintGapMark(painter, QRectF(x, middle - 8, 22, 16), palette);
    x += 28;
    say(QCoreApplication::translate("HopLegend", "gap: not shown"));
    return x - place.x() - 16;
}

QSizeF hopSheetSize(const HopGraphLayout& layout, const QFont& font) {
    constexpr double kLegendRoom = 900; // of all its words in the usual font
    const QFontMetricsF metrics(font);
    return {std::max(layout.size().width(), kLegendRoom), layout.size().height() + metrics.height() + 16};
}

void paintHopSheet(QPainter& painter, const HopGraphData& data, const HopGraphLayout& layout, const QPalette& palette,
                   const QFont& font) {
    const QSizeF sheet = hopSheetSize(layout, font);
    painter.fillRect(QRectF({0, 0}, sheet), palette.color(QPalette::Base));
    paintHopGraph(painter, data, layout, QRectF({0, 0}, layout.size()), palette, font);
    paintHopTitles(painter, data, layout, 0, palette, font);
    paintHopLegend(painter, {12, layout.size().height() + 4}, palette, font);
}

} // namespace gatescope::ui
