// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/padded_buffer.h"

#include <string_view>

namespace gatescope::llm {

/// Octets of a text in either alphabet of base64 (RFC 4648, 4 and 5), with or without padding. False when another octet
/// is in it; what is in `out` then is of no use.
bool decodeBase64(std::string_view text, PaddedBuffer& out);

} // namespace gatescope::llm
