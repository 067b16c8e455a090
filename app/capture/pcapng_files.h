// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/live/capture_request.h"

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

namespace gatescope::helper {

struct RecordedInterface {
    std::string name;
    std::uint16_t linkType = 0;
    std::uint64_t received = 0, dropped = 0; ///< since the start
};

/// Packets into one pcapng file after the other, through a buffer. What a flush leaves in a file ends with a whole
/// block. Source: draft-ietf-opsawg-pcapng.
class PcapngFiles {
public:
    static constexpr std::size_t kFlushBytes = 256 * 1024;
    static constexpr std::size_t kMaxSpare = 4;

    PcapngFiles(const live::CaptureRequest& request, const live::RingOptions& limits);

    /// A descriptor to write to, now or when the file before it is full. It is closed here. False: too many.
    bool addFile(std::uint32_t number, int descriptor);
    void begin(std::vector<RecordedInterface>& interfaces);
    /// `bytes`: what is kept of the packet.
    void packet(std::uint32_t interface, TimeNs time, std::span<const std::uint8_t> bytes, std::uint32_t wireLength);
    void flush();
    /// With the statistics of each interface.
    void end();
    bool wantsNext(TimeNs now) const;
    /// Goes on in the next file. False: there is none, and this one goes on.
    bool rotate();

    bool hasFile() const { return !m_files.empty(); }
    bool hasUnflushed() const { return !m_buffer.empty(); }
    int error() const { return m_error; } ///< errno of the write that failed; nothing is written after it
    std::uint32_t number() const { return m_files.front().number; }
    std::uint32_t filesBegun() const { return m_filesBegun; }
    std::uint64_t fileBytes() const { return m_fileBytes; } ///< flushed, of this file
    std::uint64_t allBytes() const { return m_earlierBytes + m_fileBytes + m_buffer.size(); }
    std::uint64_t lostPackets() const { return m_lostPackets; }       ///< could not be written
    std::uint64_t writtenPackets() const { return m_writtenPackets; } ///< flushed, of all files
    std::uint64_t writtenBytes() const { return m_earlierBytes + m_fileBytes; }

private:
    struct File {
        std::uint32_t number = 0;
        int descriptor = -1;
    };
    void number(std::uint32_t value, std::size_t octets = 4);
    void text(std::string_view value);
    void option(std::uint16_t code, std::string_view value);
    void longOption(std::uint16_t code, std::uint64_t value);
    void time(TimeNs value);
    std::size_t beginBlock(std::uint32_t type);
    void endBlock(std::size_t begin);
    void beginSection();
    void endSection();
    void keepWholeBlocks(std::size_t written);

    std::string m_filter;
    std::uint32_t m_snapLength;
    live::RingOptions m_limits;
    std::deque<File> m_files; ///< the first is written
    std::vector<RecordedInterface>* m_interfaces = nullptr;
    std::vector<RecordedInterface> m_atSectionBegin;
    std::string m_buffer;
    std::uint64_t m_fileBytes = 0, m_earlierBytes = 0, m_filePackets = 0, m_lostPackets = 0, m_givenPackets = 0,
                  m_writtenPackets = 0;
    std::uint32_t m_filesBegun = 0;
    TimeNs m_begun = 0;
    int m_error = 0;
};

} // namespace gatescope::helper
