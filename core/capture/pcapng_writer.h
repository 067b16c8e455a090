// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "core/capture/packet.h"
#include "core/capture/packet_source.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::capture {

/// Writes one pcapng section, little-endian, times in nanoseconds. What is written goes out in pieces of up to
/// kBufferBytes; `finish` gives the last one. After the first failure nothing more is given. One thread.
///
/// Source: draft-ietf-opsawg-pcapng. Texts longer than an option can hold are cut between two characters.
class PcapngWriter {
public:
    /// False: it cannot be written, and nothing more is wanted.
    using Sink = std::function<bool(std::string_view)>;

    struct About {
        std::string application;           ///< what wrote the file
        std::vector<std::string> comments; ///< of the section
    };
    static constexpr std::size_t kBufferBytes = 256 * 1024;

    PcapngWriter(Sink sink, const About& about);

    /// The number to give to `packet`. Name, link type and snap length are kept.
    std::uint32_t addInterface(const InterfaceInfo& info, std::span<const std::string> comments = {});
    /// Key log text, in front of the packets that it is for.
    void addSecrets(std::string_view keyLog);
    /// `packet.interfaceIndex` and `number` are not looked at. A time before 1970 is written as a negative number, as
    /// other programs do; kNoTime must not come.
    void addPacket(std::uint32_t interface, const Packet& packet, std::span<const std::string> comments = {});
    /// False: some of it could not be written.
    bool finish();
    bool failed() const { return m_failed; }

private:
    void u16(std::uint16_t value);
    void u32(std::uint32_t value);
    void pad();
    void option(std::uint16_t code, std::string_view value);
    void endOfOptions(bool hasOptions);
    std::size_t beginBlock(std::uint32_t type);
    void endBlock(std::size_t start);
    void flush();

    Sink m_sink;
    std::string m_buffer;
    std::uint32_t m_interfaces = 0;
    bool m_failed = false;
};

} // namespace gatescope::capture
