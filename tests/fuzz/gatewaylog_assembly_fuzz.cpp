// SPDX-License-Identifier: Apache-2.0
// Rows of model calls in any order, with any numbers and texts: no crash, no more calls than rows, and limits that
// hold. Each row: octets for call, number, flags and length, then the text.
#include "core/gatewaylog/llm_assembly.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace gatescope;
using namespace gatescope::gatewaylog;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    AssemblyLimits limits;
    limits.maxCallBytes = 512;
    limits.maxHeldBytes = 1024;
    LlmAssembly assembly(limits);
    std::size_t rows = 0;
    for (std::size_t at = 0; at + 4 <= size; ++rows) {
        const std::uint8_t* const row = data + at;
        const std::size_t length = std::min<std::size_t>(row[3], size - at - 4);
        const std::string text(reinterpret_cast<const char*>(row + 4), length);
        at += 4 + length;
        LlmPart part;
        part.line = rows + 1;
        if (row[0] != 255) part.correlationId = std::string(1, static_cast<char>('a' + row[0] % 8));
        const auto extreme = static_cast<std::int64_t>(row[1] * 0x0101010101010101ULL); // any sign
        part.sequence = (row[2] & 16) != 0 ? extreme : row[1];
        if ((row[2] & 1) != 0) part.requestMessages = text;
        if ((row[2] & 2) != 0) part.responseMessages = text;
        if ((row[2] & 4) != 0) part.deployment = "d";
        if ((row[2] & 8) != 0) part.promptTokens = extreme;
        if ((row[2] & 32) != 0) part.requestId = text.substr(0, 16);
        assembly.add(row[0] % 3U, std::move(part));
    }
    if (assembly.finish().size() > rows) std::abort();
    return 0;
}
