// SPDX-License-Identifier: Apache-2.0
#include "ui/views/live_page.h"

#include "ui/bridge/text.h"
#include "ui/models/interface_table_model.h"
#include "ui/views/capture_filter_field.h"
#include "ui/views/cell_table.h"
#include "ui/views/interface_table.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/notice.h"

#include <QClipboard>
#include <QDateTime>
#include <QEvent>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QSplitter>
#include <QVBoxLayout>

namespace gatescope::ui {
namespace {

constexpr int kTickMs = 1'000;
constexpr qint64 kRateOverMs = 3'000;
constexpr qint64 kShortestMs = 400; ///< of a shorter time a rate would only jump about
constexpr auto kSplitter = "live/splitter";
constexpr auto kInterfaces = "live/interfaces";

} // namespace

LivePage::LivePage(const LiveEngine& engine, LiveCapture& capture, AnalysisSession& session, ChooseSave chooseSave,
                   QWidget* parent)
    : Page(parent), m_capture(capture), m_session(session), m_watch(engine.list) {
    m_form = new CaptureForm(engine.check, std::move(chooseSave));
    m_banner = new Banner;
    m_banner->setObjectName(QStringLiteral("liveTrouble"));
    m_copy = m_banner->addButton(tr("Copy command"), icon(Glyph::Copy));
    m_copy->setObjectName(QStringLiteral("copyCommand"));
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_form);
    scroll->setMinimumWidth(m_form->minimumSizeHint().width() + scroll->verticalScrollBar()->sizeHint().width());
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->addWidget(buildTables());
    m_splitter->addWidget(scroll);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(buildHead());
    layout->addWidget(m_banner);
    layout->addWidget(m_splitter, 1);
    connectParts();
    showState();
    showNumbers();
}

QWidget* LivePage::buildHead() {
    m_sign = new QLabel;
    m_headline = new ElidedLabel;
    m_headline->setObjectName(QStringLiteral("liveHeadline"));
    m_headline->setElideMode(Qt::ElideRight);
    m_start = new QPushButton;
    m_start->setObjectName(QStringLiteral("startCapture"));
    m_hold = new QPushButton;
    m_hold->setObjectName(QStringLiteral("holdView"));
    m_hold->setCheckable(true);
    m_save = new QPushButton(icon(Glyph::Save), tr("Sa&ve…"));
    m_save->setObjectName(QStringLiteral("saveCapture"));
    m_save->setToolTip(tr("Save what was captured as one file (Ctrl+S)"));
    auto* head = new QWidget;
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(8, 2, 6, 2);
    row->setSpacing(8);
    row->addWidget(m_sign);
    row->addWidget(m_headline, 1);
    row->addWidget(m_save);
    row->addWidget(m_hold);
    row->addWidget(m_start);
    return head;
}

QWidget* LivePage::buildTables() {
    m_model = new InterfaceTableModel(this);
    m_table = new InterfaceTable(*m_model);
    m_table->setEmptyText(tr("Looking for interfaces…"));
    m_numbers = new CellTable(tr("Numbers of this capture"));
    m_numbers->setObjectName(QStringLiteral("captureNumbers"));
    m_numbers->horizontalHeader()->setStretchLastSection(true);
    m_numbers->setEmptyText(tr("What is captured is counted here."));
    auto* tables = new QSplitter(Qt::Vertical);
    tables->addWidget(m_table);
    tables->addWidget(m_numbers);
    tables->setChildrenCollapsible(false);
    tables->setStretchFactor(0, 1);
    tables->setStretchFactor(1, 1);
    return tables;
}

void LivePage::connectParts() {
    connect(&m_watch, &InterfaceWatch::changed, this, &LivePage::showInterfaces);
    connect(m_model, &InterfaceTableModel::chosenChanged, this, &LivePage::showState);
    connect(m_table, &InterfaceTable::startWanted, this, &LivePage::startWanted);
    connect(m_form, &CaptureForm::changed, this, &LivePage::showState);
    connect(m_form, &CaptureForm::keyLogWanted, this, &LivePage::keyLogWanted);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (m_capture.active())
            Q_EMIT stopWanted();
        else
            Q_EMIT startWanted();
    });
    connect(m_hold, &QPushButton::clicked, this, &LivePage::holdWanted);
    connect(m_save, &QPushButton::clicked, this, &LivePage::saveWanted);
    connect(m_copy, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(m_command);
        Q_EMIT said(tr("The command is copied. Run it once, then start again."));
    });
    connect(&m_capture, &LiveCapture::statusChanged, this, &LivePage::showState);
    connect(&m_session, &AnalysisSession::liveProgressChanged, this,
            [this](const auto& progress) { m_progress = progress; });
    m_tick.setInterval(kTickMs);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        sample();
        showState();
        showNumbers();
    });
}

void LivePage::focusMain() {
    m_table->setFocus(Qt::ShortcutFocusReason);
}

bool LivePage::settled() const {
    return m_form->filter().settled();
}

