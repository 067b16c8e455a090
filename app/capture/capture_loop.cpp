// SPDX-License-Identifier: Apache-2.0
#include "app/capture/capture_loop.h"

#include "app/capture/clock.h"

#include <algorithm>
#include <cstring>
#include <sys/random.h>
#include <unistd.h>

namespace gatescope::helper {

namespace {

using live::EndedMessage;
using live::EndReason;
using live::Received;

std::uint64_t seed() {
    std::uint64_t value = 0;
    if (::getrandom(&value, sizeof value, 0) != sizeof value) value = static_cast<std::uint64_t>(wallClock());
    return value;
}

} // namespace

void Control::read() {
    for (Received received = live::receiveMessage(m_socket); received.kind != Received::Kind::Nothing;
         received = live::receiveMessage(m_socket)) {
        if (received.kind == Received::Kind::Closed || !take(received)) {
            m_isClosed = true;
            if (received.descriptor >= 0) ::close(received.descriptor);
            return;
        }
    }
}

bool Control::waitFor(const std::function<bool()>& isThere) {
    const TimeNs until = steadyClock() + 10'000'000'000;
    while (!isThere() && !m_isClosed && steadyClock() < until) {
        pollfd polled{m_socket, POLLIN, 0};
        ::poll(&polled, 1, 100);
        read();
    }
    return isThere();
}

/// True: understood, and its descriptor, if it came with one, is kept.
bool Control::take(Received& received) {
    const auto message = live::parseParentMessage(received.bytes);
    if (!message) return false;
    if (const auto* start = std::get_if<live::StartMessage>(&*message)) {
        if (m_start || start->playsFile != (received.descriptor >= 0)) return false;
        m_start = *start;
        m_played = received.descriptor;
        return true;
    }
    if (const auto* file = std::get_if<live::FileMessage>(&*message)) {
        if (received.descriptor < 0 || file->number != m_lastFile + 1 || m_files.size() > PcapngFiles::kMaxSpare)
            return false;
        m_lastFile = file->number;
        m_files.emplace_back(file->number, received.descriptor);
        return true;
    }
    m_wantsStop = true;
    return received.descriptor < 0;
}

void Control::send(const live::HelperMessage& message) {
    live::sendMessage(m_socket, live::encode(message));
}

void Control::waitForRoom() const {
    pollfd polled{m_socket, POLLOUT, 0};
    ::poll(&polled, 1, 2000);
}

void Control::giveFilesTo(PcapngFiles& files) {
    for (const auto& [number, descriptor] : m_files)
        if (!files.addFile(number, descriptor)) m_isClosed = true;
    m_files.clear();
}

CaptureLoop::CaptureLoop(Control& control, Devices& devices, const volatile std::sig_atomic_t& stopSignal)
    : m_control(control), m_devices(devices), m_stopSignal(stopSignal), m_orders(*control.start()),
      m_files(m_orders.request, m_orders.ring), m_seen(seed(), devices.seesCopies()),
      m_trimmer(m_orders.request.headersOnly) {}

EndedMessage CaptureLoop::run() {
    live::RunningMessage running;
    for (const RecordedInterface& one : m_devices.interfaces()) running.linkTypes.push_back(one.linkType);
    m_control.send(running);
    if (!m_control.waitFor([&] { return m_control.hasFile(); })) return {EndReason::BadProtocol, "no file"};
    m_control.giveFilesTo(m_files);
    m_files.begin(m_devices.interfaces());
    m_began = m_flushed = steadyClock();
    std::optional<EndedMessage> over;
    while (!over) {
        wait();
        takePackets();
        flushAndCount(steadyClock());
        over = end(steadyClock());
    }
    m_devices.readCounters();
    m_files.end();
    m_control.waitForRoom();
    tell();
    if (m_files.error() != 0) return {EndReason::CannotWrite, std::strerror(m_files.error())};
    return *over;
}

void CaptureLoop::wait() {
    TimeNs patience = kCountEvery - (steadyClock() - m_counted);
    if (const auto due = m_devices.untilDue(); due && !m_waitsForFile) patience = std::min(patience, *due);
    if (m_files.hasUnflushed()) patience = std::min(patience, kFlushEvery - (steadyClock() - m_flushed));
    if (m_orders.stop.time != 0) patience = std::min(patience, m_orders.stop.time - (steadyClock() - m_began));
    if (!m_isDrained) patience = 0;
    patience = std::max<TimeNs>(patience, 0);
    m_polled.assign(1, {live::kControlDescriptor, POLLIN, 0});
    m_devices.addPolled(m_polled);
    const timespec most{patience / 1'000'000'000, patience % 1'000'000'000};
    ::ppoll(m_polled.data(), m_polled.size(), &most, nullptr);
    if (m_polled.front().revents != 0) m_control.read();
    m_control.giveFilesTo(m_files);
}

void CaptureLoop::takePackets() {
    m_devices.beginRound();
    const std::uint64_t enough = m_orders.stop.packets;
    m_isDrained = false;
    for (int i = 0; i < kMostAtOnce; ++i) {
        if (enough != 0 && m_taken >= enough) return;
        // What is played can wait for the next file; packets of an interface go on in this one.
        m_waitsForFile = !goOnInNextFile() && m_devices.isPlayed();
        const auto packet = m_waitsForFile || m_hasEnoughFiles ? std::nullopt : m_devices.next();
        if (!packet) {
            m_isDrained = true;
            return;
        }
        take(*packet);
    }
}

void CaptureLoop::take(const Devices::Packet& packet) {
    const std::uint16_t linkType = m_devices.interfaces()[packet.interface].linkType;
    if (m_seen.isCopy(linkType, packet.bytes, packet.wireLength, packet.place, packet.time)) {
        ++m_report.copies;
        return;
    }
    auto kept = packet.bytes.first(std::min<std::size_t>(packet.bytes.size(), m_orders.request.snapLength));
    if (m_orders.request.headersOnly) {
        kept = kept.first(m_trimmer.keptBytes(linkType, kept));
        m_report.trimmedBytes += packet.bytes.size() - kept.size();
    }
    m_files.packet(packet.interface, packet.time, kept, packet.wireLength);
    ++m_taken;
}

/// If this one is full. False: there is none yet.
bool CaptureLoop::goOnInNextFile() {
    if (!m_files.wantsNext(steadyClock())) return true;
    m_hasEnoughFiles = m_orders.stop.files != 0 && m_files.filesBegun() >= m_orders.stop.files;
    if (m_hasEnoughFiles) return true;
    const bool isDone = m_files.rotate();
    if (isDone) tell();
    return isDone;
}

void CaptureLoop::flushAndCount(TimeNs now) {
    const bool countsAreOld = now - m_counted >= kCountEvery;
    if (countsAreOld) {
        m_devices.readCounters();
        m_counted = now;
        goOnInNextFile();
    }
    // What came since is on its way at once when nothing more waits; the kernel has collected it for 20 ms already.
    if (m_files.hasUnflushed() && (m_isDrained || now - m_flushed >= kFlushEvery)) {
        m_files.flush();
        m_flushed = now;
    }
    if (countsAreOld || m_report.fileBytes != m_files.fileBytes() || m_report.file != m_files.number()) tell();
}

void CaptureLoop::tell() {
    m_report.file = m_files.number();
    m_report.fileBytes = m_files.fileBytes();
    m_report.bytes = m_files.writtenBytes();
    m_report.ownDropped = m_files.lostPackets();
    m_report.packets = m_files.writtenPackets();
    m_report.interfaces = m_devices.reports();
    m_control.send(m_report);
}

std::optional<EndedMessage> CaptureLoop::end(TimeNs now) const {
    const live::StopConditions& stop = m_orders.stop;
    if (m_files.error() != 0) return EndedMessage{EndReason::CannotWrite, ""};
    if (m_control.wantsStop() || m_control.isClosed() || m_stopSignal != 0) return EndedMessage{};
    if (stop.packets != 0 && m_taken >= stop.packets) return EndedMessage{EndReason::EnoughPackets, ""};
    if (stop.bytes != 0 && m_files.allBytes() >= stop.bytes) return EndedMessage{EndReason::EnoughBytes, ""};
    if (m_hasEnoughFiles) return EndedMessage{EndReason::EnoughFiles, ""};
    if (stop.time != 0 && now - m_began >= stop.time) return EndedMessage{EndReason::TimeOver, ""};
    return m_devices.ended();
}

} // namespace gatescope::helper
