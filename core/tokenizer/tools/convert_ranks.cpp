// SPDX-License-Identifier: Apache-2.0
// Build step: turns a rank file of npm's js-tiktoken (dist/ranks/o200k_base.js, cl100k_base.js) into our vocabulary
// file.
//     gatescope_convert_ranks RANKS.js OUTPUT
// The file must be what we know: its pattern is compared with the ones that core/tokenizer/splitter.cpp carries out.
#include "core/tokenizer/vocabulary.h"
#include "core/tokenizer/vocabulary_file.h"

#include <cstdint>
#include <deque>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

using gatescope::tokenizer::Encoding;

constexpr std::string_view kContractions = "('s|'S|'t|'T|'re|'rE|'Re|'RE|'ve|'vE|'Ve|'VE|'m|'M|'ll|'lL|'Ll|'LL|'d|'D)";

std::string patternOf(Encoding encoding) {
    const std::string contractions(kContractions);
    const std::string blanks = R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";
    if (encoding == Encoding::Cl100k)
        return contractions + R"(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)" + blanks;
    const std::string upper = R"([\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}])", lower = R"([\p{Ll}\p{Lm}\p{Lo}\p{M}])";
    const std::string before = R"([^\r\n\p{L}\p{N}]?)";
    return before + upper + "*" + lower + "+" + contractions + "?|" + before + upper + "+" + lower + "*" +
           contractions + R"(?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*)" + blanks;
}

Encoding encodingOf(const std::string& pattern) {
    for (const Encoding encoding : {Encoding::Cl100k, Encoding::O200k})
        if (pattern == patternOf(encoding)) return encoding;
    throw std::runtime_error("the pattern is not one that we know");
}

std::string decodeBase64(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string octets;
    std::uint32_t bits = 0;
    unsigned have = 0;
    while (text.ends_with('=')) text.remove_suffix(1);
    for (const char digit : text) {
        const auto value = digits.find(digit);
        if (value == std::string_view::npos) throw std::runtime_error("a token is not base64");
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        octets.push_back(static_cast<char>(bits >> have & 0xff));
    }
    return octets;
}

std::string readFile(const char* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(std::string("cannot open ") + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Tokens by rank. Each line is `! FIRST-RANK token token ...`.
std::deque<std::string> tokensOf(const std::string& lines) {
    std::deque<std::string> tokens;
    std::istringstream input(lines);
    for (std::string line; std::getline(input, line);) {
        std::istringstream words(line);
        std::string mark, token;
        std::size_t rank = 0;
        if (line.empty()) continue;
        if (!(words >> mark >> rank) || rank != tokens.size())
            throw std::runtime_error("ranks are not in one sequence");
        while (words >> token) tokens.push_back(decodeBase64(token));
    }
    return tokens;
}

void convert(const char* from, const char* to) {
    const std::string text = readFile(from);
    const auto begin = text.find('{'), end = text.rfind('}');
    if (begin == std::string::npos || end == std::string::npos) throw std::runtime_error("no object in the file");
    const auto ranks = nlohmann::json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                             text.begin() + static_cast<std::ptrdiff_t>(end) + 1);
    const auto tokens = tokensOf(ranks.at("bpe_ranks").get<std::string>());
    const Encoding encoding = encodingOf(ranks.at("pat_str").get<std::string>());
    const std::string octets = gatescope::tokenizer::writeVocabularyFile({encoding, {tokens.begin(), tokens.end()}});
    const auto loaded = gatescope::tokenizer::Vocabulary::load(gatescope::asBytes(octets));
    if (!loaded) throw std::runtime_error(loaded.error().message);
    for (unsigned octet = 0; octet < 256; ++octet) {
        const char single = static_cast<char>(octet);
        if (loaded->rankOf({&single, 1}) == gatescope::tokenizer::kNoRank)
            throw std::runtime_error("a single octet is no token");
    }
    std::ofstream file(to, std::ios::binary);
    file << octets;
    file.close();
    if (!file) throw std::runtime_error(std::string("cannot write ") + to);
}

} // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::cerr << "usage: gatescope_convert_ranks RANKS.js OUTPUT\n";
        return 2;
    }
    try {
        convert(arguments[1], arguments[2]);
    } catch (const std::exception& trouble) {
        std::cerr << "gatescope_convert_ranks: " << arguments[1] << ": " << trouble.what() << '\n';
        return 1;
    }
    return 0;
}
