// SPDX-License-Identifier: Apache-2.0
#include "core/path/address_class.h"

#include "core/path/network_range.h"
#include "core/path/range_table.h"

#include <algorithm>
#include <array>

namespace gatescope::path {

namespace {

struct KnownRange {
    NetworkRange range;
    const SpecialRange* special = nullptr;
    AddressKind kind = AddressKind::Public;
    bool inherits = false;
};

/// Longest prefix first.
const std::vector<KnownRange>& knownRanges() {
    static const std::vector<KnownRange> ranges = [] {
        std::vector<KnownRange> made;
        const auto table = rangeTable();
        for (std::size_t i = 0; i < table.size(); ++i)
            if (const auto range = NetworkRange::parse(table[i].range.cidr))
                made.push_back({*range, &specialRanges()[i], table[i].kind, table[i].inherits});
        std::ranges::stable_sort(made, std::ranges::greater(),
                                 [](const KnownRange& known) { return known.range.prefixBits(); });
        return made;
    }();
    return ranges;
}

constexpr std::array<std::uint8_t, 12> kNat64Prefix{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

} // namespace

const std::vector<SpecialRange>& specialRanges() {
    static const std::vector<SpecialRange> ranges = [] {
        std::vector<SpecialRange> made;
        for (const RangeRow& row : rangeTable()) made.push_back(row.range);
        return made;
    }();
    return ranges;
}

IpAddress unwrapped(const IpAddress& address) {
    const auto& bytes = address.bytes();
    if (!std::equal(kNat64Prefix.begin(), kNat64Prefix.end(), bytes.begin())) return address;
    return IpAddress::fromV4(bytes.data() + kNat64Prefix.size());
}

AddressClass classify(const IpAddress& address) {
    AddressClass found;
    bool settled = false;
    const IpAddress plain = unwrapped(address);
    for (const KnownRange& known : knownRanges()) {
        if (!known.range.contains(plain)) continue;
        found.ranges.push_back(known.special);
        if (settled) continue;
        found.kind = known.kind;
        settled = !known.inherits;
    }
    return found;
}

} // namespace gatescope::path
