// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/error.h"
#include "core/tokenizer/encoding.h"

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::tokenizer {

/// Our own compact file of one vocabulary, made when Gatescope is built (tools/convert_ranks.cpp). Big-endian:
///     8 octets  "GSVOCAB1"
///     1 octet   encoding (the number of the enumerator)
///     4 octets  number of tokens
///     8 octets  FNV-1a (64 bit) of all that follows
///     then the tokens in the order of their ranks, each one octet of length (not 0) and that many octets.
struct VocabularyFile {
    Encoding encoding = Encoding::Cl100k;
    std::vector<std::string_view> tokens; ///< views into the octets that were read
};

/// UnknownFormat when the octets are no such file, Damaged when it is cut, longer than it says, or changed.
std::expected<VocabularyFile, Error> readVocabularyFile(Bytes file);

/// The octets of a file. Each token has 1 to 255 octets.
std::string writeVocabularyFile(const VocabularyFile& vocabulary);

} // namespace gatescope::tokenizer
