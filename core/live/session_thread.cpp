// SPDX-License-Identifier: Apache-2.0
#include "core/live/session_thread.h"

#include "core/live/end_words.h"
#include "core/live/interface_counters.h"
#include "core/live/live_findings.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace gatescope::live {

SessionThread::SessionThread(Parts parts, std::function<void()> changed)
    : m_parts(std::move(parts)), m_changed(std::move(changed)), m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    for (const std::string& name : m_parts.orders.request.interfaces) {
        m_status.interfaces.emplace_back().name = name;
        m_droppedBefore.push_back(readInterfaceCounters(name).value_or(InterfaceCounters{}).dropped);
    }
}

SessionThread::~SessionThread() {
    stop();
    if (m_thread.joinable()) m_thread.join();
}

std::optional<Error> SessionThread::begin() {
    m_thread = std::thread([this] { run(); });
    std::unique_lock held(m_lock);
    m_stateChanged.wait(held, [&] { return m_status.state != CaptureState::Starting; });
    return m_status.state == CaptureState::Ended ? m_status.error : std::nullopt;
}

void SessionThread::stop() {
    const std::uint64_t one = 1;
    if (::write(m_wake.get(), &one, sizeof one) < 0) return; // it is as full as can be: it was told already
}

void SessionThread::waitUntilEnded() {
    std::unique_lock held(m_lock);
    m_stateChanged.wait(held, [&] { return m_status.state == CaptureState::Ended; });
}

CaptureStatus SessionThread::status() const {
    const std::lock_guard held(m_lock);
    CaptureStatus status = m_status;
    status.behindBytes = m_feed.behindBytes();
    return status;
}

void SessionThread::run() {
    std::string howItWent;
    auto helper = HelperProcess::start(m_parts.helper);
    if (!helper)
        m_trouble = helper.error();
    else {
        {
            const std::lock_guard held(m_lock);
            m_status.helperProcess = helper->process();
        }
        giveOrders(*helper);
        hear(*helper);
        if (m_trouble) helper->kill();
        howItWent = helper->wait(kTimeToStop);
    }
    finish(howItWent);
}

void SessionThread::giveOrders(HelperProcess& helper) {
    sendMessage(helper.socket(), encode(m_parts.orders), m_parts.played.get());
    m_parts.played.reset();
    m_killAt = Clock::now() + kTimeToStart;
}

/// Only now that it captures: a capture that cannot begin must not empty the file of another one.
bool SessionThread::giveFirstFile(HelperProcess& helper) {
    const auto first = m_parts.files->openFirst();
    if (!first)
        m_trouble = first.error();
    else {
        m_feed.begin(m_parts.files->files().back().path, m_parts.files->files().back().descriptor);
        sendMessage(helper.socket(), encode(FileMessage{1}), *first);
        if (m_parts.files->rotates()) giveSpare(helper);
    }
    return !m_trouble;
}

/// Until the helper has closed its end or does not keep to the protocol.
void SessionThread::hear(HelperProcess& helper) {
    do {
        wait(helper);
        if (m_killAt && Clock::now() >= *m_killAt) {
            m_trouble = Error{ErrorKind::Internal, "the capture helper did not answer"};
            return;
        }
        tell(false);
    } while (takeMessages(helper));
}

void SessionThread::wait(const HelperProcess& helper) {
    std::array<pollfd, 2> polled{{{helper.socket(), POLLIN, 0}, {m_wake.get(), POLLIN, 0}}};
    const int most = static_cast<int>((m_hasUntold ? kTellEvery : std::chrono::milliseconds(500)).count());
    ::poll(polled.data(), polled.size(), most);
    std::uint64_t count = 0;
    if (polled[1].revents == 0 || ::read(m_wake.get(), &count, sizeof count) <= 0) return;
    sendMessage(helper.socket(), encode(StopMessage{}));
    m_killAt = Clock::now() + kTimeToStop;
    const std::lock_guard held(m_lock);
    if (m_status.state == CaptureState::Running) m_status.state = CaptureState::Stopping;
    m_hasUntold = true;
}

bool SessionThread::takeMessages(HelperProcess& helper) {
    for (;;) {
        Received received = receiveMessage(helper.socket());
        if (received.kind == Received::Kind::Nothing) return true;
        if (received.kind == Received::Kind::Closed) return false;
        const Descriptor unwanted(received.descriptor);
        const auto message = parseHelperMessage(received.bytes);
        const bool isInOrder = message && (m_saidHello || std::holds_alternative<HelloMessage>(*message));
        if (!isInOrder || !take(helper, *message)) {
            if (!m_trouble)
                m_trouble = Error{ErrorKind::Internal,
                                  fmt::format("{} speaks another protocol; is it of another version?", m_parts.helper)};
            return false;
        }
    }
}

bool SessionThread::take(HelperProcess& helper, const HelperMessage& message) {
    if (std::holds_alternative<HelloMessage>(message))
        m_saidHello = true;
    else if (std::holds_alternative<RunningMessage>(message)) {
        if (m_isRunning || !giveFirstFile(helper)) return false;
        m_isRunning = true;
        if (m_status.state == CaptureState::Starting) m_killAt.reset();
        publishFiles();
        const std::lock_guard held(m_lock);
        m_status.state = CaptureState::Running;
        m_stateChanged.notify_all();
    } else if (const auto* report = std::get_if<ReportMessage>(&message))
        return takeReport(helper, *report);
    else
        m_end = std::get<EndedMessage>(message);
    return true;
}

