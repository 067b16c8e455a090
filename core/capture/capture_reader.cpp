// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_reader.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace gatescope::capture {

CaptureReader::CaptureReader(std::unique_ptr<ByteSource> source, Bytes begun, std::unique_ptr<CaptureNotes> notes,
                             std::unique_ptr<RecordParser> parser, std::size_t blockBytes)
    : m_source(std::move(source)), m_notes(std::move(notes)), m_parser(std::move(parser)), m_blockBytes(blockBytes),
      m_carry(begun.begin(), begun.end()) {}

std::expected<bool, Error> CaptureReader::read(PacketBlock& block) {
    block.packets.clear();
    bool isIdle = false;
    if (!m_ended) {
        for (bool cameNothing = lay(block);; cameNothing = false) {
            const Bytes window{block.bytes.get() + m_begin, m_end - m_begin};
            RecordParser::Step step = m_parser->parse(window, m_offset, block.packets);
            m_begin += step.consumed;
            m_offset += step.consumed;
            m_wanted = step.wanted;
            if (!step.damage.empty()) fail(kDamagedBlock, {ErrorKind::Damaged, std::move(step.damage)});
            if (m_ended || !block.packets.empty()) break;
            if ((cameNothing && step.consumed == 0) || !readMore(block)) {
                if (m_source->idle())
                    isIdle = true;
                else
                    noteEnd();
            }
            if (m_ended || isIdle) break;
        }
        if (m_ended) m_parser->finish();
        m_carry.assign(block.bytes.get() + m_begin, block.bytes.get() + m_end);
    }
    if (!block.packets.empty() || isIdle) return true;
    if (m_error) {
        Error error = *std::move(m_error);
        m_error.reset();
        return std::unexpected(std::move(error));
    }
    return false;
}

/// Puts what the last call left over into `block`, which may be another one than last time or one that had to grow
/// for a large packet, and reads on. True: the source is idle.
bool CaptureReader::lay(PacketBlock& block) {
    m_begin = 0;
    m_end = m_carry.size();
    const std::size_t capacity = std::max({m_blockBytes, m_wanted, m_end});
    if (block.capacity != capacity || !block.bytes) {
        block.bytes.reset();
        block.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
        block.capacity = capacity;
    }
    std::ranges::copy(m_carry, block.bytes.get());
    if (m_end == capacity) return false;
    m_end += m_source->read(block.bytes.get() + m_end, capacity - m_end);
    return m_source->idle();
}

/// Moves the rest to the start of the block, fits the block to what the next record needs, and reads on. Only while the
/// block has no packets: they would point to where the bytes were.
bool CaptureReader::readMore(PacketBlock& block) {
    const std::size_t rest = m_end - m_begin;
    const std::size_t capacity = std::max({m_blockBytes, m_wanted, rest + 1});
    if (block.capacity != capacity) {
        auto fitted = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
        std::memcpy(fitted.get(), block.bytes.get() + m_begin, rest);
        block.bytes = std::move(fitted);
        block.capacity = capacity;
    } else if (m_begin != 0) {
        std::memmove(block.bytes.get(), block.bytes.get() + m_begin, rest);
    }
    m_begin = 0;
    const std::size_t got = m_source->read(block.bytes.get() + rest, capacity - rest);
    m_end = rest + got;
    return got != 0;
}

void CaptureReader::noteEnd() {
    const std::size_t rest = m_end - m_begin;
    if (m_source->error() && m_source->error()->kind == ErrorKind::Stopped) {
        m_error = m_source->error(); // the user's wish is no damage
    } else if (m_source->error()) {
        fail(kUnreadableRest, *m_source->error());
    } else if (rest != 0) {
        fail(kCutFile, {ErrorKind::Damaged, fmt::format("cut at byte {}: the last record wants {} octets, {} are there",
                                                        m_offset + rest, m_wanted, rest)});
    }
    m_ended = true;
}

void CaptureReader::fail(const FindingKind& kind, Error error) {
    m_ended = true;
    m_notes->findings.count(kind).evidence.push_back(error.message);
    m_error = std::move(error);
}

} // namespace gatescope::capture
