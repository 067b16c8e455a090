// SPDX-License-Identifier: Apache-2.0
// What the token flow page saves and remembers.
#include "ui/views/cell_table.h"
#include "ui/views/flow_page.h"
#include "ui/views/layer_choice.h"
#include "ui/views/price_choice.h"
#include "ui/views/series_panel.h"
#include "ui/widgets/sankey_view.h"

#include <QBuffer>
#include <QComboBox>
#include <QMenu>
#include <QPainter>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QSvgGenerator>

namespace gatescope::ui {
namespace {

constexpr double kPngScale = 2; ///< sharp on paper and on dense screens
constexpr auto kLayers = "flow/layers";
constexpr auto kTop = "flow/top";
constexpr auto kMeasure = "flow/measure";
constexpr auto kSplitter = "flow/splitter";

QByteArray pngOf(const QImage& image) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

} // namespace

void FlowPage::fillExportMenu(QMenu* menu) {
    menu->addAction(tr("Flow as PNG…"), this, [this] { saveImage(false); });
    menu->addAction(tr("Flow as SVG…"), this, [this] { saveImage(true); });
    menu->addAction(tr("Series as PNG…"), this, [this] { saveSeries(); });
    menu->addAction(tr("Links as CSV…"), this, [this] { saveTable(*m_links, QStringLiteral("token-flow.csv")); });
    menu->addAction(tr("Series as CSV…"), this, [this] { saveTable(*m_times, QStringLiteral("token-series.csv")); });
}

void FlowPage::saveImage(bool svg) {
    if (m_sankey->data().nodes.empty() || !m_sankey->settled()) return Q_EMIT said(tr("There is nothing to save yet."));
    const auto& flow = m_sankey->data();
    const auto& shape = m_sankey->layoutOnScreen();
    QByteArray bytes;
    if (svg) {
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setSize(shape.size().toSize());
        generator.setViewBox(QRectF({0, 0}, shape.size()));
        generator.setTitle(tr("Token flow"));
        QPainter painter(&generator);
        paintSankey(painter, flow, shape, palette(), font());
    } else {
        bytes = pngOf(sankeyImage(flow, shape, palette(), font(), kPngScale));
    }
    const QString name = svg ? QStringLiteral("token-flow.svg") : QStringLiteral("token-flow.png");
    m_chooseSave(this, name, svg ? tr("SVG (*.svg)") : tr("PNG (*.png)"),
                 [this, bytes](const QString& path) { Q_EMIT said(saveFile(path, bytes)); });
}

void FlowPage::saveSeries() {
    auto& series = m_series->series();
    QImage image((QSizeF(series.size()) * kPngScale).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(kPngScale);
    image.fill(palette().color(QPalette::Window));
    series.render(&image);
    m_chooseSave(this, QStringLiteral("token-series.png"), tr("PNG (*.png)"),
                 [this, bytes = pngOf(image)](const QString& path) { Q_EMIT said(saveFile(path, bytes)); });
}

void FlowPage::saveTable(const CellTable& table, const QString& name) {
    m_chooseSave(this, name, tr("CSV (*.csv)"),
                 [this, bytes = table.csv()](const QString& path) { Q_EMIT said(saveFile(path, bytes)); });
}

void FlowPage::restore(QSettings& settings) {
    m_layers->setNames(settings.value(kLayers).toStringList());
    m_top->setValue(settings.value(kTop, m_top->value()).toInt());
    m_measure->setCurrentIndex(std::max(0, m_measure->findData(settings.value(kMeasure, 0))));
    m_prices->restore(settings);
    m_splitter->restoreState(settings.value(kSplitter).toByteArray());
}

void FlowPage::save(QSettings& settings) const {
    settings.setValue(kLayers, m_layers->names());
    settings.setValue(kTop, m_top->value());
    settings.setValue(kMeasure, m_measure->currentData());
    m_prices->save(settings);
    settings.setValue(kSplitter, m_splitter->saveState());
}

} // namespace gatescope::ui
