// SPDX-License-Identifier: Apache-2.0
#include "core/tls/fingerprints.h"

#include "core/tls/extension_types.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

namespace gatescope::tls {

namespace {

constexpr std::string_view kEmptyHash = "000000000000";

std::string hexadecimal(Bytes bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t octet : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", octet);
    return text;
}

std::string md5(std::string_view text) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    // JA3 is defined by MD5; where a policy forbids it there is no JA3.
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) != 1) return {};
    return hexadecimal(Bytes(digest).first(size));
}

std::string shortSha256(std::string_view text) {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256(asBytes(text).data(), text.size(), digest.data());
    return hexadecimal(Bytes(digest).first(kEmptyHash.size() / 2));
}

std::vector<std::uint16_t> withoutGrease(const std::vector<std::uint16_t>& values) {
    std::vector<std::uint16_t> kept;
    kept.reserve(values.size());
    std::ranges::copy_if(values, std::back_inserter(kept), [](std::uint16_t value) { return !isGrease(value); });
    return kept;
}

/// JA3 joins decimal numbers.
template <typename Values>
std::string decimalList(const Values& values) {
    return fmt::format("{}", fmt::join(values, "-"));
}

/// JA4 joins hexadecimal ones.
std::string hexadecimalList(const std::vector<std::uint16_t>& values) {
    return fmt::format("{:04x}", fmt::join(values, ","));
}

std::string_view ja4Version(const ClientHello& hello) {
    const std::vector<std::uint16_t> offered = withoutGrease(hello.versions);
    const std::uint16_t version = offered.empty() ? hello.legacyVersion : std::ranges::max(offered);
    switch (version) {
    case kTls13:
        return "13";
    case kTls12:
        return "12";
    case kTls11:
        return "11";
    case kTls10:
        return "10";
    case kSsl3:
        return "s3";
    case 0x0002:
        return "s2";
    default:
        return "00";
    }
}

bool isAlphanumeric(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

/// First and last character of the first protocol; of its hexadecimal form where either is no letter or digit.
std::string ja4Protocol(const ClientHello& hello) {
    if (hello.alpn.empty() || hello.alpn.front().empty()) return "00";
    const std::string& name = hello.alpn.front();
    if (isAlphanumeric(name.front()) && isAlphanumeric(name.back())) return {name.front(), name.back()};
    const std::string digits = hexadecimal(asBytes(name));
    return {digits.front(), digits.back()};
}

std::string ja4Suites(std::vector<std::uint16_t> suites) {
    if (suites.empty()) return std::string(kEmptyHash);
    std::ranges::sort(suites);
    return shortSha256(hexadecimalList(suites));
}

std::string ja4Extensions(std::vector<std::uint16_t> extensions, const ClientHello& hello) {
    std::erase_if(extensions,
                  [](std::uint16_t type) { return type == extension::kServerName || type == extension::kAlpn; });
    if (extensions.empty()) return std::string(kEmptyHash);
    std::ranges::sort(extensions);
    std::string text = hexadecimalList(extensions);
    const std::vector<std::uint16_t> schemes = withoutGrease(hello.signatureSchemes);
    if (!schemes.empty()) text += '_' + hexadecimalList(schemes);
    return shortSha256(text);
}

} // namespace

std::string ja3(const ClientHello& hello) {
    return md5(fmt::format("{},{},{},{},{}", hello.legacyVersion, decimalList(withoutGrease(hello.cipherSuites)),
                           decimalList(withoutGrease(hello.extensions)), decimalList(withoutGrease(hello.groups)),
                           decimalList(hello.pointFormats)));
}

std::string ja3s(const ServerHello& hello) {
    return md5(fmt::format("{},{},{}", hello.legacyVersion, hello.cipherSuite, decimalList(hello.extensions)));
}

std::string ja4(const ClientHello& hello, bool overQuic) {
    constexpr std::size_t kMaxCount = 99;
    const std::vector<std::uint16_t> suites = withoutGrease(hello.cipherSuites);
    const std::vector<std::uint16_t> extensions = withoutGrease(hello.extensions);
    const bool namesServer = std::ranges::find(extensions, extension::kServerName) != extensions.end();
    return fmt::format("{}{}{}{:02}{:02}{}_{}_{}", overQuic ? 'q' : 't', ja4Version(hello), namesServer ? 'd' : 'i',
                       std::min(suites.size(), kMaxCount), std::min(extensions.size(), kMaxCount), ja4Protocol(hello),
                       ja4Suites(suites), ja4Extensions(extensions, hello));
}

} // namespace gatescope::tls
