// SPDX-License-Identifier: Apache-2.0
// Microsoft's certificate trust lists: [MS-CAESO], 4.1 has the ASN.1; the property numbers are CERT_..._PROP_ID of
// wincrypt.h, each as an attribute 1.3.6.1.4.1.311.10.11.NUMBER.
#include "core/trust/der_reader.h"
#include "core/trust/file_reading.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace gatescope::trust {

namespace {

constexpr std::string_view kSignedData{"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 9};          // 1.2.840.113549.1.7.2
constexpr std::string_view kList{"\x2b\x06\x01\x04\x01\x82\x37\x0a\x01", 9};                // 1.3.6.1.4.1.311.10.1
constexpr std::string_view kProperty{"\x2b\x06\x01\x04\x01\x82\x37\x0a\x0b", 9};            // 1.3.6.1.4.1.311.10.11
constexpr std::string_view kDisallowedList{"\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x1e", 10}; // 1.3.6.1.4.1.311.10.3.30

constexpr char kPurposes = 9, kSha256 = 98, kDisallowedSince = 104, kDisallowedPurposes = 122;

/// The content of the signed data when its type is a trust list.
std::optional<std::string_view> listOf(std::string_view der) {
    DerReader outer(der);
    const auto message = outer.next(DerElement::kSequence);
    DerReader parts(message.value_or(std::string_view()));
    if (parts.next(DerElement::kObject) != kSignedData) return std::nullopt;
    DerReader wrapped(parts.next(DerElement::kContext0).value_or(std::string_view()));
    DerReader signedData(wrapped.next(DerElement::kSequence).value_or(std::string_view()));
    if (!signedData.next(DerElement::kInteger) || !signedData.next(DerElement::kSet)) return std::nullopt;
    DerReader content(signedData.next(DerElement::kSequence).value_or(std::string_view()));
    if (content.next(DerElement::kObject) != kList) return std::nullopt;
    DerReader list(content.next(DerElement::kContext0).value_or(std::string_view()));
    // CMS puts an octet string around it, PKCS#7 of old does not.
    if (list.nextTag() == DerElement::kOctetString) list = DerReader(list.next(DerElement::kOctetString).value_or(""));
    return list.next(DerElement::kSequence);
}

bool holds(std::string_view identifiers, std::string_view wanted) {
    DerReader outer(identifiers);
    DerReader list(outer.next(DerElement::kSequence).value_or(std::string_view()));
    while (const auto identifier = list.next(DerElement::kObject))
        if (*identifier == wanted) return true;
    return false;
}

bool coversServers(std::string_view purposes) {
    return holds(purposes, kServerAuth) || holds(purposes, kAnyPurpose);
}

struct Subject {
    ListedRoot root;
    bool allowsServers = true;
    bool disallowed = false;                  ///< since a date
    std::optional<bool> disallowedForServers; ///< only some purposes are; whether that of servers is one

    bool isForServers() const { return allowsServers && !disallowedForServers.value_or(disallowed); }
};

void readProperty(char property, std::string_view value, Subject& subject) {
    if (property == kSha256 && value.size() == 32)
        std::memcpy(subject.root.sha256.emplace().data(), value.data(), value.size());
    else if (property == kPurposes)
        subject.allowsServers = coversServers(value);
    else if (property == kDisallowedSince)
        subject.disallowed = true;
    else if (property == kDisallowedPurposes)
        subject.disallowedForServers = coversServers(value);
}

std::optional<Subject> subjectOf(std::string_view element) {
    DerReader parts(element);
    const auto digest = parts.next(DerElement::kOctetString);
    if (!digest || digest->size() != 20) return std::nullopt;
    Subject subject;
    std::memcpy(subject.root.sha1.data(), digest->data(), digest->size());
    DerReader attributes(parts.next(DerElement::kSet).value_or(std::string_view()));
    while (const auto attribute = attributes.next(DerElement::kSequence)) {
        DerReader pair(*attribute);
        const auto type = pair.next(DerElement::kObject);
        DerReader values(pair.next(DerElement::kSet).value_or(std::string_view()));
        const auto value = values.next(DerElement::kOctetString);
        if (type && value && type->size() == kProperty.size() + 1 && type->starts_with(kProperty))
            readProperty(type->back(), *value, subject);
    }
    return subject;
}

/// `260719...Z` or `20260719...Z`.
std::string dateOf(const DerElement& time) {
    std::string_view digits = time.content;
    const bool isShort = time.tag == DerElement::kUtcTime;
    const std::size_t year = isShort ? 2 : 4;
    if (digits.size() < year + 4) return {};
    digits = digits.substr(0, year + 4);
    if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return {};
    std::string date = isShort ? (digits[0] < '5' ? "20" : "19") : ""; // RFC 5280, 4.1.2.5.1
    date.append(digits.substr(0, year)).append("-").append(digits.substr(year, 2)).append("-");
    return date.append(digits.substr(year + 2));
}

} // namespace

bool isTrustList(std::string_view der) {
    return listOf(der).has_value();
}

void readTrustList(std::string_view der, FileReading& reading) {
    DerReader parts(listOf(der).value_or(std::string_view()));
    if (parts.nextTag() == DerElement::kInteger) parts.next(); // version
    const auto usage = parts.next();
    if (!usage) return reading.remark("the trust list is damaged");
    if (holds(usage->whole, kDisallowedList)) return reading.remark("it lists certificates that are not trusted");
    while (parts.nextTag() == DerElement::kOctetString || parts.nextTag() == DerElement::kInteger)
        if (!parts.next()) break; // its name and number
    for (bool first = true; parts.nextTag() == DerElement::kUtcTime || parts.nextTag() == DerElement::kGeneralizedTime;
         first = false) {
        const auto time = parts.next();
        if (!time) break;
        if (first) reading.setAsOf(dateOf(*time));
    }
    parts.next(DerElement::kSequence); // the digest's algorithm: subjects with another length are passed over
    DerReader subjects(parts.next(DerElement::kSequence).value_or(std::string_view()));
    while (const auto element = subjects.next(DerElement::kSequence)) {
        const auto subject = subjectOf(*element);
        if (!subject)
            reading.passOver("entry without a SHA-1 digest");
        else if (subject->isForServers())
            reading.addListed(subject->root);
        else
            reading.leaveOut();
    }
    if (!subjects.atEnd()) reading.remark("the trust list is cut or damaged");
    reading.remark("the list's signature was not checked");
}

} // namespace gatescope::trust
