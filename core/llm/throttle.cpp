// SPDX-License-Identifier: Apache-2.0
#include "core/llm/throttle.h"

#include "core/http/message.h"
#include "core/llm/wait_time.h"

#include <algorithm>
#include <initializer_list>

namespace gatescope::llm {

namespace {

/// A refusal under examination. Each rule gives an origin or an empty text.
class Refusal {
public:
    Refusal(int status, const LimitHeaders& headers, const ErrorFacts& error, std::string_view text)
        : m_status(status), m_headers(headers), m_error(error),
          m_message(error.message.empty() ? text : std::string_view(error.message)) {}

    std::string_view origin() const {
        if (m_error.code == "content_filter" || says("ResponsibleAIPolicyViolation")) return {};
        if (m_status == 400) return liteLlmBudget();
        // From the one with the clearest marks to the one with the least.
        for (const auto rule :
             {&Refusal::apim, &Refusal::envoy, &Refusal::liteLlmBudget, &Refusal::azure, &Refusal::anthropic,
              &Refusal::google, &Refusal::bedrock, &Refusal::openAi, &Refusal::liteLlm})
            if (const std::string_view found = (this->*rule)(); !found.empty()) return found;
        return {};
    }

private:
    bool says(std::string_view words) const {
        const auto found = std::search(m_message.begin(), m_message.end(), words.begin(), words.end(),
                                       [](char a, char b) { return lower(a) == lower(b); });
        return found != m_message.end();
    }
    bool saysAny(std::initializer_list<std::string_view> phrases) const {
        return std::ranges::any_of(phrases, [this](std::string_view words) { return says(words); });
    }
    static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
    bool hasCode(std::initializer_list<std::string_view> codes) const {
        return std::ranges::find(codes, std::string_view(m_error.code)) != codes.end();
    }

    /// API Management answers with `statusCode` and `message` at the top; no model service does.
    std::string_view apim() const {
        if (!m_error.statusCode) return {};
        if (says("token quota")) return "apim-token-quota";
        if (says("token limit is exceeded") || says("estimated request tokens")) {
            const bool hopeless = says("estimated request tokens") || (!m_headers.wait && !waitInText(m_message));
            return hopeless ? "apim-token-too-large" : "apim-token-rate";
        }
        if (says("rate limit is exceeded")) return "apim-rate";
        if (says("out of call volume quota") || says("out of bandwidth quota")) return "apim-quota";
        return m_status == 503 ? "apim-backend-unavailable" : "";
    }

    std::string_view envoy() const {
        if (m_headers.envoyRateLimited || (m_status == 429 && says("local_rate_limited"))) return "envoy-ratelimit";
        const bool ownWords = saysAny({"no healthy upstream", "upstream connect error or disconnect/reset"});
        if (m_headers.envoyOverloaded || (m_status == 503 && !m_error.present && ownWords)) return "envoy-overload";
        return {};
    }

    /// Azure OpenAI and Foundry. Gateways pass these sentences on inside texts of their own.
    std::string_view azure() const {
        if (m_status != 429 && m_status != 503) return {};
        if (says("exceeded for UserByModel")) return "foundry-model-quota";
        if (m_status == 429 && says("pricing tier")) return "aoai-standard";
        if (m_headers.provisioned || (m_status == 429 && says("provisioned"))) return "ptu";
        if (saysAny({"temporarily unable to process", "experiencing high demand"})) return "aoai-capacity";
        return {};
    }

    std::string_view anthropic() const {
        if (m_error.type == "overloaded_error") return "anthropic-overloaded";
        if (m_status == 429 && m_error.type == "rate_limit_error" && !m_headers.litellm) return "anthropic-rate";
        return {};
    }

    std::string_view google() const {
        if (m_error.status == "RESOURCE_EXHAUSTED") return "gemini-quota";
        return m_status == 503 && m_error.status == "UNAVAILABLE" ? "gemini-overloaded" : "";
    }

    std::string_view bedrock() const { return m_headers.throttledByBedrock ? "bedrock-rate" : ""; }

    std::string_view openAi() const {
        if (m_status != 429 || m_headers.litellm) return {};
        if (hasCode({"insufficient_quota"})) return "openai-quota";
        return hasCode({"rate_limit_exceeded"}) ? "openai-rate" : "";
    }

    std::string_view liteLlmBudget() const {
        const bool theirs = m_headers.litellm || m_error.type == "budget_exceeded";
        return theirs && (m_error.type == "budget_exceeded" || says("budget has been exceeded")) ? "litellm-budget"
                                                                                                 : "";
    }

    /// What it passes on from others was recognised before.
    std::string_view liteLlm() const { return m_status == 429 && m_headers.litellm ? "litellm" : ""; }

    int m_status;
    const LimitHeaders& m_headers;
    const ErrorFacts& m_error;
    std::string_view m_message;
};

} // namespace

bool mayBeRefusal(int status) {
    return status == 429 || status == 403 || status == 503 || status == 529 || status == 400;
}

std::string_view limitOrigin(int status, const LimitHeaders& headers, const ErrorFacts& error, std::string_view text) {
    return mayBeRefusal(status) ? Refusal(status, headers, error, text).origin() : std::string_view{};
}

std::optional<std::int64_t> waitAsked(const LimitHeaders& headers, const ErrorFacts& error, std::string_view text) {
    if (headers.wait) return headers.wait;
    return waitInText(error.message.empty() ? text : std::string_view(error.message));
}

} // namespace gatescope::llm
