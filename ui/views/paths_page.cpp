// SPDX-License-Identifier: Apache-2.0
#include "ui/views/paths_page.h"

#include "ui/bridge/text.h"
#include "ui/bridge/trust_source.h"
#include "ui/views/cell_table.h"
#include "ui/views/finding_line.h"
#include "ui/views/trust_dialog.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/hop_graph_view.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QMenu>
#include <QSpinBox>
#include <QTabWidget>
#include <QTextBrowser>
#include <QToolButton>

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;
namespace {

QString summaryOf(const PathGraph& graph) {
    if (graph.paths.empty() && graph.withoutPath == 0) return {};
    QStringList parts{counted(graph.paths.size(), "different path", "different paths")};
    if (graph.withoutPath > 0) {
        parts << counted(graph.withoutPath, "call says nothing of its way", "calls say nothing of their way");
    }
    return parts.join(QStringLiteral(", "));
}

std::size_t trustedCount(const path::Trust& trust) {
    return static_cast<std::size_t>(
        std::count_if(trust.subnets.begin(), trust.subnets.end(), [](const auto& subnet) { return subnet.trusted; }));
}

} // namespace

struct PathsPage::Shown {
    std::shared_ptr<const PathAnswer> answer;
    std::shared_ptr<const HopGraphData> drawing;
    std::vector<CellTableModel::Row> paths, hops, links, findings;
    bool tables = true; ///< else only the drawing is new
};

void PathsPage::connectParts() {
    connect(m_measure, &QComboBox::currentIndexChanged, this, &PathsPage::redraw);
    connect(m_top, &QSpinBox::valueChanged, this, [this] { ask(true); });
    connect(m_trustButton, &QToolButton::clicked, this, &PathsPage::editTrust);
    connect(&m_trust, &TrustSource::changed, this, &PathsPage::onTrustChanged);
    connect(m_graph, &HopGraphView::chosen, this,
            [this](const HopHit& hit, Qt::KeyboardModifiers keys) { use(conditionOf(hit), keys); });
    connect(m_graph, &HopGraphView::menuWanted, this, &PathsPage::showMenu);
    connect(m_graph, &HopGraphView::pointed, this, &PathsPage::point);
    connect(m_graph, &HopGraphView::painted, this, &Page::answered);
    connect(m_findingLine, &FindingLine::chosen, this, &PathsPage::useFinding);
    connect(m_findingLine, &FindingLine::allWanted, this, [this] {
        m_tabs->setCurrentIndex(Findings);
        m_tables[Findings]->setFocus();
    });
    connectTables();
}

void PathsPage::connectTables() {
    for (const Tab tab : {Paths, Hops, Links, Findings}) {
        connect(m_tables[tab], &CellTable::rowActivated, this,
                [this, tab](std::size_t row, Qt::KeyboardModifiers keys) {
                    if (tab == Findings)
                        useFinding(row, keys);
                    else
                        use(conditionOf(tab, row), keys);
                });
        connect(m_tables[tab], &CellTable::menuWanted, this,
                [this, tab](std::size_t row, const QPoint& place) { showTableMenu(tab, row, place); });
        connect(m_tables[tab], &CellTable::currentRowChanged, this, [this, tab] { pointAtRow(tab); });
    }
}

bool PathsPage::settled() const {
    return !m_job.busy() && !m_exportJob.busy() && m_graph->settled() && (!m_trustDialog || m_trustDialog->settled());
}

void PathsPage::focusMain() {
    m_graph->setFocus(Qt::ShortcutFocusReason);
}

QString PathsPage::evidence() const {
    return m_evidence->toPlainText();
}

QString PathsPage::summary() const {
    return m_summary->fullText();
}

void PathsPage::showOrder(const RowOrder&, bool urgent) {
    ask(urgent);
}

void PathsPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    if (std::exchange(m_trustStale, false)) ask(true);
}

void PathsPage::onTrustChanged() {
    const auto count = trustedCount(*m_trust.trust());
    m_trustButton->setText(count == 0 ? tr("Trusted networks: none") : tr("Trusted networks: %1").arg(count));
    m_trustStale = !isVisible();
    if (!m_trustStale) ask(true);
}

void PathsPage::forget() {
    m_job.forget();
    m_exportJob.forget();
    m_answer.reset();
    m_graph->setEmptyText(tr("Reading… The paths appear here with the first calls."));
    m_graph->show(std::make_shared<const HopGraphData>());
    for (auto* table : m_tables) table->clear();
    m_findingLine->clear();
    m_summary->setFullText({});
    point({});
}

