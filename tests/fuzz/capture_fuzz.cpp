// SPDX-License-Identifier: Apache-2.0
// Any bytes, wrapped or not, in any piece size and block size: no crash, no hang, and the same packets as with one
// large block.
#include "tests/fuzz/capture_outcome.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    gatescope::capture::fuzzing::checkReading({data, size});
    return 0;
}
