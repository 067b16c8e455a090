// SPDX-License-Identifier: Apache-2.0
#include "ui/views/main_window.h"

#include "core/pipeline/folder_inputs.h"
#include "core/report/input_clock.h"
#include "ui/bridge/text.h"
#include "ui/views/certificates_page.h"
#include "ui/views/details_panel.h"
#include "ui/views/filter_bar.h"
#include "ui/views/flow_page.h"
#include "ui/views/group_panel.h"
#include "ui/views/headers_page.h"
#include "ui/views/limits_page.h"
#include "ui/views/live_page.h"
#include "ui/views/page_stack.h"
#include "ui/views/paths_page.h"
#include "ui/views/requests_page.h"
#include "ui/views/time_bar.h"
#include "ui/views/tls_page.h"
#include "ui/widgets/load_status.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/theme.h"

#include <QDockWidget>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTimer>
#include <QVBoxLayout>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr int kMessageMs = 6'000;

bool nothingWasRead(const pipeline::InputResult& input) {
    return input.error && (input.error->kind == ErrorKind::CannotOpen || input.error->kind == ErrorKind::UnknownFormat);
}

QString problemLine(const pipeline::InputResult& input) {
    const QString name = QFileInfo(QString::fromStdString(input.path)).fileName();
    QString text = QStringLiteral("%1: %2").arg(name, toText(input.error->message));
    if (input.error->kind == ErrorKind::Damaged) {
        text += QStringLiteral(" Everything before it is shown (%1).").arg(counted(input.packets, "packet", "packets"));
    }
    return text;
}

} // namespace

