// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/columns.h"

#include <algorithm>

namespace gatescope::analysis {

namespace {

template <typename T>
constexpr bool fits(std::int64_t value) {
    return value > std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

template <typename T>
void allocate(std::atomic<T*>& column, const NumberColumn& before) {
    auto* values = new T[kChunkRows];
    before.visit([values](const auto* old) {
        if (!old)
            std::fill_n(values, kChunkRows, std::numeric_limits<T>::min());
        else
            std::transform(old, old + kChunkRows, values, [](auto value) {
                const std::int64_t wide = NumberColumn::widen(value);
                return wide == kNoNumber ? std::numeric_limits<T>::min() : static_cast<T>(wide);
            });
    });
    column.store(values, std::memory_order_release);
}

Width widthFor(std::int64_t value, Width least) {
    if (least == Width::Two && fits<std::int16_t>(value)) return Width::Two;
    if (least != Width::Eight && fits<std::int32_t>(value)) return Width::Four;
    return Width::Eight;
}

} // namespace

NumberColumn::~NumberColumn() {
    delete[] m_two.load(std::memory_order_relaxed);
    delete[] m_four.load(std::memory_order_relaxed);
    delete[] m_eight.load(std::memory_order_relaxed);
}

void NumberColumn::widenTo(Width width) {
    switch (width) {
    case Width::Two:
        return allocate(m_two, *this);
    case Width::Four:
        return allocate(m_four, *this);
    case Width::Eight:
        return allocate(m_eight, *this);
    }
}

void NumberColumn::set(std::size_t offset, std::int64_t value, Width least) {
    if (value == kNoNumber) return;
    const Width needed = widthFor(value, least);
    Width current{};
    if (m_eight.load(std::memory_order_relaxed))
        current = Width::Eight;
    else if (m_four.load(std::memory_order_relaxed))
        current = Width::Four;
    else if (m_two.load(std::memory_order_relaxed))
        current = Width::Two;
    if (needed > current) widenTo(current = needed);
    if (current == Width::Eight)
        m_eight.load(std::memory_order_relaxed)[offset] = value;
    else if (current == Width::Four)
        m_four.load(std::memory_order_relaxed)[offset] = static_cast<std::int32_t>(value);
    else
        m_two.load(std::memory_order_relaxed)[offset] = static_cast<std::int16_t>(value);
}

void CodeColumn::set(std::size_t offset, StringPool::Code code) {
    if (code == StringPool::kNone) return;
    auto* codes = m_codes.load(std::memory_order_relaxed);
    if (!codes) {
        codes = new StringPool::Code[kChunkRows]();
        m_codes.store(codes, std::memory_order_release);
    }
    codes[offset] = code;
}

std::uint32_t* HeaderColumn::allocate(std::size_t count) {
    if (count > kBlockCodes / 4) {
        // A long run gets a block of its own, kept before the block in use.
        return m_blocks.insert(m_blocks.begin(), std::make_unique<std::uint32_t[]>(count))->get();
    }
    if (m_used + count > kBlockCodes) {
        m_blocks.push_back(std::make_unique_for_overwrite<std::uint32_t[]>(kBlockCodes));
        m_used = 0;
    }
    std::uint32_t* const at = m_blocks.back().get() + m_used;
    m_used += count;
    return at;
}

void HeaderColumn::set(std::size_t offset, std::uint32_t requestList, std::uint32_t responseList,
                       const std::vector<StringPool::Code>& values) {
    std::uint32_t* const run = allocate(values.size() + 2);
    run[0] = requestList;
    run[1] = responseList;
    std::copy(values.begin(), values.end(), run + 2);
    m_runs[offset] = run;
}

} // namespace gatescope::analysis
