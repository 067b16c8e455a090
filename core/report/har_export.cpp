// SPDX-License-Identifier: Apache-2.0
#include "core/report/har_export.h"

#include "core/analysis/masking.h"
#include "core/base/ip_address.h"
#include "core/report/escape.h"

#include <array>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace gatescope::report {

namespace {

using analysis::Direction;
using analysis::Field;
using analysis::FieldId;
using analysis::kNoNumber;
using analysis::Row;

/// Members of `_call`, under the names of the contract.
constexpr std::array kCallTexts{std::pair{"api", FieldId::Api},
                                std::pair{"model", FieldId::Model},
                                std::pair{"deployment", FieldId::Deployment},
                                std::pair{"requested_model", FieldId::RequestedModel},
                                std::pair{"served_model", FieldId::ServedModel},
                                std::pair{"response_id", FieldId::ResponseId},
                                std::pair{"finish_reason", FieldId::FinishReason},
                                std::pair{"error_code", FieldId::ErrorCode},
                                std::pair{"token_source", FieldId::TokenSource}};
constexpr std::array kCallNumbers{std::pair{"input_tokens", FieldId::InputTokens},
                                  std::pair{"output_tokens", FieldId::OutputTokens},
                                  std::pair{"total_tokens", FieldId::TotalTokens},
                                  std::pair{"cached_tokens", FieldId::CachedTokens},
                                  std::pair{"cache_write_tokens", FieldId::CacheWriteTokens},
                                  std::pair{"reasoning_tokens", FieldId::ReasoningTokens}};

constexpr std::string_view kUnknownTime = "1970-01-01T00:00:00.000Z";

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string decodedParameter(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool isEscape =
            text[i] == '%' && i + 2 < text.size() && hexValue(text[i + 1]) >= 0 && hexValue(text[i + 2]) >= 0;
        if (isEscape) {
            plain += static_cast<char>(hexValue(text[i + 1]) * 16 + hexValue(text[i + 2]));
            i += 2;
        } else {
            plain += text[i] == '+' ? ' ' : text[i];
        }
    }
    return plain;
}

/// Milliseconds with all digits of the nanoseconds; -1: not known.
std::string milliseconds(std::int64_t nanoseconds) {
    if (nanoseconds == kNoNumber) return "-1";
    return fmt::format("{}.{:06}", nanoseconds / 1'000'000, nanoseconds % 1'000'000);
}

std::string_view versionName(std::string_view protocol) {
    if (protocol == "http/1.0") return "HTTP/1.0";
    if (protocol == "http/1.1") return "HTTP/1.1";
    return protocol == "h2" ? "HTTP/2.0" : protocol == "h3" ? "HTTP/3.0" : protocol;
}

class HarWriter {
public:
    HarWriter(const analysis::Snapshot& snapshot, const HarOptions& options, ByteSink& sink)
        : m_snapshot(snapshot), m_options(options), m_sink(sink) {}

    HarSummary write(std::span<const Row> rows) {
        m_text = R"({"log":{"version":"1.2","creator":{"name":"Gatescope","version":)";
        appendJsonString(m_text, m_options.version);
        m_text += R"(},"entries":[)";
        for (const Row row : rows) {
            m_row = row;
            if (text(FieldId::Method).empty()) {
                ++m_summary.withoutRequest;
                continue;
            }
            m_text += m_summary.entries++ == 0 ? "\n" : ",\n";
            appendEntry();
            if (!flush(kEnough)) return m_summary;
        }
        m_text += "\n]}}\n";
        flush(0);
        return m_summary;
    }

private:
    static constexpr std::size_t kEnough = 64 * 1024;

    bool flush(std::size_t enough) {
        if (m_text.size() < enough) return true;
        const bool taken = m_sink.write(m_text);
        m_text.clear();
        return taken;
    }

    std::string_view text(FieldId field) const {
        const analysis::Value value = m_snapshot.value(Field{field, analysis::FieldType::Text, {}}, m_row);
        const auto* found = std::get_if<std::string_view>(&value);
        return found ? *found : std::string_view();
    }
    std::int64_t number(FieldId field) const { return m_snapshot.number(field, m_row); }
    std::string shown(FieldId field) const {
        const std::string_view value = text(field);
        if (m_options.reveal || value.empty()) return std::string(value);
        return analysis::maskField(Field{field, analysis::FieldType::Text, {}}, value);
    }

    void member(std::string_view name, std::string_view value) {
        appendJsonString(m_text, name);
        m_text += ':';
        appendJsonString(m_text, value);
    }
    void count(std::string_view name, std::int64_t value) {
        appendJsonString(m_text, name);
        fmt::format_to(std::back_inserter(m_text), ":{}", value == kNoNumber ? -1 : value);
    }

    void appendEntry() {
        const TimeNs started = m_snapshot.startTime(m_row);
        if (started == kNoTime) ++m_summary.withoutTime;
        m_text += '{';
        member("startedDateTime", started == kNoTime ? std::string(kUnknownTime) : formatTime(started));
        appendTimings();
        m_text += R"(,"request":{)";
        appendRequest();
        m_text += R"(},"response":{)";
        appendResponse();
        m_text += R"(},"cache":{})";
        appendEnds();
        appendCall();
        m_text += '}';
    }