MainWindow::MainWindow(Theme& theme, QSettings& settings, Sources sources, QWidget* parent)
    : QMainWindow(parent), m_theme(theme), m_settings(settings), m_sources(std::move(sources)),
      m_capture(m_sources.live.start), m_session(m_sources.analyse), m_roots(m_sources.roots),
      m_copyLoader(m_sources.read) {
    setObjectName(QStringLiteral("mainWindow"));
    setAcceptDrops(true);
    // Not animated: each change of a text in the status bar would start animations of all bars and docks.
    setDockOptions(AllowTabbedDocks);
    buildPages();
    buildStatusBar();
    buildActions();
    connectSession();
    restoreSettings();
    onClosed();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildPages() {
    m_emptyPage = new Notice;
    m_emptyPage->set(Glyph::Gate, Tone::Accent, tr("Who called which model?"),
                     tr("Open a packet capture of your AI gateway (pcap or pcapng, also compressed), or drop one here. "
                        "Gatescope finds the calls of models in it and groups them by project, agent and model."));
    connect(m_emptyPage->addButton(tr("Open a file…"), icon(Glyph::Open)), &QPushButton::clicked, this,
            &MainWindow::askForFiles);
    auto* live = m_emptyPage->addButton(tr("Capture live…"), icon(Glyph::Record));
    connect(live, &QPushButton::clicked, this, [this] { showPage(m_live); });
    live->setVisible(m_capture.possible());
    auto* sample = m_emptyPage->addButton(tr("Open the sample"), icon(Glyph::Info));
    connect(sample, &QPushButton::clicked, this, &MainWindow::openSample);
    sample->setVisible(!sampleFolder().isEmpty());
    m_errorPage = new Notice;
    connect(m_errorPage->addButton(tr("Open another file…"), icon(Glyph::Open)), &QPushButton::clicked, this,
            &MainWindow::askForFiles);
    connect(m_errorPage->addButton(tr("Try again"), icon(Glyph::Reload)), &QPushButton::clicked, this,
            &MainWindow::reload);
    buildWorkspace();
    m_pages = new QStackedWidget;
    m_pages->addWidget(m_emptyPage);
    m_pages->addWidget(m_errorPage);
    m_pages->addWidget(m_workspace);
    setCentralWidget(m_pages);
}

void MainWindow::buildWorkspace() {
    m_filterBar = new FilterBar;
    m_banner = new Banner;
    m_timeBar = new TimeBar;
    m_requestsPage = new RequestsPage(m_sources.read);
    m_table = &m_requestsPage->table();
    m_details = &m_requestsPage->details();
    m_flow = new FlowPage(m_sources.chooseSave);
    m_pageStack = new PageStack;
    m_pageStack->add(m_requestsPage);
    m_pageStack->add(m_flow);
    m_limits = new LimitsPage(m_sources.chooseSave);
    m_pageStack->add(m_limits);
    connect(m_limits, &LimitsPage::requestWanted, this, &MainWindow::goToRow);
    m_paths = new PathsPage(m_trust, m_sources.chooseSave, m_sources.chooseOpen);
    m_pageStack->add(m_paths);
    connect(m_paths, &PathsPage::requestWanted, this, &MainWindow::goToRow);
    m_headers = new HeadersPage(m_sources.analyse, m_sources.chooseSave, m_sources.chooseOpen);
    m_pageStack->add(m_headers);
    m_tls = new TlsPage(m_sources.chooseSave);
    m_pageStack->add(m_tls);
    connectTls();
    m_certificates = new CertificatesPage(m_roots, m_sources.trust, m_sources.chooseSave, m_sources.chooseOpen);
    m_pageStack->add(m_certificates);
    connectCertificates();
    buildLive();
    connect(&m_trust, &TrustSource::changed, this, &MainWindow::useTrust);
    m_workspace = new QWidget;
    auto* layout = new QVBoxLayout(m_workspace);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_filterBar);
    layout->addWidget(m_banner);
    layout->addWidget(m_liveBanner);
    layout->addWidget(m_timeBar);
    layout->addWidget(m_pageStack, 1);

    m_groups = new GroupPanel;
    m_groupDock = new QDockWidget(tr("Groups"));
    m_groupDock->setObjectName(QStringLiteral("groupDock"));
    m_groupDock->setFeatures(QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetClosable);
    m_groupDock->setWidget(m_groups);
    addDockWidget(Qt::LeftDockWidgetArea, m_groupDock);
    resizeDocks({m_groupDock}, {fontMetrics().averageCharWidth() * 67}, Qt::Horizontal);

    connect(m_filterBar, &FilterBar::applied, this, [this] { ask(true); });
    connect(m_filterBar, &FilterBar::groupRemoved, this, [this] {
        m_groups->chooseAll();
        chooseGroup({}, {});
    });
    connect(m_groups, &GroupPanel::chosen, this, &MainWindow::chooseGroup);
    connect(m_groups, &GroupPanel::applyAsFilter, this,
            [this](const QString& filter) { useCondition(filter, Combine::Selected, true); });
    connect(&m_table->requests(), &ExchangeTableModel::sortRequested, this, [this](const auto& key) {
        m_sort = key;
        ask(true);
    });
    connect(m_table, &RequestTable::currentRowChanged, this, &MainWindow::showCurrentRequest);
    connect(m_table, &RequestTable::headerColumnWanted, this, &MainWindow::askForHeaderColumn);
    connect(m_pageStack, &PageStack::conditionWanted, this, &MainWindow::useCondition);
    connect(m_pageStack, &PageStack::spanWanted, this, &MainWindow::chooseSpan);
    connect(m_pageStack, &PageStack::said, this, &MainWindow::say);
    connect(m_pageStack, &PageStack::currentChanged, this, &MainWindow::updateActions);
    connect(m_timeBar, &TimeBar::spanWanted, this, &MainWindow::chooseSpan);
    connect(m_filterBar, &FilterBar::spanRemoved, this, [this] { chooseSpan(std::nullopt); });
}

void MainWindow::buildStatusBar() {
    m_counts = new QLabel;
    m_counts->setObjectName(QStringLiteral("counts"));
    m_counts->setTextFormat(Qt::PlainText);
    m_counts->setIndent(6);
    m_message = new QLabel;
    m_message->setTextFormat(Qt::PlainText);
    m_loadStatus = new LoadStatus;
    m_messageTimer = new QTimer(this);
    m_messageTimer->setSingleShot(true);
    m_messageTimer->setInterval(kMessageMs);
    connect(m_messageTimer, &QTimer::timeout, m_message, &QLabel::clear);
    statusBar()->addWidget(m_counts);
    statusBar()->addPermanentWidget(m_message);
    statusBar()->addPermanentWidget(m_loadStatus);
    connect(m_loadStatus, &LoadStatus::cancelled, &m_session, &AnalysisSession::cancel);
}

