// SPDX-License-Identifier: Apache-2.0
// Input: one octet that says at which block the second reader begins, then blocks: an octet that gives the length,
// then the octets. What the second reader tells must be what the first one told, or unknown.
#include "core/http/hpack_decoder.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

using Field = std::optional<std::pair<std::string, std::string>>; ///< nothing: unknown

struct Told final : http::HpackFields {
    std::vector<Field> fields;
    void field(std::string_view name, std::string_view value) override {
        fields.emplace_back(std::in_place, name, value);
    }
    void unknownField() override { fields.emplace_back(); }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    http::HpackDecoder whole(true), late(false);
    bool healthy = true;
    const std::size_t start = data[0] % 16;
    std::size_t at = 1;
    for (std::size_t block = 0; at < size; ++block) {
        const std::size_t length = data[at++];
        // A copy of exactly that size, gone after the call.
        const std::vector<std::uint8_t> bytes(data + at, data + at + std::min(length, size - at));
        at += bytes.size();
        http::hpackTellsRequest(bytes);
        Told first, second;
        healthy = whole.decode(bytes, first) && healthy;
        if (block < start) continue;
        const bool good = late.decode(bytes, second);
        if (!healthy) continue;
        require(good && first.fields.size() == second.fields.size());
        for (std::size_t i = 0; i < first.fields.size(); ++i)
            require(!second.fields[i] || second.fields[i] == first.fields[i]);
    }
    return 0;
}
