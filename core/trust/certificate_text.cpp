// SPDX-License-Identifier: Apache-2.0
#include "core/trust/certificate_text.h"

#include "core/trust/ascii_text.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gatescope::trust {

namespace {

constexpr std::string_view kBegin = "-----BEGIN", kEnd = "-----END", kDashes = "-----";

int digitOf(char letter) {
    if (letter >= 'A' && letter <= 'Z') return letter - 'A';
    if (letter >= 'a' && letter <= 'z') return letter - 'a' + 26;
    if (isDigit(letter)) return letter - '0' + 52;
    if (letter == '+' || letter == '-') return 62;
    return letter == '/' || letter == '_' ? 63 : -1;
}

/// Either alphabet of RFC 4648; blanks are passed over. Nothing: another octet stands in it.
std::optional<std::string> decodedBase64(std::string_view text) {
    std::string octets;
    octets.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned count = 0;
    bool padding = false;
    for (const char letter : text) {
        if (isBlank(letter)) continue;
        if (letter == '=') {
            padding = true;
            continue;
        }
        const int digit = digitOf(letter);
        if (digit < 0 || padding) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        octets += static_cast<char>(bits >> count & 0xffU);
    }
    return octets;
}

void addCertificate(std::string_view base64, std::vector<CertificatePtr>& list) {
    const auto der = decodedBase64(base64);
    if (!der || der->empty()) return;
    if (auto certificate = readCertificate(*der)) list.push_back(std::move(*certificate));
}

} // namespace

std::string percentDecoded(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int high = text[at] == '%' && at + 2 < text.size() ? hexValue(text[at + 1]) : -1;
        const int low = high >= 0 ? hexValue(text[at + 2]) : -1;
        if (low < 0) {
            result += text[at];
        } else {
            result += static_cast<char>(high * 16 + low);
            at += 2;
        }
    }
    return result;
}

std::vector<CertificatePtr> certificatesInText(std::string_view text, std::size_t most) {
    const std::string decoded = percentDecoded(text);
    std::string_view rest = decoded;
    std::vector<CertificatePtr> list;
    if (rest.find(kBegin) == std::string_view::npos) {
        while (!rest.empty() && list.size() < most) {
            const std::size_t comma = rest.find(',');
            std::string_view part = trimmed(rest.substr(0, comma));
            if (part.size() >= 2 && part.front() == ':' && part.back() == ':') part = part.substr(1, part.size() - 2);
            addCertificate(part, list);
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        }
        return list;
    }
    while (list.size() < most) {
        const std::size_t begin = rest.find(kBegin);
        if (begin == std::string_view::npos) break;
        rest.remove_prefix(begin + kBegin.size());
        const std::size_t body = rest.find(kDashes); // behind ` CERTIFICATE`
        if (body == std::string_view::npos) break;
        rest.remove_prefix(body + kDashes.size());
        const std::size_t end = rest.find(kEnd);
        addCertificate(rest.substr(0, end), list);
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end);
    }
    return list;
}

} // namespace gatescope::trust
