// SPDX-License-Identifier: Apache-2.0
#include "core/http/http2_start.h"

namespace gatescope::http {

bool looksLikeHttp2(std::string_view) {
    return false;
}

bool isServerPreface(std::string_view text, bool& undecided) {
    // RFC 9113, 4.1 and 6.5: a length that is a multiple of 6, the type 4, no flags, stream 0.
    constexpr std::size_t kHeader = 9;
    if (text.size() < kHeader) {
        undecided =
            text.empty() || (text[0] == 0 && (text.size() < 2 || text[1] == 0) && (text.size() < 4 || text[3] == 4));
        return false;
    }
    const bool settings = text.substr(3, 6) == std::string_view("\4\0\0\0\0\0", 6);
    return settings && text[0] == 0 && text[1] == 0 && static_cast<unsigned char>(text[2]) % 6 == 0;
}

} // namespace gatescope::http
