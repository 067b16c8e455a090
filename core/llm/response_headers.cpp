// SPDX-License-Identifier: Apache-2.0
#include "core/llm/response_headers.h"

#include "core/llm/wait_time.h"

#include <charconv>

namespace gatescope::llm {

namespace {

std::optional<std::int64_t> wholeNumber(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number < 0) return {};
    return number;
}

void readOnce(std::optional<std::int64_t>& held, std::string_view value) {
    if (!held) held = wholeNumber(value);
}

class Reader {
public:
    explicit Reader(ResponseHeaders& found) : m_found(found) {}

    void read(std::string_view name, std::string_view value, bool passedOn) {
        LimitHeaders& limits = m_found.limits;
        const auto is = [&](std::string_view wanted) { return http::equalsIgnoreCase(name, wanted); };
        switch (name.size()) { // few names share a length, so most are passed over without a comparison
        case 4:
            if (is("date") && !passedOn) m_date = value;
            break;
        case 11:
            if (m_retryAfter.empty() && is("retry-after")) m_retryAfter = value;
            break;
        case 12:
            if (!m_found.contentType && !passedOn && is("content-type")) m_found.contentType = value;
            break;
        case 14:
            if (m_retryAfterMs.empty() && is("retry-after-ms")) m_retryAfterMs = value;
            break;
        case 16:
            if (!m_found.contentEncoding && !passedOn && is("content-encoding"))
                m_found.contentEncoding = value;
            else if (is("x-amzn-errortype"))
                m_found.bedrockError = value.substr(0, value.find(':'));
            break;
        case 17:
            if (m_found.servedModel.empty() && is("x-ms-served-model")) m_found.servedModel = value;
            break;
        case 18:
            if (is("x-envoy-overloaded")) limits.envoyOverloaded = true;
            break;
        case 19:
            if (is("x-envoy-ratelimited")) limits.envoyRateLimited = true;
            break;
        case 20:
            if (is("x-ms-spillover-error")) limits.provisioned = true;
            break;
        case 22:
            if (is("x-apim-tokens-consumed"))
                readOnce(limits.consumed, value);
            else if (is("x-apim-remaining-token"))
                readOnce(limits.gatewayRemaining, value);
            break;
        case 24:
            if (is("x-ratelimit-limit-tokens")) readOnce(limits.limit, value);
            break;
        case 28:
            if (is("x-ratelimit-remaining-tokens")) readOnce(limits.remaining, value);
            break;
        case 30:
            if (is("x-ms-spillover-from-deployment")) limits.provisioned = true;
            break;
        case 32:
            if (is("anthropic-ratelimit-tokens-limit"))
                readOnce(limits.limit, value);
            else if (is("x-amzn-bedrock-input-token-count"))
                readOnce(m_found.bedrockInput, value);
            break;
        case 33:
            if (is("x-amzn-bedrock-output-token-count")) readOnce(m_found.bedrockOutput, value);
            break;
        case 36:
            if (is("anthropic-ratelimit-tokens-remaining")) readOnce(limits.remaining, value);
            break;
        default:
            break;
        }
        constexpr std::string_view kLiteLlm = "x-litellm-";
        if (name.size() > kLiteLlm.size() && (name[2] == 'l' || name[2] == 'L') &&
            http::equalsIgnoreCase(name.substr(0, kLiteLlm.size()), kLiteLlm))
            limits.litellm = true;
    }

    void finish() {
        LimitHeaders& limits = m_found.limits;
        limits.throttledByBedrock = m_found.bedrockError == "ThrottlingException";
        if (!m_retryAfterMs.empty()) limits.wait = waitOfMilliseconds(m_retryAfterMs);
        if (!limits.wait && !m_retryAfter.empty()) limits.wait = waitOfRetryAfter(m_retryAfter, m_date);
    }

private:
    ResponseHeaders& m_found;
    std::string_view m_date;
    std::string_view m_retryAfter;
    std::string_view m_retryAfterMs;
};

} // namespace

ResponseHeaders readResponseHeaders(const http::HeaderList& headers) {
    constexpr std::string_view kPassedOn = "llm_provider-";
    ResponseHeaders found;
    Reader reader(found);
    bool passedOn = false;
    const auto isPassedOn = [&](std::string_view name) {
        return name.size() > kPassedOn.size() && (name[0] == 'l' || name[0] == 'L') &&
               http::equalsIgnoreCase(name.substr(0, kPassedOn.size()), kPassedOn);
    };
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto [name, value] = headers[i];
        if (isPassedOn(name))
            passedOn = true;
        else
            reader.read(name, value, false);
    }
    for (std::size_t i = 0; passedOn && i < headers.size(); ++i) {
        const auto [name, value] = headers[i];
        if (isPassedOn(name)) reader.read(name.substr(kPassedOn.size()), value, true);
    }
    reader.finish();
    return found;
}

} // namespace gatescope::llm
