// SPDX-License-Identifier: Apache-2.0
// The widgets of the page of the source paths, what it saves and what it remembers.
#include "core/report/path_dot.h"
#include "ui/bridge/text.h"
#include "ui/bridge/trust_source.h"
#include "ui/views/cell_table.h"
#include "ui/views/export_button.h"
#include "ui/views/finding_line.h"
#include "ui/views/paths_page.h"
#include "ui/views/trust_dialog.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/hop_graph_view.h"

#include <QBuffer>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QSvgGenerator>
#include <QTabWidget>
#include <QTextBrowser>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace gatescope::ui {
namespace {

constexpr int kMostTop = 200;
constexpr int kDefaultTop = 12;
constexpr double kPngScale = 2;            ///< sharp on paper and on dense screens
constexpr double kMostPngPixels = 1 << 26; ///< beyond it the picture gets coarser
constexpr auto kMeasure = "paths/measure";
constexpr auto kTop = "paths/top";
constexpr auto kSplitter = "paths/splitter";
constexpr auto kLower = "paths/lowerSplitter";

QByteArray pngOf(const HopGraphData& data, const HopGraphLayout& layout, const QPalette& palette, const QFont& font) {
    const QSizeF sheet = hopSheetSize(layout, font);
    const double most = std::sqrt(kMostPngPixels / (sheet.width() * sheet.height()));
    const double scale = std::min(kPngScale, most);
    QImage image((sheet * scale).toSize().expandedTo({1, 1}), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(scale);
    {
        QPainter painter(&image);
        paintHopSheet(painter, data, layout, palette, font);
    }
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

QByteArray svgOf(const HopGraphData& data, const HopGraphLayout& layout, const QPalette& palette, const QFont& font) {
    const QSizeF sheet = hopSheetSize(layout, font);
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(sheet.toSize());
    generator.setViewBox(QRectF({0, 0}, sheet));
    generator.setTitle(QStringLiteral("Source paths"));
    QPainter painter(&generator);
    paintHopSheet(painter, data, layout, palette, font);
    painter.end();
    return bytes;
}

} // namespace

PathsPage::PathsPage(TrustSource& trust, ChooseSave chooseSave, ChooseOpen chooseOpen, QWidget* parent)
    : Page(parent), m_trust(trust), m_chooseSave(std::move(chooseSave)), m_chooseOpen(std::move(chooseOpen)) {
    m_findingLine = new FindingLine;
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->addWidget(buildGraph());
    m_splitter->addWidget(buildTables());
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 5);
    m_splitter->setStretchFactor(1, 3);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(buildControls());
    layout->addWidget(m_findingLine);
    layout->addWidget(m_splitter, 1);
    connectParts();
    onTrustChanged();
    point({});
}

QWidget* PathsPage::buildControls() {
    m_measure = new QComboBox;
    m_measure->setAccessibleName(tr("Width of the lines"));
    m_measure->addItem(tr("Calls"));
    m_measure->addItem(tr("Tokens"));
    m_top = new QSpinBox;
    m_top->setRange(2, kMostTop);
    m_top->setValue(kDefaultTop);
    m_top->setPrefix(tr("top "));
    m_top->setAccessibleName(tr("Hops of a lane; the rest is put together"));
    m_top->setToolTip(tr("The most used hops of each lane; the rest is put together as “others”"));
    m_trustButton = new QToolButton;
    m_trustButton->setObjectName(QStringLiteral("trustButton"));
    m_trustButton->setIcon(icon(Glyph::Shield));
    m_trustButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_trustButton->setToolTip(tr("Name networks and say which of them tell the truth about who called them"));
    m_summary = new ElidedLabel;
    m_summary->setObjectName(QStringLiteral("pathSummary"));
    m_summary->setElideMode(Qt::ElideRight);
    m_summary->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    setMuted(m_summary, true);
    auto* controls = new QWidget;
    auto* row = new QHBoxLayout(controls);
    row->setContentsMargins(6, 0, 6, 0);
    row->setSpacing(6);
    row->addWidget(new QLabel(tr("lines by")));
    row->addWidget(m_measure);
    row->addWidget(m_top);
    row->addWidget(m_trustButton);
    row->addWidget(m_summary, 1);
    row->addWidget(makeExportButton([this](QMenu* menu) { fillExportMenu(menu); }));
    return controls;
}

QWidget* PathsPage::buildGraph() {
    m_graph = new HopGraphView;
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_graph, 1);
    layout->addWidget(new HopLegend);
    return box;
}