    /// The whole is the sum of the phases that are known. When the answer began is not known for every exchange.
    void appendTimings() {
        const std::int64_t whole = number(FieldId::Duration);
        const std::int64_t first = number(FieldId::Ttfb);
        const bool isSplit = whole != kNoNumber && first != kNoNumber && first >= 0 && first <= whole;
        const bool isKnown = whole != kNoNumber && whole >= 0;
        fmt::format_to(std::back_inserter(m_text), R"(,"time":{},"timings":{{"send":{},"wait":{},"receive":{}}})",
                       isKnown ? milliseconds(whole) : "0", isKnown ? "0" : "-1",
                       milliseconds(isSplit   ? first
                                    : isKnown ? whole
                                              : kNoNumber),
                       milliseconds(isSplit ? whole - first : kNoNumber));
    }

    void appendRequest() {
        const std::string path = shown(FieldId::Path);
        const std::string query = shown(FieldId::Query);
        std::string url = shown(FieldId::Scheme);
        url = fmt::format("{}://{}{}", url.empty() ? "http" : url, hostOrAddress(), path);
        if (!query.empty()) url.append("?").append(query);
        member("method", text(FieldId::Method));
        m_text += ',';
        member("url", url);
        m_text += ',';
        member("httpVersion", versionName(text(FieldId::Protocol)));
        m_text += R"(,"cookies":[],"headers":[)";
        appendHeaders(Direction::Request);
        m_text += R"(],"queryString":[)";
        appendQuery(query);
        m_text += R"(],"headersSize":-1,)";
        count("bodySize", number(FieldId::RequestBytes));
    }

    std::string hostOrAddress() const {
        std::string host = shown(FieldId::Host);
        return host.empty() ? std::string(text(FieldId::Server)) : host;
    }

    void appendHeaders(Direction direction) {
        bool isFirst = true;
        for (const auto& header : m_snapshot.headers(direction, m_row)) {
            const std::string_view value = m_snapshot.text(header.value);
            m_text += isFirst ? "{" : ",{";
            member("name", header.name);
            m_text += ',';
            member("value", m_options.reveal ? std::string(value) : analysis::maskHeader(header.name, value));
            m_text += '}';
            isFirst = false;
        }
    }

    void appendQuery(std::string_view query) {
        for (bool isFirst = true; !query.empty(); isFirst = false) {
            const std::string_view pair = query.substr(0, query.find('&'));
            query.remove_prefix(std::min(query.size(), pair.size() + 1));
            const std::size_t equals = pair.find('=');
            m_text += isFirst ? "{" : ",{";
            member("name", decodedParameter(pair.substr(0, equals)));
            m_text += ',';
            member("value",
                   equals == std::string_view::npos ? std::string() : decodedParameter(pair.substr(equals + 1)));
            m_text += '}';
        }
    }

    /// Without an answer the status is 0, as browsers write it.
    void appendResponse() {
        const std::int64_t status = number(FieldId::Status);
        const bool isCoded = !headerText("content-encoding").empty();
        count("status", status == kNoNumber ? 0 : status);
        m_text += R"(,"statusText":"",)";
        member("httpVersion", status == kNoNumber ? std::string_view() : versionName(text(FieldId::Protocol)));
        m_text += R"(,"cookies":[],"headers":[)";
        appendHeaders(Direction::Response);
        m_text += R"(],"content":{)";
        count("size", isCoded ? kNoNumber : number(FieldId::ResponseBytes));
        m_text += ',';
        member("mimeType", headerText("content-type"));
        m_text += "},";
        const std::string_view location = headerText("location");
        member("redirectURL", m_options.reveal ? std::string(location) : analysis::maskHeader("location", location));
        m_text += R"(,"headersSize":-1,)";
        count("bodySize", number(FieldId::ResponseBytes));
    }

    std::string_view headerText(std::string_view lowerName) const {
        const StringPool::Code name = m_snapshot.headerCode(lowerName);
        if (name == StringPool::kNone) return {};
        const StringPool::Code value = m_snapshot.headerValue(Direction::Response, name, m_row);
        return value == StringPool::kNone ? std::string_view() : m_snapshot.text(value);
    }

    void appendEnds() {
        if (const auto server = Endpoint::parse(text(FieldId::Server))) {
            m_text += ',';
            member("serverIPAddress", server->address.toString());
        }
        if (const std::int64_t flow = number(FieldId::Flow); flow != kNoNumber) {
            m_text += ',';
            member("connection", std::to_string(flow));
        }
        for (const auto& [name, field] :
             {std::pair{"_client", FieldId::Client}, std::pair{"_server", FieldId::Server}}) {
            if (text(field).empty()) continue;
            m_text += ',';
            member(name, text(field));
        }
    }

    void appendCall() {
        if (text(FieldId::Api).empty()) return;
        m_text += R"(,"_call":{)";
        const char* separator = "";
        for (const auto& [name, field] : kCallTexts) {
            if (text(field).empty()) continue;
            m_text += std::exchange(separator, ",");
            member(name, shown(field));
        }
        for (const auto& [name, field] : kCallNumbers) {
            if (number(field) == kNoNumber) continue;
            m_text += std::exchange(separator, ",");
            count(name, number(field));
        }
        if (const std::int64_t first = number(FieldId::Ttft); first != kNoNumber && first >= 0)
            fmt::format_to(std::back_inserter(m_text), R"({}"ttft_ms":{})", separator, milliseconds(first));
        m_text += '}';
    }

    const analysis::Snapshot& m_snapshot;
    const HarOptions& m_options;
    ByteSink& m_sink;
    Row m_row = 0;
    std::string m_text;
    HarSummary m_summary;
};

} // namespace

HarSummary writeHar(const analysis::Snapshot& snapshot, std::span<const Row> rows, const HarOptions& options,
                    ByteSink& sink) {
    return HarWriter(snapshot, options, sink).write(rows);
}

} // namespace gatescope::report
