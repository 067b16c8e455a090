// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::tokenizer {

/// The two byte-pair encodings in use by OpenAI's current models. Each has its own ranks and its own pattern that
/// splits text into pieces before any merge (see splitter.h).
enum class Encoding : std::uint8_t {
    Cl100k = 1, ///< cl100k_base
    O200k = 2   ///< o200k_base
};

/// `cl100k_base`, `o200k_base`.
std::string_view toString(Encoding encoding);

/// The encoding of a model family by its name as the published tables of tiktoken pair them: `gpt-4o...`, `gpt-4.1...`,
/// `gpt-4.5...`, `gpt-5...`, `chatgpt-4o...`, `o1`, `o3`, `o4` and `gpt-oss...` are o200k; `gpt-4`, `gpt-3.5` (Azure:
/// `gpt-35`), `text-embedding-ada-002` and `text-embedding-3...` are cl100k. Compared without case; a fine-tuned model
/// (`ft:gpt-4o:...`) is its base. Nothing for every other name: its vocabulary is not public, or not known here.
std::optional<Encoding> encodingOfModel(std::string_view model);

/// The estimate for text whose vocabulary is not known: four octets a token, rounded up; 0 only for no text. Never
/// overflows; a negative count is taken as none.
constexpr std::int64_t estimateByBytes(std::int64_t octets) {
    if (octets <= 0) return 0;
    return octets / 4 + (octets % 4 != 0 ? 1 : 0);
}

} // namespace gatescope::tokenizer