void MainWindow::connectSession() {
    connect(&m_session, &AnalysisSession::opened, this, &MainWindow::onOpened);
    connect(&m_session, &AnalysisSession::closed, this, &MainWindow::onClosed);
    connect(&m_session, &AnalysisSession::snapshotChanged, this, &MainWindow::onSnapshot);
    connect(&m_session, &AnalysisSession::progressChanged, m_loadStatus, &LoadStatus::show);
    connect(&m_session, &AnalysisSession::finished, this, &MainWindow::onFinished);
    connect(&m_orders, &RowOrderWorker::answered, this, &MainWindow::onAnswered);
    connect(&m_copyLoader, &ContentLoader::loaded, this, &MainWindow::finishCopyAsCurl);
    connect(&m_copyLoader, &ContentLoader::failed, this, [this](std::uint64_t, const QString& message) {
        say(tr("Not copied, the body could not be read: %1").arg(message));
    });
}

void MainWindow::open(const QStringList& paths) {
    if (paths.isEmpty()) return;
    QStringList whole;
    for (const auto& path : paths) whole << QFileInfo(path).absoluteFilePath();
    unlessUnsaved([this, whole] {
        m_session.open(whole);
        rememberRecent(whole);
    });
}

void MainWindow::onOpened() {
    m_orders.forget();
    m_waiting = false;
    if (m_session.readingAgain()) {
        keepChosen();
    } else {
        m_groupFilter.clear();
        m_groupPath.clear();
        m_span.reset();
        m_kept.reset();
        m_added.reset();
        m_filterBar->setGroupChip({});
        m_filterBar->setSpanChip({});
        m_tls->forgetChoice();
    }
    m_timeBar->clear();
    m_pageStack->clear();
    m_groups->clear();
    m_table->clear();
    m_details->clear();
    m_visited.clear();
    m_visit = 0;
    m_banner->say(Tone::Warning, {});
    const bool live = m_session.isLive();
    m_table->setEmptyText(
        live ? tr("Watching %1… A request appears here when its first packet is seen.").arg(openNames())
             : tr("Reading %1… The first requests appear here at once.").arg(openNames()));
    m_pages->setCurrentWidget(m_workspace);
    if (!m_session.readingAgain() && !live) m_pageStack->current()->focusMain();
    m_groupDock->setVisible(m_groupsWanted);
    m_loadStatus->stop();
    if (!live) m_loadStatus->start(m_session.paths());
    updateLive();
    updateStatus();
    updateTitle();
    updateActions();
}

void MainWindow::onClosed() {
    m_orders.forget();
    m_waiting = false;
    m_span.reset();
    m_filterBar->setSpanChip({});
    m_kept.reset();
    m_added.reset();
    m_groups->clear();
    m_table->clear();
    m_details->clear();
    m_timeBar->clear();
    m_pageStack->clear();
    m_loadStatus->stop();
    m_groupDock->hide();
    m_pages->setCurrentWidget(m_emptyPage);
    updateLive();
    updateStatus();
    updateTitle();
    updateActions();
}

void MainWindow::onSnapshot() {
    if (m_held) return showHeld();
    ask(false);
}

void MainWindow::onFinished() {
    m_loadStatus->stop();
    showProblems();
    updateLive();
    offerFollowing();
    updateStatus();
    updateActions();
    if (settled()) Q_EMIT shown();
}

void MainWindow::ask(bool urgent) {
    const auto& snapshot = m_session.snapshot();
    if (!snapshot) return;
    m_waiting = true;
    m_urgent = m_urgent || urgent;
    // What the panel wrote itself is a valid filter; if it ever were not, all requests are shown.
    auto group = Filter::parse(m_groupFilter);
    m_orders.ask({.snapshot = *snapshot,
                  .generation = m_session.generation(),
                  .filter = m_filterBar->filter(),
                  .group = group ? *group : Filter::parse("").value(),
                  .span = m_span,
                  .sort = m_sort},
                 urgent);
}

