// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/source_path.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace gatescope::path::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A request with the marks that a Foundry agent's call has behind an App Service front end. Invented, in the form of
/// the first article's dump.
inline Fields agentCall() {
    return {{"Host", "apimx.azure-api.net"},
            {"openai-project", "sampleproject1"},
            {"x-ms-foundry-agent-id", "Helper:5"},
            {"x-ms-foundry-model-id", "conn/gpt-4o"},
            {"x-ms-foundry-project-id", "455cbebf-a0bc-425e-99f6-000000000000"},
            {"x-forwarded-for", "100.64.9.87;10.0.9.213:10095"},
            {"x-envoy-external-address", "100.64.9.87"},
            {"x-k8se-app-name", "j88-dataproxy--vuww7ja"},
            {"x-k8se-app-namespace", "wonderfulsky-a2f"},
            {"x-k8se-protocol", "http1"},
            {"x-ms-containerapp-name", "j88-dataproxy"},
            {"x-arr-ssl",
             "2048|256|CN=Microsoft Azure RSA TLS Issuing CA 04;O=Microsoft Corporation;C=US|CN=*.azure-api.net"},
            {"x-forwarded-path", "/v1/https/apimx.azure-api.net/openai/deployments/gpt-4o/chat/completions"},
            {"X-ARR-LOG-ID", "76ddf586-260b-4e37-8f4c-000000000000"},
            {"CLIENT-IP", "10.0.9.213:10095"},
            {"DISGUISED-HOST", "apimx.azure-api.net"},
            {"X-Forwarded-TlsVersion", "1.3"},
            {"X-Azure-JA4-Fingerprint", "t13d1113h2_d3731e0d3936_000000000000"}};
}

/// Replaces a field, or leaves it out when `value` is empty.
inline Fields with(Fields fields, std::string_view name, std::string value) {
    std::erase_if(fields, [&](const auto& field) { return http::equalsIgnoreCase(field.first, name); });
    if (!value.empty()) fields.emplace_back(name, std::move(value));
    return fields;
}

/// Holds what a PathInput refers to.
struct Request {
    http::HeaderList headers, answer;
    PathInput input;

    explicit Request(const Fields& fields, const Fields& answered = {}) {
        for (const auto& [name, value] : fields) headers.add(name, value);
        for (const auto& [name, value] : answered) answer.add(name, value);
        input.request = &headers;
        input.response = &answer;
        input.target = "/openai/deployments/gpt-4o/chat/completions";
        input.model = "gpt-4o";
    }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
};

inline Trust trusting(const std::vector<std::string>& networks) {
    Trust trust;
    for (const std::string& network : networks) trust.subnets.push_back(parseTrusted(network).value());
    return trust;
}

/// `lane role address:port name standing`, a line a hop; what is missing is left out, `~` stands before a gap.
inline std::string drawn(const SourcePath& path) {
    std::string text;
    for (const Hop& hop : path.hops) {
        if (!text.empty()) text += '\n';
        if (hop.gapBefore) text += "~ ";
        text += std::string(toString(hop.lane)) + ' ' + std::string(toString(hop.role));
        if (hop.address) text += ' ' + hop.address->toString() + (hop.port ? ':' + std::to_string(hop.port) : "");
        if (!hop.text.empty()) text += ' ' + hop.text;
        if (!hop.name.empty()) text += ' ' + hop.name;
        text += ' ' + std::string(toString(hop.standing));
    }
    return text;
}

inline std::vector<std::string> findingIds(const SourcePath& path) {
    std::vector<std::string> ids;
    for (const Finding& finding : path.findings) ids.emplace_back(finding.kind->id);
    std::ranges::sort(ids);
    return ids;
}

} // namespace gatescope::path::test
