// SPDX-License-Identifier: Apache-2.0
#include "core/trust/public_tables.h"

#include <algorithm>

namespace gatescope::trust {

namespace {

char folded(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

/// The order of the tables: by octets, ASCII letters as small ones.
bool comesBefore(std::string_view a, std::string_view b) {
    return std::ranges::lexicographical_compare(
        a, b, {}, [](char letter) { return static_cast<unsigned char>(folded(letter)); },
        [](char letter) { return static_cast<unsigned char>(folded(letter)); });
}

template <typename Row>
std::span<const Row> named(std::span<const Row> rows, std::string_view subject) {
    const auto found = std::ranges::equal_range(rows, subject, comesBefore, &Row::subject);
    return {found.begin(), found.end()};
}

} // namespace

std::span<const PublicRoot> publicRootsNamed(std::string_view subject) {
    return named(publicRoots(), subject);
}

std::span<const PublicIntermediate> publicIntermediatesNamed(std::string_view subject) {
    return named(publicIntermediates(), subject);
}

const PublicRoot* publicRootOf(const std::array<std::uint8_t, 32>& sha256) {
    const auto roots = publicRoots();
    const auto digestOf = [&](std::uint16_t index) -> const auto& { return roots[index].sha256; };
    const auto order = rootsByDigest();
    const auto found = std::ranges::lower_bound(order, sha256, {}, digestOf);
    return found != order.end() && digestOf(*found) == sha256 ? &roots[*found] : nullptr;
}

} // namespace gatescope::trust
