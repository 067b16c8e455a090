// SPDX-License-Identifier: Apache-2.0
// Captures and files that grow: starting and stopping them, holding the view while they go on, and asking before what
// was captured is lost.
#include "ui/bridge/same_row.h"
#include "ui/bridge/text.h"
#include "ui/models/interface_table_model.h"
#include "ui/views/capture_filter_field.h"
#include "ui/views/live_page.h"
#include "ui/views/main_window.h"
#include "ui/views/page_stack.h"
#include "ui/widgets/notice.h"

#include <QCloseEvent>
#include <QDateTime>
#include <QFileInfo>
#include <QLineEdit>
#include <QMenuBar>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedWidget>
#include <QTimer>

#include <algorithm>
#include <utility>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr int kGrowthAfterMs = 1'500;
/// Sums that change more often can be neither read nor clicked.
constexpr int kPagesEveryMs = 500;

} // namespace

void askKeepWithBox(QWidget* parent, const QString& text, bool canSave, std::function<void(Keep)> answered) {
    auto* box = new QMessageBox(QMessageBox::Question, QMessageBox::tr("Capture"), text, QMessageBox::NoButton, parent);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton* save = canSave ? box->addButton(QMessageBox::tr("Stop and &Save…"), QMessageBox::AcceptRole) : nullptr;
    QPushButton* go = box->addButton(canSave ? QMessageBox::tr("&Discard") : QMessageBox::tr("&Stop"),
                                     canSave ? QMessageBox::DestructiveRole : QMessageBox::AcceptRole);
    box->addButton(QMessageBox::Cancel);
    box->setDefaultButton(save ? save : go);
    QObject::connect(box, &QMessageBox::buttonClicked, parent, [=](QAbstractButton* button) {
        answered(save && button == save ? Keep::Save : button == go ? Keep::Discard : Keep::Cancel);
    });
    box->open();
}

void MainWindow::buildLive() {
    m_live = new LivePage(m_sources.live, m_capture, m_session, m_sources.chooseSave);
    m_pageStack->add(m_live);
    m_liveBanner = new Banner;
    m_liveBanner->setObjectName(QStringLiteral("liveBanner"));
    m_resume = m_liveBanner->addButton(tr("Resume view"), icon(Glyph::Play));
    m_resume->setObjectName(QStringLiteral("resumeView"));
    m_followOpen = m_liveBanner->addButton(tr("Follow"), icon(Glyph::Play));
    m_followOpen->setObjectName(QStringLiteral("followOpen"));
    connect(m_resume, &QPushButton::clicked, this, [this] { holdView(false); });
    connect(m_followOpen, &QPushButton::clicked, this, [this] {
        if (m_session.paths().size() == 1) follow(QString(m_session.paths().front()));
    });
    connect(m_live, &LivePage::startWanted, this, &MainWindow::startCapture);
    connect(m_live, &LivePage::stopWanted, &m_capture, &LiveCapture::stop);
    connect(m_live, &LivePage::holdWanted, this, &MainWindow::holdView);
    connect(m_live, &LivePage::saveWanted, this, [this] { saveCapture(); });
    connect(m_live, &LivePage::keyLogWanted, this, &MainWindow::askForSecrets);
    connect(&m_capture, &LiveCapture::started, this, &MainWindow::onCaptureStarted);
    connect(&m_capture, &LiveCapture::ended, this, &MainWindow::onCaptureEnded);
    connect(&m_capture, &LiveCapture::failed, this, [this] {
        showPage(m_live);
        updateLive();
    });
    connect(&m_saver, &CaptureSaver::saved, this, &MainWindow::onSaved);
}

void MainWindow::buildCaptureMenu() {
    QMenu* menu = menuBar()->addMenu(tr("&Capture"));
    m_actions.capture = makeAction(tr("&Start Capture"), {QKeySequence(tr("Ctrl+E"))}, [this] { toggleCapture(); });
    m_actions.hold = makeAction(tr("&Pause View"), {QKeySequence(tr("Ctrl+Shift+E"))}, [this] { holdView(!m_held); });
    m_actions.saveCapture =
        makeAction(tr("Save &What Was Captured…"), {QKeySequence(tr("Ctrl+S"))}, [this] { saveCapture(); });
    m_actions.saveCapture->setIcon(icon(Glyph::Save));
    menu->addActions({m_actions.capture, m_actions.hold, m_actions.saveCapture});
    menu->addSeparator();
    menu->addAction(makeAction(tr("&Options…"), {QKeySequence(tr("Ctrl+K"))}, [this] { showPage(m_live); }));
    menu->addAction(
        makeAction(tr("&Refresh Interfaces"), {QKeySequence(tr("F5"))}, [this] { m_live->refreshInterfaces(); }));
    menu->addSeparator();
    m_actions.tail = menu->addAction(tr("S&croll to the Newest"));
    m_actions.tail->setCheckable(true);
    m_actions.tail->setToolTip(tr("While the end of the list is looked at, new requests are scrolled to"));
    connect(m_actions.tail, &QAction::toggled, this, &MainWindow::updateLive);
}

