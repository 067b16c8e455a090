// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/byte_source.h"
#include "core/capture/record_parser.h"

#include <memory>
#include <optional>
#include <vector>

namespace gatescope::capture {

/// Reads a source block by block and lets a parser find the packets in them. Packet bytes are never copied: only the
/// partly read record at the end of a block goes over to the start of the next.
class CaptureReader final : public PacketSource {
public:
    /// `begun`: bytes already taken from `source` to see what it is. `notes` is the one that the parser writes to.
    CaptureReader(std::unique_ptr<ByteSource> source, Bytes begun, std::unique_ptr<CaptureNotes> notes,
                  std::unique_ptr<RecordParser> parser, std::size_t blockBytes);

    std::expected<bool, Error> read(PacketBlock& block) override;
    std::uint64_t bytesRead() const override { return m_source->bytesTaken(); }
    std::uint64_t totalBytes() const override { return m_source->totalBytes(); }
    const SourceInfo& info() const override { return m_notes->info; }
    std::vector<Finding> takeFindings() override { return m_notes->findings.take(m_ended); }

private:
    bool lay(PacketBlock& block);
    bool readMore(PacketBlock& block);
    void noteEnd();
    void fail(const FindingKind& kind, Error error);

    std::unique_ptr<ByteSource> m_source;
    std::unique_ptr<CaptureNotes> m_notes;
    std::unique_ptr<RecordParser> m_parser;
    std::size_t m_blockBytes;

    std::vector<std::uint8_t> m_carry; ///< between calls: the start of the next block
    std::size_t m_begin = 0;           ///< in the block: first octet that is not consumed
    std::size_t m_end = 0;             ///< in the block: behind the last octet that was read
    std::size_t m_wanted = 0;          ///< octets from m_begin that the next record needs
    std::uint64_t m_offset = 0;        ///< of m_begin in the unwrapped capture
    bool m_ended = false;
    std::optional<Error> m_error; ///< to be returned after the packets before it
};

} // namespace gatescope::capture
