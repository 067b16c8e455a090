// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace gatescope::trust {

/// The DER of an object of OpenSSL's, as it was read, since nothing changed it. Empty: it has none.
template <typename T>
std::string encoded(int (*encode)(const T*, unsigned char**), const T* object) {
    const int size = encode(object, nullptr);
    if (size <= 0) return {};
    std::string octets(static_cast<std::size_t>(size), '\0');
    auto* to = reinterpret_cast<unsigned char*>(octets.data());
    return encode(object, &to) == size ? octets : std::string();
}

} // namespace gatescope::trust
