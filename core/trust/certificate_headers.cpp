// SPDX-License-Identifier: Apache-2.0
#include "core/trust/certificate_headers.h"

#include "core/tls/visible_text.h"
#include "core/trust/ascii_text.h"
#include "core/trust/certificate_text.h"
#include "core/trust/dn_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gatescope::trust {

namespace {

enum class Holds : std::uint8_t { ArrSsl, Envoy, Subject, Issuer, Certificates, TraefikInfo };

struct KnownHeader {
    std::string_view name;
    Holds holds;
};
constexpr auto kHeaders = std::to_array<KnownHeader>({
    {"x-arr-ssl", Holds::ArrSsl},
    {"x-forwarded-client-cert", Holds::Envoy},
    {"x-arr-clientcert", Holds::Certificates},
    {"x-client-cert", Holds::Certificates},
    {"x-client-certificate", Holds::Certificates},
    {"client-cert", Holds::Certificates},
    {"client-cert-chain", Holds::Certificates},
    {"ssl-client-cert", Holds::Certificates},
    {"x-ssl-client-cert", Holds::Certificates},
    {"x-ssl-cert", Holds::Certificates},
    {"x-amzn-mtls-clientcert", Holds::Certificates},
    {"x-amzn-mtls-clientcert-leaf", Holds::Certificates},
    {"x-forwarded-tls-client-cert", Holds::Certificates},
    {"x-forwarded-tls-client-cert-info", Holds::TraefikInfo},
    {"x-client-cert-subject-dn", Holds::Subject},
    {"x-client-cert-subject", Holds::Subject},
    {"x-client-subject-dn", Holds::Subject},
    {"x-client-dn", Holds::Subject},
    {"ssl-client-subject-dn", Holds::Subject},
    {"ssl-client-s-dn", Holds::Subject},
    {"x-ssl-client-s-dn", Holds::Subject},
    {"x-ssl-client-dn", Holds::Subject},
    {"x-ssl-client-subject", Holds::Subject},
    {"x-ssl-subject", Holds::Subject},
    {"x-amzn-mtls-clientcert-subject", Holds::Subject},
    {"x-client-cert-issuer-dn", Holds::Issuer},
    {"x-client-cert-issuer", Holds::Issuer},
    {"x-client-issuer-dn", Holds::Issuer},
    {"ssl-client-issuer-dn", Holds::Issuer},
    {"ssl-client-i-dn", Holds::Issuer},
    {"x-ssl-client-i-dn", Holds::Issuer},
    {"x-ssl-client-issuer", Holds::Issuer},
    {"x-ssl-issuer", Holds::Issuer},
    {"x-amzn-mtls-clientcert-issuer", Holds::Issuer},
});

/// nginx variables and CGI write `_` for `-`.
std::string plainName(std::string_view name) {
    std::string plain = lowered(trimmed(name));
    std::ranges::replace(plain, '_', '-');
    if (plain.starts_with("http-")) plain.erase(0, 5);
    return plain;
}

/// As written, fit for a screen, if it is a distinguished name.
std::string nameIn(std::string_view text) {
    return readDnText(text) ? tls::visibleText(trimmed(text)) : std::string();
}

/// Cuts the text up to `separator` off, which counts only outside of quotes.
std::string_view nextPart(std::string_view& rest, char separator) {
    bool isQuoted = false;
    std::size_t at = 0;
    for (; at < rest.size(); ++at) {
        if (rest[at] == '\\' && isQuoted) {
            ++at;
            continue;
        }
        if (rest[at] == '"') isQuoted = !isQuoted;
        if (rest[at] == separator && !isQuoted) break;
    }
    const std::string_view part = rest.substr(0, std::min(at, rest.size()));
    rest = at < rest.size() ? rest.substr(at + 1) : std::string_view();
    return part;
}

/// Without quotes around it and the backslashes that they made necessary.
std::string unquoted(std::string_view text) {
    text = trimmed(text);
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    std::string result;
    text = text.substr(1, text.size() - 2);
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool escapes = text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
        if (escapes) ++at;
        result += text[at];
    }
    return result;
}