void PathsPage::ask(bool urgent) {
    if (!order()) return;
    PathQuestion question{.snapshot = order()->snapshot,
                          .rows = order()->rows,
                          .trust = m_trust.trust(),
                          .top = static_cast<std::size_t>(m_top->value())};
    auto job = [this, question = std::move(question), days = order()->severalDays,
                measure =
                    static_cast<PathMeasure>(m_measure->currentIndex())](std::stop_token stop) -> NewestJob::Deliver {
        auto answer = answerPaths(question, stop);
        if (!answer) return {};
        auto shown = std::make_shared<Shown>();
        shown->answer = std::make_shared<const PathAnswer>(std::move(*answer));
        const auto& graph = shown->answer->graph;
        shown->drawing = std::make_shared<const HopGraphData>(hopGraphOf(graph, measure));
        shown->paths = pathRows(graph, days);
        shown->hops = hopRows(graph, days);
        shown->links = hopLinkRows(graph);
        shown->findings = pathFindingRows(shown->answer->findings);
        if (stop.stop_requested()) return {};
        return [this, shown] { take(shown); };
    };
    m_job.ask(std::move(job), urgent);
}

void PathsPage::redraw() {
    if (!m_answer || m_job.busy()) return ask(true);
    auto job = [this, answer = m_answer,
                measure = static_cast<PathMeasure>(m_measure->currentIndex())](std::stop_token) -> NewestJob::Deliver {
        auto shown = std::make_shared<Shown>();
        shown->answer = answer;
        shown->drawing = std::make_shared<const HopGraphData>(hopGraphOf(answer->graph, measure));
        shown->tables = false;
        return [this, shown] { take(shown); };
    };
    m_job.ask(std::move(job));
}

void PathsPage::take(const std::shared_ptr<Shown>& shown) {
    m_answer = shown->answer;
    const auto& graph = m_answer->graph;
    m_graph->setEmptyText(
        graph.withoutPath > 0
            ? tr("The calls shown say nothing of their way: no address, no header, no packets.")
            : tr("No call is in what is shown.\nTake the filter, the group or the span of time away."));
    m_graph->show(shown->drawing);
    if (shown->tables) takeTables(*shown);
    m_summary->setFullText(summaryOf(graph));
    point(m_graph->current());
}

void PathsPage::takeTables(Shown& shown) {
    m_tables[Paths]->show(pathColumns(), std::move(shown.paths));
    m_tables[Hops]->show(hopColumns(), std::move(shown.hops));
    m_tables[Links]->show(hopLinkColumns(), std::move(shown.links));
    m_tables[Findings]->show(pathFindingColumns(), std::move(shown.findings));
    const auto& graph = m_answer->graph;
    m_tabs->setTabText(Paths, tr("Paths (%1)").arg(countText(graph.paths.size())));
    m_tabs->setTabText(Hops, tr("Hops (%1)").arg(countText(graph.nodes.size())));
    m_tabs->setTabText(Links, tr("Links (%1)").arg(countText(graph.edges.size())));
    m_tabs->setTabText(Findings, tr("Findings (%1)").arg(countText(m_answer->findings.size())));
    m_findingLine->show(m_answer->findings,
                        graph.paths.empty() ? QString() : tr("Nothing odd was found about these paths."));
}

QString PathsPage::conditionOf(const HopHit& hit) const {
    if (!m_answer) return {};
    if (hit.kind == HopHit::Kind::Node && hit.index < m_answer->nodeConditions.size())
        return m_answer->nodeConditions[hit.index];
    if (hit.kind == HopHit::Kind::Edge && hit.index < m_answer->edgeConditions.size())
        return m_answer->edgeConditions[hit.index];
    return {};
}

QString PathsPage::conditionOf(Tab tab, std::size_t row) const {
    if (tab == Hops) return conditionOf({HopHit::Kind::Node, row});
    if (tab == Links) return conditionOf({HopHit::Kind::Edge, row});
    if (!m_answer) return {};
    if (tab == Paths) return row < m_answer->pathConditions.size() ? m_answer->pathConditions[row] : QString();
    return row < m_answer->findings.size() ? m_answer->findings[row].condition : QString();
}

void PathsPage::use(const QString& condition, Qt::KeyboardModifiers modifiers) {
    if (condition.isEmpty()) {
        return Q_EMIT said(tr("Not filtered: no field of a request says exactly this."));
    }
    Q_EMIT conditionWanted(condition, combineFor(modifiers), true);
}

