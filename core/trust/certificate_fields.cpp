// SPDX-License-Identifier: Apache-2.0
#include "core/trust/certificate_fields.h"

#include "core/base/ip_address.h"
#include "core/tls/name_text.h"
#include "core/tls/visible_text.h"
#include "core/trust/openssl_object.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace gatescope::trust {

namespace {

std::string octetsOf(const ASN1_STRING* text) {
    if (text == nullptr || ASN1_STRING_get0_data(text) == nullptr) return {};
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
            static_cast<std::size_t>(std::max(ASN1_STRING_length(text), 0))};
}

std::string numberOf(const ASN1_OBJECT* object) {
    std::string number(static_cast<std::size_t>(std::max(OBJ_obj2txt(nullptr, 0, object, 1), 0)) + 1, '\0');
    OBJ_obj2txt(number.data(), static_cast<int>(number.size()), object, 1);
    number.pop_back();
    return number;
}

// --- Names

/// RFC 4518 as far as everybody goes: no spaces around, one between words, ASCII in lower case.
std::string foldedText(std::string_view text) {
    std::string folded;
    bool space = false;
    for (const char letter : text) {
        if (letter == ' ' || (letter >= '\t' && letter <= '\r')) {
            space = !folded.empty();
            continue;
        }
        if (std::exchange(space, false)) folded += ' ';
        folded += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return folded;
}

/// A value as names are compared (RFC 5280, 7.1): the kind of string does not count, unless it is no string.
std::string comparableValue(const ASN1_STRING* value) {
    switch (ASN1_STRING_type(value)) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_UNIVERSALSTRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_VISIBLESTRING: {
        unsigned char* utf8 = nullptr;
        const int size = ASN1_STRING_to_UTF8(&utf8, value);
        if (size < 0) break;
        std::string folded = foldedText({reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)});
        OPENSSL_free(utf8);
        return 's' + folded;
    }
    default:
        break;
    }
    return static_cast<char>('A' + (ASN1_STRING_type(value) & 31)) + octetsOf(value);
}

void appendField(std::string& key, std::string_view field) {
    key += std::to_string(field.size());
    key += ':';
    key += field;
}

/// Sets of attributes in their order; within a set the order is that of the values.
std::string comparableName(const X509_NAME* name) {
    std::string key;
    const int count = X509_NAME_entry_count(name);
    for (int begin = 0; begin < count;) {
        std::vector<std::string> set;
        const int number = X509_NAME_ENTRY_set(X509_NAME_get_entry(name, begin));
        for (; begin < count; ++begin) {
            const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, begin);
            if (X509_NAME_ENTRY_set(entry) != number) break;
            std::string attribute;
            appendField(attribute, numberOf(X509_NAME_ENTRY_get_object(entry)));
            appendField(attribute, comparableValue(X509_NAME_ENTRY_get_data(entry)));
            set.push_back(std::move(attribute));
        }
        std::ranges::sort(set);
        for (const std::string& attribute : set) key += attribute;
        key += '/';
    }
    return key;
}

std::string textOf(const X509_NAME* name) {
    const unsigned char* der = nullptr;
    std::size_t size = 0;
    if (X509_NAME_get0_der(name, &der, &size) != 1) return {};
    return tls::nameText({der, size}).value_or(std::string());
}

std::string commonNameOf(const X509_NAME* name) {
    int last = -1;
    for (int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1); at >= 0;
         at = X509_NAME_get_index_by_NID(name, NID_commonName, at))
        last = at;
    if (last < 0) return {};
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    if (size < 0) return {};
    std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return tls::visibleText(text);
}

// --- Serial, key

void readSerial(X509* x509, Certificate& certificate) {
    const ASN1_INTEGER* serial = X509_get0_serialNumber(x509);
    if (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER) certificate.serial = "-";
    certificate.serial += hexText(octetsOf(serial));
    const int encoded = i2d_ASN1_INTEGER(serial, nullptr);
    constexpr int kHeader = 2; // longer ones have a longer header, and are longer than allowed either way
    certificate.serialOctets = static_cast<std::size_t>(std::max(encoded - kHeader, 0));
}

