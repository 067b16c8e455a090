// SPDX-License-Identifier: Apache-2.0
#include "ui/views/flow_page.h"

#include "ui/bridge/limit_answer.h"
#include "ui/bridge/text.h"
#include "ui/models/flow_shapes.h"
#include "ui/views/cell_table.h"
#include "ui/views/export_button.h"
#include "ui/views/layer_choice.h"
#include "ui/views/price_choice.h"
#include "ui/views/series_panel.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/icon.h"
#include "ui/widgets/sankey_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr std::size_t kMostLayers = 6;
constexpr int kMostTop = 40; ///< more nodes in a layer could not be told apart on a screen
constexpr int kDefaultTop = 12;

std::vector<Field> defaultLayers() {
    return {fieldOf(FieldId::Project), fieldOf(FieldId::Agent), fieldOf(FieldId::Model), fieldOf(FieldId::Api)};
}

} // namespace

struct FlowPage::Shown {
    std::shared_ptr<const FlowAnswer> answer;
    std::shared_ptr<const SankeyData> sankey;
    std::vector<CellTableModel::Row> links, times;
    bool severalDays = false;
};

FlowPage::FlowPage(ChooseSave chooseSave, QWidget* parent) : Page(parent), m_chooseSave(std::move(chooseSave)) {
    m_sankey = new SankeyView;
    m_series = new SeriesPanel;
    m_side = new ElidedLabel;
    m_side->setObjectName(QStringLiteral("flowSideLine"));
    m_side->setContentsMargins(6, 0, 6, 0);
    m_side->setElideMode(Qt::ElideRight);
    setMuted(m_side, true);
    auto* upper = new QWidget;
    auto* upperLayout = new QVBoxLayout(upper);
    upperLayout->setContentsMargins(0, 0, 0, 0);
    upperLayout->setSpacing(2);
    upperLayout->addWidget(m_sankey, 1);
    upperLayout->addWidget(m_side);
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->addWidget(upper);
    m_splitter->addWidget(m_series);
    m_splitter->addWidget(buildTables());
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 5);
    m_splitter->setStretchFactor(1, 3);
    m_splitter->setStretchFactor(2, 3);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(buildControls());
    layout->addWidget(m_splitter, 1);
    connectParts();
    point({});
}

QWidget* FlowPage::buildControls() {
    m_measure = new QComboBox;
    m_measure->setAccessibleName(tr("Measure"));
    m_measure->addItem(tr("Tokens"), static_cast<int>(FlowMeasure::Tokens));
    m_measure->addItem(tr("Requests"), static_cast<int>(FlowMeasure::Exchanges));
    m_measure->addItem(tr("Cost"), static_cast<int>(FlowMeasure::Weight));
    m_prices = new PriceChoice;
    m_layers = new LayerChoice(tr("Layer"), QStringLiteral("›"), 1, kMostLayers);
    m_layers->setFields(defaultLayers());
    m_top = new QSpinBox;
    m_top->setRange(2, kMostTop);
    m_top->setValue(kDefaultTop);
    m_top->setPrefix(tr("top "));
    m_top->setAccessibleName(tr("Nodes of a layer; the rest is put together as “other”"));
    m_top->setToolTip(tr("The largest of each layer; the rest is put together as “other”"));
    auto* controls = new QWidget;
    auto* row = new QHBoxLayout(controls);
    row->setContentsMargins(6, 0, 6, 0);
    row->setSpacing(6);
    row->addWidget(m_measure);
    row->addWidget(new QLabel(tr("by")));
    row->addWidget(m_layers);
    row->addWidget(m_top);
    row->addWidget(m_prices);
    row->addStretch(1);
    row->addWidget(makeExportButton([this](QMenu* menu) { fillExportMenu(menu); }));
    return controls;
}

QWidget* FlowPage::buildTables() {
    m_links = new CellTable(tr("Links of the flow"));
    m_times = new CellTable(tr("Over time"));
    m_tables = new QTabWidget;
    m_tables->setDocumentMode(true);
    m_tables->addTab(m_links, tr("Links"));
    m_tables->addTab(m_times, tr("Over time"));
    m_accounts = new ElidedLabel;
    m_accounts->setObjectName(QStringLiteral("reconciliation"));
    m_accounts->setAccessibleDescription(tr("Tokens by who reports them. The percentage is the gateway less the "
                                            "answers, over the calls that both report."));
    m_accounts->setContentsMargins(8, 0, 8, 4);
    m_tables->setCornerWidget(m_accounts);
    return m_tables;
}

void FlowPage::connectParts() {
    connect(m_measure, &QComboBox::currentIndexChanged, this, [this] { ask(true); });
    connect(m_layers, &LayerChoice::changed, this, [this] { ask(true); });
    connect(m_prices, &PriceChoice::changed, this, [this] { ask(true); });
    connect(m_prices, &PriceChoice::failed, this, &Page::said);
    connect(m_top, &QSpinBox::valueChanged, this, [this] { ask(true); });
    connect(m_sankey, &SankeyView::chosen, this, &FlowPage::use);
    connect(m_sankey, &SankeyView::menuWanted, this, &FlowPage::showMenu);
    connect(m_sankey, &SankeyView::pointed, this, &FlowPage::point);
    connect(m_sankey, &SankeyView::painted, this, &Page::answered);
    connect(m_series, &SeriesPanel::spanWanted, this, &Page::spanWanted);
    connect(m_series, &SeriesPanel::limitChanged, this, [this] { askForVerdict(); });
    connect(m_links, &CellTable::rowActivated, this,
            [this](std::size_t row, Qt::KeyboardModifiers keys) { use(hitOfTableRow(row), keys); });
    connect(m_links, &CellTable::menuWanted, this,
            [this](std::size_t row, const QPoint& place) { showMenu(hitOfTableRow(row), place); });
}

