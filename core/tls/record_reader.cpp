// SPDX-License-Identifier: Apache-2.0
#include "core/tls/record_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace gatescope::tls {

namespace {

constexpr std::size_t kHeader = Record::kHeaderBytes;
/// While searching: a record and the header behind it.
constexpr std::size_t kMaxSearched = 2 * (RecordReader::kMaxFragment + kHeader);

bool mayBeHeader(Bytes bytes) {
    return bytes[0] >= 20 && bytes[0] <= 24 && bytes[1] == 3 && bytes[2] <= 4 &&
           loadBigEndian<std::uint16_t>(bytes.data() + 3) <= RecordReader::kMaxFragment;
}

/// The same for as many octets as there are.
bool mayBecomeHeader(Bytes bytes) {
    if (bytes.size() >= kHeader) return mayBeHeader(bytes);
    if (!bytes.empty() && (bytes[0] < 20 || bytes[0] > 24)) return false;
    if (bytes.size() > 1 && bytes[1] != 3) return false;
    return bytes.size() <= 2 || bytes[2] <= 4;
}

std::size_t recordSize(Bytes header) {
    return kHeader + loadBigEndian<std::uint16_t>(header.data() + 3);
}

Record recordOf(Bytes whole, const Place& first, const Place& last) {
    return {whole[0], loadBigEndian<std::uint16_t>(whole.data() + 1), whole.subspan(kHeader), first, last};
}

} // namespace

void RecordReader::feed(Bytes bytes, const Place& place) {
    if (m_state == State::Skipping) {
        const std::size_t part = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), m_skip));
        m_skip -= part;
        bytes = bytes.subspan(part);
        if (m_skip == 0) m_state = State::InStep;
    }
    if (bytes.empty() || m_state == State::NotTls) return;
    if (m_state == State::Searching) return search(bytes, place);
    if (m_state != State::InStep) return;
    if (!m_held.empty()) bytes = fillHeld(bytes, place);
    if (m_state != State::InStep) return;
    bytes = takeRecords(bytes, place);
    if (m_state != State::InStep || bytes.empty()) return;
    m_held.assign(bytes.begin(), bytes.end());
    m_heldPlace = place;
}

Bytes RecordReader::takeRecords(Bytes bytes, const Place& place) {
    while (!bytes.empty()) {
        if (!mayBecomeHeader(bytes)) {
            refuse(bytes, place);
            return {};
        }
        if (bytes.size() < kHeader) break;
        const std::size_t size = recordSize(bytes);
        if (bytes.size() < size) break;
        m_sink.onRecord(recordOf(bytes.first(size), place, place));
        bytes = bytes.subspan(size);
    }
    return bytes;
}

Bytes RecordReader::fillHeld(Bytes bytes, const Place& place) {
    const auto takeUpTo = [&](std::size_t size) {
        const std::size_t part = std::min(bytes.size(), size - m_held.size());
        m_held.insert(m_held.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(part));
        bytes = bytes.subspan(part);
    };
    if (m_held.size() < kHeader) takeUpTo(kHeader);
    if (!mayBecomeHeader(m_held)) {
        const std::vector<std::uint8_t> held = std::move(m_held);
        refuse(held, m_heldPlace);
        return {};
    }
    if (m_held.size() < kHeader) return {};
    const std::size_t size = recordSize(m_held);
    takeUpTo(size);
    if (m_held.size() < size) return {};
    m_sink.onRecord(recordOf(m_held, m_heldPlace, place));
    m_held.clear();
    return bytes;
}

void RecordReader::refuse(Bytes bytes, const Place& place) {
    m_state = State::NotTls;
    m_sink.onNotTls(bytes, place);
    m_held = {};
}

void RecordReader::gap(std::uint64_t length, const Place& place) {
    switch (m_state) {
    case State::NotTls:
        return;
    case State::Skipping: {
        const std::uint64_t part = std::min(length, m_skip);
        m_skip -= part;
        length -= part;
        if (m_skip == 0) m_state = State::InStep;
        break;
    }
    case State::InStep:
        if (m_held.size() >= kHeader) {
            const std::size_t size = recordSize(m_held);
            const std::uint64_t rest = size - m_held.size();
            m_sink.onLost({size, true, m_held[0], static_cast<std::uint16_t>(size - kHeader), place});
            m_held.clear();
            if (length < rest) {
                m_skip = rest - length;
                m_state = State::Skipping;
                return;
            }
            length -= rest;
        }
        break;
    case State::Searching:
        break;
    }
    if (length == 0) return;
    if (m_lost == 0) m_lostPlace = place;
    m_lost += length + m_held.size();
    m_held.clear();
    m_state = State::Searching;
}

void RecordReader::tellLoss() {
    if (m_state != State::Searching || m_lost == 0) return;
    m_sink.onLost({std::exchange(m_lost, 0), false, 0, 0, m_lostPlace});
}

void RecordReader::search(Bytes bytes, const Place& place) {
    // A record that begins with a piece is the usual case, and needs no copy.
    const auto isRecordAt = [](Bytes from) -> std::optional<bool> {
        if (!mayBecomeHeader(from)) return false;
        if (from.size() < kHeader) return std::nullopt;
        const std::size_t size = recordSize(from);
        if (size == kHeader) return false; // an empty fragment says nothing
        if (from.size() <= size) return from.size() == size ? std::optional(true) : std::nullopt;
        return mayBecomeHeader(from.subspan(size));
    };
    if (m_held.empty()) m_heldPlace = place;
    m_held.insert(m_held.end(), bytes.begin(), bytes.end());
    std::size_t at = 0;
    while (at < m_held.size()) {
        const auto found = isRecordAt(Bytes(m_held).subspan(at));
        if (found && *found) {
            if (m_lost + at != 0) m_sink.onLost({m_lost + at, false, 0, 0, m_lost != 0 ? m_lostPlace : m_heldPlace});
            m_lost = 0;
            m_state = State::InStep;
            const std::vector<std::uint8_t> held = std::exchange(m_held, {});
            feed(Bytes(held).subspan(at), place);
            return;
        }
        if (!found && m_held.size() - at < kMaxSearched) break; // more is needed to tell
        ++at;
    }
    if (m_lost == 0) m_lostPlace = m_heldPlace;
    m_lost += at;
    m_held.erase(m_held.begin(), m_held.begin() + static_cast<std::ptrdiff_t>(at));
}

} // namespace gatescope::tls
