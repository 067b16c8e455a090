// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/secret_bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gatescope::tls {

/// Things of one size in chunks that never move; wiped at the end.
template <typename T>
class WipedPool {
public:
    std::size_t size() const { return m_size; }
    T& operator[](std::size_t index) { return m_chunks[index / kChunk][index % kChunk]; }
    const T& operator[](std::size_t index) const { return m_chunks[index / kChunk][index % kChunk]; }
    void add(const T& value) {
        if (m_size % kChunk == 0) m_chunks.emplace_back().reserve(kChunk);
        m_chunks.back().push_back(value);
        ++m_size;
    }

private:
    static constexpr std::size_t kChunk = 1024;
    std::vector<std::vector<T, WipingAllocator<T>>> m_chunks;
    std::size_t m_size = 0;
};

/// Secrets by a key of 32 octets and a label. A line of a key log takes about 110 octets.
class SecretTable {
public:
    static constexpr std::size_t kMaxSecretBytes = 48;
    static constexpr std::size_t kLabels = 8; ///< labels are below
    using Key = std::array<std::uint8_t, 32>;
    enum class Added : std::uint8_t { New, Known };

    /// `seed`: a number that nobody outside can know, so that nobody can choose keys that fall on one place.
    explicit SecretTable(std::uint64_t seed) : m_seed(seed) {}

    /// `secret` has at most kMaxSecretBytes. Of two secrets for the same the first counts, unless it is the beginning
    /// of the second: then its line was not written to the end yet.
    Added add(const Key& key, std::uint8_t label, Bytes secret, std::uint64_t generation);
    /// The same, but the last one counts.
    void replace(const Key& key, std::uint8_t label, Bytes secret, std::uint64_t generation);

    /// Of that generation or before; empty: there is none.
    Bytes find(const Key& key, std::uint8_t label, std::uint64_t generation) const;
    /// Whether there is any, whatever its label.
    bool knows(const Key& key, std::uint64_t generation) const;
    std::size_t size() const { return m_secrets.size(); }

private:
    static constexpr std::uint32_t kNone = 0xffffffff;
    struct Secret {
        std::array<std::uint8_t, kMaxSecretBytes> bytes;
        std::uint64_t generation;
        std::uint32_t next; ///< of the same key
        std::uint8_t label;
        std::uint8_t size;
    };
    struct Owner {
        Key key;
        std::uint32_t first; ///< of its secrets
    };

    /// Where in `m_places` a key is, or would be.
    std::size_t placeOf(const Key& key) const;
    std::uint32_t ownerOf(const Key& key) const;
    std::uint32_t makeOwner(const Key& key);
    std::uint32_t secretOf(std::uint32_t owner, std::uint8_t label) const;
    void addTo(std::uint32_t owner, std::uint8_t label, Bytes secret, std::uint64_t generation);
    static void set(Secret& stored, Bytes secret, std::uint64_t generation);
    void grow();

    std::uint64_t m_seed;
    std::vector<std::uint32_t> m_places; ///< open addressing, a power of two of owners
    WipedPool<Owner> m_owners;
    WipedPool<Secret> m_secrets;
};

} // namespace gatescope::tls
