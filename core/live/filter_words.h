// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace gatescope::live {

/// One word of a capture filter: a name, a number, an address, or one octet of punctuation.
struct FilterWord {
    std::size_t begin = 0; ///< octets from the begin of the filter
    std::size_t length = 0;
    bool isInBrackets = false;
};

std::vector<FilterWord> splitFilter(std::string_view filter);

/// The first word for which libpcap would ask a name service: the name of a host or network. Source: the grammar in
/// pcap-filter(7), where a word that is no keyword, number or address is such a name unless it stands behind `port`,
/// `proto` and the like.
std::optional<FilterWord> findHostName(std::string_view filter, const std::vector<FilterWord>& words);

} // namespace gatescope::live