void MainWindow::onAnswered(const RowOrder& order) {
    if (!m_session.snapshot()) return;
    const bool asked = order.filterText == m_filterBar->filter().text() && order.groupText == m_groupFilter &&
                       order.span == m_span && order.sort == m_sort;
    m_waiting = !asked || (!m_held && order.generation != m_session.generation());
    if (const auto& shown = m_table->requests().order()) keepVisited(shown->snapshot, order.snapshot);
    m_table->show(order);
    m_groups->show(order);
    if (m_groupFilter.empty()) m_groups->chooseAll();
    // While more comes, no answer is of the newest snapshot; what was asked for is answered all the same.
    const bool urgent = std::exchange(m_urgent, m_urgent && !asked);
    m_timeBar->show(order, urgent);
    m_pageStack->setOrder(order, urgent);
    const bool narrowed = !order.filterText.empty() || !order.groupText.empty() || order.span;
    if (narrowed) {
        m_table->setEmptyText(
            tr("No request matches.\nTake the filter, the group or the span of time away to see all %1.")
                .arg(counted(order.snapshot.exchanges(), "request", "requests")));
    } else if (!m_session.running()) {
        QString text = tr("No HTTP requests were found in %1.").arg(openNames());
        if (const auto sessions = order.snapshot.tlsSessions().size(); sessions != 0)
            text += QLatin1Char('\n') + tr("It has %1: the page TLS (Ctrl+6) says what became of them.")
                                            .arg(counted(sessions, "TLS session", "TLS sessions"));
        m_table->setEmptyText(text);
    }
    chooseKept(order);
    if (!m_table->currentRow() && order.snapshot.complete()) m_table->step(0);
    // What the details show is always the current request of the table.
    if (const auto row = m_table->currentRow()) {
        m_details->show(order.snapshot, *row);
    } else if (m_details->row()) {
        m_details->clear();
    }
    updateStatus();
    updateWords();
    updateActions();
    Q_EMIT shown();
}

void MainWindow::chooseGroup(const QString& filter, const QString& path) {
    if (m_groupFilter == toUtf8(filter)) return;
    m_groupFilter = toUtf8(filter);
    m_groupPath = path;
    m_filterBar->setGroupChip(path);
    ask(true);
}

void MainWindow::chooseSpan(const std::optional<TimeSpan>& span) {
    if (m_span == span) return;
    m_span = span;
    const auto& order = m_table->requests().order();
    m_filterBar->setSpanChip(span ? spanText(*span, order && order->severalDays) : QString());
    ask(true);
}

void MainWindow::showPage(int index) {
    m_pageStack->setCurrentIndex(index);
    if (m_pageStack->current() == m_live) m_pages->setCurrentWidget(m_workspace); // capturing needs nothing open
    m_pageStack->current()->focusMain();
}

void MainWindow::showPage(Page* page) {
    const auto& pages = m_pageStack->pages();
    showPage(static_cast<int>(std::find(pages.begin(), pages.end(), page) - pages.begin()));
}

bool MainWindow::settled() const {
    return !m_session.running() && !m_session.readingSecrets() && !m_waiting && m_timeBar->settled() &&
           m_pageStack->settled();
}

void MainWindow::useCondition(const QString& condition, Combine how, bool apply) {
    if (condition.isEmpty()) return;
    m_filterBar->setText(combined(toText(m_filterBar->filter().text()), condition, how));
    if (apply)
        m_filterBar->apply();
    else
        m_filterBar->focusText();
}

void MainWindow::showCurrentRequest() {
    const auto row = m_table->currentRow();
    if (!row || !m_table->requests().order()) return;
    m_details->show(m_table->requests().order()->snapshot, *row);
    if (!m_walking && (m_visited.empty() || m_visited[m_visit] != *row)) {
        if (!m_visited.empty()) m_visited.resize(m_visit + 1);
        m_visited.push_back(*row);
        m_visit = m_visited.size() - 1;
    }
    updateActions();
}