/// Names that people and specifications use, where OpenSSL knows the curve by an older one.
std::string curveName(EVP_PKEY* key) {
    char name[80] = {};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return "explicit parameters";
    const std::string_view text(name, size);
    if (text == "prime256v1") return "P-256";
    if (text == "secp384r1") return "P-384";
    if (text == "secp521r1") return "P-521";
    return std::string(text);
}

void readKey(X509* x509, Certificate& certificate) {
    if (const ASN1_BIT_STRING* octets = X509_get0_pubkey_bitstr(x509)) {
        std::string digest(SHA_DIGEST_LENGTH, '\0');
        SHA1(ASN1_STRING_get0_data(octets), static_cast<std::size_t>(std::max(ASN1_STRING_length(octets), 0)),
             reinterpret_cast<unsigned char*>(digest.data()));
        certificate.publicKeySha1 = std::move(digest);
    }
    EVP_PKEY* key = X509_get0_pubkey(x509);
    if (key == nullptr) {
        certificate.keyText = "unknown key";
        certificate.unreadable.push_back("public key");
        return;
    }
    certificate.keyBits = static_cast<unsigned>(std::max(EVP_PKEY_get_bits(key), 0));
    const std::string bits = std::to_string(certificate.keyBits);
    const auto be = [&](KeyKind kind, std::string text) {
        certificate.key = kind;
        certificate.keyText = std::move(text);
    };
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return be(KeyKind::Rsa, "RSA " + bits);
    case EVP_PKEY_RSA_PSS:
        return be(KeyKind::RsaPss, "RSA-PSS " + bits);
    case EVP_PKEY_EC:
        return be(KeyKind::Ec, "EC " + curveName(key));
    case EVP_PKEY_ED25519:
        return be(KeyKind::Ed25519, "Ed25519");
    case EVP_PKEY_ED448:
        return be(KeyKind::Ed448, "Ed448");
    case EVP_PKEY_DSA:
        return be(KeyKind::Dsa, "DSA " + bits);
    default:
        return be(KeyKind::Other, "unknown key");
    }
}

void readSignature(X509* x509, Certificate& certificate) {
    const X509_ALGOR* algorithm = nullptr;
    X509_get0_signature(nullptr, &algorithm, x509);
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    const int kind = OBJ_obj2nid(object);
    certificate.signature = kind == NID_undef ? numberOf(object) : OBJ_nid2ln(kind);
    int digest = NID_undef;
    // Tells the digest of RSASSA-PSS as well, whose algorithm does not name it.
    if (X509_get_signature_info(x509, &digest, nullptr, nullptr, nullptr) == 1 && digest != NID_undef)
        certificate.signatureDigest = OBJ_nid2sn(digest);
    else if (OBJ_find_sigid_algs(kind, &digest, nullptr) == 1 && digest != NID_undef)
        certificate.signatureDigest = OBJ_nid2sn(digest);
}

// --- Extensions

/// An extension decoded; null where there is none, or where it cannot be read, which is then said.
template <typename T, auto Free>
OpenSslPtr<T, Free> extensionOf(const X509* x509, int kind, std::string_view name, Certificate& certificate) {
    int critical = 0;
    OpenSslPtr<T, Free> value(static_cast<T*>(X509_get_ext_d2i(x509, kind, &critical, nullptr)));
    constexpr int kAbsent = -1, kTwice = -2;
    if (!value && critical == kTwice) certificate.unreadable.push_back(std::string(name) + " (stands there twice)");
    if (!value && critical != kAbsent && critical != kTwice) certificate.unreadable.emplace_back(name);
    return value;
}

std::string addressText(std::string_view octets) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(octets.data());
    if (octets.size() == 4) return IpAddress::fromV4(bytes).toString();
    if (octets.size() == 16) return IpAddress::fromV6(bytes).toString();
    return "not an address";
}

