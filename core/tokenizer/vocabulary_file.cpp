// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary_file.h"

#include "core/tokenizer/vocabulary.h"

#include <cstdint>
#include <utility>

namespace gatescope::tokenizer {
namespace {

constexpr std::string_view kMagic = "GSVOCAB1";
constexpr std::size_t kHeadBytes = 8 + 1 + 4 + 8;

/// Guards against a damaged disk or download, not against an attacker.
std::uint64_t checksum(std::string_view octets) {
    std::uint64_t sum = 0xcbf29ce484222325ULL;
    for (const char octet : octets) sum = (sum ^ static_cast<unsigned char>(octet)) * 0x100000001b3ULL;
    return sum;
}

void append(std::string& out, std::uint64_t value, unsigned octets) {
    while (octets-- > 0) out.push_back(static_cast<char>(value >> (8 * octets) & 0xff));
}

std::unexpected<Error> trouble(ErrorKind kind, std::string_view what) {
    return std::unexpected(Error{kind, "vocabulary: " + std::string(what)});
}

} // namespace

std::expected<VocabularyFile, Error> readVocabularyFile(Bytes file) {
    ByteReader reader(file);
    if (asText(reader.take(kMagic.size())) != kMagic) return trouble(ErrorKind::UnknownFormat, "not a vocabulary file");
    const std::uint8_t encoding = reader.u8();
    const std::uint32_t count = reader.u32();
    const std::uint64_t sum = reader.u64();
    if (reader.failed()) return trouble(ErrorKind::Damaged, "the file is cut");
    if (encoding != static_cast<std::uint8_t>(Encoding::Cl100k) &&
        encoding != static_cast<std::uint8_t>(Encoding::O200k))
        return trouble(ErrorKind::UnknownFormat, "of no encoding that is known");
    if (count > Vocabulary::kMaxTokens) return trouble(ErrorKind::UnknownFormat, "more tokens than any vocabulary has");
    if (checksum(asText(file.subspan(reader.position()))) != sum)
        return trouble(ErrorKind::Damaged, "the file is cut or was changed");

    VocabularyFile result{static_cast<Encoding>(encoding), {}};
    result.tokens.reserve(count);
    for (std::uint32_t token = 0; token < count; ++token) result.tokens.push_back(asText(reader.take(reader.u8())));
    if (reader.failed()) return trouble(ErrorKind::Damaged, "fewer tokens than the file says");
    if (reader.remaining() != 0) return trouble(ErrorKind::Damaged, "more follows than the file says");
    return result;
}

std::string writeVocabularyFile(const VocabularyFile& vocabulary) {
    std::string body;
    for (const std::string_view token : vocabulary.tokens) {
        append(body, token.size(), 1);
        body.append(token);
    }
    std::string out(kMagic);
    out.reserve(kHeadBytes + body.size());
    append(out, static_cast<std::uint8_t>(vocabulary.encoding), 1);
    append(out, vocabulary.tokens.size(), 4);
    append(out, checksum(body), 8);
    return out + body;
}

} // namespace gatescope::tokenizer