void MainWindow::showProblems() {
    const auto& result = m_session.result();
    if (!result) return;
    QStringList lines;
    bool bad = false;
    bool nothing = !result->inputs.empty();
    for (const auto& input : result->inputs) {
        nothing = nothing && nothingWasRead(input);
        if (!input.error || input.error->kind == ErrorKind::Stopped) continue;
        lines << problemLine(input);
        bad = bad || nothingWasRead(input);
    }
    if (m_session.skippedFiles() != 0) lines << toText(pipeline::skippedText(m_session.skippedFiles()));
    for (const pipeline::ClockEstimate& clock : result->clocks) {
        const auto nameOf = [&](std::uint32_t input) {
            return QFileInfo(QString::fromStdString(result->inputs[input].path)).fileName();
        };
        const report::InputClock said{clock.offset, nameOf(clock.reference).toStdString(), clock.packets, clock.delay};
        lines << QStringLiteral("%1: %2").arg(nameOf(clock.input), toText(report::clockText(said)));
    }
    if (nothing) {
        m_errorPage->set(Glyph::Cross, Tone::Bad, tr("%1 could not be opened").arg(openNames()),
                         lines.join(QChar('\n')));
        m_groupDock->hide();
        m_pages->setCurrentWidget(m_errorPage);
        m_orders.forget();
        m_waiting = false;
        m_table->clear();
        return;
    }
    if (result->stopped && !m_session.isLive()) {
        const std::size_t kept = m_session.snapshot() ? m_session.snapshot()->size() : 0;
        lines.prepend(tr("Reading was stopped. The %1 read so far are kept; press Ctrl+R to read everything.")
                          .arg(counted(kept, "request", "requests")));
    }
    const bool good = lines.isEmpty() && m_added && m_added->problems.isEmpty();
    lines = secretsLines() + lines;
    m_banner->say(good ? Tone::Good : bad ? Tone::Bad : Tone::Warning, lines.join(QChar('\n')));
    m_added.reset();
}

void MainWindow::updateStatus() {
    const auto& order = m_table->requests().order();
    if (!order) {
        m_counts->setText(m_session.running() ? m_session.isLive() ? tr("Watching…") : tr("Reading…")
                                              : tr("Nothing is open"));
        m_filterBar->setSummary({});
        return;
    }
    const auto& totals = order->totals;
    const auto all = order->snapshot.exchanges();
    const bool narrowed = order->rows->size() != all;
    const QString requests =
        narrowed ? tr("%1 of %2").arg(countText(order->rows->size()), counted(all, "request", "requests"))
                 : counted(all, "request", "requests");
    QStringList parts{requests};
    if (totals.withUsage > 0) {
        QStringList doubts;
        if (totals.estimatedTokens > 0) doubts << tr("%1 estimated").arg(shortCount(totals.estimatedTokens));
        if (totals.withoutUsage > 0) doubts << counted(totals.withoutUsage, "call", "calls") + tr(" without usage");
        parts << counted(static_cast<std::uint64_t>(totals.totalTokens), "token", "tokens") +
                     (doubts.isEmpty() ? QString() : QStringLiteral(" (%1)").arg(doubts.join(QStringLiteral(", "))));
    } else if (totals.withoutUsage > 0) {
        parts << tr("tokens unknown (%1 without usage)").arg(counted(totals.withoutUsage, "call", "calls"));
    }
    if (totals.errors > 0) parts << counted(totals.errors, "error", "errors");
    if (order->span) parts << spanText(*order->span, order->severalDays);
    parts << counted(order->gaps, "gap", "gaps");
    if (const auto open = order->snapshot.openExchanges(); open > 0) parts << tr("%1 under way").arg(countText(open));
    if (const auto dropped = m_capture.status().counts.dropped(); m_session.isLive() && dropped > 0)
        parts << tr("%1 dropped").arg(counted(dropped, "packet", "packets"));
    if (m_session.result() && !m_session.isLive()) {
        parts << tr("read in %1").arg(durationText(std::max<qint64>(m_session.elapsedMs(), 1) * 1'000'000));
    }
    m_counts->setText(parts.join(QStringLiteral("   |   ")));
    m_filterBar->setSummary(narrowed ? tr("Showing %1").arg(requests) : tr("Showing all %1").arg(requests));
}

QString MainWindow::statusText() const {
    return m_counts->text();
}

void MainWindow::say(const QString& message) {
    m_message->setText(message);
    m_messageTimer->start();
}

void MainWindow::updateTitle() {
    const QString names = openNames();
    // Qt adds the program's name by itself.
    setWindowTitle(names.isEmpty() ? QStringLiteral("Gatescope") : names);
}

} // namespace gatescope::ui