void MainWindow::toggleCapture() {
    if (m_capture.active()) return m_capture.stop();
    startCapture();
}

void MainWindow::captureOn(const QStringList& interfaces, const QString& filter) {
    m_live->chooseInterfaces(interfaces);
    if (!filter.isNull()) m_live->form().filter().setText(filter);
    toggleCapture();
}

void MainWindow::startCapture() {
    if (m_capture.active()) return;
    if (const QString problem = m_live->problem(); !problem.isEmpty()) {
        showPage(m_live);
        return m_live->complain(problem);
    }
    unlessUnsaved([this] {
        holdView(false);
        m_saved = false;
        m_live->form().filter().remember();
        auto choice = m_live->choice();
        m_capture.start(std::move(choice.request), std::move(choice.ring), choice.stop);
        showPage(m_live);
        updateLive();
    });
}

void MainWindow::onCaptureStarted() {
    LiveInput input;
    QStringList names;
    for (const auto& name : m_capture.request().interfaces) names << toText(name);
    input.title = names.isEmpty() ? tr("a played file") : names.join(QStringLiteral(", "));
    input.open = [feed = m_capture.feed()](const std::stop_token&) { return feed; };
    input.follow = m_sources.live.follow;
    input.options.retention = m_live->choice().retention;
    input.isCapture = true;
    m_session.follow(std::move(input));
    updateLive();
}

void MainWindow::onCaptureEnded() {
    updateLive();
    if (const auto then = std::exchange(m_afterEnd, nullptr)) then();
}

void MainWindow::follow(const QString& input) {
    if (!m_sources.live.followInput || input.isEmpty()) return;
    unlessUnsaved([this, input] {
        LiveInput live;
        live.title = input.contains(QStringLiteral("://")) ? input : QFileInfo(input).fileName();
        live.open = [start = m_sources.live.followInput, path = input.toLocal8Bit().toStdString()](
                        const std::stop_token&) -> std::expected<std::shared_ptr<capture::CaptureFeed>, Error> {
            auto feed = start(path);
            if (!feed) return std::unexpected(feed.error());
            return std::shared_ptr<capture::CaptureFeed>(std::move(*feed));
        };
        live.follow = m_sources.live.follow;
        m_session.follow(std::move(live));
    });
}

void MainWindow::askForGrowing() {
    m_sources.chooseOpen(this, tr("Follow a Growing File"), tr("Captures (*.pcap *.pcapng *.cap);;All files (*)"),
                         [this](const QString& path) { follow(path); });
}

void MainWindow::offerFollowing() {
    if (!m_sources.live.followInput || m_session.isLive() || m_session.paths().size() != 1) return;
    const QString path = m_session.paths().front();
    const qint64 size = QFileInfo(path).size();
    QTimer::singleShot(kGrowthAfterMs, this, [this, path, size] {
        const bool same = !m_session.isLive() && m_session.paths() == QStringList{path};
        if (!same || QFileInfo(path).size() <= size) return;
        m_resume->hide();
        m_followOpen->show();
        m_liveBanner->say(Tone::Warning, tr("%1 is still growing. Follow it to see what comes.").arg(openNames()));
    });
}

void MainWindow::reload() {
    if (m_session.isLive() && m_capture.state() != LiveCapture::State::Idle) {
        // The same once more: what there is of it is dealt with first.
        if (!m_capture.active()) return startCapture();
        return unlessUnsaved([this] { startCapture(); });
    }
    m_session.reload();
}

void MainWindow::holdView(bool hold) {
    hold = hold && m_session.isLive() && m_session.running();
    const bool resumed = m_held && !hold;
    m_held = hold;
    updateLive();
    if (resumed) ask(true);
}

void MainWindow::showHeld() {
    const auto& newest = m_session.snapshot();
    const auto& shown = m_table->requests().order();
    const std::size_t there = shown ? shown->snapshot.exchanges() : 0;
    const std::size_t now = newest ? newest->exchanges() : 0;
    const std::size_t waiting = now > there ? now - there : 0;
    m_live->setHeld(m_held, m_held ? waiting : 0);
    if (!m_held) return;
    m_resume->show();
    m_followOpen->hide();
    const QString words =
        m_capture.active() ? tr("The view is paused, the capture goes on: %1.") : tr("The view is paused: %1.");
    m_liveBanner->say(Tone::Warning, words.arg(counted(waiting, "new request waits", "new requests wait")));
}

bool MainWindow::unsavedCapture() const {
    const bool there = m_capture.state() != LiveCapture::State::Idle && m_capture.state() != LiveCapture::State::Failed;
    return there && !m_saved && m_capture.ring().path.empty() && m_capture.status().counts.packets > 0;
}

