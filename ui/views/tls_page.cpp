// SPDX-License-Identifier: Apache-2.0
#include "ui/views/tls_page.h"

#include "ui/bridge/text.h"
#include "ui/views/export_button.h"
#include "ui/views/tls_session_view.h"
#include "ui/views/tls_table.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/notice.h"

#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr int kSearchLetters = 28;
constexpr auto kSplitter = "tls/splitter";
constexpr auto kOnlyShown = "tls/onlyShown";

} // namespace

TlsPage::TlsPage(ChooseSave chooseSave, QWidget* parent) : Page(parent), m_chooseSave(std::move(chooseSave)) {
    m_banner = new Banner;
    m_banner->setObjectName(QStringLiteral("tlsSecrets"));
    auto* add = m_banner->addButton(tr("Add key log…"), icon(Glyph::Key));
    add->setObjectName(QStringLiteral("addKeyLog"));
    connect(add, &QPushButton::clicked, this, &TlsPage::keyLogWanted);
    m_table = new TlsTable;
    m_session = new TlsSessionView;
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_session);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(3);
    column->addWidget(buildControls());
    column->addWidget(m_banner);
    column->addWidget(m_splitter, 1);
    m_nothing = new Notice;
    m_nothing->set(Glyph::LockOpen, Tone::Muted, tr("No TLS in this capture"),
                   tr("No connection in it begins with TLS or QUIC. What was captured was sent in the clear, or the "
                      "encryption ends before the place of the capture, as it does behind a gateway. Handshakes are "
                      "seen only where the traffic is still encrypted: capture on the client's side of it."));
    m_stack = new QStackedWidget;
    m_stack->addWidget(content);
    m_stack->addWidget(m_nothing);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    connectParts();
    forget();
}