CaptureChoice LivePage::choice() const {
    auto choice = m_form->choice();
    for (const auto& name : m_model->chosen()) choice.request.interfaces.push_back(toUtf8(name));
    return choice;
}

QString LivePage::problem() const {
    if (!m_capture.possible()) return tr("This build of Gatescope cannot capture.");
    const auto chosen = static_cast<std::size_t>(m_model->chosen().size());
    if (chosen == 0) return tr("Check an interface to capture on.");
    if (chosen > live::CaptureRequest::kMaxInterfaces)
        return tr("At most %1 interfaces can be captured on at once; “any” stands for all.")
            .arg(live::CaptureRequest::kMaxInterfaces);
    return m_form->problem();
}

void LivePage::chooseInterfaces(const QStringList& names) {
    m_model->choose(names);
}

void LivePage::complain(const QString& problem) {
    m_command.clear();
    m_copy->hide();
    m_banner->say(Tone::Warning, problem);
}

void LivePage::setHeld(bool held, std::size_t waiting) {
    m_held = held;
    m_waiting = waiting;
    showState();
}

void LivePage::setUnsaved(bool unsaved) {
    m_unsaved = unsaved;
    showState();
}

QString LivePage::headline() const {
    return m_headline->fullText();
}

QString LivePage::bannerText() const {
    return m_banner->isHidden() ? QString() : m_banner->text();
}

void LivePage::showInterfaces() {
    m_table->setEmptyText(m_watch.problem().isEmpty()
                              ? tr("No interface was found. Press F5 to look again.")
                              : tr("The interfaces could not be listed: %1").arg(m_watch.problem()));
    m_model->show(m_watch.interfaces());
    m_table->refreshed();
}

QString LivePage::interfacesText() const {
    QStringList names;
    for (const auto& name : m_capture.request().interfaces) names << toText(name);
    if (names.isEmpty()) return tr("a played file");
    constexpr qsizetype kMost = 4;
    if (names.size() <= kMost) return names.join(QStringLiteral(", "));
    return tr("%1 and %2 more").arg(names.mid(0, kMost).join(QStringLiteral(", "))).arg(names.size() - kMost);
}

