// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::live {

/// What is wrong with a capture filter.
struct FilterProblem {
    std::string message;    ///< for a person, without the position
    std::size_t column = 0; ///< from 1, in octets of the filter: where the word begins that cannot stand there
    std::size_t length = 0; ///< of that word; 0: the filter ends too early
};

/// Compiles the filter for that link type (LINKTYPE_ETHERNET: 1), without any device or name service. Nothing: it is
/// good. Syntax: pcap-filter(7).
std::optional<FilterProblem> checkFilter(std::string_view filter, int linkType = 1);
/// `syntax error at column 5: ...`, with the filter and a mark under it when `lines`.
std::string describe(const FilterProblem& problem, std::string_view filter, bool lines);

} // namespace gatescope::live