QWidget* PathsPage::buildTables() {
    m_tables[Paths] = new CellTable(tr("Different paths"));
    m_tables[Hops] = new CellTable(tr("Hops"));
    m_tables[Links] = new CellTable(tr("Links between hops"));
    m_tables[Findings] = new CellTable(tr("Findings about the paths"));
    m_tables[Findings]->setEmptyText(tr("Nothing odd was found about these paths."));
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_tables[Paths], tr("Paths"));
    m_tabs->addTab(m_tables[Hops], tr("Hops"));
    m_tabs->addTab(m_tables[Links], tr("Links"));
    m_tabs->addTab(m_tables[Findings], tr("Findings"));
    m_evidence = new QTextBrowser;
    m_evidence->setObjectName(QStringLiteral("pathEvidence"));
    m_evidence->setAccessibleName(tr("What the hop or line rests on"));
    m_evidence->setFrameShape(QFrame::NoFrame);
    m_evidence->setOpenLinks(false);
    m_lower = new QSplitter(Qt::Horizontal);
    m_lower->addWidget(m_tabs);
    m_lower->addWidget(m_evidence);
    m_lower->setChildrenCollapsible(false);
    m_lower->setStretchFactor(0, 5);
    m_lower->setStretchFactor(1, 3);
    return m_lower;
}

void PathsPage::fillExportMenu(QMenu* menu) {
    menu->addAction(tr("Drawing as SVG…"), this, [this] { saveDrawing(Format::Svg); });
    menu->addAction(tr("Drawing as PNG…"), this, [this] { saveDrawing(Format::Png); });
    menu->addAction(tr("Graph as DOT…"), this, [this] { saveDrawing(Format::Dot); });
    menu->addAction(tr("Paths as CSV…"), this, [this] { saveTable(Paths, QStringLiteral("source-paths.csv")); });
    menu->addAction(tr("Hops as CSV…"), this, [this] { saveTable(Hops, QStringLiteral("hops.csv")); });
    menu->addAction(tr("Links as CSV…"), this, [this] { saveTable(Links, QStringLiteral("hop-links.csv")); });
}

void PathsPage::saveDrawing(Format format) {
    if (!m_answer || m_graph->data().nodes.empty() || !m_graph->settled()) {
        return Q_EMIT said(tr("There is nothing to save yet."));
    }
    // Painting a large sheet takes longer than a frame.
    auto job = [this, format, answer = m_answer, data = m_graph->data(), layout = m_graph->layoutOnScreen(),
                colours = palette(), words = m_graph->font()](std::stop_token) -> NewestJob::Deliver {
        QByteArray bytes;
        if (format == Format::Dot) bytes = QByteArray::fromStdString(report::pathsAsDot(answer->graph));
        if (format == Format::Png) bytes = pngOf(data, layout, colours, words);
        if (format == Format::Svg) bytes = svgOf(data, layout, colours, words);
        return [this, format, bytes] {
            const bool svg = format == Format::Svg;
            const QString name = QStringLiteral("source-paths.") + (format == Format::Dot ? QStringLiteral("dot")
                                                                    : svg                 ? QStringLiteral("svg")
                                                                                          : QStringLiteral("png"));
            const QString filter = format == Format::Dot ? tr("Graphviz (*.dot)")
                                   : svg                 ? tr("SVG (*.svg)")
                                                         : tr("PNG (*.png)");
            m_chooseSave(this, name, filter,
                         [this, bytes](const QString& path) { Q_EMIT said(saveFile(path, bytes)); });
        };
    };
    m_exportJob.ask(std::move(job));
}

void PathsPage::saveTable(Tab tab, const QString& name) {
    m_chooseSave(this, name, tr("CSV (*.csv)"),
                 [this, bytes = m_tables[tab]->csv()](const QString& path) { Q_EMIT said(saveFile(path, bytes)); });
}

void PathsPage::restore(QSettings& settings) {
    m_measure->setCurrentIndex(std::clamp(settings.value(kMeasure, 0).toInt(), 0, m_measure->count() - 1));
    m_top->setValue(settings.value(kTop, m_top->value()).toInt());
    m_splitter->restoreState(settings.value(kSplitter).toByteArray());
    m_lower->restoreState(settings.value(kLower).toByteArray());
}

void PathsPage::save(QSettings& settings) const {
    settings.setValue(kMeasure, m_measure->currentIndex());
    settings.setValue(kTop, m_top->value());
    settings.setValue(kSplitter, m_splitter->saveState());
    settings.setValue(kLower, m_lower->saveState());
}

} // namespace gatescope::ui
