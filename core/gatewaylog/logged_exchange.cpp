// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/logged_exchange.h"

#include "core/base/saturating.h"
#include "core/gatewaylog/log_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

constexpr std::array<std::pair<std::string_view, http::Version>, 11> kVersions{
    {{"HTTP/1.0", http::Version::Http10},
     {"HTTP/1.1", http::Version::Http11},
     {"HTTP/2", http::Version::H2},
     {"HTTP/2.0", http::Version::H2},
     {"h2", http::Version::H2},
     {"h2c", http::Version::H2c},
     {"HTTP/3", http::Version::H3},
     {"HTTP/3.0", http::Version::H3},
     {"h3", http::Version::H3},
     {"QUIC", http::Version::H3},
     {"websocket", http::Version::WebSocket}}};

bool isSet(std::string_view text) {
    return !text.empty() && text != "-";
}

bool isHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

} // namespace

LogRecord recordOf(std::string_view format, std::uint64_t line) {
    LogRecord record;
    record.format = format;
    record.facts.line = line;
    return record;
}

void setRequest(LogRecord& record, std::string_view method, std::string_view target) {
    if (!isSet(method)) return;
    record.http.request.method.assign(method);
    if (isSet(target)) record.http.request.target.assign(target);
    record.http.requestTrace.seen = true;
}

void setVersion(LogRecord& record, std::string_view text) {
    for (const auto& [name, version] : kVersions) {
        if (!http::equalsIgnoreCase(name, text)) continue;
        record.http.request.version = record.http.response.version = version;
        record.facts.versionKnown = true;
        return;
    }
}

void setStatus(LogRecord& record, std::optional<std::int64_t> status) {
    if (!status || *status < 100 || *status > 999) return;
    record.http.response.status = static_cast<int>(*status);
    record.http.responseTrace.seen = true;
}

void setTimes(LogRecord& record, TimeNs begin, std::optional<std::int64_t> durationNs) {
    record.http.requestTrace.firstByte = begin;
    record.http.responseTrace.lastByte = endOf(begin, durationNs);
}

void setBodySizes(LogRecord& record, std::optional<std::int64_t> request, std::optional<std::int64_t> response) {
    if (response && *response >= 0) record.http.responseTrace.bodyBytes = static_cast<std::uint64_t>(*response);
    if (request && *request >= 0) record.http.requestTrace.bodyBytes = static_cast<std::uint64_t>(*request);
    record.facts.bodySizesKnown = request && response && *request >= 0 && *response >= 0;
}

std::string tlsVersionOf(std::string_view text) {
    for (const std::string_view prefix : {"TLSv", "TLS ", "TLS"})
        if (text.starts_with(prefix)) {
            text.remove_prefix(prefix.size());
            break;
        }
    if (text == "1") return "1.0";
    const bool isVersion = text.size() == 3 && text.starts_with("1.") && text[2] >= '0' && text[2] <= '3';
    return std::string(isVersion ? text : std::string_view());
}

std::optional<Endpoint> endpointOf(std::string_view address, std::optional<std::int64_t> port) {
    auto endpoint = Endpoint::parse(address);
    if (endpoint && endpoint->port == 0 && port && *port > 0 && *port <= std::numeric_limits<std::uint16_t>::max())
        endpoint->port = static_cast<std::uint16_t>(*port);
    return endpoint;
}

void setTraceId(LogRecord& record, std::string_view text) {
    constexpr std::size_t kDigits = 32;
    if (text.size() != kDigits || !std::ranges::all_of(text, isHexDigit)) return;
    if (text.find_first_not_of('0') == std::string_view::npos) return;
    record.facts.traceId.assign(text);
    for (char& c : record.facts.traceId)
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
}

std::optional<std::int64_t> wholeNumber(std::string_view digits) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) return {};
    return number;
}

std::optional<std::int64_t> millisecondsOf(std::string_view digits) {
    const auto number = wholeNumber(digits);
    std::int64_t duration = 0;
    if (!number || *number < 0 || __builtin_mul_overflow(*number, kMillisecond, &duration)) return {};
    return duration;
}

std::string_view hostOf(std::string_view url) {
    if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    return url.substr(0, url.find_first_of("/?#"));
}

LogFields::Index firstSet(const LogFields& fields, std::initializer_list<LogFields::Index> members) {
    for (const LogFields::Index member : members) {
        if (member == LogFields::kNone || fields[member].kind == LogFields::Kind::Null) continue;
        if (fields[member].kind != LogFields::Kind::Text || fields.text(member)) return member;
    }
    return LogFields::kNone;
}

std::string_view lastAttempt(std::string_view list) {
    while (list.ends_with(' ') || list.ends_with(',')) list.remove_suffix(1);
    const std::size_t separator = list.find_last_of(", ");
    return separator == std::string_view::npos ? list : list.substr(separator + 1);
}

std::optional<std::int64_t> secondsOfAttempts(std::string_view list) {
    std::optional<std::int64_t> sum;
    while (!list.empty()) {
        const std::size_t from = list.find_first_not_of(", :");
        if (from == std::string_view::npos) break;
        list.remove_prefix(from);
        const std::string_view entry = list.substr(0, list.find_first_of(", :"));
        list.remove_prefix(entry.size());
        double seconds = 0;
        const auto [end, error] = std::from_chars(entry.data(), entry.data() + entry.size(), seconds);
        constexpr double kMost = 1e9; // some 30 years
        if (error != std::errc{} || end != entry.data() + entry.size() || !(seconds >= 0) || seconds > kMost) continue;
        sum = saturatingAdd(sum.value_or(0), static_cast<std::int64_t>(std::llround(seconds * 1e9)));
    }
    return sum;
}

} // namespace gatescope::gatewaylog