void takeCertificates(std::string_view text, CertificateHeader& header) {
    auto found = certificatesInText(text, CertificateHeader::kMaxCertificates - header.certificates.size());
    std::ranges::move(found, std::back_inserter(header.certificates));
    if (header.certificates.empty()) return;
    const Certificate& leaf = *header.certificates.front();
    header.names.subject = leaf.subject;
    header.names.issuer = leaf.issuer;
    header.names.keyBits = leaf.keyBits;
}

/// 2048|256|issuer|subject. The order of the two lengths is inferred from their values in public dumps.
void readArrSsl(std::string_view value, CertificateHeader& header) {
    std::array<std::string_view, 4> fields;
    for (std::size_t at = 0; at < fields.size(); ++at) {
        const std::size_t bar = at + 1 < fields.size() ? value.find('|') : value.size();
        if (bar == std::string_view::npos) return;
        fields[at] = trimmed(value.substr(0, bar));
        value.remove_prefix(std::min(bar + 1, value.size()));
    }
    constexpr unsigned kMostBits = 65'536;
    unsigned bits = 0;
    const auto end = fields[0].data() + fields[0].size();
    const auto [behind, error] = std::from_chars(fields[0].data(), end, bits);
    if (error == std::errc() && behind == end && bits <= kMostBits) header.names.keyBits = bits;
    header.names.issuer = nameIn(fields[2]);
    header.names.subject = nameIn(fields[3]);
}

void readEnvoy(std::string_view value, CertificateHeader& header) {
    constexpr std::size_t kMostHosts = 64;
    std::string_view element = nextPart(value, ',');
    std::string certificate, chain;
    while (!element.empty()) {
        const std::string_view pair = trimmed(nextPart(element, ';'));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string key = lowered(trimmed(pair.substr(0, equals)));
        std::string text = unquoted(pair.substr(equals + 1));
        if (key == "subject")
            header.names.subject = nameIn(text);
        else if (key == "issuer")
            header.names.issuer = nameIn(text);
        else if (key == "cert")
            certificate = std::move(text);
        else if (key == "chain")
            chain = std::move(text);
        else if ((key == "dns" || key == "uri") && !text.empty() && header.hosts.size() < kMostHosts)
            header.hosts.push_back(tls::visibleText(text));
    }
    // The chain begins with the certificate itself.
    takeCertificates(chain.empty() ? certificate : chain, header);
}

/// Subject="C=FI,CN=a";Issuer="CN=b", URL-encoded as a whole.
void readTraefikInfo(std::string_view value, CertificateHeader& header) {
    const std::string decoded = percentDecoded(value);
    readEnvoy(decoded, header);
}

} // namespace

std::optional<CertificateHeader> readCertificateHeader(std::string_view name, std::string_view value) {
    const std::string plain = plainName(name);
    const auto known = std::ranges::find(kHeaders, std::string_view(plain), &KnownHeader::name);
    value = trimmed(value);
    if (known == kHeaders.end() || value.empty() || value.size() > CertificateHeader::kMaxOctets) return std::nullopt;
    CertificateHeader header;
    header.names.source = known->name;
    switch (known->holds) {
    case Holds::ArrSsl:
        header.whose = CertificateHeader::Whose::Server;
        readArrSsl(value, header);
        break;
    case Holds::Envoy:
        readEnvoy(value, header);
        break;
    case Holds::TraefikInfo:
        readTraefikInfo(value, header);
        break;
    case Holds::Subject:
        header.names.subject = nameIn(percentDecoded(value));
        break;
    case Holds::Issuer:
        header.names.issuer = nameIn(percentDecoded(value));
        break;
    case Holds::Certificates:
        takeCertificates(value, header);
        break;
    }
    const bool told = !header.names.subject.empty() || !header.names.issuer.empty() || !header.hosts.empty();
    return told || !header.certificates.empty() ? std::optional(std::move(header)) : std::nullopt;
}

std::optional<NamedCertificate> namedCertificateOf(std::string_view name, std::string_view value) {
    auto header = readCertificateHeader(name, value);
    if (!header || (header->names.subject.empty() && header->names.issuer.empty())) return std::nullopt;
    return std::move(header->names);
}

} // namespace gatescope::trust
