// SPDX-License-Identifier: Apache-2.0
#include "core/tls/handshake_messages.h"
#include "core/tls/name_text.h"
#include "core/tls/visible_text.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include <memory>

namespace gatescope::tls {

namespace {

template <auto Free>
struct Freer {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
void freeOctets(unsigned char* octets) {
    OPENSSL_free(octets);
}

using NamePtr = std::unique_ptr<X509_NAME, Freer<X509_NAME_free>>;
using TypePtr = std::unique_ptr<ASN1_TYPE, Freer<ASN1_TYPE_free>>;
using OctetsPtr = std::unique_ptr<unsigned char, Freer<freeOctets>>;

std::string textOf(const OctetsPtr& octets, int size) {
    return {reinterpret_cast<const char*>(octets.get()), static_cast<std::size_t>(size)};
}

/// RFC 4514, 3: the types that have a name there; the rest are written as numbers.
std::string typeName(const ASN1_OBJECT* object) {
    switch (OBJ_obj2nid(object)) {
    case NID_commonName:
        return "CN";
    case NID_localityName:
        return "L";
    case NID_stateOrProvinceName:
        return "ST";
    case NID_organizationName:
        return "O";
    case NID_organizationalUnitName:
        return "OU";
    case NID_countryName:
        return "C";
    case NID_streetAddress:
        return "STREET";
    case NID_domainComponent:
        return "DC";
    case NID_userId:
        return "UID";
    default:
        break;
    }
    std::string number(static_cast<std::size_t>(std::max(OBJ_obj2txt(nullptr, 0, object, 1), 0)) + 1, '\0');
    OBJ_obj2txt(number.data(), static_cast<int>(number.size()), object, 1);
    number.pop_back();
    return number;
}

/// RFC 4514, 2.4.
std::string escapedValue(std::string_view value) {
    constexpr std::string_view kSpecial = "\"+,;<>\\";
    std::string escaped;
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char letter = value[at];
        const bool atStart = at == 0 && (letter == ' ' || letter == '#');
        const bool atEnd = at + 1 == value.size() && letter == ' ';
        if (atStart || atEnd || kSpecial.find(letter) != std::string_view::npos) escaped += '\\';
        escaped += letter;
    }
    return visibleText(escaped);
}

/// A value that is no text: `#` and its encoding in hexadecimal (RFC 4514, 2.4).
std::string encodedValue(const ASN1_STRING* value) {
    const TypePtr type(ASN1_TYPE_new());
    if (!type || ASN1_TYPE_set1(type.get(), ASN1_STRING_type(value), value) != 1) return "#";
    unsigned char* encoded = nullptr;
    const int size = i2d_ASN1_TYPE(type.get(), &encoded);
    const OctetsPtr owner(encoded);
    std::string text = "#";
    for (const char octet : textOf(owner, std::max(size, 0))) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[static_cast<std::uint8_t>(octet) >> 4];
        text += kDigits[static_cast<std::uint8_t>(octet) & 15];
    }
    return text;
}

std::string valueText(const ASN1_STRING* value) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, value);
    const OctetsPtr owner(utf8);
    return size < 0 ? encodedValue(value) : escapedValue(textOf(owner, size));
}

/// RFC 4514, 2.1: the last set of attributes first; those of one set are joined by `+`.
std::string textOfName(const X509_NAME* name) {
    std::string text;
    for (int end = X509_NAME_entry_count(name); end > 0;) {
        int begin = end - 1;
        const auto setAt = [&](int at) { return X509_NAME_ENTRY_set(X509_NAME_get_entry(name, at)); };
        while (begin > 0 && setAt(begin - 1) == setAt(end - 1)) --begin;
        if (!text.empty()) text += ',';
        for (int at = begin; at < end; ++at) {
            const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, at);
            if (at != begin) text += '+';
            text += typeName(X509_NAME_ENTRY_get_object(entry)) + '=' + valueText(X509_NAME_ENTRY_get_data(entry));
        }
        end = begin;
    }
    return text;
}

/// The next element of DER (X.690, 8.1) with its header; moves behind it. Empty: there is none that is whole.
Bytes nextElement(Bytes& der) {
    ByteReader reader(der);
    reader.skip(1);
    std::size_t length = reader.u8();
    if (length & 0x80) {
        std::size_t octets = length & 0x7f;
        if (octets == 0 || octets > 4) return {};
        for (length = 0; octets > 0; --octets) length = length << 8 | reader.u8();
    }
    reader.take(length);
    if (reader.failed()) return {};
    const Bytes element = der.first(reader.position());
    der = der.subspan(element.size());
    return element;
}

/// What is in an element, behind its header.
Bytes contentOf(Bytes element) {
    if (element.size() < 2) return {};
    const std::size_t header = (element[1] & 0x80) ? 2U + (element[1] & 0x7f) : 2U;
    return element.subspan(std::min(header, element.size()));
}

} // namespace

std::optional<std::string> nameText(Bytes encoded) {
    const unsigned char* at = encoded.data();
    // What OpenSSL could not read is no error of this program: its queue stays as it was.
    ERR_set_mark();
    const NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(encoded.size())));
    ERR_pop_to_mark();
    return name && at == encoded.data() + encoded.size() ? std::optional(textOfName(name.get())) : std::nullopt;
}

// Only the names are decoded: reading the key as well takes OpenSSL twenty times as long, for each session anew.
std::optional<CertificateNames> certificateNames(std::string_view der) {
    constexpr std::uint8_t kVersion = 0xa0; // [0], left out by version 1
    Bytes whole = asBytes(der);
    Bytes certificate = contentOf(nextElement(whole));
    if (!whole.empty()) return std::nullopt;
    Bytes rest = contentOf(nextElement(certificate)); // RFC 5280, 4.1
    if (!rest.empty() && rest[0] == kVersion) nextElement(rest);
    nextElement(rest); // serial number
    nextElement(rest); // signature algorithm
    const auto issuer = nameText(nextElement(rest));
    nextElement(rest); // validity
    const auto subject = nameText(nextElement(rest));
    if (!issuer || !subject) return std::nullopt;
    return CertificateNames{*subject, *issuer};
}

} // namespace gatescope::tls
