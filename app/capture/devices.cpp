// SPDX-License-Identifier: Apache-2.0
#include "app/capture/devices.h"

#include "app/capture/clock.h"

#include <algorithm>
#include <cstdio>
#include <pcap/pcap.h>
#include <unistd.h>

namespace gatescope::helper {

namespace {

using live::EndedMessage;
using live::EndReason;

constexpr int kTimeoutMilliseconds = 20; ///< how long the kernel may collect packets before it hands them over
constexpr std::uint64_t kBehindAny = std::uint64_t{1} << 32;

/// libpcap's numbers are those of files but for this one.
std::uint16_t linkTypeOf(pcap_t* handle) {
    constexpr int kRawOfFiles = 101;
    const int type = pcap_datalink(handle);
    return static_cast<std::uint16_t>(type == DLT_RAW ? kRawOfFiles : type);
}

EndedMessage failure(int code, const std::string& name, pcap_t* handle) {
    EndReason reason = EndReason::BadDevice;
    if (code == PCAP_ERROR_PERM_DENIED || code == PCAP_ERROR_PROMISC_PERM_DENIED) reason = EndReason::NoRights;
    if (code == PCAP_ERROR_NO_SUCH_DEVICE) return {EndReason::NoInterface, name};
    const char* text = pcap_geterr(handle);
    return {reason, name + ": " + (code == PCAP_ERROR || *text != '\0' ? text : pcap_statustostr(code))};
}

} // namespace

void Devices::add(pcap_t* handle, const std::string& name) {
    // Which interface a packet was seen on stands only in the second version of these headers.
    if (name == "any") pcap_set_datalink(handle, DLT_LINUX_SLL2);
    m_recorded.push_back({name, linkTypeOf(handle), 0, 0});
    m_reports.emplace_back();
}

std::optional<EndedMessage> Devices::open(const live::CaptureRequest& request) {
    for (const std::string& name : request.interfaces) {
        char text[PCAP_ERRBUF_SIZE]{};
        m_devices.push_back({{pcap_create(name.c_str(), text), pcap_close}, name});
        pcap_t* handle = m_devices.back().handle.get();
        if (handle == nullptr) return EndedMessage{EndReason::BadDevice, name + ": " + text};
        pcap_set_snaplen(handle, static_cast<int>(request.snapLength));
        pcap_set_promisc(handle, request.promiscuous ? 1 : 0);
        pcap_set_timeout(handle, kTimeoutMilliseconds);
        pcap_set_buffer_size(handle, static_cast<int>(request.bufferBytes));
        pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO);
        const int code = pcap_activate(handle);
        if (code < 0) return failure(code, name, handle);
        if (pcap_setnonblock(handle, 1, text) != 0) return EndedMessage{EndReason::BadDevice, name + ": " + text};
        add(handle, name);
        m_seesCopies = m_seesCopies || name == "any" || m_devices.size() > 1;
    }
    return std::nullopt;
}

std::optional<EndedMessage> Devices::play(int descriptor, const live::CaptureRequest& request) {
    char text[PCAP_ERRBUF_SIZE]{};
    FILE* file = ::fdopen(descriptor, "rb");
    pcap_t* handle =
        file == nullptr ? nullptr : pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, text);
    if (handle == nullptr) return EndedMessage{EndReason::BadPlayedFile, text};
    m_devices.push_back({{handle, pcap_close}, ""});
    add(handle, "");
    m_isPlayed = true;
    m_inTime = request.playInTime;
    return std::nullopt;
}

