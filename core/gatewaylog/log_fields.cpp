// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/log_fields.h"

#include "core/http/message.h"

#include <charconv>
#include <cmath>

namespace gatescope::gatewaylog {

namespace {

/// Beyond it a double holds no exact whole numbers.
constexpr double kMaxExact = 9007199254740992.0;

template <typename Number>
std::optional<Number> parsed(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return {};
    return number;
}

} // namespace

LogFields::Index LogFields::find(std::string_view name, Index object) const {
    if (object == kNone) return kNone;
    const std::uint32_t hash = hashOf(name);
    for (Index at = m_members[object].first; at != kNone; at = m_members[at].next)
        if (m_members[at].nameHash == hash && http::equalsIgnoreCase(m_members[at].name, name)) return at;
    return kNone;
}

LogFields::Index LogFields::down(Index found, std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) found = find(name, found);
    return found;
}

std::optional<std::string_view> LogFields::text(Index index) const {
    if (index == kNone) return {};
    const Member& member = m_members[index];
    if (member.kind != Kind::Text || member.text.empty() || member.text == "-") return {};
    return member.text;
}

std::optional<std::int64_t> LogFields::integer(Index index) const {
    if (index == kNone) return {};
    const Member& member = m_members[index];
    if (member.kind == Kind::Integer) return member.integer;
    if (member.kind == Kind::Text) return parsed<std::int64_t>(member.text);
    if (member.kind != Kind::Real || member.real != std::floor(member.real) || std::abs(member.real) > kMaxExact)
        return {};
    return static_cast<std::int64_t>(member.real);
}

std::optional<double> LogFields::real(Index index) const {
    if (index == kNone) return {};
    const Member& member = m_members[index];
    if (member.kind == Kind::Integer || member.kind == Kind::Real) return member.real;
    if (member.kind != Kind::Text) return {};
    const auto number = parsed<double>(member.text);
    return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<bool> LogFields::boolean(Index index) const {
    if (index == kNone) return {};
    const Member& member = m_members[index];
    if (member.kind == Kind::Boolean) return member.integer != 0;
    if (member.kind != Kind::Text) return {};
    if (http::equalsIgnoreCase(member.text, "true")) return true;
    if (http::equalsIgnoreCase(member.text, "false")) return false;
    return {};
}

void LogFields::clear() {
    m_members.assign(1, Member{});
    m_members[kRoot].kind = Kind::Object;
}

void LogFields::rename(Index index, std::string_view name) {
    m_members[index].name = name;
    m_members[index].nameHash = hashOf(name);
}

} // namespace gatescope::gatewaylog
