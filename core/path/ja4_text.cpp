// SPDX-License-Identifier: Apache-2.0
#include "core/path/ja4_text.h"

#include "core/path/text_scan.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatescope::path {

namespace {

using Word = std::pair<std::string_view, std::string_view>;

constexpr std::array<Word, 3> kTransports{{{"t", "tcp"}, {"q", "quic"}, {"d", "dtls"}}};
constexpr std::array<Word, 10> kVersions{{{"13", "1.3"},
                                          {"12", "1.2"},
                                          {"11", "1.1"},
                                          {"10", "1.0"},
                                          {"s3", "ssl3"},
                                          {"s2", "ssl2"},
                                          {"d1", "dtls1.0"},
                                          {"d2", "dtls1.2"},
                                          {"d3", "dtls1.3"},
                                          {"00", ""}}};

template <std::size_t Count>
const Word* find(const std::array<Word, Count>& words, std::string_view key) {
    const auto at = std::ranges::find(words, key, &Word::first);
    return at == words.end() ? nullptr : &*at;
}

bool isHash(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return isLowerHex(c) || c == 'X'; });
}

bool isAlphanumeric(char c) {
    return isDigit(c) || (lowered(c) >= 'a' && lowered(c) <= 'z');
}

} // namespace

std::optional<Ja4Text> readJa4(std::string_view text) {
    constexpr std::size_t kPartA = 10;
    constexpr std::size_t kHash = 12;
    constexpr std::size_t kLength = kPartA + 1 + kHash + 1 + kHash;
    text = trimmed(text);
    if (text.size() != kLength || text[kPartA] != '_' || text[kPartA + 1 + kHash] != '_') return std::nullopt;
    const std::string_view hashes = text.substr(kPartA + 1);
    if (!isHash(hashes.substr(0, kHash)) || !isHash(hashes.substr(kHash + 1))) return std::nullopt;
    const Word* const transport = find(kTransports, text.substr(0, 1));
    const Word* const version = find(kVersions, text.substr(1, 2));
    const auto ciphers = wholeNumber<unsigned>(text.substr(4, 2));
    const auto extensions = wholeNumber<unsigned>(text.substr(6, 2));
    const std::string_view alpn = text.substr(8, 2);
    if (transport == nullptr || version == nullptr || !ciphers || !extensions) return std::nullopt;
    if ((text[3] != 'd' && text[3] != 'i') || !std::ranges::all_of(alpn, isAlphanumeric)) return std::nullopt;
    return Ja4Text{transport->second,
                   version->second,
                   text[3] == 'd',
                   *ciphers,
                   *extensions,
                   alpn == "00" ? std::string_view() : alpn,
                   hashes.find('X') != std::string_view::npos};
}

} // namespace gatescope::path
