// SPDX-License-Identifier: Apache-2.0
#include "core/tls/record_opener.h"

#include "core/tls/record_reader.h"

#include <algorithm>
#include <utility>

namespace gatescope::tls {

void RecordOpener::expect(std::unique_ptr<RecordCipher> cipher) {
    if (cipher && m_ciphers.size() < kMaxKeys) m_ciphers.push_back(std::move(cipher));
}

void RecordOpener::retireFirst() {
    m_retired.push_back(std::move(m_ciphers.front()));
    m_ciphers.erase(m_ciphers.begin());
}

void RecordOpener::use(std::unique_ptr<RecordCipher> cipher) {
    while (!m_ciphers.empty()) retireFirst();
    expect(std::move(cipher));
    m_sequence = 0;
    m_failures = 0;
    m_openedAny = false;
}

void RecordOpener::advance() {
    if (!m_ciphers.empty()) retireFirst();
    m_sequence = 0;
    m_failures = 0;
    m_openedAny = false;
}

void RecordOpener::replace(std::unique_ptr<RecordCipher> cipher) {
    if (m_ciphers.empty() || !cipher) return;
    m_retired.push_back(std::exchange(m_ciphers.front(), std::move(cipher)));
    m_sequence = 0;
    m_openedAny = false;
}

void RecordOpener::lose(std::uint64_t octets) {
    m_lost += octets;
    m_failures = 0; // what could not be opened before may be opened again
}

std::optional<RecordOpener::Opened> RecordOpener::openWith(std::size_t cipher, std::uint64_t from, std::uint64_t count,
                                                           const SealedRecord& record) {
    RecordCipher& with = *m_ciphers[cipher];
    const std::uint64_t perRecord = Record::kHeaderBytes + with.overhead();
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto opened = with.open(from + i, record);
        if (!opened) continue;
        Opened result{*opened, 0, m_lost != 0};
        if (m_lost > i * perRecord) result.lostContent = m_lost - i * perRecord;
        m_sequence = from + i + 1;
        m_lost = 0;
        m_failures = 0;
        m_openedAny = true;
        m_ciphers.erase(m_ciphers.begin(), m_ciphers.begin() + static_cast<std::ptrdiff_t>(cipher));
        return result;
    }
    return std::nullopt;
}

std::optional<RecordOpener::Opened> RecordOpener::open(const SealedRecord& record) {
    m_retired.clear();
    if (m_ciphers.empty() || gaveUp()) return std::nullopt;
    if (m_lost == 0) { // the usual case
        if (const auto opened = m_ciphers.front()->open(m_sequence, record)) {
            ++m_sequence;
            m_failures = 0;
            m_openedAny = true;
            return Opened{*opened, 0, false};
        }
    }
    // After a loss this record's number may be anything up to what the lost octets had room for.
    const std::uint64_t shortest = Record::kHeaderBytes + m_ciphers.front()->overhead() + 1;
    const std::uint64_t room = m_lost == 0 ? 1 : std::min(m_lost / shortest + 2, kMaxTrials);
    if (auto opened = openWith(0, m_sequence, room, record)) return opened;
    if (!m_openedAny && m_failures != 0)
        if (auto opened = openWith(0, 0, std::min(m_failures, kMaxStarts), record)) return opened;
    for (std::size_t next = 1; next < m_ciphers.size(); ++next)
        if (auto opened = openWith(next, 0, room, record)) return opened;
    ++m_failures;
    ++m_sequence; // it counted for the sender
    return std::nullopt;
}

} // namespace gatescope::tls
