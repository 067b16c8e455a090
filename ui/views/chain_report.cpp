// SPDX-License-Identifier: Apache-2.0
#include "ui/views/chain_report.h"

#include "core/report/trust_rows.h"
#include "ui/bridge/text.h"
#include "ui/models/trust_shapes.h"
#include "ui/views/cell_table.h"
#include "ui/views/chain_tree.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/growing_text.h"

#include <QCheckBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr int kSignSize = 28;
constexpr int kMostVerdicts = 12;
constexpr int kMostGroups = 6;
constexpr int kMostSessions = 10;

} // namespace

ChainReport::ChainReport(QWidget* parent) : QScrollArea(parent) {
    setObjectName(QStringLiteral("chainReport"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    m_verdicts = new CellTable(tr("Verdict of each kind of client"));
    m_verdicts->setObjectName(QStringLiteral("verdicts"));
    m_verdicts->setSelectionMode(QAbstractItemView::SingleSelection);
    m_verdicts->horizontalHeader()->setStretchLastSection(true);
    m_tree = new ChainTree;
    m_problems = new GrowingText(tr("Problems of the chain, the worst first"));
    auto* sheet = new QWidget;
    auto* column = new QVBoxLayout(sheet);
    column->setContentsMargins(10, 6, 10, 10);
    column->setSpacing(4);
    column->addWidget(buildHead());
    column->addWidget(m_verdictTitle = sectionTitle(tr("Verdict of each kind of client")));
    column->addWidget(m_verdicts);
    column->addWidget(m_treeTitle = sectionTitle(tr("Chain")));
    column->addWidget(m_tree);
    column->addWidget(m_problemTitle = sectionTitle(tr("Problems")));
    column->addWidget(m_problems);
    column->addWidget(buildEvidence());
    column->addStretch(1);
    setWidget(sheet);
    connect(m_verdicts, &CellTable::currentRowChanged, this, &ChainReport::showTree);
    connect(m_tree, &ChainTree::said, this, &ChainReport::said);
    clear();
}

QLabel* ChainReport::sectionTitle(const QString& text) {
    auto* label = new QLabel(text);
    QFont bold = label->font();
    bold.setBold(true);
    label->setFont(bold);
    label->setContentsMargins(0, 8, 0, 0);
    return label;
}

QWidget* ChainReport::buildHead() {
    m_sign = new QLabel;
    m_sign->setAlignment(Qt::AlignTop);
    m_headline = new GrowingText(tr("Answer"));
    auto* keyLog = new QPushButton(icon(Glyph::Key), tr("Add key log…"));
    auto* file = new QPushButton(icon(Glyph::Open), tr("Judge a file…"));
    file->setToolTip(tr("Certificates (PEM, DER, PKCS#7, key stores) or a dump of headers"));
    connect(keyLog, &QPushButton::clicked, this, &ChainReport::keyLogWanted);
    connect(file, &QPushButton::clicked, this, &ChainReport::fileWanted);
    m_offers = new QWidget;
    auto* offers = new QHBoxLayout(m_offers);
    offers->setContentsMargins(0, 2, 0, 2);
    offers->addWidget(keyLog);
    offers->addWidget(file);
    offers->addStretch(1);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_headline);
    texts->addWidget(m_offers);
    texts->addStretch(1);
    auto* head = new QWidget;
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(10);
    row->addWidget(m_sign);
    row->addLayout(texts, 1);
    return head;
}

QWidget* ChainReport::buildEvidence() {
    m_groups = new CellTable(tr("Handshakes by client and name"));
    m_groups->setObjectName(QStringLiteral("trustGroups"));
    m_groups->setSelectionMode(QAbstractItemView::SingleSelection);
    m_group = new GrowingText(tr("Judgement of these handshakes together"));
    m_sessions = new CellTable(tr("Handshakes of this client and name"));
    m_sessions->setObjectName(QStringLiteral("trustSessions"));
    m_sessions->setEmptyText(tr("None of these handshakes ended badly."));
    m_judgement = new GrowingText(tr("Judgement of the chosen handshake"));
    m_all = new QCheckBox(tr("also those that ended &well"));
    m_handshake = new QPushButton(icon(Glyph::Lock), tr("Show &handshake"));
    m_handshake->setToolTip(tr("Show the records of this session on the page of TLS (Enter)"));
    auto* head = new QHBoxLayout;
    head->addWidget(sectionTitle(tr("Handshakes that ended badly")));
    head->addStretch(1);
    head->addWidget(m_all);
    head->addWidget(m_handshake);
    m_evidence = new QWidget;
    auto* column = new QVBoxLayout(m_evidence);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(sectionTitle(tr("What clients did, by client and name")));
    column->addWidget(m_groups);
    column->addWidget(m_group);
    column->addLayout(head);
    column->addWidget(m_sessions);
    column->addWidget(m_judgement);
    connect(m_groups, &CellTable::currentRowChanged, this, &ChainReport::showSessions);
    connect(m_all, &QCheckBox::toggled, this, &ChainReport::showSessions);
    connect(m_sessions, &CellTable::currentRowChanged, this, &ChainReport::showJudgement);
    const auto open = [this] {
        if (const auto number = currentSession()) Q_EMIT sessionWanted(*number);
    };
    connect(m_sessions, &CellTable::rowActivated, this, open);
    connect(m_handshake, &QPushButton::clicked, this, open);
    return m_evidence;
}

const ChainLine* ChainReport::line() const {
    return m_answer && m_line < m_answer->lines.size() ? &m_answer->lines[m_line] : nullptr;
}

void ChainReport::clear() {
    m_answer.reset();
    widget()->hide();
}

void ChainReport::show(std::shared_ptr<const CertificatesAnswer> answer, std::size_t line) {
    const auto profile = m_verdicts->currentRow();
    const auto session = currentSession();
    const auto nameOf = [](const ChainLine* of) { return of ? of->host + QChar('\n') + of->from : QString(); };
    const QString before = nameOf(this->line());
    m_answer = std::move(answer);
    m_line = line;
    const ChainLine* now = this->line();
    if (!now) return clear();
    const bool same = before == nameOf(now);
    widget()->show();
    showTexts();
    const bool judged = now->chain && !now->chain->answer.verdicts.empty();
    for (QWidget* part : {static_cast<QWidget*>(m_verdictTitle), static_cast<QWidget*>(m_verdicts)})
        part->setVisible(judged);
    for (QWidget* part : {static_cast<QWidget*>(m_treeTitle), static_cast<QWidget*>(m_tree)})
        part->setVisible(now->chain != nullptr);
    m_offers->setVisible(!now->chain || now->chain->answer.namesOnly);
    if (judged) {
        m_verdicts->show(verdictColumns(), verdictRows(now->chain->answer, m_answer->settings.now));
        m_verdicts->setColumnHidden(4,
                                    std::none_of(now->chain->answer.verdicts.begin(), now->chain->answer.verdicts.end(),
                                                 [](const auto& each) { return each.now.has_value(); }));
        fitTable(*m_verdicts, kMostVerdicts);
        m_verdicts->select(same ? profile.value_or(0) : 0);
    }
    showTree();
    showEvidence();
    if (same && session)
        selectSession(*session);
    else if (!same)
        verticalScrollBar()->setValue(0);
}

void ChainReport::showTexts() {
    const ChainLine& now = *line();
    const Sign sign = headlineSign(*m_answer, now);
    m_sign->setPixmap(icon(sign.glyph, sign.tone).pixmap(QSize(kSignSize, kSignSize), devicePixelRatioF()));
    m_sign->setAccessibleName(sign.words);
    m_sign->setToolTip(sign.words);
    m_headline->show(headlinePage(*m_answer, now, palette()));
    const auto count = now.chain ? now.chain->answer.problems.size() : 0;
    m_problemTitle->setVisible(now.chain != nullptr);
    m_problemTitle->setText(count == 0 ? tr("No problems were found")
                                       : tr("%1, the worst first").arg(counted(count, "problem", "problems")));
    m_problems->show(now.chain ? problemsPage(now.chain->answer, palette()) : QString());
}

const trust::ProfileVerdict* ChainReport::currentVerdict() const {
    const ChainLine* now = line();
    if (!now || !now->chain) return nullptr;
    const auto& verdicts = now->chain->answer.verdicts;
    const auto row = m_verdicts->currentRow().value_or(0);
    return row < verdicts.size() ? &verdicts[row] : nullptr;
}

void ChainReport::showTree() {
    const ChainLine* now = line();
    if (!now || !now->chain) return;
    const auto* verdict = currentVerdict();
    m_treeTitle->setText(verdict && verdict->profile ? tr("Chain as “%1” sees it").arg(toText(verdict->profile->title))
                                                     : tr("Chain"));
    m_tree->show(chainNodes(now->chain->answer, verdict, now->chain->at));
}

void ChainReport::showEvidence() {
    const ChainLine& now = *line();
    m_evidence->setVisible(!now.sessions.empty());
    const auto before = m_groups->currentRow();
    m_groups->show(trustGroupColumns(), trustGroupRows(*m_answer, now.groups));
    fitTable(*m_groups, kMostGroups);
    if (!now.groups.empty()) m_groups->select(before && *before < now.groups.size() ? *before : 0);
    showSessions();
}

void ChainReport::showSessions() {
    const ChainLine* now = line();
    if (!now) return;
    const auto group = m_groups->currentRow();
    const bool grouped = group && *group < now->groups.size();
    const auto* chosen = grouped ? &m_answer->trust.groups[now->groups[*group]] : nullptr;
    m_group->show(chosen ? groupPage(chosen->judgement, palette()) : QString());
    m_listed.clear();
    for (const auto session : chosen ? chosen->sessions : now->sessions) {
        if (m_all->isChecked() || endedBadly(m_answer->trust.sessions[session])) m_listed.push_back(session);
    }
    m_sessions->show(trustSessionColumns(), trustSessionRows(*m_answer, m_listed));
    fitTable(*m_sessions, kMostSessions);
    if (!m_listed.empty()) m_sessions->select(0);
    showJudgement();
}

void ChainReport::showJudgement() {
    const auto row = m_sessions->currentRow();
    const bool known = m_answer && row && *row < m_listed.size();
    m_handshake->setEnabled(known);
    m_judgement->show(known ? sessionPage(*m_answer, m_answer->trust.sessions[m_listed[*row]], palette()) : QString());
}

std::optional<std::uint64_t> ChainReport::currentSession() const {
    const auto row = m_sessions->currentRow();
    if (!m_answer || !row || *row >= m_listed.size()) return std::nullopt;
    return m_answer->sessionAt(m_listed[*row]).number;
}

bool ChainReport::selectSession(std::uint64_t number) {
    const ChainLine* now = line();
    if (!now) return false;
    const auto isIt = [&](std::size_t session) { return m_answer->sessionAt(session).number == number; };
    for (std::size_t i = 0; i < now->groups.size(); ++i) {
        const auto& sessions = m_answer->trust.groups[now->groups[i]].sessions;
        const auto found = std::find_if(sessions.begin(), sessions.end(), isIt);
        if (found == sessions.end()) continue;
        if (!endedBadly(m_answer->trust.sessions[*found])) m_all->setChecked(true);
        m_groups->select(i);
    }
    const auto place = std::find_if(m_listed.begin(), m_listed.end(), isIt);
    if (place == m_listed.end()) return false;
    m_sessions->select(static_cast<std::size_t>(place - m_listed.begin()));
    return true;
}

/// As high as its rows, up to so many of them.
void ChainReport::fitTable(CellTable& table, int most) {
    const int rows = std::clamp(table.model()->rowCount(), 1, most);
    const int bar = table.horizontalScrollBar()->sizeHint().height();
    table.setFixedHeight(table.horizontalHeader()->sizeHint().height() +
                         rows * table.verticalHeader()->defaultSectionSize() + bar + 2);
}

QString ChainReport::text() const {
    const ChainLine* now = line();
    if (!now) return {};
    QString out;
    if (now->chain) out = QString::fromStdString(report::chainReport(*now->chain));
    const QString evidence = evidenceText(*m_answer, *now);
    if (!out.isEmpty() && !evidence.isEmpty()) out += QChar('\n');
    return out + evidence;
}

void ChainReport::changeEvent(QEvent* event) {
    QScrollArea::changeEvent(event);
    if (event->type() != QEvent::PaletteChange || !line()) return;
    showTexts();
    const auto row = m_groups->currentRow();
    if (row && *row < line()->groups.size())
        m_group->show(groupPage(m_answer->trust.groups[line()->groups[*row]].judgement, palette()));
    showJudgement();
}

} // namespace gatescope::ui
