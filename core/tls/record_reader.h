// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/types.h"

#include <cstdint>
#include <vector>

namespace gatescope::tls {

/// One record as it is on the wire (RFC 8446, 5.1).
struct Record {
    static constexpr std::size_t kHeaderBytes = 5;
    std::uint8_t type = 0;
    std::uint16_t version = 0;
    Bytes fragment; ///< valid during the call only
    Place first;    ///< of its first octet
    Place last;     ///< of its last octet
    std::size_t size() const { return kHeaderBytes + fragment.size(); }
};

/// What is missing between two records.
struct LostRecords {
    std::uint64_t octets = 0; ///< headers included
    bool oneRecord = false;   ///< it is exactly one record whose header was captured: `type`, `length`
    std::uint8_t type = 0;
    std::uint16_t length = 0;
    Place place; ///< of the loss
};

class RecordSink {
public:
    virtual ~RecordSink() = default;
    virtual void onRecord(const Record& record) = 0;
    virtual void onLost(const LostRecords& lost) = 0;
    /// What comes is no record; nothing more is told of this direction.
    virtual void onNotTls(Bytes beginning, const Place& place) = 0;
};

/// Cuts one direction of a connection into records. A record that came in one piece is given without a copy. After a
/// loss the next record is looked for: a header that a record may have, and behind it another one, or the end of a
/// piece.
class RecordReader {
public:
    /// Of a fragment: RFC 5246, 6.2.3 allows 2^14 + 2048.
    static constexpr std::size_t kMaxFragment = (1U << 14) + 2048;

    /// `middle`: the first octets may be the rest of a record.
    RecordReader(RecordSink& sink, bool middle) : m_sink(sink), m_state(middle ? State::Searching : State::InStep) {}

    void feed(Bytes bytes, const Place& place);
    void gap(std::uint64_t length, const Place& place);
    /// Tells a loss behind which no record was found yet: somebody closes, and what is missing came before that.
    void tellLoss();
    /// Octets of a record that never came whole; 0: it ended with a record.
    std::size_t unfinished() const { return m_state == State::InStep ? m_held.size() : 0; }

private:
    enum class State : std::uint8_t { InStep, Skipping, Searching, NotTls };

    Bytes takeRecords(Bytes bytes, const Place& place);
    /// Completes the record that is held; what is left of `bytes`.
    Bytes fillHeld(Bytes bytes, const Place& place);
    void search(Bytes bytes, const Place& place);
    void refuse(Bytes bytes, const Place& place);

    RecordSink& m_sink;
    State m_state;
    std::vector<std::uint8_t> m_held; ///< the beginning of a record, or what is being searched
    Place m_heldPlace;
    std::uint64_t m_skip = 0; ///< octets left of a record with a hole
    std::uint64_t m_lost = 0; ///< octets since the last record, while searching
    Place m_lostPlace;
};

} // namespace gatescope::tls
