// SPDX-License-Identifier: Apache-2.0
// Both ends of the protocol between the capture helper and its parent. What is understood must come out the same again.
#include "core/live/helper_protocol.h"

#include <cstdlib>
#include <cstring>

using namespace gatescope::live;

namespace {

void compare(const std::string& again, const std::uint8_t* data, std::size_t size) {
    if (again.size() != size || std::memcmp(again.data(), data, size) != 0) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto fromParent = parseParentMessage({data, size});
    const auto fromHelper = parseHelperMessage({data, size});
    if (fromParent && fromHelper) std::abort();
    if (fromParent) compare(encode(*fromParent), data, size);
    if (fromHelper) compare(encode(*fromHelper), data, size);
    return 0;
}
