// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/icon.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>

namespace gatescope::ui {
namespace {

QPainterPath polyline(std::initializer_list<QPointF> points, bool closed = false) {
    QPainterPath path;
    bool first = true;
    for (const auto& point : points) {
        first ? path.moveTo(point) : path.lineTo(point);
        first = false;
    }
    if (closed) path.closeSubpath();
    return path;
}

QPainterPath circle(double x, double y, double radius) {
    QPainterPath path;
    path.addEllipse(QPointF(x, y), radius, radius);
    return path;
}

QPainterPath box(double x, double y, double width, double height, double radius = 1) {
    QPainterPath path;
    path.addRoundedRect(x, y, width, height, radius, radius);
    return path;
}

QPainterPath arc(const QRectF& rect, double from, double sweep) {
    QPainterPath path;
    path.arcMoveTo(rect, from);
    path.arcTo(rect, from, sweep);
    return path;
}

/// An exclamation mark's stroke and dot, or with the dot on top an "i".
QPainterPath mark(double top, double bottom, double dot) {
    auto path = polyline({{8, top}, {8, bottom}});
    path.addPath(polyline({{8, dot}, {8, dot + 0.1}}));
    return path;
}

QPainterPath sun() {
    auto path = circle(8, 8, 3);
    for (const auto& [x, y] : {std::pair{0.0, 1.0}, {0.7071, 0.7071}, {1.0, 0.0}, {0.7071, -0.7071}}) {
        path.addPath(polyline({{8 + 5 * x, 8 + 5 * y}, {8 + 6.4 * x, 8 + 6.4 * y}}));
        path.addPath(polyline({{8 - 5 * x, 8 - 5 * y}, {8 - 6.4 * x, 8 - 6.4 * y}}));
    }
    return path;
}

QPainterPath gate() {
    auto path = polyline({{2.5, 14}, {2.5, 5}});
    path.addPath(polyline({{13.5, 14}, {13.5, 5}}));
    path.addPath(arc({2.5, 1.5, 11, 7}, 0, 180));
    path.addPath(polyline({{5, 10}, {11, 10}}));
    path.addPath(polyline({{9, 8}, {11, 10}, {9, 12}}));
    return path;
}

QPainterPath agent() {
    auto path = box(3, 5.5, 10, 8, 2);
    path.addPath(polyline({{8, 5.5}, {8, 2.5}}));
    path.addPath(polyline({{6, 9}, {6, 10}}));
    path.addPath(polyline({{10, 9}, {10, 10}}));
    return path;
}

QPainterPath model() {
    auto path = polyline({{8, 2}, {13.5, 5}, {13.5, 11}, {8, 14}, {2.5, 11}, {2.5, 5}}, true);
    path.addPath(polyline({{2.5, 5}, {8, 8}, {13.5, 5}}));
    path.addPath(polyline({{8, 8}, {8, 14}}));
    return path;
}

QPainterPath eye() {
    QPainterPath path({1.5, 8});
    path.quadTo({8, 1.5}, {14.5, 8});
    path.quadTo({8, 14.5}, {1.5, 8});
    path.addPath(circle(8, 8, 2));
    return path;
}

QPainterPath cross(double from, double to) {
    auto path = polyline({{from, from}, {to, to}});
    path.addPath(polyline({{to, from}, {from, to}}));
    return path;
}

QPainterPath joined(QPainterPath first, const QPainterPath& second) {
    first.addPath(second);
    return first;
}

QPainterPath outline(Glyph glyph) {
    switch (glyph) {
    case Glyph::Open:
        return joined(polyline({{1.5, 12.5}, {1.5, 3.5}, {6, 3.5}, {7.5, 5.5}, {12.5, 5.5}, {12.5, 7.5}}),
                      polyline({{1.5, 12.5}, {4, 7.5}, {15, 7.5}, {12.5, 12.5}}, true));
    case Glyph::Close:
        return cross(4, 12);
    case Glyph::Reload:
        return joined(arc({3, 3, 10, 10}, 60, 300), polyline({{9.2, 1.2}, {11, 3.8}, {8, 5}}));
    case Glyph::Stop:
        return box(3.5, 3.5, 9, 9);
    case Glyph::Check:
        return polyline({{3, 8.5}, {6.5, 12}, {13, 4.5}});
    case Glyph::Warning:
        return joined(polyline({{8, 2}, {14.5, 13.5}, {1.5, 13.5}}, true), mark(6.5, 9.5, 11.6));
    case Glyph::Cross:
        return joined(circle(8, 8, 6), cross(5.7, 10.3));
    case Glyph::Throttled:
        return joined(circle(8, 8, 6), polyline({{4.8, 8}, {11.2, 8}}));
    case Glyph::NoAnswer:
        return joined(circle(4, 8, 0.7), joined(circle(8, 8, 0.7), circle(12, 8, 0.7)));
    case Glyph::Info:
        return joined(circle(8, 8, 6), mark(7.5, 11, 4.9));
    case Glyph::Search:
        return joined(circle(6.8, 6.8, 4.3), polyline({{10, 10}, {14, 14}}));
    case Glyph::Eye:
        return eye();
    case Glyph::History:
        return joined(circle(8, 8, 6), polyline({{8, 4.5}, {8, 8}, {10.5, 9.5}}));
    case Glyph::Sun:
        return sun();
    case Glyph::Moon: {
        QPainterPath whole = circle(8, 8, 6);
        return whole.subtracted(circle(11, 6, 5));
    }
    case Glyph::Copy:
        return joined(box(5.5, 5.5, 8, 8.5), polyline({{3, 10.5}, {3, 2.5}, {10.5, 2.5}}));
    case Glyph::Project:
        return joined(box(2, 5, 12, 8.5), polyline({{6, 5}, {6, 2.8}, {10, 2.8}, {10, 5}}));
    case Glyph::Agent:
        return agent();
    case Glyph::Model:
        return model();
    case Glyph::Request:
        return joined(polyline({{2, 8}, {13, 8}}), polyline({{9.5, 4.5}, {13, 8}, {9.5, 11.5}}));
    case Glyph::Response:
        return joined(polyline({{3, 8}, {14, 8}}), polyline({{6.5, 4.5}, {3, 8}, {6.5, 11.5}}));
    case Glyph::Key:
        return joined(joined(circle(5, 8, 2.8), polyline({{7.8, 8}, {14, 8}, {14, 10.5}})),
                      polyline({{11.5, 8}, {11.5, 10}}));
    case Glyph::Plus:
        return joined(polyline({{3, 8}, {13, 8}}), polyline({{8, 3}, {8, 13}}));
    case Glyph::Minus:
        return polyline({{3, 8}, {13, 8}});
    case Glyph::Save:
        return joined(joined(polyline({{8, 2}, {8, 10}}), polyline({{4.5, 6.8}, {8, 10.2}, {11.5, 6.8}})),
                      polyline({{2.5, 11}, {2.5, 13.5}, {13.5, 13.5}, {13.5, 11}}));
    case Glyph::Gate:
        return gate();
    case Glyph::Container:
        return joined(
            polyline({{8, 1.8}, {14, 5}, {8, 8.2}, {2, 5}}, true),
            joined(polyline({{2, 5}, {2, 11}, {8, 14.2}, {14, 11}, {14, 5}}), polyline({{8, 8.2}, {8, 14.2}})));
    case Glyph::Proxy:
        return joined(joined(circle(3.5, 8, 1.7), circle(12.5, 8, 1.7)),
                      joined(polyline({{5.2, 8}, {10.8, 8}}), polyline({{8, 4}, {8, 12}})));
    case Glyph::Shield:
        return polyline({{8, 1.8}, {13.5, 4}, {13.5, 8.5}, {11.5, 11.8}, {8, 14.2}, {4.5, 11.8}, {2.5, 8.5}, {2.5, 4}},
                        true);
    case Glyph::Server:
        return joined(joined(box(2.5, 2.5, 11, 4.6), box(2.5, 8.9, 11, 4.6)),
                      joined(polyline({{5, 4.8}, {5.1, 4.8}}), polyline({{5, 11.2}, {5.1, 11.2}})));
    case Glyph::Node:
        return joined(circle(8, 8, 5), circle(8, 8, 1.2));
    case Glyph::Person:
        return joined(circle(8, 5, 2.8), arc({2.5, 9.5, 11, 9}, 0, 180));
    case Glyph::Lock:
        return joined(box(3, 7.2, 10, 6.8),
                      joined(arc({5, 1.8, 6, 7}, 0, 180), polyline({{5, 5.3}, {5, 7.2}, {11, 7.2}, {11, 5.3}})));
    case Glyph::LockOpen:
        return joined(box(3, 7.2, 10, 6.8),
                      joined(arc({8.6, 1.8, 5.6, 7}, 20, 160), polyline({{8.6, 5.3}, {8.6, 7.2}})));
    case Glyph::Record:
        return joined(circle(8, 8, 6), circle(8, 8, 2.2));
    case Glyph::Pause:
        return joined(polyline({{5.5, 3.5}, {5.5, 12.5}}), polyline({{10.5, 3.5}, {10.5, 12.5}}));
    case Glyph::Play:
        return polyline({{4.5, 2.8}, {13, 8}, {4.5, 13.2}}, true);
    case Glyph::Stream:
        return joined(joined(polyline({{3, 8}, {3, 8.1}}), polyline({{6.3, 6}, {6.3, 10}})),
                      joined(polyline({{9.6, 4.4}, {9.6, 11.6}}), polyline({{12.9, 2.8}, {12.9, 13.2}})));
    }
    return {};
}

class GlyphEngine : public QIconEngine {
public:
    GlyphEngine(Glyph glyph, Tone tone) : m_glyph(glyph), m_tone(tone) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const QPalette palette = QGuiApplication::palette();
        QColor ink = colour(m_tone, palette);
        if (mode == QIcon::Disabled) ink = colour(Tone::Muted, palette);
        if (mode == QIcon::Selected) ink = palette.color(QPalette::HighlightedText);
        paintGlyph(*painter, m_glyph, rect, ink);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }
    QIconEngine* clone() const override { return new GlyphEngine(m_glyph, m_tone); }

private:
    Glyph m_glyph;
    Tone m_tone;
};

} // namespace

void paintGlyph(QPainter& painter, Glyph glyph, const QRectF& rect, const QColor& ink) {
    // A little air, so that text beside the sign does not touch it.
    constexpr double kShare = 0.92;
    const double scale = kShare * std::min(rect.width(), rect.height()) / 16.0;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(rect.x() + (rect.width() - 16 * scale) / 2, rect.y() + (rect.height() - 16 * scale) / 2);
    painter.scale(scale, scale);
    painter.setPen(QPen(ink, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(outline(glyph));
    painter.restore();
}

QIcon icon(Glyph glyph, Tone tone) {
    return QIcon(new GlyphEngine(glyph, tone));
}

} // namespace gatescope::ui
