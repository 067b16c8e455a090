// SPDX-License-Identifier: Apache-2.0
#include "ui/views/headers_page.h"

#include "ui/bridge/text.h"
#include "ui/models/header_shapes.h"
#include "ui/views/cell_table.h"
#include "ui/views/export_button.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/load_status.h"
#include "ui/widgets/notice.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr int kSearchLetters = 28;

QString nothingCompared() {
    return HeadersPage::tr(
        "Compare with another file, or the first half of the time shown with the second, to see new, "
        "gone and changed headers.");
}

} // namespace

struct HeadersPage::Shown {
    std::shared_ptr<const HeaderAnswer> answer;
    std::vector<CellTableModel::Row> inventory, changes;
};

HeadersPage::HeadersPage(AnalysisSession::Analyse analyse, ChooseSave chooseSave, ChooseOpen chooseOpen,
                         QWidget* parent)
    : Page(parent), m_chooseSave(std::move(chooseSave)), m_chooseOpen(std::move(chooseOpen)),
      m_other(std::move(analyse)) {
    m_banner = new Banner;
    m_loading = new LoadStatus;
    m_loading->stop();
    m_summary = new ElidedLabel;
    m_summary->setObjectName(QStringLiteral("headerSummary"));
    m_summary->setElideMode(Qt::ElideRight);
    m_summary->setContentsMargins(8, 0, 8, 4);
    setMuted(m_summary, true);
    m_inventory = new CellTable(tr("Headers that are passed"));
    m_changes = new CellTable(tr("Changes among the headers"));
    m_changes->setEmptyText(nothingCompared());
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_inventory, tr("Inventory"));
    m_tabs->addTab(m_changes, tr("Changes"));
    m_tabs->setCornerWidget(m_summary);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(buildControls());
    layout->addWidget(m_banner);
    layout->addWidget(m_tabs, 1);
    connectParts();
    setAgainst(Against::Nothing);
}

QWidget* HeadersPage::buildControls() {
    const auto button = [](const QString& text, Glyph glyph, const QString& tip) {
        auto* made = new QToolButton;
        made->setIcon(icon(glyph));
        made->setText(text);
        made->setToolTip(tip);
        made->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        return made;
    };
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("headerSearch"));
    m_search->setPlaceholderText(tr("Search names, values, who sets them"));
    m_search->setAccessibleName(tr("Search the headers"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(icon(Glyph::Search, Tone::Muted), QLineEdit::LeadingPosition);
    m_search->setMinimumWidth(fontMetrics().averageCharWidth() * kSearchLetters);
    m_withFile = button(tr("Compare with…"), Glyph::Open, tr("Compare with the headers of another file"));
    m_halves =
        button(tr("Compare halves"), Glyph::History,
               tr("Compare the first half of the time shown with the second; draw in the time strip to choose it"));
    m_halves->setCheckable(true);
    m_stop = button(tr("Stop comparing"), Glyph::Close, tr("Only the inventory again"));
    m_newer = new QCheckBox(tr("the other file is the &newer one"));
    auto* controls = new QWidget;
    auto* row = new QHBoxLayout(controls);
    row->setContentsMargins(6, 0, 6, 0);
    row->setSpacing(6);
    row->addWidget(m_search, 1);
    row->addWidget(m_withFile);
    row->addWidget(m_newer);
    row->addWidget(m_loading);
    row->addWidget(m_halves);
    row->addWidget(m_stop);
    row->addStretch(1);
    row->addWidget(makeExportButton([this](QMenu* menu) { fillExportMenu(menu); }));
    return controls;
}

void HeadersPage::connectParts() {
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_inventory->setSearch(text.trimmed());
        m_changes->setSearch(text.trimmed());
    });
    connect(m_withFile, &QToolButton::clicked, this, [this] {
        m_chooseOpen(this, tr("Compare Headers With"), tr("All files (*)"),
                     [this](const QString& path) { compareWith(path); });
    });
    connect(m_halves, &QToolButton::clicked, this,
            [this](bool on) { setAgainst(on ? Against::FirstHalf : Against::Nothing); });
    connect(m_stop, &QToolButton::clicked, this, [this] { setAgainst(Against::Nothing); });
    connect(m_newer, &QCheckBox::toggled, this, [this] { ask(true); });
    connect(m_loading, &LoadStatus::cancelled, this, [this] { setAgainst(Against::Nothing); });
    connect(&m_other, &AnalysisSession::progressChanged, m_loading, &LoadStatus::show);
    connect(&m_other, &AnalysisSession::finished, this, &HeadersPage::onOtherRead);
    for (const bool changes : {false, true}) {
        auto* table = changes ? m_changes : m_inventory;
        connect(table, &CellTable::rowActivated, this,
                [this, changes](std::size_t row, Qt::KeyboardModifiers keys) { use(changes, row, keys); });
        connect(table, &CellTable::menuWanted, this,
                [this, changes](std::size_t row, const QPoint& place) { showMenu(changes, row, place); });
    }
}

