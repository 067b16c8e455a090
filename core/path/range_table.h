// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/address_class.h"

#include <span>

namespace gatescope::path {

/// A range with what its addresses are. `Reserved` of a range inside another one does not hide the other's kind: the
/// table says `inherits` then.
struct RangeRow {
    SpecialRange range;
    AddressKind kind;
    bool inherits; ///< reserved by a platform inside a wider range: the wider one says what the address is
};

/// Made from resources/special-address-ranges.json at build time, in the order of the file. Ranges that only wrap IPv4
/// addresses are left out.
std::span<const RangeRow> rangeTable();

} // namespace gatescope::path
