// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::trust {

/// Between `-----BEGIN LABEL-----` and `-----END LABEL-----` (RFC 7468); text around is ignored.
struct PemBlock {
    std::string_view label;
    std::string_view body; ///< not decoded
};

/// The next block of `text`, which is moved behind it. None: there is no other that ends.
std::optional<PemBlock> nextPemBlock(std::string_view& text);

/// White space ignored. None: other characters, or a wrong end.
std::optional<std::string> decodeBase64(std::string_view text);

} // namespace gatescope::trust