AlternativeName nameOf(const GENERAL_NAME& name) {
    using Kind = AlternativeName::Kind;
    const auto written = [](Kind kind, const ASN1_STRING* text) {
        std::string octets = octetsOf(text);
        return AlternativeName{kind, tls::visibleText(octets), std::move(octets)};
    };
    switch (name.type) {
    case GEN_DNS:
        return written(Kind::Dns, name.d.dNSName);
    case GEN_EMAIL:
        return written(Kind::Email, name.d.rfc822Name);
    case GEN_URI:
        return written(Kind::Uri, name.d.uniformResourceIdentifier);
    case GEN_IPADD: {
        std::string octets = octetsOf(name.d.iPAddress);
        std::string text = addressText(octets);
        return {Kind::Ip, std::move(text), std::move(octets)};
    }
    case GEN_DIRNAME:
        return {Kind::Directory, textOf(name.d.directoryName), {}};
    case GEN_OTHERNAME:
        return {Kind::Other, numberOf(name.d.otherName->type_id), {}};
    default:
        return {Kind::Other, {}, {}};
    }
}

void readNames(const X509* x509, Certificate& certificate) {
    certificate.hasAlternativeName = X509_get_ext_by_NID(x509, NID_subject_alt_name, -1) >= 0;
    const auto names = extensionOf<GENERAL_NAMES, GENERAL_NAMES_free>(x509, NID_subject_alt_name,
                                                                      "subject alternative name", certificate);
    const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
    constexpr int kMost = static_cast<int>(Certificate::kMaxNames);
    certificate.namesCut = count > kMost;
    for (int at = 0; at < std::min(count, kMost); ++at)
        certificate.names.push_back(nameOf(*sk_GENERAL_NAME_value(names.get(), at)));
}

void readConstraints(const X509* x509, Certificate& certificate) {
    const auto basic = extensionOf<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(x509, NID_basic_constraints,
                                                                              "basic constraints", certificate);
    certificate.hasBasicConstraints = basic != nullptr;
    certificate.isCa = basic && basic->ca != 0;
    if (basic && basic->pathlen != nullptr) {
        std::uint64_t length = 0;
        if (ASN1_INTEGER_get_uint64(&length, basic->pathlen) == 1)
            certificate.pathLength = length;
        else
            certificate.unreadable.push_back("path length");
    }
    certificate.hasNameConstraints = X509_get_ext_by_NID(x509, NID_name_constraints, -1) >= 0;
}

void readUsages(const X509* x509, Certificate& certificate) {
    if (const auto bits =
            extensionOf<ASN1_BIT_STRING, ASN1_BIT_STRING_free>(x509, NID_key_usage, "key usage", certificate)) {
        constexpr int kBits = 9; // RFC 5280, 4.2.1.3
        std::uint16_t usage = 0;
        for (int bit = 0; bit < kBits; ++bit)
            if (ASN1_BIT_STRING_get_bit(bits.get(), bit) == 1) usage |= static_cast<std::uint16_t>(1U << bit);
        certificate.keyUsage = usage;
    }
    if (const auto uses = extensionOf<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(x509, NID_ext_key_usage,
                                                                                   "extended key usage", certificate)) {
        auto& list = certificate.extendedKeyUsage.emplace();
        for (int at = 0; at < sk_ASN1_OBJECT_num(uses.get()); ++at)
            list.push_back(numberOf(sk_ASN1_OBJECT_value(uses.get(), at)));
    }
}

void readKeyIds(const X509* x509, Certificate& certificate) {
    if (const auto id = extensionOf<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>(x509, NID_subject_key_identifier,
                                                                               "subject key identifier", certificate))
        certificate.subjectKeyId = octetsOf(id.get());
    if (const auto id = extensionOf<AUTHORITY_KEYID, AUTHORITY_KEYID_free>(x509, NID_authority_key_identifier,
                                                                           "authority key identifier", certificate);
        id && id->keyid != nullptr)
        certificate.authorityKeyId = octetsOf(id->keyid);
}

void addAddress(const GENERAL_NAME* name, std::vector<std::string>& addresses) {
    if (name != nullptr && name->type == GEN_URI)
        addresses.push_back(tls::visibleText(octetsOf(name->d.uniformResourceIdentifier)));
}

