// SPDX-License-Identifier: Apache-2.0
#include "core/tls/key_log.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace gatescope::tls {

namespace {

constexpr std::size_t kMasterSecretBytes = 48;
constexpr std::size_t kRandomBytes = 32;
constexpr std::size_t kPremasterPrefixBytes = 8;
constexpr std::string_view kSessionId = "Session-ID:";
constexpr std::string_view kMasterKey = "Master-Key:";

struct KnownLabel {
    std::string_view name;
    SecretLabel label;
};
constexpr std::array<KnownLabel, kSecretLabels> kLabels{
    {{"CLIENT_RANDOM", SecretLabel::ClientRandom},
     {"CLIENT_EARLY_TRAFFIC_SECRET", SecretLabel::ClientEarlyTraffic},
     {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", SecretLabel::ClientHandshakeTraffic},
     {"SERVER_HANDSHAKE_TRAFFIC_SECRET", SecretLabel::ServerHandshakeTraffic},
     {"CLIENT_TRAFFIC_SECRET_0", SecretLabel::ClientTraffic},
     {"SERVER_TRAFFIC_SECRET_0", SecretLabel::ServerTraffic},
     {"EARLY_EXPORTER_SECRET", SecretLabel::EarlyExporter},
     {"EXPORTER_SECRET", SecretLabel::Exporter}}};
constexpr std::array<std::string_view, 2> kIgnoredPrefixes{"QUIC_", "ECH_"};

constexpr std::uint8_t kNoDigit = 0xff;
constexpr std::array<std::uint8_t, 256> kDigits = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
    for (std::uint8_t i = 0; i < 6; ++i) values['a' + i] = values['A' + i] = static_cast<std::uint8_t>(10 + i);
    return values;
}();

constexpr bool isBlank(char c) {
    return c == ' ' || c == '\t';
}

std::string_view takeWord(std::string_view& text) {
    while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
    std::size_t length = 0;
    while (length < text.size() && !isBlank(text[length])) ++length;
    const std::string_view word = text.substr(0, length);
    text.remove_prefix(length);
    return word;
}

/// How many octets were written; nothing: not hexadecimal, empty, or more than there is room for.
std::optional<std::uint8_t> decodeHex(std::string_view hex, std::span<std::uint8_t> to) {
    if (hex.empty() || hex.size() % 2 != 0 || hex.size() / 2 > to.size()) return std::nullopt;
    std::uint8_t wrong = 0;
    for (std::size_t i = 0; i < hex.size() / 2; ++i) {
        const std::uint8_t high = kDigits[static_cast<std::uint8_t>(hex[2 * i])];
        const std::uint8_t low = kDigits[static_cast<std::uint8_t>(hex[2 * i + 1])];
        wrong |= static_cast<std::uint8_t>((high | low) & 0xf0);
        to[i] = static_cast<std::uint8_t>(high << 4 | (low & 0x0f));
    }
    if (wrong != 0) return std::nullopt;
    return static_cast<std::uint8_t>(hex.size() / 2);
}

bool decodeKey(std::string_view hex, KeyLogLine& line) {
    const auto size = decodeHex(hex, line.key);
    line.keySize = size.value_or(0);
    return size.has_value();
}

bool decodeSecret(std::string_view hex, KeyLogLine& line) {
    const auto size = decodeHex(hex, line.secret);
    line.secretSize = size.value_or(0);
    return size.has_value();
}

/// The master secret of TLS 1.2; secrets of TLS 1.3 have the length of its hash, SHA-256 or SHA-384.
bool isRightLength(SecretLabel label, std::size_t size) {
    return size == kMasterSecretBytes || (label != SecretLabel::ClientRandom && size == 32);
}

bool isLabelLike(std::string_view word) {
    return !word.empty() && std::ranges::all_of(word, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool isHex(std::string_view word) {
    return !word.empty() &&
           std::ranges::all_of(word, [](char c) { return kDigits[static_cast<std::uint8_t>(c)] != kNoDigit; });
}

KeyLogLine::Kind parseRsa(std::string_view first, std::string_view second, KeyLogLine& line) {
    const bool isSession = first.starts_with(kSessionId);
    if (isSession) {
        if (!second.starts_with(kMasterKey)) return KeyLogLine::Kind::Damaged;
        first.remove_prefix(kSessionId.size());
        second.remove_prefix(kMasterKey.size());
    }
    if (!decodeKey(first, line) || !decodeSecret(second, line) || line.secretSize != kMasterSecretBytes)
        return KeyLogLine::Kind::Damaged;
    if (isSession) return KeyLogLine::Kind::RsaSession;
    return line.keySize == kPremasterPrefixBytes ? KeyLogLine::Kind::RsaPremaster : KeyLogLine::Kind::Damaged;
}

KeyLogLine::Kind parseWords(std::string_view text, KeyLogLine& line) {
    const std::string_view word = takeWord(text);
    if (word.empty() || word.front() == '#') return KeyLogLine::Kind::Empty;
    const std::string_view first = takeWord(text);
    const std::string_view second = takeWord(text);
    if (!takeWord(text).empty() || second.empty()) return KeyLogLine::Kind::Damaged;

    const auto known = std::ranges::find(kLabels, word, &KnownLabel::name);
    if (known != kLabels.end()) {
        line.label = known->label;
        const bool isGood = decodeKey(first, line) && line.keySize == kRandomBytes && decodeSecret(second, line) &&
                            isRightLength(known->label, line.secretSize);
        return isGood ? KeyLogLine::Kind::Secret : KeyLogLine::Kind::Damaged;
    }
    if (word == "RSA") return parseRsa(first, second, line);
    // A label of tomorrow, if the rest looks like a line of a key log.
    if (isLabelLike(word) && isHex(first) && isHex(second)) return KeyLogLine::Kind::Ignored;
    return KeyLogLine::Kind::Damaged;
}

/// Whether the beginning of a line, of which the rest may be missing, is that of a secret.
bool beginsLikeSecret(std::string_view line) {
    const std::string_view word = takeWord(line);
    const bool isLabel = word == "RSA" || std::ranges::find(kLabels, word, &KnownLabel::name) != kLabels.end() ||
                         std::ranges::any_of(kIgnoredPrefixes, [word](std::string_view prefix) {
                             return word.starts_with(prefix) && isLabelLike(word);
                         });
    const std::string_view first = takeWord(line);
    return isLabel && (isHex(first) || (word == "RSA" && first.starts_with(kSessionId)));
}

} // namespace

KeyLogLine::~KeyLogLine() {
    explicit_bzero(secret.data(), secret.size());
}

void parseKeyLogLine(std::string_view line, KeyLogLine& parsed) {
    parsed.kind = line.size() > KeyLogLine::kMaxBytes ? KeyLogLine::Kind::Damaged : parseWords(line, parsed);
}

std::string_view takeLine(std::string_view& text) {
    // Most lines are shorter than the longest that is used: there, two searches octet by octet would be the cost.
    const std::string_view near = text.substr(0, KeyLogLine::kMaxBytes);
    std::size_t end = near.find('\n');
    end = std::min(end, near.substr(0, end).find('\r'));
    if (end == std::string_view::npos) end = text.find_first_of("\r\n", near.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

std::string_view withoutByteOrderMark(std::string_view text) {
    constexpr std::string_view kMark = "\xef\xbb\xbf";
    if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
    return text;
}

void appendKeyLogLine(SecretText& to, SecretLabel label, const Random& client, Bytes secret) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    const auto known = std::ranges::find(kLabels, label, &KnownLabel::label);
    if (known == kLabels.end()) return;
    to.reserve(to.size() + known->name.size() + 2 * (client.size() + secret.size()) + 3);
    const auto appendHex = [&to](Bytes bytes) {
        for (const std::uint8_t octet : bytes) {
            to.push_back(kHex[octet >> 4]);
            to.push_back(kHex[octet & 0x0f]);
        }
    };
    to.insert(to.end(), known->name.begin(), known->name.end());
    to.push_back(' ');
    appendHex(client);
    to.push_back(' ');
    appendHex(secret);
    to.push_back('\n');
}

bool looksLikeKeyLog(std::string_view text) {
    text = withoutByteOrderMark(text);
    bool hasTitle = false; // what NSS and those after it write on top
    while (!text.empty()) {
        std::string_view line = takeLine(text);
        std::string_view rest = line;
        const std::string_view word = takeWord(rest);
        if (word.empty()) continue;
        if (word.front() != '#') return beginsLikeSecret(line);
        hasTitle = hasTitle || line.find("secrets log") != std::string_view::npos;
    }
    return hasTitle;
}

} // namespace gatescope::tls