bool HeadersPage::settled() const {
    return !m_job.busy() && !m_other.running();
}

void HeadersPage::focusMain() {
    m_search->setFocus(Qt::ShortcutFocusReason);
}

QString HeadersPage::summary() const {
    return m_summary->fullText();
}

QString HeadersPage::problem() const {
    return m_banner->text();
}

void HeadersPage::showOrder(const RowOrder&, bool urgent) {
    ask(urgent);
}

void HeadersPage::forget() {
    m_job.forget();
    m_answer.reset();
    m_inventory->setEmptyText(tr("Reading… The headers appear here with the first calls."));
    m_inventory->clear();
    m_changes->clear();
    m_tabs->setTabText(0, tr("Inventory"));
    m_tabs->setTabText(1, tr("Changes"));
    m_summary->setFullText({});
}

void HeadersPage::setAgainst(Against against) {
    m_against = against;
    m_banner->say(Tone::Bad, {});
    if (against != Against::Other && !m_other.paths().isEmpty()) {
        m_loading->stop();
        m_other.close();
    }
    m_halves->setChecked(against == Against::FirstHalf);
    m_stop->setVisible(against != Against::Nothing);
    m_newer->setVisible(against == Against::Other);
    m_tabs->setCurrentIndex(against == Against::Nothing ? 0 : 1);
    ask(true);
}

void HeadersPage::compareWith(const QString& path) {
    m_other.open({path});
    m_loading->start({path});
    setAgainst(Against::Other);
    m_changes->clear();
    m_changes->setEmptyText(tr("Reading %1…").arg(QFileInfo(path).fileName()));
}

void HeadersPage::onOtherRead() {
    m_loading->stop();
    const auto& result = m_other.result();
    if (m_against != Against::Other || !result) return;
    const auto& input = result->inputs.front();
    const bool nothing =
        input.error && (input.error->kind == ErrorKind::CannotOpen || input.error->kind == ErrorKind::UnknownFormat);
    const QString name = QFileInfo(m_other.paths().value(0)).fileName();
    if (nothing) {
        setAgainst(Against::Nothing);
        m_banner->say(Tone::Bad, tr("%1 could not be opened: %2").arg(name, toText(input.error->message)));
        return;
    }
    if (input.error) {
        m_banner->say(Tone::Warning, tr("%1 was read only in part: %2").arg(name, toText(input.error->message)));
    }
    ask(true);
}

void HeadersPage::ask(bool urgent) {
    if (!order()) return;
    const bool ready = m_against != Against::Other || (!m_other.running() && m_other.snapshot());
    HeaderQuestion question{.snapshot = order()->snapshot,
                            .rows = order()->rows,
                            .against = ready ? m_against : Against::Nothing,
                            .span = order()->span,
                            .other = m_against == Against::Other ? m_other.snapshot() : std::nullopt,
                            .otherIsNewer = m_newer->isChecked(),
                            .filterText = order()->filterText,
                            .groupText = order()->groupText};
    auto job = [this, question = std::move(question),
                days = order()->severalDays](std::stop_token stop) -> NewestJob::Deliver {
        auto answer = answerHeaders(question, stop);
        if (!answer) return {};
        auto shown = std::make_shared<Shown>();
        shown->inventory = inventoryRows(answer->inventory, days);
        shown->changes = driftRows(answer->changes);
        shown->answer = std::make_shared<const HeaderAnswer>(std::move(*answer));
        return [this, shown] { take(shown); };
    };
    m_job.ask(std::move(job), urgent);
}