void PathsPage::useFinding(std::size_t finding, Qt::KeyboardModifiers modifiers) {
    if (!m_answer || finding >= m_answer->findings.size()) return;
    const auto& each = m_answer->findings[finding];
    if (each.condition.isEmpty()) {
        m_tabs->setCurrentIndex(Findings);
        m_tables[Findings]->select(finding);
        return Q_EMIT said(tr("This finding is about all that is shown, not about single requests."));
    }
    if (!each.allRows) Q_EMIT said(tr("Filtered to the first %1 of them.").arg(PathAnswer::kMostIds));
    Q_EMIT conditionWanted(each.condition, combineFor(modifiers), true);
}

void PathsPage::addTrustAction(QMenu* menu, std::size_t node) {
    const auto& hop = m_answer->graph.nodes[node];
    if (hop.address.empty()) return;
    menu->addSeparator();
    menu->addAction(tr("Trust %1…").arg(toText(hop.address)), this, [this, address = hop.address] {
        path::Subnet subnet;
        subnet.cidr = address;
        subnet.trusted = true;
        editTrust();
        m_trustDialog->addSubnet(subnet);
    });
    menu->addAction(tr("Copy address"), this,
                    [address = hop.address] { QGuiApplication::clipboard()->setText(toText(address)); });
}

void PathsPage::showMenu(const HopHit& hit, const QPoint& place) {
    if (!m_answer) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addFilterMenus(menu, conditionOf(hit), [this](const QString& condition, Combine how, bool apply) {
        Q_EMIT conditionWanted(condition, how, apply);
    });
    if (hit.kind == HopHit::Kind::Node && hit.index < m_answer->graph.nodes.size()) addTrustAction(menu, hit.index);
    menu->addSeparator();
    fillExportMenu(menu);
    menu->popup(place);
}

void PathsPage::showTableMenu(Tab tab, std::size_t row, const QPoint& place) {
    if (!m_answer) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addFilterMenus(menu, conditionOf(tab, row), [this](const QString& condition, Combine how, bool apply) {
        Q_EMIT conditionWanted(condition, how, apply);
    });
    std::optional<Row> first;
    if (tab == Paths && row < m_answer->graph.paths.size()) first = m_answer->graph.paths[row].firstRow;
    if (tab == Findings && row < m_answer->findings.size()) first = m_answer->findings[row].firstRow;
    if (first) menu->addAction(tr("Show the first call"), this, [this, first] { Q_EMIT requestWanted(*first); });
    if (tab == Hops && row < m_answer->graph.nodes.size()) addTrustAction(menu, row);
    menu->addSeparator();
    fillExportMenu(menu);
    menu->popup(place);
}

void PathsPage::point(const HopHit& hit) {
    const bool node = m_answer && hit.kind == HopHit::Kind::Node && hit.index < m_answer->graph.nodes.size();
    const bool edge = m_answer && hit.kind == HopHit::Kind::Edge && hit.index < m_answer->graph.edges.size();
    if (node) return m_evidence->setHtml(nodePage(m_answer->graph.nodes[hit.index]));
    if (edge) return m_evidence->setHtml(edgePage(m_answer->graph, m_answer->graph.edges[hit.index]));
    m_evidence->setPlainText(m_answer ? tr("Point at a hop or a line to see what it rests on. Click to filter, "
                                           "Ctrl+click to narrow further; with the keys: arrows and Enter.")
                                      : QString());
}

void PathsPage::pointAtRow(Tab tab) {
    const auto row = m_tables[tab]->currentRow();
    if (!row || !m_answer) return;
    if (tab == Hops) return m_graph->setCurrent(*row);
    if (tab == Links) return point({HopHit::Kind::Edge, *row});
    if (tab == Paths && *row < m_answer->graph.paths.size()) {
        m_evidence->setHtml(pathPage(m_answer->graph, m_answer->graph.paths[*row]));
    }
}

TrustDialog* PathsPage::trustDialog() const {
    return m_trustDialog;
}

void PathsPage::editTrust() {
    if (!m_trustDialog) {
        m_trustDialog = new TrustDialog(m_trust, m_chooseOpen, m_chooseSave, this);
        m_trustDialog->setAttribute(Qt::WA_DeleteOnClose);
    }
    m_trustDialog->show();
    m_trustDialog->raise();
    m_trustDialog->activateWindow();
}

} // namespace gatescope::ui
