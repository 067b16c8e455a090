// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace gatescope::analysis {

/// Append-only sequence whose elements never move. One writer; a reader may read any element that it learned of
/// through a synchronised hand-over while the writer goes on.
template <typename T>
class PagedVector {
public:
    static constexpr std::size_t kMaxPages = std::size_t{1} << 15;
    static constexpr unsigned kPageBits = 10;
    /// 33 million elements: more lists of header names, or connections, than the rows that fit into memory.
    static constexpr std::size_t kMaxSize = kMaxPages << kPageBits;

    PagedVector() : m_pages(std::make_unique<std::unique_ptr<T[]>[]>(kMaxPages)) {}

    std::size_t size() const { return m_size; }
    bool full() const { return m_size == kMaxSize; }
    const T& operator[](std::size_t index) const { return m_pages[index >> kPageBits][index & kOffsetMask]; }
    T& operator[](std::size_t index) { return m_pages[index >> kPageBits][index & kOffsetMask]; }

    /// Not when full.
    T& push(T value) {
        auto& page = m_pages[m_size >> kPageBits];
        if (!page) page = std::make_unique<T[]>(std::size_t{1} << kPageBits);
        T& place = page[m_size & kOffsetMask];
        place = std::move(value);
        ++m_size;
        return place;
    }

private:
    static constexpr std::size_t kOffsetMask = (std::size_t{1} << kPageBits) - 1;

    /// Fixed length, so that a reader never sees the table itself move.
    std::unique_ptr<std::unique_ptr<T[]>[]> m_pages;
    std::size_t m_size = 0;
};

} // namespace gatescope::analysis
