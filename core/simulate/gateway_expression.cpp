// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/gateway_expression.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace gatescope::simulate {

using analysis::Field;
using analysis::FieldId;

namespace {

bool isToken(std::string_view name) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kMarks.find(c) != kMarks.npos;
    });
}

std::string identifier(std::string_view name) {
    std::string made;
    for (const char c : name) {
        const bool isWord = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        made += isWord ? c : '_';
    }
    return made;
}

std::string headerText(std::string_view header, std::string_view otherwise) {
    return fmt::format(R"(context.Request.Headers.GetValueOrDefault("{}", "{}"))", header, otherwise);
}

std::string returned(std::string_view expression) {
    return fmt::format("return {};", expression);
}

/// `(none)` of the logs as the policy says it.
std::string orNone(std::string_view expression) {
    return fmt::format(R"(iff(isempty({0}), "none", {0}))", expression);
}

std::string logged(std::string_view header) {
    return fmt::format(R"(tostring(RequestHeaders["{}"]))", header);
}

GatewayExpression ofHeader(std::string name, std::string_view header) {
    return {std::move(name), returned(headerText(header, "none")), orNone(logged(header))};
}

/// A part of a header that two values share with a mark between them; `first`: what stands before the last mark.
GatewayExpression ofPart(std::string name, std::string_view header, char mark, bool first) {
    const std::string rest = first ? "at < 0 ? id : id.Substring(0, at)" : "at < 0 ? \"none\" : id.Substring(at + 1)";
    const std::string policy = fmt::format("string id = {}; int at = id.LastIndexOf('{}'); return {};",
                                           headerText(header, "none"), mark, rest);
    const std::string kql =
        first ? orNone(fmt::format(R"(replace_regex({}, @"{}[^{}]*$", ""))", logged(header), mark, mark))
              : orNone(fmt::format(R"(extract(@"{}([^{}]*)$", 1, {}))", mark, mark, logged(header)));
    return {std::move(name), policy, kql};
}

GatewayExpression ofModel() {
    return {"model",
            R"(string id = context.Request.Headers.GetValueOrDefault("x-ms-foundry-model-id", ""); )"
            R"(if (id != "") { return id.Substring(id.LastIndexOf('/') + 1); } )"
            R"(string deployment = context.Request.MatchedParameters.GetValueOrDefault("deployment-id", ""); )"
            R"(if (deployment != "") { return deployment; } )"
            R"(JObject body = context.Request.Body?.As<JObject>(preserveContent: true); )"
            R"(return (string)body?["model"] ?? "none";)",
            orNone("DeploymentName")};
}

constexpr std::string_view kCallerAddress = "return context.Request.IpAddress;";

bool isSubscriptionKey(const Field& field) {
    return field.id == FieldId::RequestHeader &&
           (field.header == "ocp-apim-subscription-key" || field.header == "api-key");
}

} // namespace

std::expected<GatewayExpression, Error> gatewayExpression(const Field& field) {
    const std::string name = identifier(field.name());
    if (isSubscriptionKey(field)) // the key itself is a secret; the gateway knows whose it is
        return GatewayExpression{"subscription_id", R"(return context.Subscription?.Id ?? "none";)",
                                 orNone("ApimSubscriptionId")};
    switch (field.id) {
    case FieldId::Project:
        return ofHeader(name, "openai-project");
    case FieldId::ProjectId:
        return ofHeader(name, "x-ms-foundry-project-id");
    case FieldId::Agent:
        return ofPart(name, "x-ms-foundry-agent-id", ':', true);
    case FieldId::AgentVersion:
        return ofPart(name, "x-ms-foundry-agent-id", ':', false);
    case FieldId::Connection:
        return ofPart(name, "x-ms-foundry-model-id", '/', true);
    case FieldId::Model:
        return ofModel();
    case FieldId::Deployment:
        return GatewayExpression{
            name, R"(return context.Request.MatchedParameters.GetValueOrDefault("deployment-id", "none");)",
            orNone(R"x(extract(@"/deployments/([^/?]+)", 1, Url))x")};
    case FieldId::RequestedModel:
        return GatewayExpression{name,
                                 R"(JObject body = context.Request.Body?.As<JObject>(preserveContent: true); )"
                                 R"(return (string)body?["model"] ?? "none";)",
                                 orNone("DeploymentName")};
    case FieldId::Caller:
        return GatewayExpression{name,
                                 fmt::format("Jwt token = {}.AsJwt(); return token?.Claims.GetValueOrDefault("
                                             R"("appid", token.Claims.GetValueOrDefault("azp", "none")) ?? "none";)",
                                             headerText("Authorization", "")),
                                 ""};
    case FieldId::Client:
    case FieldId::EffectiveClient:
        return GatewayExpression{name, std::string(kCallerAddress), "CallerIpAddress"};
    case FieldId::Host:
        return GatewayExpression{name, "return context.Request.OriginalUrl.Host;", "tostring(parse_url(Url).Host)"};
    case FieldId::Path:
        return GatewayExpression{name, "return context.Request.OriginalUrl.Path;", "tostring(parse_url(Url).Path)"};
    case FieldId::Method:
        return GatewayExpression{name, "return context.Request.Method;", "Method"};
    case FieldId::RequestHeader:
        if (isToken(field.header)) return ofHeader(identifier(field.header), field.header);
        return std::unexpected(Error{ErrorKind::Usage, fmt::format("'{}' cannot be a header name", field.header)});
    default:
        return std::unexpected(
            Error{ErrorKind::Usage, fmt::format("a gateway cannot know '{}' when a request comes; use fields "
                                                "of the request, such as project_id, "
                                                "agent, caller, model or header:NAME",
                                                field.name())});
    }
}

std::expected<std::vector<GatewayExpression>, Error> gatewayExpressions(const std::vector<Field>& fields) {
    std::vector<GatewayExpression> expressions;
    std::set<std::string> names;
    for (const Field& field : fields) {
        auto expression = gatewayExpression(field);
        if (!expression) return std::unexpected(expression.error());
        const std::string wanted = expression->name;
        for (int number = 2; !names.insert(expression->name).second; ++number)
            expression->name = fmt::format("{}_{}", wanted, number);
        expressions.push_back(*std::move(expression));
    }
    return expressions;
}

std::string xmlAttribute(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

} // namespace gatescope::simulate