void HeadersPage::take(const std::shared_ptr<Shown>& shown) {
    m_answer = shown->answer;
    m_inventory->setEmptyText(
        m_answer->inventory.empty()
            ? tr("No call is in what is shown.\nTake the filter, the group or the span of time away.")
            : tr("No header holds what is searched for."));
    m_tabs->setTabText(0, tr("Inventory (%1)").arg(countText(m_answer->inventory.size())));
    m_inventory->show(inventoryColumns(), std::move(shown->inventory));
    if (m_answer->compared) {
        m_changes->setEmptyText(m_answer->changes.empty() ? tr("Neither side has a header.")
                                                          : tr("No header holds what is searched for."));
        m_tabs->setTabText(1, tr("Changes (%1)").arg(countText(changedCount(m_answer->changes))));
        m_changes->show(driftColumns(), std::move(shown->changes));
    } else if (!m_other.running()) {
        m_changes->clear();
        m_changes->setEmptyText(nothingCompared());
        m_tabs->setTabText(1, tr("Changes"));
    }
    m_summary->setFullText(summaryText());
    Q_EMIT answered();
}

QString HeadersPage::summaryText() const {
    if (!m_answer->compared) return {};
    const QString before = counted(m_answer->rowsBefore, "call", "calls");
    const QString now = counted(m_answer->rowsNow, "call", "calls");
    if (m_against == Against::Other) {
        const QString name = QFileInfo(m_other.paths().value(0)).fileName();
        return m_newer->isChecked() ? tr("before: what is shown, %1; now: %2, %3").arg(before, name, now)
                                    : tr("before: %1, %2; now: what is shown, %3").arg(name, before, now);
    }
    if (!m_answer->middle) return tr("No call has a time, so there is nothing to halve.");
    return tr("before %1: %2; from then on: %3")
        .arg(clockText(*m_answer->middle, order() && order()->severalDays), before, now);
}

QString HeadersPage::conditionOf(bool changes, std::size_t row) const {
    if (!m_answer) return {};
    if (!changes) return row < m_answer->inventory.size() ? headerCondition(m_answer->inventory[row]) : QString();
    if (row >= m_answer->changes.size()) return {};
    const auto& change = m_answer->changes[row];
    const auto& use = change.now ? change.now : change.before;
    return use ? headerCondition(*use) : QString();
}

void HeadersPage::use(bool changes, std::size_t row, Qt::KeyboardModifiers modifiers) {
    const QString condition = conditionOf(changes, row);
    if (condition.isEmpty()) return Q_EMIT said(tr("Not filtered: the filter cannot name this header."));
    Q_EMIT conditionWanted(condition, combineFor(modifiers), true);
}

void HeadersPage::showMenu(bool changes, std::size_t row, const QPoint& place) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addFilterMenus(menu, conditionOf(changes, row), [this](const QString& condition, Combine how, bool apply) {
        Q_EMIT conditionWanted(condition, how, apply);
    });
    menu->addSeparator();
    fillExportMenu(menu);
    menu->popup(place);
}

void HeadersPage::fillExportMenu(QMenu* menu) {
    menu->addAction(tr("Inventory as CSV…"), this, [this] { saveTable(*m_inventory, QStringLiteral("headers.csv")); });
    menu->addAction(tr("Changes as CSV…"), this,
                    [this] { saveTable(*m_changes, QStringLiteral("header-changes.csv")); });
}

void HeadersPage::saveTable(const CellTable& table, const QString& name) {
    if (!m_answer) return Q_EMIT said(tr("There is nothing to save yet."));
    m_chooseSave(this, name, tr("CSV (*.csv)"),
                 [this, bytes = table.csv()](const QString& path) { Q_EMIT said(saveFile(path, bytes)); });
}

} // namespace gatescope::ui