void readAddresses(const X509* x509, Certificate& certificate) {
    if (const auto access = extensionOf<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>(
            x509, NID_info_access, "authority information access", certificate)) {
        for (int at = 0; at < sk_ACCESS_DESCRIPTION_num(access.get()); ++at) {
            const ACCESS_DESCRIPTION* entry = sk_ACCESS_DESCRIPTION_value(access.get(), at);
            const int method = OBJ_obj2nid(entry->method);
            if (method == NID_ad_ca_issuers) addAddress(entry->location, certificate.caIssuers);
            if (method == NID_ad_OCSP) addAddress(entry->location, certificate.ocsp);
        }
    }
    if (const auto points = extensionOf<CRL_DIST_POINTS, CRL_DIST_POINTS_free>(
            x509, NID_crl_distribution_points, "CRL distribution points", certificate)) {
        for (int at = 0; at < sk_DIST_POINT_num(points.get()); ++at) {
            const DIST_POINT* point = sk_DIST_POINT_value(points.get(), at);
            if (point->distpoint == nullptr || point->distpoint->type != 0) continue; // 0: a full name
            const GENERAL_NAMES* names = point->distpoint->name.fullname;
            for (int name = 0; name < sk_GENERAL_NAME_num(names); ++name)
                addAddress(sk_GENERAL_NAME_value(names, name), certificate.crl);
        }
    }
}

void readExtensionList(const X509* x509, Certificate& certificate) {
    for (int at = 0; at < X509_get_ext_count(x509); ++at) {
        X509_EXTENSION* extension = X509_get_ext(x509, at);
        certificate.extensions.push_back(
            {numberOf(X509_EXTENSION_get_object(extension)), X509_EXTENSION_get_critical(extension) == 1});
    }
    certificate.hasSctList = X509_get_ext_by_NID(x509, NID_ct_precert_scts, -1) >= 0;
    // RFC 7633: status_request is feature 5.
    constexpr long kStatusRequest = 5;
    if (const auto features =
            extensionOf<TLS_FEATURE, TLS_FEATURE_free>(x509, NID_tlsfeature, "TLS feature", certificate))
        for (int at = 0; at < sk_ASN1_INTEGER_num(features.get()); ++at)
            certificate.mustStaple |= ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), at)) == kStatusRequest;
}

} // namespace

TimeNs timeOf(const ASN1_TIME* time) {
    tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return kNoTime;
    using namespace std::chrono;
    const year_month_day day{year(parts.tm_year + 1900), month(static_cast<unsigned>(parts.tm_mon + 1)),
                             std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
    if (!day.ok()) return kNoTime;
    const std::int64_t seconds = std::int64_t{sys_days(day).time_since_epoch().count()} * 86'400 +
                                 parts.tm_hour * 3'600 + parts.tm_min * 60 + parts.tm_sec;
    TimeNs result = 0;
    if (!__builtin_mul_overflow(seconds, TimeNs{1'000'000'000}, &result)) return result;
    return seconds < 0 ? kNoTime + 1 : std::numeric_limits<TimeNs>::max();
}

std::string hexText(std::string_view octets) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(octets.size() * 2);
    for (const char octet : octets) {
        text += kDigits[static_cast<std::uint8_t>(octet) >> 4];
        text += kDigits[static_cast<std::uint8_t>(octet) & 15];
    }
    return text;
}

void readFields(X509* x509, Certificate& certificate) {
    certificate.version = static_cast<int>(std::clamp(X509_get_version(x509), 0L, 9L)) + 1;
    const X509_NAME* subject = X509_get_subject_name(x509);
    const X509_NAME* issuer = X509_get_issuer_name(x509);
    certificate.subject = textOf(subject);
    certificate.issuer = textOf(issuer);
    certificate.subjectKey = comparableName(subject);
    certificate.issuerKey = comparableName(issuer);
    certificate.commonName = commonNameOf(subject);
    certificate.issuerCommonName = commonNameOf(issuer);
    certificate.selfIssued = certificate.subjectKey == certificate.issuerKey;
    certificate.notBefore = timeOf(X509_get0_notBefore(x509));
    certificate.notAfter = timeOf(X509_get0_notAfter(x509));
    if (certificate.notBefore == kNoTime || certificate.notAfter == kNoTime)
        certificate.unreadable.push_back("validity");
    readSerial(x509, certificate);
    readKey(x509, certificate);
    readSignature(x509, certificate);
    readNames(x509, certificate);
    readConstraints(x509, certificate);
    readUsages(x509, certificate);
    readKeyIds(x509, certificate);
    readAddresses(x509, certificate);
    readExtensionList(x509, certificate);
}

} // namespace gatescope::trust