bool SessionThread::takeReport(HelperProcess& helper, const ReportMessage& report) {
    if (!m_isRunning) return false;
    if (report.file == m_file + 1 && !beginNext(helper)) return false;
    if (report.file != m_file || report.fileBytes < m_knownWhole || report.fileBytes > m_parts.files->currentBytes())
        return false;
    m_knownWhole = report.fileBytes;
    m_feed.grow(report.fileBytes);
    m_hasUntold = true;
    readDeviceDrops();
    const std::lock_guard held(m_lock);
    CaptureCounts& counts = m_status.counts;
    m_status.diskBytes = m_completeBytes + report.fileBytes;
    counts.packets = report.packets;
    counts.bytes = report.bytes;
    counts.ownDropped = report.ownDropped;
    counts.copies = report.copies;
    counts.trimmedBytes = report.trimmedBytes;
    counts.kernelDropped = 0;
    for (std::size_t i = 0; i < std::min(report.interfaces.size(), m_status.interfaces.size()); ++i) {
        m_status.interfaces[i].packets = report.interfaces[i].packets;
        m_status.interfaces[i].kernelDropped = report.interfaces[i].kernelDropped;
        m_status.interfaces[i].isGone = report.interfaces[i].isGone;
        counts.kernelDropped += report.interfaces[i].kernelDropped;
    }
    return true;
}

/// The helper may open no file any more, so this side reads what devices count. Once a second.
void SessionThread::readDeviceDrops() {
    if (Clock::now() - m_devicesRead < std::chrono::seconds(1)) return;
    m_devicesRead = Clock::now();
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < m_droppedBefore.size(); ++i) {
        const auto counters = readInterfaceCounters(m_parts.orders.request.interfaces[i]);
        const std::lock_guard held(m_lock);
        if (counters && counters->dropped >= m_droppedBefore[i])
            m_status.interfaces[i].interfaceDropped = counters->dropped - m_droppedBefore[i];
        all += m_status.interfaces[i].interfaceDropped;
    }
    const std::lock_guard held(m_lock);
    m_status.counts.interfaceDropped = all;
}

/// The helper has closed a file and writes the next one.
bool SessionThread::beginNext(HelperProcess& helper) {
    m_feed.grow(m_parts.files->currentBytes());
    m_feed.complete();
    ++m_file;
    m_knownWhole = 0;
    if (auto begun = m_parts.files->beginSpare(); !begun) {
        m_trouble = begun.error();
        return false;
    }
    m_feed.begin(m_parts.files->files().back().path, m_parts.files->files().back().descriptor);
    while (m_parts.files->removeOne()) m_feed.removeOldest();
    publishFiles();
    return giveSpare(helper);
}

bool SessionThread::giveSpare(HelperProcess& helper) {
    const auto spare = m_parts.files->openSpare();
    if (!spare)
        m_trouble = spare.error();
    else
        sendMessage(helper.socket(), encode(FileMessage{m_file + 1}), *spare);
    return !m_trouble;
}

void SessionThread::finish(const std::string& howItWent) {
    m_parts.files->finish(m_knownWhole);
    m_knownWhole = m_parts.files->currentBytes();
    if (!m_parts.files->files().empty()) {
        m_feed.grow(m_knownWhole);
        m_feed.complete();
    }
    if (!m_trouble && !m_end)
        m_trouble = Error{ErrorKind::Damaged, howItWent.empty() ? "the capture helper ended without a word"
                                                                : fmt::format("the capture helper was {}", howItWent)};
    if (!m_trouble) m_trouble = endError(*m_end, m_parts.helper);
    const std::string words = m_trouble && !m_end ? m_trouble->message : endWords(*m_end, m_parts.orders.stop);
    noteDrops();
    if (m_trouble) m_feed.add(kEndedEarly, words);
    publishFiles();
    {
        const std::lock_guard held(m_lock);
        m_status.helperProcess = 0;
        m_status.error = m_trouble;
        m_status.endedBecause = words;
        m_status.state = CaptureState::Ended;
    }
    m_feed.end(); // last: whoever has read to the end may ask how it went
    m_stateChanged.notify_all();
    tell(true);
}

void SessionThread::noteDrops() {
    const std::lock_guard held(m_lock);
    const CaptureCounts& counts = m_status.counts;
    const auto note = [&](const FindingKind& kind, std::uint64_t count) {
        if (count != 0) m_feed.add(kind, fmt::format("{} packets; {} were captured", count, counts.packets));
    };
    note(kKernelDropped, counts.kernelDropped);
    note(kInterfaceDropped, counts.interfaceDropped);
    note(kOwnDropped, counts.ownDropped);
}

void SessionThread::publishFiles() {
    std::vector<std::string> names;
    for (const RingFiles::File& file : m_parts.files->files()) names.push_back(file.path);
    const std::lock_guard held(m_lock);
    m_status.files = std::move(names);
    m_status.filesRemoved = m_parts.files->removed();
    m_completeBytes = m_parts.files->completeBytes();
    m_status.diskBytes = m_completeBytes + m_knownWhole;
    m_hasUntold = true;
}

void SessionThread::tell(bool now) {
    const auto time = Clock::now();
    if (!m_changed || !m_hasUntold || (!now && time - m_told < kTellEvery)) return;
    m_told = time;
    m_hasUntold = false;
    m_changed();
}

} // namespace gatescope::live
