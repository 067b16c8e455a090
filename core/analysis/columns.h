// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/base/string_pool.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace gatescope::analysis {

inline constexpr unsigned kChunkBits = 13;
/// Rows of one chunk: a column of eight bytes then takes 64 KiB, so a capture with few rows stays small too.
inline constexpr std::size_t kChunkRows = std::size_t{1} << kChunkBits;

/// Octets of one number as it is stored.
enum class Width : std::uint8_t { Two = 2, Four = 4, Eight = 8 };

/// Numbers of one field in one chunk. Takes no memory before the first value. A value too wide for the column moves
/// all of them to a wider array; the narrow one lives on, because a reader may be in it. One writer; a reader may read
/// any row that it learned of through a synchronised hand-over while the writer goes on with later rows.
class NumberColumn {
public:
    NumberColumn() = default;
    NumberColumn(const NumberColumn&) = delete;
    NumberColumn& operator=(const NumberColumn&) = delete;
    ~NumberColumn();

    /// kNoNumber is not stored: it is what an untouched row holds. `least` is the width to begin with.
    void set(std::size_t offset, std::int64_t value, Width least);
    std::int64_t get(std::size_t offset) const {
        if (const auto* wide = m_eight.load(std::memory_order_acquire)) return wide[offset];
        if (const auto* middle = m_four.load(std::memory_order_acquire)) return widen(middle[offset]);
        if (const auto* narrow = m_two.load(std::memory_order_acquire)) return widen(narrow[offset]);
        return kNoNumber;
    }
    /// Calls `visit` with the array in use, or with nullptr when there is no value at all.
    template <typename Visit>
    void visit(Visit&& visit) const {
        if (const auto* wide = m_eight.load(std::memory_order_acquire))
            visit(wide);
        else if (const auto* middle = m_four.load(std::memory_order_acquire))
            visit(middle);
        else
            visit(m_two.load(std::memory_order_acquire));
    }
    /// The lowest value of the type stands for "no value".
    template <typename T>
    static std::int64_t widen(T value) {
        return value == std::numeric_limits<T>::min() ? kNoNumber : static_cast<std::int64_t>(value);
    }

private:
    void widenTo(Width width);

    std::atomic<std::int16_t*> m_two{nullptr};
    std::atomic<std::int32_t*> m_four{nullptr};
    std::atomic<std::int64_t*> m_eight{nullptr};
};

/// Codes of one text field in one chunk, with the same promises.
class CodeColumn {
public:
    CodeColumn() = default;
    CodeColumn(const CodeColumn&) = delete;
    CodeColumn& operator=(const CodeColumn&) = delete;
    ~CodeColumn() { delete[] m_codes.load(std::memory_order_relaxed); }

    void set(std::size_t offset, StringPool::Code code);
    StringPool::Code get(std::size_t offset) const {
        const auto* codes = data();
        return codes ? codes[offset] : StringPool::kNone;
    }
    const StringPool::Code* data() const { return m_codes.load(std::memory_order_acquire); }

private:
    std::atomic<StringPool::Code*> m_codes{nullptr};
};

/// Header fields of one row: the numbers of the two name lists and, behind them, the codes of all values.
struct HeaderRun {
    std::uint32_t requestList = 0;
    std::uint32_t responseList = 0;
    const StringPool::Code* values = nullptr; ///< those of the request, then those of the response
};

/// Header values of one chunk, in blocks that never move.
class HeaderColumn {
public:
    HeaderColumn() : m_runs(kChunkRows) {}

    void set(std::size_t offset, std::uint32_t requestList, std::uint32_t responseList,
             const std::vector<StringPool::Code>& values);
    HeaderRun get(std::size_t offset) const {
        const std::uint32_t* run = m_runs[offset];
        return {run[0], run[1], run + 2};
    }

private:
    static constexpr std::size_t kBlockCodes = 16 * 1024;

    std::uint32_t* allocate(std::size_t count);

    std::vector<const std::uint32_t*> m_runs; ///< never grows
    std::vector<std::unique_ptr<std::uint32_t[]>> m_blocks;
    std::size_t m_used = kBlockCodes;
};

inline constexpr std::size_t kStoredFields = static_cast<std::size_t>(FieldId::RequestHeader);

/// kChunkRows rows. Never moves.
struct Chunk {
    std::array<NumberColumn, kStoredFields> numbers; ///< by FieldId; Input holds the input's index
    std::array<CodeColumn, kStoredFields> codes;     ///< by FieldId; lists are the code of their joined text
    NumberColumn flowStart;
    NumberColumn indexInFlow;
    NumberColumn startTime;   ///< only where the request was not seen
    NumberColumn startPacket; ///< likewise
    NumberColumn requestDigest;
    NumberColumn receivedBytes; ///< by a log: heads and framing included
    NumberColumn sentBytes;
    HeaderColumn headers;
};

} // namespace gatescope::analysis
