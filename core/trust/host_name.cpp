// SPDX-License-Identifier: Apache-2.0
#include "core/trust/host_name.h"

#include "core/trust/ascii_text.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gatescope::trust {

namespace {

constexpr std::size_t kLongestName = 255; // RFC 1035, 2.3.4

/// UTF-8 into code points; nothing: it is none.
std::optional<std::vector<char32_t>> codePoints(std::string_view text) {
    std::vector<char32_t> points;
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<std::uint8_t>(text[at]);
        const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || at + length > text.size()) return std::nullopt;
        char32_t point = length == 1 ? first : first & (0xffU >> (length + 1));
        for (std::size_t next = 1; next < length; ++next) {
            const auto octet = static_cast<std::uint8_t>(text[at + next]);
            if ((octet & 0xc0) != 0x80) return std::nullopt;
            point = point << 6 | (octet & 0x3fU);
        }
        points.push_back(point);
        at += length;
    }
    return points;
}

/// RFC 3492, 6.1.
std::uint32_t adaptedBias(std::uint32_t delta, std::uint32_t points, bool first) {
    constexpr std::uint32_t kBase = 36, kMinimum = 1, kMaximum = 26, kSkew = 38, kDamp = 700;
    delta = first ? delta / kDamp : delta / 2;
    delta += delta / points;
    std::uint32_t bias = 0;
    for (; delta > (kBase - kMinimum) * kMaximum / 2; bias += kBase) delta /= kBase - kMinimum;
    return bias + (kBase - kMinimum + 1) * delta / (delta + kSkew);
}

/// RFC 3492, 6.3. A label of a DNS name is short, so nothing overflows.
std::string punycode(const std::vector<char32_t>& label) {
    constexpr std::uint32_t kBase = 36, kMinimum = 1, kMaximum = 26;
    std::string result;
    for (const char32_t point : label)
        if (point < 0x80) result += lowered(static_cast<char>(point));
    const auto basic = static_cast<std::uint32_t>(result.size());
    if (basic != 0) result += '-';
    std::uint32_t done = basic, delta = 0, bias = 72;
    for (char32_t next = 0x80; done < label.size(); ++next, ++delta) {
        char32_t lowest = 0x7fffffff;
        for (const char32_t point : label)
            if (point >= next) lowest = std::min(lowest, point);
        delta += static_cast<std::uint32_t>(lowest - next) * (done + 1);
        next = lowest;
        for (const char32_t point : label) {
            if (point < next) ++delta;
            if (point != next) continue;
            std::uint32_t rest = delta;
            for (std::uint32_t k = kBase;; k += kBase) {
                const std::uint32_t threshold = k <= bias ? kMinimum : std::min(k - bias, kMaximum);
                const std::uint32_t digit =
                    rest < threshold ? rest : threshold + (rest - threshold) % (kBase - threshold);
                result += static_cast<char>(digit < 26 ? 'a' + digit : '0' + (digit - 26));
                if (rest < threshold) break;
                rest = (rest - threshold) / (kBase - threshold);
            }
            bias = adaptedBias(delta, done + 1, done == basic);
            delta = 0;
            ++done;
        }
    }
    return "xn--" + result;
}

/// Capital letters outside of ASCII stay: mapping them takes tables (RFC 5895), and clients have done so already.
void toAscii(HostName& host) {
    std::string result;
    for (std::string_view rest = host.text;;) {
        const std::size_t dot = rest.find('.');
        const std::string_view label = rest.substr(0, dot);
        if (std::ranges::all_of(label, [](char letter) { return static_cast<std::uint8_t>(letter) < 0x80; })) {
            result += label;
        } else if (const auto points = codePoints(label)) {
            result += punycode(*points);
            host.converted = true;
        } else {
            host.unreadable = true;
            return;
        }
        if (dot == std::string_view::npos) break;
        result += '.';
        rest.remove_prefix(dot + 1);
    }
    host.text = std::move(result);
}

