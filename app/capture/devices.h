// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/capture/pcapng_files.h"
#include "core/live/helper_protocol.h"

#include <memory>
#include <optional>
#include <poll.h>
#include <span>
#include <vector>

struct pcap;
struct pcap_pkthdr;

namespace gatescope::helper {

/// What packets come from: interfaces, or a capture that is played.
class Devices {
public:
    struct Packet {
        std::uint32_t interface = 0;
        std::uint64_t place = 0; ///< where it was seen: the interface behind `any` too
        TimeNs time = 0;
        std::span<const std::uint8_t> bytes; ///< until the next call
        std::uint32_t wireLength = 0;
    };

    /// Opens all of them; needs the right to capture. Nothing: done.
    std::optional<live::EndedMessage> open(const live::CaptureRequest& request);
    std::optional<live::EndedMessage> play(int descriptor, const live::CaptureRequest& request);
    /// Needs no right.
    std::optional<live::EndedMessage> setFilter(const std::string& filter);

    /// A round of `next` begins: devices that had nothing more are asked again.
    void beginRound();
    /// The oldest of those that wait. Nothing: none does, for now.
    std::optional<Packet> next();
    /// Asks the system for its counters.
    void readCounters();

    void addPolled(std::vector<pollfd>& polled) const;
    /// Of a capture that is played in time: until its next packet.
    std::optional<TimeNs> untilDue() const;
    bool isPlayed() const { return m_isPlayed; }
    bool seesCopies() const { return m_seesCopies; }
    /// Nothing will come any more; says why.
    std::optional<live::EndedMessage> ended() const;
    std::vector<RecordedInterface>& interfaces() { return m_recorded; }
    const std::vector<live::InterfaceReport>& reports() const { return m_reports; }

private:
    struct Device {
        std::unique_ptr<pcap, void (*)(pcap*)> handle;
        std::string name;
        bool isExhausted = false, isOver = false;
        const pcap_pkthdr* header = nullptr; ///< of the packet that waits; null: none
        const std::uint8_t* bytes = nullptr;
        TimeNs time = 0;
    };
    void fetch(std::size_t index);
    void add(pcap* handle, const std::string& name);
    bool isDue(const Device& device) const;

    std::vector<Device> m_devices;
    std::vector<RecordedInterface> m_recorded;
    std::vector<live::InterfaceReport> m_reports;
    std::string m_lastError;
    bool m_isPlayed = false, m_seesCopies = false, m_inTime = false;
    TimeNs m_playBegan = 0, m_firstTime = 0; ///< by the clock, and of the first packet
    std::optional<std::size_t> m_given;      ///< whose packet was given out last
};

} // namespace gatescope::helper
