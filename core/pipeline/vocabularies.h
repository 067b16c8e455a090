// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/tokenizer/vocabulary.h"

#include <cstddef>
#include <expected>
#include <memory>
#include <string>

namespace gatescope::pipeline {

/// Twice the largest of today; what is longer is no vocabulary of ours.
inline constexpr std::size_t kMaxVocabularyFile = 8 * 1024 * 1024;

/// Reads the vocabulary of an encoding from a folder: `o200k.vocab` or `cl100k.vocab`. CannotOpen when the file is not
/// there, else the errors of tokenizer::Vocabulary::load; a file of another encoding is UnknownFormat.
std::expected<std::shared_ptr<const tokenizer::Vocabulary>, Error> loadVocabulary(const std::string& folder,
                                                                                  tokenizer::Encoding encoding);

} // namespace gatescope::pipeline