std::string_view behindFirstLabel(std::string_view name) {
    const std::size_t dot = name.find('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

std::string_view firstLabel(std::string_view name) {
    return name.substr(0, name.find('.'));
}

/// One `*` stands for any octets of a label, none of them as well.
bool fitsPattern(std::string_view pattern, std::string_view label) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return equalsIgnoreCase(pattern, label);
    const std::string_view before = pattern.substr(0, star), after = pattern.substr(star + 1);
    if (after.find('*') != std::string_view::npos || label.size() < before.size() + after.size()) return false;
    return equalsIgnoreCase(before, label.substr(0, before.size())) &&
           equalsIgnoreCase(after, label.substr(label.size() - after.size()));
}

bool fitsLabels(std::string_view name, std::string_view host) {
    if (std::ranges::count(name, '.') != std::ranges::count(host, '.')) return false;
    while (true) {
        if (!fitsPattern(firstLabel(name), firstLabel(host))) return false;
        if (name.find('.') == std::string_view::npos) return true;
        name = behindFirstLabel(name);
        host = behindFirstLabel(host);
    }
}

NameMatch matchWildcard(std::string_view name, std::string_view host) {
    const std::string_view suffix = behindFirstLabel(name);
    if (firstLabel(name) == "*" && suffix.find('*') == std::string_view::npos && !suffix.empty()) {
        if (equalsIgnoreCase(suffix, behindFirstLabel(host)) && !firstLabel(host).empty())
            return suffix.find('.') == std::string_view::npos ? NameMatch::WildcardTopLevel : NameMatch::Match;
        if (equalsIgnoreCase(suffix, host)) return NameMatch::WildcardForNone;
        const bool below = host.size() > suffix.size() + 1 && host[host.size() - suffix.size() - 1] == '.' &&
                           equalsIgnoreCase(suffix, host.substr(host.size() - suffix.size()));
        return below ? NameMatch::WildcardTooHigh : NameMatch::Different;
    }
    if (!fitsLabels(name, host)) return NameMatch::Different;
    return suffix.find('*') == std::string_view::npos && firstLabel(name) != "*" ? NameMatch::WildcardPartial
                                                                                 : NameMatch::WildcardElsewhere;
}

} // namespace

HostName readHostName(std::string_view host) {
    HostName result;
    host = trimmed(host).substr(0, 4 * kLongestName); // in UTF-8
    result.address = IpAddress::parse(host);
    if (!result.address && host.starts_with('[') && host.ends_with(']')) { // RFC 3986, 3.2.2: addresses alone
        result.address = IpAddress::parse(host.substr(1, host.size() - 2));
        if (result.address) host = host.substr(1, host.size() - 2);
    }
    if (!result.address && host.size() > 1 && host.ends_with('.')) {
        result.trailingDot = true;
        host.remove_suffix(1);
    }
    result.text = lowered(host);
    if (!result.address) toAscii(result);
    return result;
}

NameMatch matchName(std::string_view name, const HostName& host) {
    if (name.size() > kLongestName) return NameMatch::Different;
    for (const char letter : name) {
        const auto octet = static_cast<std::uint8_t>(letter);
        if (octet <= 0x20 || octet == 0x7f) return NameMatch::ControlOctet;
        if (octet >= 0x80) {
            const HostName other = readHostName(name);
            return other.text == host.text ? NameMatch::NotAscii : NameMatch::Different;
        }
    }
    if (name.size() > 1 && name.ends_with('.')) {
        const NameMatch rest = matchName(name.substr(0, name.size() - 1), host);
        return rest == NameMatch::Match ? NameMatch::LastDot : rest;
    }
    if (name.find('*') != std::string_view::npos) return matchWildcard(name, host.text);
    return !name.empty() && equalsIgnoreCase(name, host.text) ? NameMatch::Match : NameMatch::Different;
}

std::size_t sharedLabels(std::string_view name, std::string_view host) {
    std::size_t shared = 0;
    while (!name.empty() && !host.empty()) {
        const std::size_t ofName = name.rfind('.'), ofHost = host.rfind('.');
        const auto last = [](std::string_view text, std::size_t dot) {
            return dot == std::string_view::npos ? text : text.substr(dot + 1);
        };
        if (!equalsIgnoreCase(last(name, ofName), last(host, ofHost))) break;
        ++shared;
        if (ofName == std::string_view::npos || ofHost == std::string_view::npos) break;
        name = name.substr(0, ofName);
        host = host.substr(0, ofHost);
    }
    return shared;
}

} // namespace gatescope::trust
