// SPDX-License-Identifier: Apache-2.0
#include "core/trust/dn_text.h"

#include "core/tls/visible_text.h"
#include "core/trust/ascii_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatescope::trust {

namespace {

struct TypeName {
    std::string_view written; ///< in lower case
    std::string_view type;
};
// RFC 4514, 3, and what OpenSSL, Windows, Java and nginx write for other types.
constexpr auto kTypeNames = std::to_array<TypeName>({
    {"cn", "CN"},
    {"commonname", "CN"},
    {"2.5.4.3", "CN"},
    {"l", "L"},
    {"localityname", "L"},
    {"2.5.4.7", "L"},
    {"st", "ST"},
    {"s", "ST"},
    {"sp", "ST"},
    {"stateorprovincename", "ST"},
    {"2.5.4.8", "ST"},
    {"o", "O"},
    {"organizationname", "O"},
    {"2.5.4.10", "O"},
    {"ou", "OU"},
    {"organizationalunitname", "OU"},
    {"2.5.4.11", "OU"},
    {"c", "C"},
    {"countryname", "C"},
    {"2.5.4.6", "C"},
    {"street", "STREET"},
    {"streetaddress", "STREET"},
    {"2.5.4.9", "STREET"},
    {"dc", "DC"},
    {"domaincomponent", "DC"},
    {"0.9.2342.19200300.100.1.25", "DC"},
    {"uid", "UID"},
    {"userid", "UID"},
    {"0.9.2342.19200300.100.1.1", "UID"},
    {"e", "1.2.840.113549.1.9.1"},
    {"email", "1.2.840.113549.1.9.1"},
    {"emailaddress", "1.2.840.113549.1.9.1"},
    {"sn", "2.5.4.4"},
    {"surname", "2.5.4.4"},
    {"serialnumber", "2.5.4.5"},
    {"t", "2.5.4.12"},
    {"title", "2.5.4.12"},
    {"description", "2.5.4.13"},
    {"businesscategory", "2.5.4.15"},
    {"postalcode", "2.5.4.17"},
    {"name", "2.5.4.41"},
    {"g", "2.5.4.42"},
    {"gn", "2.5.4.42"},
    {"givenname", "2.5.4.42"},
    {"i", "2.5.4.43"},
    {"initials", "2.5.4.43"},
    {"dnq", "2.5.4.46"},
    {"dnqualifier", "2.5.4.46"},
    {"pseudonym", "2.5.4.65"},
    {"organizationidentifier", "2.5.4.97"},
    {"jurisdictionl", "1.3.6.1.4.1.311.60.2.1.1"},
    {"jurisdictionlocalityname", "1.3.6.1.4.1.311.60.2.1.1"},
    {"jurisdictionst", "1.3.6.1.4.1.311.60.2.1.2"},
    {"jurisdictionstateorprovincename", "1.3.6.1.4.1.311.60.2.1.2"},
    {"jurisdictionc", "1.3.6.1.4.1.311.60.2.1.3"},
    {"jurisdictioncountryname", "1.3.6.1.4.1.311.60.2.1.3"},
});

std::string canonicalType(std::string_view written) {
    std::string lower = lowered(trimmed(written));
    constexpr std::string_view kOid = "oid."; // RFC 2253's older way; alone it is a name like any other
    if (lower.starts_with(kOid) && lower.size() > kOid.size() && isDigit(lower[kOid.size()]))
        lower.erase(0, kOid.size());
    const auto known = std::ranges::find(kTypeNames, std::string_view(lower), &TypeName::written);
    if (known != kTypeNames.end()) return std::string(known->type);
    for (char& letter : lower)
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    return lower;
}

/// Length of `CN=`, ` OU =`, `2.5.4.97=` at the begin of `text`, with its `=`; 0: no attribute begins here.
std::size_t attributeLength(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    const std::size_t equals = text.substr(0, kLongest).find('=');
    if (equals == std::string_view::npos) return 0;
    const std::string_view type = trimmed(text.substr(0, equals));
    if (type.empty() || !(isLetter(type[0]) || isDigit(type[0]))) return 0;
    const bool plain = std::ranges::all_of(
        type, [](char letter) { return isLetter(letter) || isDigit(letter) || letter == '-' || letter == '.'; });
    return plain ? equals + 1 : 0;
}

class Reader {
public:
    explicit Reader(std::string_view text) : m_rest(text) {
        if (text.starts_with('/') && attributeLength(text.substr(1)) != 0) {
            m_oneLine = true;
            m_rest.remove_prefix(1);
        }
    }

