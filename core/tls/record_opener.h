// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/record_cipher.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace gatescope::tls {

/// Opens the records of one direction over changes of keys and over losses. Keys come as a list in the order in which
/// they will be used: a record that does not open with the first ones but with a later one says that the message which
/// announced the change was lost. How many records a loss took is found by trying their numbers, since only the right
/// one verifies.
class RecordOpener {
public:
    /// Numbers that are tried after one loss. The shortest record with content is some 25 octets.
    static constexpr std::uint64_t kMaxTrials = 1U << 14;
    /// Keys that wait for their turn; a real connection has six at most, with those of early data.
    static constexpr std::size_t kMaxKeys = 16;
    /// Records in a row that do not open before nothing is tried any more.
    static constexpr unsigned kMaxFailures = 1024;
    /// Numbers that are tried for the first record that opens: some before it may have been damaged, others were early
    /// data, which has numbers and keys of its own.
    static constexpr unsigned kMaxStarts = 8;

    struct Opened {
        OpenedRecord record;
        /// Octets of content that were lost right before it.
        std::uint64_t lostContent = 0;
        bool afterLoss = false;
    };

    /// Keys for what follows those given before; beyond kMaxKeys they are left out.
    void expect(std::unique_ptr<RecordCipher> cipher);
    /// From the next record on, whatever was expected before.
    void use(std::unique_ptr<RecordCipher> cipher);
    /// The next keys of the list count from now on.
    void advance();
    /// The keys of the moment are followed by these instead (KeyUpdate); those behind stay.
    void replace(std::unique_ptr<RecordCipher> cipher);

    bool hasKeys() const { return !m_ciphers.empty(); }
    std::size_t keysLeft() const { return m_ciphers.size(); }
    /// RecordCipher::overhead of the keys of the moment; 0: there are none.
    std::size_t overhead() const { return m_ciphers.empty() ? 0 : m_ciphers.front()->overhead(); }
    bool gaveUp() const { return m_failures >= kMaxFailures; }

    /// One record passed that could not be seen.
    void skipOne() { ++m_sequence; }
    /// So many octets of records are missing.
    void lose(std::uint64_t octets);
    /// The content stays where it is until the next call, whatever keys are given or taken by what it says.
    std::optional<Opened> open(const SealedRecord& record);

private:
    void retireFirst();
    std::optional<Opened> openWith(std::size_t cipher, std::uint64_t from, std::uint64_t count,
                                   const SealedRecord& record);

    std::vector<std::unique_ptr<RecordCipher>> m_ciphers; ///< the one of the moment first
    std::vector<std::unique_ptr<RecordCipher>> m_retired; ///< one of them may hold the content that was given last
    std::uint64_t m_sequence = 0;
    std::uint64_t m_lost = 0; ///< octets since the last record that opened, of which nobody knows how many records
    unsigned m_failures = 0;  ///< in a row
    bool m_openedAny = false; ///< with the keys of the moment
};

} // namespace gatescope::tls