void LivePage::showState() {
    using State = LiveCapture::State;
    const State state = m_capture.state();
    const bool changed = state != m_shownState;
    m_shownState = state;
    if (changed && state == State::Running) {
        m_clock.start();
        m_samples.clear();
    }
    if (changed && state == State::Ended && m_clock.isValid()) m_lastedMs = m_clock.elapsed();
    if (changed && state == State::Starting) {
        m_progress.reset();
        m_banner->say(Tone::Warning, {});
    }
    if (changed) {
        m_capture.active() ? m_tick.start() : m_tick.stop();
        m_form->setLocked(m_capture.active());
        m_model->setLocked(m_capture.active());
        sample();
        showNumbers();
        showTrouble();
    }
    const auto lasted = [](qint64 ms) {
        constexpr qint64 kMinuteMs = 60'000;
        return ms < kMinuteMs ? tr("%1 s").arg(ms / 1'000) : durationText(ms / 1'000 * 1'000'000'000);
    };
    Glyph glyph = Glyph::Info;
    Tone tone = Tone::Muted;
    QString words = problem();
    if (words.isEmpty()) words = tr("Ready to capture on %1.").arg(m_model->chosen().join(QStringLiteral(", ")));
    switch (state) {
    case State::Idle:
        break;
    case State::Starting:
        words = tr("Starting the capture on %1…").arg(interfacesText());
        glyph = Glyph::Record;
        break;
    case State::Running:
        glyph = m_held ? Glyph::Pause : Glyph::Record;
        tone = m_held ? Tone::Warning : Tone::Good;
        words = tr("Capturing on %1 for %2.").arg(interfacesText(), lasted(m_clock.elapsed()));
        break;
    case State::Stopping:
        words = tr("Stopping; what was captured is being written…");
        glyph = Glyph::Stop;
        break;
    case State::Ended: {
        const auto& because = m_capture.status().endedBecause;
        const bool early = m_capture.status().error.has_value();
        glyph = early ? Glyph::Warning : Glyph::Check;
        tone = early ? Tone::Warning : Tone::Good;
        words = tr("Captured %1 in %2; ended: %3.")
                    .arg(counted(m_capture.status().counts.packets, "packet", "packets"), lasted(m_lastedMs),
                         because.empty() ? tr("stopped") : toText(because));
        if (m_unsaved) words += tr(" Not saved.");
        break;
    }
    case State::Failed:
        words = tr("The capture could not start.");
        glyph = Glyph::Cross;
        tone = Tone::Bad;
        break;
    }
    if (m_held)
        words += tr(" The view is paused; %1.").arg(counted(m_waiting, "new request waits", "new requests wait"));
    m_headline->setFullText(words);
    const ShownButtons buttons{state, m_held, m_unsaved, m_capture.possible(), glyph, palette().cacheKey()};
    if (buttons == m_shownButtons) return; // several times a second: what is set anew is laid out and drawn anew
    m_shownButtons = buttons;
    m_sign->setPixmap(icon(glyph, tone).pixmap(QSize(16, 16), devicePixelRatioF()));
    const bool active = m_capture.active();
    m_start->setText(active ? tr("S&top capture") : tr("&Start capture"));
    m_start->setIcon(icon(active ? Glyph::Stop : Glyph::Record, active ? Tone::Bad : Tone::Good));
    m_start->setToolTip(active ? tr("End the capture and keep what it captured (Ctrl+E)")
                               : tr("Capture on what is checked (Ctrl+E)"));
    m_start->setEnabled(active ? state != State::Stopping : m_capture.possible());
    m_hold->setText(m_held ? tr("Resume vie&w") : tr("Pause vie&w"));
    m_hold->setIcon(icon(m_held ? Glyph::Play : Glyph::Pause));
    m_hold->setToolTip(tr("All pages stay as they are while the capture goes on (Ctrl+Shift+E)"));
    m_hold->setChecked(m_held);
    m_hold->setVisible(active || m_held);
    m_save->setVisible(m_unsaved && !active);
}

void LivePage::showTrouble() {
    using State = LiveCapture::State;
    const auto& error = m_capture.state() == State::Failed ? m_capture.error() : m_capture.status().error;
    if (!error || m_capture.active() || m_capture.state() == State::Idle) return;
    QStringList lines; // a command stands on a line of its own
    for (const auto& line : QString::fromStdString(error->message).split(QChar('\n'))) lines << toText(toUtf8(line));
    const auto remedy = remedyOf(lines.join(QChar('\n')));
    m_command = remedy.command;
    m_copy->setVisible(!m_command.isEmpty());
    QString text = remedy.words;
    if (!m_command.isEmpty()) text += QChar('\n') + m_command;
    if (m_capture.state() == State::Ended)
        text = tr("The capture ended early: %1\nEverything that was captured before is kept and shown.").arg(text);
    m_banner->say(m_capture.state() == State::Failed ? Tone::Bad : Tone::Warning, text);
}

void LivePage::sample() {
    if (!m_capture.active() || !m_clock.isValid()) return;
    const auto& snapshot = m_session.snapshot();
    m_samples.push_back({m_clock.elapsed(), m_capture.status().counts.packets, m_capture.status().counts.bytes,
                         snapshot ? snapshot->exchanges() : 0});
    while (m_samples.size() > 2 && m_samples.back().ms - m_samples.front().ms > kRateOverMs) m_samples.pop_front();
}

CaptureNumbers LivePage::gather() const {
    CaptureNumbers numbers;
    numbers.status = m_capture.status();
    numbers.progress = m_progress;
    const auto& snapshot = m_session.snapshot();
    if (snapshot && m_session.isLive()) {
        numbers.anyCalls = true;
        numbers.calls = snapshot->exchanges();
        numbers.openCalls = snapshot->openExchanges();
    }
    if (!numbers.status.files.empty())
        numbers.folder = QFileInfo(QString::fromLocal8Bit(numbers.status.files.front().c_str())).absolutePath();
    if (!m_capture.active()) return numbers;
    if (m_progress && m_progress->latest != kNoTime && m_progress->behindBytes > 0)
        numbers.behind = QDateTime::currentMSecsSinceEpoch() * 1'000'000 - m_progress->latest;
    if (m_samples.size() < 2 || m_samples.back().ms - m_samples.front().ms < kShortestMs) return numbers;
    const Sample& from = m_samples.front();
    const Sample& to = m_samples.back();
    const double seconds = static_cast<double>(to.ms - from.ms) / 1e3;
    numbers.packetRate = static_cast<double>(to.packets - from.packets) / seconds;
    numbers.octetRate = static_cast<double>(to.octets - from.octets) / seconds;
    // Old ones may have been forgotten meanwhile; then nothing can be said.
    if (to.calls >= from.calls) numbers.callRate = static_cast<double>(to.calls - from.calls) / seconds;
    return numbers;
}

void LivePage::showNumbers() {
    const bool any = m_capture.state() != LiveCapture::State::Idle && m_capture.state() != LiveCapture::State::Failed;
    if (any)
        m_numbers->show(captureColumns(), captureRows(gather()));
    else
        m_numbers->clear();
}

void LivePage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_watch.setWatching(true);
}

void LivePage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    m_watch.setWatching(false);
}

void LivePage::changeEvent(QEvent* event) {
    Page::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_sign) showState();
}

void LivePage::restore(QSettings& settings) {
    m_form->restore(settings);
    m_model->choose(settings.value(kInterfaces).toStringList());
    m_splitter->restoreState(settings.value(kSplitter).toByteArray());
}

void LivePage::save(QSettings& settings) const {
    m_form->save(settings);
    settings.setValue(kInterfaces, m_model->chosen());
    settings.setValue(kSplitter, m_splitter->saveState());
}

} // namespace gatescope::ui
