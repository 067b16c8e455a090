// SPDX-License-Identifier: Apache-2.0
#include "core/http/http2_start.h"

#include "core/http/http2_frame.h"

#include <algorithm>
#include <array>
#include <limits>

namespace gatescope::http {

bool looksLikeHttp2(std::string_view text) {
    if (text.starts_with(kHttp2Preface)) return true;
    const Http2Run run = followHttp2Frames(asBytes(text), std::numeric_limits<unsigned>::max());
    // A last frame that goes on behind the text has not shown its end.
    return !run.broken && (run.exact || run.headers >= 3);
}

bool isServerPreface(std::string_view text, bool& undecided) {
    // Of a SETTINGS frame everything but the two lower octets of the length is known.
    constexpr std::array<int, kHttp2HeaderBytes> kExpected{0, -1, -1, 4, 0, 0, 0, 0, 0};
    const std::size_t there = std::min(text.size(), kExpected.size());
    undecided = false;
    for (std::size_t i = 0; i < there; ++i)
        if (kExpected[i] >= 0 && static_cast<unsigned char>(text[i]) != kExpected[i]) return false;
    if (there < kExpected.size()) {
        undecided = true;
        return false;
    }
    return isPlausibleHttp2Frame(readHttp2FrameHeader(asBytes(text).data()));
}

} // namespace gatescope::http
