// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/policy_text.h"

#include "core/simulate/gateway_expression.h"

#include <fmt/format.h>
#include <iterator>

namespace gatescope::simulate {

namespace {

/// Variables of the policy are shared by all policies of an API.
constexpr std::string_view kPrefix = "tokens-by-";

std::string variable(const GatewayExpression& expression) {
    return fmt::format(R"((string)context.Variables["{}{}"])", kPrefix, expression.name);
}

std::string setVariables(const std::vector<GatewayExpression>& expressions) {
    std::string text;
    for (const GatewayExpression& expression : expressions)
        text += fmt::format("    <set-variable name=\"{}{}\" value=\"{}\" />\n", kPrefix, expression.name,
                            xmlAttribute("@{ " + expression.policy + " }"));
    return text;
}

std::string counterKey(const std::vector<GatewayExpression>& expressions) {
    if (expressions.empty()) return "all";
    std::string sum;
    for (const GatewayExpression& expression : expressions)
        sum += (sum.empty() ? "" : " + \"_\" + ") + variable(expression);
    return "@(" + sum + ")";
}

/// Only what was asked for: an attribute that is not there keeps the gateway's default.
std::string limits(const LimitPolicy& policy) {
    std::string text;
    const auto out = std::back_inserter(text);
    if (policy.tokensPerMinute) fmt::format_to(out, " tokens-per-minute=\"{}\"", *policy.tokensPerMinute);
    if (policy.tokenQuota)
        fmt::format_to(out, " token-quota=\"{}\" token-quota-period=\"{}\"", *policy.tokenQuota,
                       toString(policy.period));
    fmt::format_to(out, " estimate-prompt-tokens=\"{}\"", policy.estimatePrompt);
    if (policy.tokensPerMinute) text += " remaining-tokens-header-name=\"x-apim-remaining-token\"";
    if (policy.tokenQuota) text += " remaining-quota-tokens-header-name=\"x-apim-remaining-quota-tokens\"";
    return text + " tokens-consumed-header-name=\"x-apim-tokens-consumed\"";
}

constexpr std::string_view kPlace =
    "    <!-- For the inbound section. A call without a value counts as \"none\". -->\n";

} // namespace

std::expected<std::string, Error> limitPolicyXml(const LimitPolicy& policy) {
    const auto expressions = gatewayExpressions(policy.key);
    if (!expressions) return std::unexpected(expressions.error());
    return fmt::format("<fragment>\n{}{}    <llm-token-limit counter-key=\"{}\"{} />\n</fragment>\n", kPlace,
                       setVariables(*expressions), xmlAttribute(counterKey(*expressions)), limits(policy));
}

std::expected<std::string, Error> metricPolicyXml(const std::vector<analysis::Field>& dimensions) {
    const auto expressions = gatewayExpressions(dimensions);
    if (!expressions) return std::unexpected(expressions.error());
    std::string lines;
    for (const GatewayExpression& expression : *expressions)
        lines += fmt::format("        <dimension name=\"{}\" value=\"{}\" />\n", expression.name,
                             xmlAttribute("@(" + variable(expression) + ")"));
    return fmt::format("<fragment>\n{}{}    <llm-emit-token-metric namespace=\"llm-tokens\">\n{}"
                       "    </llm-emit-token-metric>\n</fragment>\n",
                       kPlace, setVariables(*expressions), lines);
}

std::expected<std::string, Error> limitKql(const LimitPolicy& policy) {
    const auto expressions = gatewayExpressions(policy.key);
    if (!expressions) return std::unexpected(expressions.error());
    std::string extends, names;
    for (std::size_t i = 0; i < expressions->size(); ++i) {
        const GatewayExpression& expression = (*expressions)[i];
        if (expression.kql.empty())
            return std::unexpected(Error{
                ErrorKind::Usage,
                fmt::format("the gateway's logs do not hold '{}'; let the policy write it into a header that is logged",
                            policy.key[i].name())});
        extends += fmt::format("| extend {} = {}\n", expression.name, expression.kql);
        names += ", " + expression.name;
    }
    std::string text =
        "// Tokens for each minute and key. Needs the log categories GatewayLogs, with the request headers named "
        "here,\n"
        "// and GatewayLlmLogs. A call has several rows in the second; the one with a deployment has the counts.\n"
        "ApiManagementGatewayLogs\n"
        "| where TimeGenerated > ago(1d)\n"
        "| join kind=leftouter (\n"
        "    ApiManagementGatewayLlmLog\n"
        "    | where TimeGenerated > ago(1d) and isnotempty(DeploymentName)\n"
        "    | summarize TotalTokens = max(TotalTokens), DeploymentName = take_any(DeploymentName) by CorrelationId\n"
        ") on CorrelationId\n";
    text += extends;
    text +=
        fmt::format("| summarize tokens = sum(TotalTokens), exchanges = count(), throttled = countif(ResponseCode == "
                    "429), over_quota = countif(ResponseCode == 403)\n    by minute = bin(TimeGenerated, 1m){}\n",
                    names);
    if (policy.tokensPerMinute) text += fmt::format("| extend over_limit = tokens > {}\n", *policy.tokensPerMinute);
    return text + "| order by minute asc, tokens desc\n";
}

} // namespace gatescope::simulate