QWidget* TlsPage::buildControls() {
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("tlsSearch"));
    m_search->setPlaceholderText(tr("Search names, addresses, ciphers, how it ended"));
    m_search->setAccessibleName(tr("Search the TLS sessions"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(icon(Glyph::Search, Tone::Muted), QLineEdit::LeadingPosition);
    m_search->setMinimumWidth(fontMetrics().averageCharWidth() * kSearchLetters);
    m_onlyShown = new QCheckBox(tr("only those of the &calls shown"));
    m_onlyShown->setToolTip(
        tr("Only sessions that carried calls which the filter, the group and the span of time let through"));
    m_summary = new ElidedLabel;
    m_summary->setObjectName(QStringLiteral("tlsSummary"));
    m_summary->setElideMode(Qt::ElideRight);
    setMuted(m_summary, true);
    auto* controls = new QWidget;
    auto* row = new QHBoxLayout(controls);
    row->setContentsMargins(6, 0, 6, 0);
    row->setSpacing(8);
    row->addWidget(m_search, 2);
    row->addWidget(m_onlyShown);
    row->addWidget(m_summary, 3);
    row->addWidget(makeExportButton([this](QMenu* menu) { fillExportMenu(menu); }));
    return controls;
}

void TlsPage::connectParts() {
    connect(m_search, &QLineEdit::textChanged, this, [this] { ask(true); });
    connect(m_onlyShown, &QCheckBox::toggled, this, [this] { ask(true); });
    connect(&m_table->sessions(), &TlsTableModel::sortRequested, this, [this](const auto& sort) {
        m_sort = sort;
        ask(true);
    });
    connect(m_table, &TlsTable::currentSessionChanged, this, [this] {
        if (const auto* session = m_table->current()) m_choice = choiceOf(*session);
        showCurrent();
    });
    connect(m_table, &TlsTable::activatedSession, this, &TlsPage::showExchanges);
    connect(m_table, &TlsTable::menuWanted, this, &TlsPage::showMenu);
    connect(m_session, &TlsSessionView::said, this, &Page::said);
    connect(m_session, &TlsSessionView::judgementWanted, this, &TlsPage::judgementWanted);
}

void TlsPage::focusMain() {
    if (m_stack->currentIndex() == 0) m_table->setFocus(Qt::ShortcutFocusReason);
}

QString TlsPage::summary() const {
    return m_summary->fullText();
}

TlsPage::Choice TlsPage::choiceOf(const TlsSession& session) {
    return {session.record->flowStart, session.record->input, session.record->packet};
}

void TlsPage::showOrder(const RowOrder&, bool urgent) {
    ask(urgent);
}

void TlsPage::forget() {
    m_job.forget();
    m_answer.reset();
    m_wanted.reset();
    m_table->setEmptyText(tr("Reading… A session appears here when it has ended."));
    m_table->clear();
    m_session->clear();
    m_summary->setFullText({});
    m_banner->say(Tone::Warning, {});
    m_stack->setCurrentIndex(0);
}

void TlsPage::ask(bool urgent) {
    if (!order()) return;
    TlsQuestion question{.snapshot = order()->snapshot,
                         .rows = order()->rows,
                         .narrowed = order()->rows->size() != order()->snapshot.exchanges(),
                         .onlyShown = m_onlyShown->isChecked(),
                         .search = m_search->text().trimmed(),
                         .sort = m_sort};
    auto job = [this, question = std::move(question)](const std::stop_token& stop) -> NewestJob::Deliver {
        auto answer = answerTls(question, stop);
        if (!answer) return {};
        auto shown = std::make_shared<const TlsAnswer>(std::move(*answer));
        return [this, shown] { take(shown); };
    };
    m_job.ask(std::move(job), urgent);
}

void TlsPage::take(std::shared_ptr<const TlsAnswer> answer) {
    m_answer = std::move(answer);
    m_onlyShown->setEnabled(m_answer->narrowed);
    m_table->setEmptyText(emptyText());
    m_table->show(m_answer);
    choose();
    showCurrent();
    showState();
    Q_EMIT answered();
}

/// The session that was asked for, or the one that was current, or the first.
void TlsPage::choose() {
    if (m_wanted && m_table->select(*m_wanted)) m_wanted.reset();
    if (m_table->current()) return;
    const auto& sessions = m_answer->snapshot.tlsSessions();
    const auto same = std::find_if(sessions.begin(), sessions.end(),
                                   [&](const auto& session) { return m_choice == choiceOf(session); });
    if (same != sessions.end() && m_table->select(same->number)) return;
    if (!m_answer->order.empty() && m_answer->snapshot.complete()) m_table->select(m_answer->at(0).number);
}

void TlsPage::showCurrent() {
    const auto* session = m_table->current();
    if (session)
        m_session->show(*session);
    else
        m_session->clear();
}

QString TlsPage::emptyText() const {
    if (m_answer->snapshot.tlsSessions().empty()) return tr("Reading… A session appears here when it has ended.");
    if (!m_search->text().trimmed().isEmpty()) return tr("No session holds what is searched for.");
    return tr("None of these calls came through a TLS session.\nTake the mark away to see all %1.")
        .arg(counted(m_answer->snapshot.tlsSessions().size(), "session", "sessions"));
}

void TlsPage::showState() {
    const auto all = m_answer->snapshot.tlsSessions().size();
    m_stack->setCurrentIndex(all == 0 && m_answer->snapshot.complete() ? 1 : 0);
    QStringList parts{m_answer->order.size() == all
                          ? counted(all, "session", "sessions")
                          : tr("%1 of %2").arg(countText(m_answer->order.size()), counted(all, "session", "sessions"))};
    parts << tr("%1 failed").arg(countText(m_answer->failed)) << tr("%1 readable").arg(countText(m_answer->readable));
    m_summary->setFullText(all == 0 ? QString() : parts.join(QStringLiteral(", ")));
    const auto wanting = m_answer->wantSecrets;
    const bool told = wanting == 0 || !m_answer->snapshot.complete();
    m_banner->say(Tone::Warning,
                  told ? QString()
                       : tr("%1 of %2 cannot be read, or only in part, for want of secrets. A key log that the client "
                            "or the server wrote meanwhile (SSLKEYLOGFILE) decrypts them.")
                             .arg(countText(wanting), counted(all, "session", "sessions")));
}

void TlsPage::showSession(std::uint64_t number) {
    m_wanted = number;
    if (m_answer && m_table->select(number)) {
        m_wanted.reset();
        return;
    }
    m_onlyShown->setChecked(false);
    m_search->clear();
    ask(true);
}

QString TlsPage::conditionOf(const TlsSession& session) const {
    const Flow* flow = m_answer->snapshot.flowOf(session.record->flowStart);
    return flow && session.record->flowStart != 0 ? QStringLiteral("flow == %1").arg(flow->number) : QString();
}

void TlsPage::showExchanges() {
    const auto* session = m_table->current();
    if (!session) return;
    const QString condition = conditionOf(*session);
    if (session->record->exchanges == 0 || condition.isEmpty())
        return Q_EMIT said(tr("No exchange was read in this session."));
    Q_EMIT exchangesWanted(condition);
}

void TlsPage::showMenu(const QPoint& place) {
    const auto* session = m_table->current();
    if (!session) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto copy = [this](const QString& text) {
        QGuiApplication::clipboard()->setText(text);
        Q_EMIT said(tr("Copied."));
    };
    menu->addAction(icon(Glyph::Copy), tr("Copy cell"), this, [this, copy] { copy(m_table->currentCell()); });
    menu->addAction(tr("Copy rows"), this, [this, copy] { copy(m_table->chosenLines()); });
    menu->addAction(tr("Copy ladder as text"), this, [this, copy] { copy(m_session->ladderAsText()); });
    menu->addAction(tr("Copy facts as text"), this, [this, copy] { copy(m_session->factsAsText()); });
    menu->addSeparator();
    auto* exchanges =
        menu->addAction(icon(Glyph::Request), tr("Show exchanges of this session"), this, &TlsPage::showExchanges);
    exchanges->setEnabled(session->record->exchanges > 0);
    menu->addAction(icon(Glyph::Shield), tr("Judge certificate"), this,
                    [this, number = session->number] { Q_EMIT judgementWanted(number); });
    addFilterMenus(menu, conditionOf(*session), [this](const QString& condition, Combine how, bool apply) {
        Q_EMIT conditionWanted(condition, how, apply);
    });
    menu->addSeparator();
    menu->addAction(icon(Glyph::Key), tr("Add key log…"), this, &TlsPage::keyLogWanted);
    fillExportMenu(menu);
    menu->popup(place);
}

void TlsPage::fillExportMenu(QMenu* menu) {
    const QString csv = tr("CSV (*.csv)");
    menu->addAction(tr("Sessions as CSV…"), this,
                    [this, csv] { saveText(QStringLiteral("tls-sessions.csv"), csv, m_table->csv()); });
    menu->addAction(tr("Steps of this session as CSV…"), this,
                    [this, csv] { saveText(QStringLiteral("tls-steps.csv"), csv, m_session->stepsAsCsv()); });
    menu->addAction(tr("This session as text…"), this, [this] {
        const QString text = m_session->factsAsText() + QChar('\n') + m_session->ladderAsText();
        saveText(QStringLiteral("tls-session.txt"), tr("Text (*.txt)"), text.toUtf8());
    });
}

void TlsPage::saveText(const QString& name, const QString& filter, const QByteArray& bytes) {
    if (!m_table->current()) return Q_EMIT said(tr("There is nothing to save yet."));
    m_chooseSave(this, name, filter, [this, bytes](const QString& path) { Q_EMIT said(saveFile(path, bytes, false)); });
}

void TlsPage::restore(const QSettings& settings) {
    m_splitter->restoreState(settings.value(kSplitter).toByteArray());
    m_onlyShown->setChecked(settings.value(kOnlyShown, false).toBool());
}

void TlsPage::save(QSettings& settings) const {
    settings.setValue(kSplitter, m_splitter->saveState());
    settings.setValue(kOnlyShown, m_onlyShown->isChecked());
}

} // namespace gatescope::ui