void MainWindow::unlessUnsaved(std::function<void()> go) {
    // Whatever takes its place, its files go with it.
    const auto goOn = [this, go = std::move(go)] {
        m_afterEnd = nullptr;
        m_capture.discard();
        m_held = false;
        go();
    };
    const bool own = m_capture.ring().path.empty();
    if (!m_capture.active() && !unsavedCapture()) return goOn();
    const bool canSave = own && m_capture.status().counts.packets > 0;
    const QString text = m_capture.active() && canSave ? tr("A capture is running, and what it captured is not saved.")
                         : m_capture.active()          ? tr("A capture is running. It will be stopped.")
                                                       : tr("What was captured is not saved.");
    m_sources.askKeep(this, text, canSave, [this, goOn](Keep keep) {
        if (keep == Keep::Cancel) return;
        if (keep == Keep::Save) return saveCapture(goOn);
        goOn();
    });
}

void MainWindow::saveCapture(std::function<void()> then) {
    if (m_capture.active()) {
        m_afterEnd = [this, then = std::move(then)] { saveCapture(then); };
        return m_capture.stop();
    }
    if (!unsavedCapture()) {
        if (then) then(); // nothing came
        return;
    }
    const QString name = QStringLiteral("capture-%1.pcapng")
                             .arg(QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss")));
    m_sources.chooseSave(this, name, tr("Captures (*.pcapng)"), [this, then = std::move(then)](const QString& path) {
        if (path.isEmpty()) return;
        QStringList files;
        for (const auto& file : m_capture.status().files) files << QString::fromLocal8Bit(file.c_str());
        m_afterSave = then;
        m_saver.save(files, path);
        say(tr("Saving…"));
    });
}

void MainWindow::onSaved(const QString& path, const QString& problem) {
    const auto then = std::exchange(m_afterSave, nullptr);
    if (!problem.isEmpty()) {
        showPage(m_live);
        return m_live->complain(tr("%1 was not saved: %2").arg(QFileInfo(path).fileName(), problem));
    }
    m_saved = true;
    rememberRecent({QFileInfo(path).absoluteFilePath()});
    say(tr("Saved %1.").arg(QFileInfo(path).fileName()));
    updateLive();
    if (then) then();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_closing && (m_capture.active() || unsavedCapture())) {
        event->ignore();
        unlessUnsaved([this] {
            m_closing = true;
            // Later: a window does not close within its own question whether it may.
            QMetaObject::invokeMethod(this, [this] { close(); }, Qt::QueuedConnection);
        });
        return;
    }
    saveSettings();
    m_session.cancel();
    QMainWindow::closeEvent(event);
}

QString MainWindow::openNames() const {
    if (m_session.isLive()) return m_session.liveTitle();
    const QStringList& paths = m_session.paths();
    if (paths.isEmpty()) return {};
    const QString first = QFileInfo(paths.front()).fileName();
    return paths.size() == 1 ? first : tr("%1 and %2 more").arg(first).arg(paths.size() - 1);
}

void MainWindow::updateLive() {
    const bool active = m_capture.active();
    const bool running = m_session.isLive() && m_session.running();
    if (!running && !m_held) m_liveBanner->say(Tone::Warning, {});
    if (running && !m_held) m_liveBanner->say(Tone::Warning, {});
    m_live->setUnsaved(unsavedCapture());
    showHeld();
    m_pageStack->setPace(running ? kPagesEveryMs : 0);
    m_table->setFollowTail(m_session.isLive() && m_actions.tail && m_actions.tail->isChecked());
    if (!m_actions.capture) return; // while the window is being made
    m_actions.capture->setText(active ? tr("&Stop Capture") : tr("&Start Capture"));
    m_actions.capture->setIconText(active ? tr("Stop capture") : tr("Capture"));
    m_actions.capture->setIcon(icon(active ? Glyph::Stop : Glyph::Record, active ? Tone::Bad : Tone::Good));
    m_actions.capture->setEnabled(m_capture.possible() && m_capture.state() != LiveCapture::State::Stopping);
    m_actions.hold->setText(m_held ? tr("&Resume View") : tr("&Pause View"));
    m_actions.hold->setIcon(icon(m_held ? Glyph::Play : Glyph::Pause));
    m_actions.hold->setEnabled(running || m_held);
    m_actions.saveCapture->setEnabled(!active && unsavedCapture());
    updateActions();
}

void MainWindow::keepVisited(const Snapshot& before, const Snapshot& after) {
    std::vector<Row> kept;
    std::size_t visit = 0;
    for (std::size_t i = 0; i < m_visited.size(); ++i) {
        if (i == m_visit) visit = kept.size();
        if (const auto row = sameRow(before, m_visited[i], after)) kept.push_back(*row);
    }
    m_visited = std::move(kept);
    m_visit = m_visited.empty() ? 0 : std::min(visit, m_visited.size() - 1);
}

} // namespace gatescope::ui