    bool oneLine() const { return m_oneLine; }
    bool atEnd() const { return m_rest.empty(); }

    /// False: no attribute begins here.
    bool next(DnText::Attribute& attribute) {
        const std::size_t length = attributeLength(m_rest);
        if (length == 0) return false;
        attribute.type = canonicalType(m_rest.substr(0, length - 1));
        m_rest.remove_prefix(length);
        while (!m_rest.empty() && isBlank(m_rest.front())) m_rest.remove_prefix(1);
        attribute.joins = std::exchange(m_joins, false);
        if (!m_rest.empty() && m_rest.front() == '"')
            readQuoted(attribute.value);
        else
            readPlain(attribute.value);
        return true;
    }

private:
    bool separates(std::size_t at) const {
        const char letter = m_rest[at];
        const bool listed =
            m_oneLine ? letter == '/' || letter == '+' : letter == ',' || letter == ';' || letter == '+';
        return listed && attributeLength(m_rest.substr(at + 1)) != 0;
    }

    void passSeparator() {
        if (m_rest.empty()) return;
        m_joins = m_rest.front() == '+';
        m_rest.remove_prefix(1);
    }

    /// What is behind a backslash (RFC 4514, 2.4; OpenSSL's `\xC3`). Gives how many octets of the text it took.
    std::size_t readEscape(std::size_t at, std::string& value) const {
        const std::string_view rest = m_rest.substr(at + 1);
        const auto octet = [&](std::size_t from) {
            if (from + 2 > rest.size()) return -1;
            const int high = hexValue(rest[from]), low = hexValue(rest[from + 1]);
            return high < 0 || low < 0 ? -1 : high * 16 + low;
        };
        if (const int code = octet(0); code >= 0) {
            value += static_cast<char>(code);
            return 3;
        }
        if (const int code = rest.starts_with('x') ? octet(1) : -1; code >= 0) {
            value += static_cast<char>(code);
            return 4;
        }
        if (rest.empty()) {
            value += '\\';
            return 1;
        }
        value += rest.front();
        return 2;
    }

    void readPlain(std::string& value) {
        std::size_t at = 0;
        std::size_t kept = 0;  // blanks behind this are not part of the value, unless escaped
        bool dangling = false; // ends in a separator that separates nothing
        while (at < m_rest.size() && !separates(at)) {
            dangling = false;
            if (m_rest[at] == '\\') {
                at += readEscape(at, value);
                kept = value.size();
                continue;
            }
            dangling = !m_oneLine && (m_rest[at] == ',' || m_rest[at] == ';');
            value += m_rest[at];
            if (!isBlank(m_rest[at])) kept = value.size();
            ++at;
        }
        value.resize(dangling ? kept - 1 : kept);
        m_rest.remove_prefix(std::min(at, m_rest.size()));
        passSeparator();
    }

    void readQuoted(std::string& value) {
        std::size_t at = 1;
        while (at < m_rest.size()) {
            if (m_rest[at] == '\\') {
                at += readEscape(at, value);
                continue;
            }
            if (m_rest[at] == '"') {
                if (!m_rest.substr(at + 1).starts_with('"')) break;
                ++at; // doubled: one quote of the value
            }
            value += m_rest[at++];
        }
        at = std::min(at + 1, m_rest.size()); // the closing quote
        while (at < m_rest.size() && !separates(at)) value += m_rest[at++];
        while (!value.empty() && at == m_rest.size() && isBlank(value.back())) value.pop_back();
        m_rest.remove_prefix(at);
        passSeparator();
    }

