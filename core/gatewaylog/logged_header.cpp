// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/logged_header.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

using Index = LogFields::Index;
using Kind = LogFields::Kind;

struct Short {
    std::string_view member;
    std::string_view header;
    bool isResponse;
};
/// Names that people give to members and that are no name of a header.
constexpr std::array<Short, 13> kShort{{{"user_agent", "user-agent", false},
                                        {"host", "host", false},
                                        {"authority", "host", false},
                                        {":authority", "host", false},
                                        {"referer", "referer", false},
                                        {"foundry_project_id", "x-ms-foundry-project-id", false},
                                        {"foundry_agent_id", "x-ms-foundry-agent-id", false},
                                        {"foundry_model_id", "x-ms-foundry-model-id", false},
                                        {"openai_project", "openai-project", false},
                                        {"openai_organization", "openai-organization", false},
                                        {"client_request_id", "x-ms-client-request-id", false},
                                        {"apim_request_id", "apim-request-id", true},
                                        {"region", "x-ms-region", true}}};

/// Headers that are logged under their own names and do not begin with `x-`.
constexpr std::array<std::string_view, 11> kOwnNames{
    "traceparent", "tracestate", "baggage",   "correlation-context", "openai-project", "openai-organization",
    "client-ip",   "user-agent", "forwarded", "disguised-host",      "max-forwards"};

/// Beginnings of names that only answers have.
constexpr std::array<std::string_view, 13> kAnswers{"x-ms-region",
                                                    "x-ms-served-model",
                                                    "x-ratelimit-",
                                                    "x-apim-",
                                                    "x-envoy-ratelimited",
                                                    "x-envoy-upstream-service-time",
                                                    "x-envoy-overloaded",
                                                    "x-litellm-",
                                                    "apim-request-id",
                                                    "retry-after",
                                                    "x-ms-spillover-",
                                                    "azureml-model-",
                                                    "x-ms-rai-"};

std::string headerName(std::string_view member) {
    std::string name(member);
    for (char& c : name) {
        if (c == '_') c = '-';
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return name;
}

bool isOfAnswers(std::string_view name) {
    return std::ranges::any_of(kAnswers, [&](std::string_view begin) { return name.starts_with(begin); });
}

std::string_view behind(std::string_view text, std::string_view prefix) {
    return text.size() > prefix.size() && http::equalsIgnoreCase(text.substr(0, prefix.size()), prefix)
               ? text.substr(prefix.size())
               : std::string_view();
}

/// Not by Envoy's client: where it keeps the path that a rewrite replaced.
bool isPathBeforeRewrite(std::string_view name) {
    return name == "x-envoy-origin-path" || name == "x-envoy-original-path";
}

std::string joinedList(const LogFields& fields, Index list) {
    std::string joined;
    fields.forEach(list, [&](Index entry) {
        const auto text = scalarText(fields, entry);
        if (!text) return;
        if (!joined.empty()) joined += ", ";
        joined += *text;
    });
    return joined;
}

} // namespace

std::optional<LoggedHeader> loggedHeaderOf(std::string_view member) {
    for (const std::string_view prefix : {"sent_http_", "upstream_http_", "resp_", "response_header_"})
        if (const std::string_view rest = behind(member, prefix); !rest.empty())
            return LoggedHeader{true, headerName(rest)};
    for (const std::string_view prefix : {"http_", "req_", "request_header_"})
        if (const std::string_view rest = behind(member, prefix); !rest.empty())
            return LoggedHeader{false, headerName(rest)};
    for (const Short& known : kShort)
        if (http::equalsIgnoreCase(known.member, member))
            return LoggedHeader{known.isResponse, std::string(known.header)};
    std::string name = headerName(member);
    if (isPathBeforeRewrite(name)) return {};
    if (!name.starts_with("x-") && std::ranges::find(kOwnNames, name) == kOwnNames.end() && !isOfAnswers(name))
        return {};
    const bool isResponse = isOfAnswers(name);
    return LoggedHeader{isResponse, std::move(name)};
}

void addLoggedHeaders(const LogFields& fields, http::HeaderList& request, http::HeaderList& response, Index object) {
    fields.forEach(object, [&](Index member) {
        const Kind kind = fields[member].kind;
        if (kind != Kind::Text && kind != Kind::Integer) return;
        if (kind == Kind::Text && !fields.text(member)) return;
        const auto header = loggedHeaderOf(fields[member].name);
        if (!header) return;
        http::HeaderList& list = header->isResponse ? response : request;
        if (!list.find(header->name)) list.add(header->name, *scalarText(fields, member));
    });
}

void addHeaders(const LogFields& fields, Index headers, http::HeaderList& out) {
    if (headers == LogFields::kNone) return;
    const bool isList = fields[headers].kind == Kind::List;
    fields.forEach(headers, [&](Index entry) {
        const Index value = isList ? fields.find("value", entry) : entry;
        const auto key = isList ? fields.text(fields.find("name", entry)) : std::optional(fields[entry].name);
        if (!key || key->empty() || value == LogFields::kNone) return;
        if (fields[value].kind == Kind::Text) // nearly all: without a copy
            out.add(*key, fields[value].text);
        else if (const auto text = scalarText(fields, value))
            out.add(*key, *text);
        else if (fields[value].kind == Kind::List)
            out.add(*key, joinedList(fields, value));
    });
}

std::optional<std::string> scalarText(const LogFields& fields, Index index) {
    if (index == LogFields::kNone) return {};
    const LogFields::Member& member = fields[index];
    switch (member.kind) {
    case Kind::Text:
        return std::string(member.text);
    case Kind::Integer:
        return fmt::format("{}", member.integer);
    case Kind::Real:
        return fmt::format("{}", member.real);
    case Kind::Boolean:
        return std::string(member.integer != 0 ? "true" : "false");
    default:
        return {};
    }
}

} // namespace gatescope::gatewaylog