bool FlowPage::settled() const {
    return !m_job.busy() && m_prices->settled() && !m_verdictJob.busy() && m_sankey->settled();
}

void FlowPage::focusMain() {
    m_sankey->setFocus(Qt::ShortcutFocusReason);
}

QString FlowPage::sideLine() const {
    return m_side->fullText();
}

QString FlowPage::reconciliation() const {
    return m_accounts->fullText();
}

void FlowPage::showOrder(const RowOrder&, bool urgent) {
    ask(urgent);
}

void FlowPage::forget() {
    m_job.forget();
    m_verdictJob.forget();
    m_answer.reset();
    m_sankey->setEmptyText(tr("Reading… The flow appears here with the first requests."));
    m_sankey->show(std::make_shared<const SankeyData>());
    m_series->clear();
    m_links->clear();
    m_times->clear();
    m_accounts->setFullText({});
}

void FlowPage::ask(bool urgent) {
    if (!order()) return;
    FlowQuestion question{.snapshot = order()->snapshot,
                          .rows = order()->rows,
                          .fields = m_layers->fields(),
                          .measure = static_cast<FlowMeasure>(m_measure->currentData().toInt()),
                          .top = static_cast<std::size_t>(m_top->value()),
                          .prices = m_prices->table()};
    auto job = [this, question = std::move(question),
                days = order()->severalDays](std::stop_token stop) -> NewestJob::Deliver {
        auto answer = answerFlow(question, stop);
        if (!answer) return {};
        auto shown = std::make_shared<Shown>();
        shown->answer = std::make_shared<const FlowAnswer>(std::move(*answer));
        shown->sankey = std::make_shared<const SankeyData>(sankeyOf(*shown->answer));
        shown->links = linkRows(*shown->answer);
        shown->times = timeRows(shown->answer->time, days);
        shown->severalDays = days;
        return [this, shown] { take(shown); };
    };
    m_job.ask(std::move(job), urgent);
}

void FlowPage::take(const std::shared_ptr<Shown>& shown) {
    m_answer = shown->answer;
    m_sankey->setEmptyText(tr("No request is in what is shown.\nTake the filter, the group or the span of time away."));
    m_sankey->show(shown->sankey);
    m_series->show({m_answer, &m_answer->time}, shown->severalDays);
    m_links->show(linkColumns(*m_answer), std::move(shown->links));
    m_times->show(timeColumns(), std::move(shown->times));
    m_accounts->setFullText(tr("Tokens: %1").arg(reconciliationText(m_answer->accounts)));
    point({});
    askForVerdict(false);
}

void FlowPage::askForVerdict(bool urgent) {
    const auto limit = m_series->tokenLimit();
    if (!limit || !order()) return m_verdictJob.forget();
    auto job = [this, limit, snapshot = order()->snapshot,
                rows = order()->rows](std::stop_token stop) -> NewestJob::Deliver {
        // Keyed once, replayed for each place of the line: the calls do not change while it is dragged.
        if (m_calls.rows != rows) m_calls = {rows, simulate::keyedCalls(snapshot, *rows, {})};
        if (stop.stop_requested()) return {};
        simulate::LimitPolicy policy;
        policy.tokensPerMinute = limit;
        const QString text = limitVerdict(simulate::replayLimits(m_calls.keyed, policy));
        return [this, text] { m_series->setVerdict(text); };
    };
    m_verdictJob.ask(std::move(job), urgent);
}

QString FlowPage::conditionOf(const SankeyHit& hit) const {
    if (!m_answer) return {};
    if (hit.kind == SankeyHit::Kind::Node) return m_answer->nodeConditions[hit.index];
    if (hit.kind == SankeyHit::Kind::Link) return m_answer->linkConditions[hit.index];
    return {};
}

void FlowPage::use(const SankeyHit& hit, Qt::KeyboardModifiers modifiers) {
    const QString condition = conditionOf(hit);
    if (condition.isEmpty()) return Q_EMIT said(tr("Not filtered: that would write a secret value into the filter."));
    Q_EMIT conditionWanted(condition, combineFor(modifiers), true);
}

void FlowPage::showMenu(const SankeyHit& hit, const QPoint& place) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addFilterMenus(menu, conditionOf(hit), [this](const QString& condition, Combine how, bool apply) {
        Q_EMIT conditionWanted(condition, how, apply);
    });
    menu->addSeparator();
    fillExportMenu(menu);
    menu->popup(place);
}

void FlowPage::point(const SankeyHit& hit) {
    const auto& flow = m_sankey->data();
    QString words;
    if (hit.kind == SankeyHit::Kind::Node && hit.index < flow.nodes.size()) words = flow.nodes[hit.index].brief;
    if (hit.kind == SankeyHit::Kind::Link && hit.index < flow.links.size()) words = flow.links[hit.index].brief;
    if (words.isEmpty()) {
        const bool unpriced = m_answer && m_answer->measure == FlowMeasure::Weight && m_answer->currency.isEmpty();
        words = unpriced ? tr("No price table is loaded, so every call is unpriced. Choose one with “No prices” above.")
                         : tr("Point at a part to see its numbers; click to filter, Ctrl+click to narrow further, "
                              "drag up or down to reorder.");
    }
    m_side->setFullText(words);
}

SankeyHit FlowPage::hitOfTableRow(std::size_t row) const {
    const bool nodes = m_answer && m_answer->fields.size() == 1;
    return {nodes ? SankeyHit::Kind::Node : SankeyHit::Kind::Link, row};
}

} // namespace gatescope::ui