    std::string_view m_rest;
    bool m_oneLine = false;
    bool m_joins = false;
};

/// Country first, or domain last: then the most specific part stands at the end.
bool isReversed(const DnText& name) {
    const auto& list = name.attributes;
    if (list.size() < 2) return false;
    const auto rank = [](std::string_view type) {
        constexpr std::array<std::string_view, 6> kFromTop = {"C", "ST", "L", "O", "OU", "CN"};
        return std::ranges::find(kFromTop, type) - kFromTop.begin();
    };
    constexpr std::ptrdiff_t kUnknown = 6;
    std::ptrdiff_t upwards = 0, downwards = 0;
    for (std::size_t at = 1; at < list.size(); ++at) {
        const std::ptrdiff_t before = rank(list[at - 1].type), here = rank(list[at].type);
        if (list[at].joins || before == kUnknown || here == kUnknown) continue;
        downwards += here > before ? 1 : 0;
        upwards += here < before ? 1 : 0;
    }
    return downwards > upwards;
}

/// Sets keep their inner order.
void reverse(std::vector<DnText::Attribute>& list) {
    std::vector<DnText::Attribute> result;
    result.reserve(list.size());
    for (std::size_t end = list.size(); end > 0;) {
        std::size_t begin = end - 1;
        while (begin > 0 && list[begin].joins) --begin;
        for (std::size_t at = begin; at < end; ++at) result.push_back(std::move(list[at]));
        end = begin;
    }
    list = std::move(result);
}

/// RFC 4514, 2.4.
void appendEscaped(std::string_view value, std::string& text) {
    constexpr std::string_view kSpecial = "\"+,;<>\\";
    for (std::size_t at = 0; at < value.size(); ++at) {
        const char letter = value[at];
        const bool atStart = at == 0 && (letter == ' ' || letter == '#');
        const bool atEnd = at + 1 == value.size() && letter == ' ';
        if (atStart || atEnd || kSpecial.find(letter) != std::string_view::npos) text += '\\';
        text += letter;
    }
}

/// A blank behind a backslash belongs to the value.
std::string_view withoutBlanksAround(std::string_view text) {
    const std::string_view inner = trimmed(text);
    const std::size_t begin = static_cast<std::size_t>(inner.data() - text.data());
    const std::size_t slash = inner.find_last_not_of('\\');
    const std::size_t slashes = inner.size() - (slash == std::string_view::npos ? 0 : slash + 1);
    const bool blankFollows = begin + inner.size() < text.size();
    return slashes % 2 == 1 && blankFollows ? text.substr(begin, inner.size() + 1) : inner;
}

/// Blanks and the separators that dumps change into each other count as one; nothing of them at the ends.
std::string foldedValue(std::string_view value) {
    std::string folded;
    bool blank = false, comma = false;
    for (const char letter : value) {
        if (isBlank(letter)) {
            blank = true;
        } else if (letter == ',' || letter == ';') {
            comma = true;
        } else {
            if (!folded.empty() && comma)
                folded += ", ";
            else if (!folded.empty() && blank)
                folded += ' ';
            blank = comma = false;
            folded += lowered(letter);
        }
    }
    return folded;
}

} // namespace

std::string_view DnText::value(std::string_view type) const {
    const auto found = std::ranges::find(attributes, type, &Attribute::type);
    return found == attributes.end() ? std::string_view() : std::string_view(found->value);
}

std::optional<DnText> readDnText(std::string_view text) {
    text = withoutBlanksAround(text);
    if (text.size() > DnText::kMaxOctets) return std::nullopt;
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = trimmed(text.substr(1, text.size() - 2));
    Reader reader(text);
    DnText name;
    while (!reader.atEnd()) {
        DnText::Attribute attribute;
        if (name.attributes.size() == DnText::kMaxAttributes || !reader.next(attribute)) return std::nullopt;
        name.attributes.push_back(std::move(attribute));
    }
    if (name.attributes.empty()) return std::nullopt;
    if (isReversed(name)) reverse(name.attributes);
    return name;
}

std::string toRfc4514(const DnText& name) {
    std::string text;
    for (const DnText::Attribute& attribute : name.attributes) {
        if (!text.empty()) text += attribute.joins ? '+' : ',';
        text += attribute.type;
        text += '=';
        appendEscaped(attribute.value, text);
    }
    return tls::visibleText(text);
}

std::string comparableKey(const DnText& name) {
    std::vector<std::string> parts;
    parts.reserve(name.attributes.size());
    for (const DnText::Attribute& attribute : name.attributes)
        parts.push_back(attribute.type + '=' + foldedValue(attribute.value));
    std::ranges::sort(parts);
    std::string key;
    for (const std::string& part : parts) {
        // A line break cannot stand in a folded value, so parts cannot run into each other.
        key += part;
        key += '\n';
    }
    return key;
}

} // namespace gatescope::trust