std::optional<EndedMessage> Devices::setFilter(const std::string& filter) {
    for (Device& device : m_devices) {
        if (filter.empty()) break;
        bpf_program program{};
        pcap_t* handle = device.handle.get();
        bool isGood = pcap_compile(handle, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0;
        if (isGood) {
            isGood = pcap_setfilter(handle, &program) == 0;
            pcap_freecode(&program);
        }
        if (!isGood) return EndedMessage{EndReason::BadFilter, pcap_geterr(handle)};
    }
    return std::nullopt;
}

void Devices::beginRound() {
    for (Device& device : m_devices) device.isExhausted = device.isOver;
}

void Devices::fetch(std::size_t index) {
    Device& device = m_devices[index];
    pcap_pkthdr* header = nullptr;
    const int got = pcap_next_ex(device.handle.get(), &header, &device.bytes);
    if (got == 1) {
        device.header = header; // the fraction is one of nanoseconds, by the precision that was asked for
        const int perUnit = pcap_get_tstamp_precision(device.handle.get()) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
        device.time = TimeNs{header->ts.tv_sec} * 1'000'000'000 + TimeNs{header->ts.tv_usec} * perUnit;
        if (m_playBegan == 0) m_playBegan = steadyClock(), m_firstTime = device.time;
        return;
    }
    device.isExhausted = true;
    if (got == 0) return;
    device.isOver = m_reports[index].isGone = true;
    if (got == PCAP_ERROR) m_lastError = pcap_geterr(device.handle.get());
}

bool Devices::isDue(const Device& device) const {
    return !m_inTime || steadyClock() - m_playBegan >= device.time - m_firstTime;
}

std::optional<Devices::Packet> Devices::next() {
    if (m_given) m_devices[*m_given].header = nullptr;
    m_given.reset();
    for (std::size_t i = 0; i < m_devices.size(); ++i) {
        Device& device = m_devices[i];
        if (device.header == nullptr && !device.isExhausted) fetch(i);
        if (device.header != nullptr && (!m_given || device.time < m_devices[*m_given].time)) m_given = i;
    }
    if (!m_given) return std::nullopt;
    const Device& device = m_devices[*m_given];
    if (!isDue(device)) {
        m_given.reset();
        return std::nullopt;
    }
    Packet packet{static_cast<std::uint32_t>(*m_given),
                  *m_given,
                  device.time,
                  {device.bytes, device.header->caplen},
                  device.header->len};
    if (device.name == "any" && packet.bytes.size() >= 8) {
        packet.place = kBehindAny;
        for (std::size_t at = 4; at < 8; ++at) packet.place += std::uint64_t{packet.bytes[at]} << (8 * (7 - at));
    }
    ++m_reports[*m_given].packets;
    return packet;
}

void Devices::readCounters() {
    for (std::size_t i = 0; i < m_devices.size(); ++i) {
        pcap_stat counters{};
        if (!m_isPlayed && !m_devices[i].isOver && pcap_stats(m_devices[i].handle.get(), &counters) == 0)
            m_reports[i].kernelDropped = counters.ps_drop;
        m_recorded[i].dropped = m_reports[i].kernelDropped;
        m_recorded[i].received = m_reports[i].packets + m_reports[i].kernelDropped;
    }
}

void Devices::addPolled(std::vector<pollfd>& polled) const {
    for (const Device& device : m_devices)
        if (!m_isPlayed && !device.isOver) polled.push_back({pcap_get_selectable_fd(device.handle.get()), POLLIN, 0});
}

std::optional<TimeNs> Devices::untilDue() const {
    if (!m_isPlayed || ended()) return std::nullopt;
    const Device& device = m_devices.front();
    if (!m_inTime || device.header == nullptr) return 0;
    return std::max<TimeNs>(0, device.time - m_firstTime - (steadyClock() - m_playBegan));
}

std::optional<EndedMessage> Devices::ended() const {
    for (const Device& device : m_devices)
        if (!device.isOver) return std::nullopt;
    if (!m_isPlayed) return EndedMessage{EndReason::InterfaceGone, m_devices.back().name + ": " + m_lastError};
    if (m_lastError.empty()) return EndedMessage{EndReason::PlayedToEnd, ""};
    return EndedMessage{EndReason::BadPlayedFile, m_lastError};
}

} // namespace gatescope::helper
