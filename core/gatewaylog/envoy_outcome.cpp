// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/envoy_outcome.h"

#include "core/gatewaylog/call_reading.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

/// Envoy, config/access_log/usage, %RESPONSE_FLAGS%.
constexpr std::array<std::pair<std::string_view, std::string_view>, 25> kFlags{
    {{"DC", "the caller ended the connection"},
     {"DF", "the name of the backend was not resolved"},
     {"DI", "a delay was injected"},
     {"DPE", "the caller broke the protocol"},
     {"DT", "the connection reached its longest duration"},
     {"FI", "a fault was injected"},
     {"IH", "a header had a value that is not allowed"},
     {"LH", "the proxy failed a health check of its own"},
     {"LR", "the proxy reset the connection to the backend"},
     {"NC", "the backend cluster is not known"},
     {"NR", "no route fits"},
     {"OM", "the proxy is overloaded"},
     {"RL", "a rate limit of the proxy refused it"},
     {"RLSE", "the rate limit service failed"},
     {"SI", "the stream was idle for too long"},
     {"UAEX", "external authorization refused it"},
     {"UC", "the backend closed the connection"},
     {"UF", "no connection to the backend"},
     {"UH", "no healthy backend"},
     {"UMSDR", "the request reached its longest duration"},
     {"UO", "the circuit breaker is open"},
     {"UPE", "the backend broke the protocol"},
     {"UR", "the backend reset the stream"},
     {"URX", "no attempts are left"},
     {"UT", "the backend did not answer in time"}}};

bool isSet(std::string_view text) {
    return !text.empty() && text != "-";
}

std::string explained(std::string_view flag) {
    std::string text(flag);
    for (const auto& [name, meaning] : kFlags)
        if (name == flag) text.append(": ").append(meaning);
    return text;
}

void setLimitOrigin(LogRecord& record, std::string_view flag) {
    std::string_view& origin = record.call.limit.origin;
    const int status = record.http.response.status;
    if (!origin.empty()) return;
    if (flag == "RL" && status == 429) origin = "envoy-ratelimit";
    if ((flag == "OM" || flag == "UO") && status == 503) origin = "envoy-overload";
}

} // namespace

void setEnvoyOutcome(LogRecord& record, std::string_view flags, std::string_view details, std::string_view failure) {
    if (!isSet(flags)) return;
    constexpr std::size_t kMaxEvidence = 256;
    constexpr std::size_t kMaxFlags = 16;
    Finding finding;
    finding.kind = &kProxyFlags;
    finding.packet = record.facts.line;
    std::string_view rest = flags;
    for (std::size_t count = 0; !rest.empty() && count < kMaxFlags; ++count) {
        const std::string_view flag = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), flag.size() + 1));
        finding.evidence.push_back(explained(flag.substr(0, kMaxEvidence)));
        setLimitOrigin(record, flag);
    }
    for (const std::string_view more : {details, failure})
        if (isSet(more)) finding.evidence.emplace_back(more.substr(0, kMaxEvidence));
    record.http.findings.push_back(std::move(finding));
    if (record.call.errorCode.empty()) record.call.errorCode.assign(flags.substr(0, kMaxEvidence));
}

std::string_view envoyHost(std::string_view upstream) {
    const std::size_t scheme = upstream.find("://");
    if (scheme != std::string_view::npos) upstream.remove_prefix(scheme + 3);
    return upstream == "-" ? std::string_view() : upstream;
}

} // namespace gatescope::gatewaylog
