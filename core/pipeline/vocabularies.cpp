// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/vocabularies.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <utility>

namespace gatescope::pipeline {

std::expected<std::shared_ptr<const tokenizer::Vocabulary>, Error> loadVocabulary(const std::string& folder,
                                                                                  tokenizer::Encoding encoding) {
    const std::string path =
        fmt::format("{}/{}.vocab", folder, encoding == tokenizer::Encoding::O200k ? "o200k" : "cl100k");
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
    if (!file) return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("{}: {}", path, std::strerror(errno))});
    std::string octets(kMaxVocabularyFile, '\0');
    octets.resize(std::fread(octets.data(), 1, octets.size(), file.get()));
    auto loaded = tokenizer::Vocabulary::load(asBytes(octets));
    if (!loaded)
        return std::unexpected(Error{loaded.error().kind, fmt::format("{}: {}", path, loaded.error().message)});
    if (loaded->encoding() != encoding)
        return std::unexpected(Error{ErrorKind::UnknownFormat, path + ": holds another encoding"});
    return std::make_shared<const tokenizer::Vocabulary>(std::move(*loaded));
}

} // namespace gatescope::pipeline
