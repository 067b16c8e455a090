// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace gatescope {

/// Overwrites memory before it is given back, in a way that the compiler does not leave out.
template <typename T>
struct WipingAllocator {
    using value_type = T;
    WipingAllocator() = default;
    template <typename U>
    WipingAllocator(const WipingAllocator<U>&) {}
    T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* at, std::size_t count) {
        explicit_bzero(at, count * sizeof(T));
        std::allocator<T>().deallocate(at, count);
    }
    bool operator==(const WipingAllocator&) const { return true; }
};

/// Key material. Wiped when it goes away or grows. Never written anywhere unless the user asks for it.
using SecretBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;
/// The text of a key log or of a private key.
using SecretText = std::vector<char, WipingAllocator<char>>;

inline std::string_view asText(const SecretText& text) {
    return {text.data(), text.size()};
}

} // namespace gatescope
