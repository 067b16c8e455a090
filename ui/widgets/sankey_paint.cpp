// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/sankey_layout.h"

#include <QPainter>

#include <algorithm>
#include <numeric>

namespace gatescope::ui {
namespace {

constexpr float kBandAlpha = 0.36F;
constexpr float kHaloAlpha = 0.72F; ///< behind labels that stand on bands

void paintBands(QPainter& painter, const SankeyData& data, const SankeyLayout& layout, const QPalette& palette) {
    std::vector<std::size_t> links(data.links.size());
    std::iota(links.begin(), links.end(), std::size_t{0});
    std::stable_sort(links.begin(), links.end(),
                     [&](std::size_t a, std::size_t b) { return data.links[a].size > data.links[b].size; });
    for (const auto i : links) {
        const auto& band = layout.bands()[i];
        if (band.thickness <= 0) continue;
        QColor ink = colour(data.nodes[data.links[i].from].tone, palette);
        ink.setAlphaF(kBandAlpha);
        // A band thinner than a pixel would fade away.
        SankeyLayout::Band seen = band;
        seen.thickness = std::max(band.thickness, 0.8);
        painter.fillPath(seen.path(), ink);
    }
}

void paintNodes(QPainter& painter, const SankeyData& data, const SankeyLayout& layout, const QPalette& palette) {
    for (std::size_t i = 0; i < data.nodes.size(); ++i) {
        const QRectF& bar = layout.nodes()[i].bar;
        painter.fillRect(bar, colour(data.nodes[i].tone, palette));
        if (data.nodes[i].nameless) {
            painter.fillRect(bar, QBrush(palette.color(QPalette::Base), Qt::BDiagPattern));
        }
    }
}

void paintLabel(QPainter& painter, const SankeyNode& node, const SankeyLayout::Node& place, const QPalette& palette,
                const QFontMetricsF& metrics) {
    QColor halo = palette.color(QPalette::Base);
    halo.setAlphaF(kHaloAlpha);
    painter.setPen(Qt::NoPen);
    painter.setBrush(halo);
    painter.drawRoundedRect(place.label.adjusted(-3, 0, 3, 0), 3, 3);
    QPointF at(place.label.left(), place.label.top() + metrics.ascent());
    const auto write = [&](const QString& text, const QColor& ink) {
        painter.setPen(ink);
        painter.drawText(at, text);
        at.rx() += metrics.horizontalAdvance(text);
    };
    write(place.name, node.nameless ? colour(Tone::Muted, palette) : palette.color(QPalette::Text));
    write(place.note, colour(Tone::Muted, palette));
    write(place.warning, colour(Tone::Warning, palette));
}

void paintTitles(QPainter& painter, const SankeyData& data, const SankeyLayout& layout, const QPalette& palette,
                 const QFontMetricsF& metrics) {
    painter.setPen(colour(Tone::Muted, palette));
    for (qsizetype layer = 0; layer < data.layers.size(); ++layer) {
        const double wide = metrics.horizontalAdvance(data.layers[layer]);
        const double most = std::max(4.0, layout.size().width() - wide - 4);
        const double x = std::clamp(layout.layerX(static_cast<std::size_t>(layer)) - wide / 2, 4.0, most);
        painter.drawText(QPointF(x, 3 + metrics.ascent()), data.layers[layer]);
    }
}

} // namespace

void paintSankey(QPainter& painter, const SankeyData& data, const SankeyLayout& layout, const QPalette& palette,
                 const QFont& font) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font);
    painter.fillRect(QRectF({0, 0}, layout.size()), palette.color(QPalette::Base));
    const QFontMetricsF metrics(font);
    paintBands(painter, data, layout, palette);
    paintNodes(painter, data, layout, palette);
    paintTitles(painter, data, layout, palette, metrics);
    paintSankeyLabels(painter, data, layout, palette, font);
}

void paintSankeyLabels(QPainter& painter, const SankeyData& data, const SankeyLayout& layout, const QPalette& palette,
                       const QFont& font) {
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    for (std::size_t i = 0; i < data.nodes.size(); ++i) {
        if (!layout.nodes()[i].label.isEmpty()) {
            paintLabel(painter, data.nodes[i], layout.nodes()[i], palette, metrics);
        }
    }
}

QImage sankeyImage(const SankeyData& data, const SankeyLayout& layout, const QPalette& palette, const QFont& font,
                   double scale) {
    QImage image((layout.size() * scale).toSize().expandedTo({1, 1}), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(scale);
    QPainter painter(&image);
    paintSankey(painter, data, layout, palette, font);
    return image;
}

} // namespace gatescope::ui
