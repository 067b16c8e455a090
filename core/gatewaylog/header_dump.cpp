// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/header_text.h"
#include "core/gatewaylog/log_findings.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kName = "header-dump";
constexpr std::string_view kTitle = "header dump";

using Index = LogFields::Index;
using Kind = LogFields::Kind;

/// A name that no member of a log is likely to have.
bool isTelling(std::string_view name) {
    return isUsualHeaderName(name) && (name.find('-') != std::string_view::npos || name.starts_with(':') ||
                                       http::equalsIgnoreCase(name, "traceparent"));
}

bool isFieldName(std::string_view name) {
    return !name.empty() && name.find_first_of(" \t{}[]\",;=()<>@/\\?.") == std::string_view::npos;
}

/// An object whose members all are header fields, two of them of the usual ones.
bool isHeaders(const LogFields& fields, Index object) {
    if (object == LogFields::kNone || fields[object].kind != Kind::Object) return false;
    unsigned usual = 0;
    bool hasTelling = false;
    bool isClean = true;
    fields.forEach(object, [&](Index member) {
        const std::string_view name = fields[member].name;
        isClean = isClean && fields[member].kind != Kind::Object && isFieldName(name);
        usual += isUsualHeaderName(name) ? 1U : 0U;
        hasTelling = hasTelling || isTelling(name);
    });
    return isClean && hasTelling && usual >= 2;
}

/// A list of objects with `name` and `value`.
bool isHeaderList(const LogFields& fields, Index list) {
    if (list == LogFields::kNone || fields[list].kind != Kind::List) return false;
    unsigned usual = 0;
    bool isClean = fields[list].first != LogFields::kNone;
    fields.forEach(list, [&](Index entry) {
        const auto name = fields.text(fields.find("name", entry));
        isClean = isClean && name && fields.find("value", entry) != LogFields::kNone;
        usual += name && isUsualHeaderName(*name) ? 1U : 0U;
    });
    return isClean && usual >= 2;
}

/// The answer of a service that echoes requests, such as httpbin: `headers` among what else it saw.
bool isEcho(const LogFields& fields) {
    const Index headers = fields.find("headers");
    if (!isHeaders(fields, headers) && !isHeaderList(fields, headers)) return false;
    return std::ranges::any_of(std::array<std::string_view, 4>{"origin", "url", "method", "args"},
                               [&](std::string_view name) { return fields.find(name) != LogFields::kNone; });
}

bool matches(const LogFields& fields) {
    return isEcho(fields) || isHeaders(fields, LogFields::kRoot);
}

/// `/v1/https/HOST/path?query`, as the data proxy of Foundry notes the URL that an agent asked for.
std::string embeddedUrl(std::string_view path) {
    for (const std::string_view scheme : {"https", "http"}) {
        const std::string prefix = "/v1/" + std::string(scheme) + '/';
        if (path.starts_with(prefix) && path.size() > prefix.size())
            return std::string(scheme) + "://" + std::string(path.substr(prefix.size()));
    }
    return {};
}

/// Where the request went, by its own headers.
std::string targetOf(const http::HeaderList& headers) {
    for (const std::string_view name : {":path", "x-original-url", "x-waws-unencoded-url", "x-envoy-original-path"})
        if (const auto value = headers.find(name); value && !value->empty()) return std::string(*value);
    return embeddedUrl(headers.find("x-forwarded-path").value_or(""));
}

/// Fills in what the headers themselves say, and reads the call.
void finish(LogRecord& record, ReadContext& context) {
    http::RequestHead& request = record.http.request;
    const http::HeaderList& headers = request.headers;
    record.http.requestTrace.seen = record.http.requestTrace.seen || headers.size() != 0;
    if (request.method.empty()) request.method.assign(headers.find(":method").value_or(""));
    if (request.target.empty()) request.target = targetOf(headers);
    if (const auto authority = headers.find(":authority"); authority && !headers.find("host")) {
        const std::string host(*authority);
        request.headers.add("host", host);
    }
    record.client = Endpoint::parse(headers.find("client-ip").value_or("")).value_or(Endpoint{});
    record.tls = tlsVersionOf(headers.find("x-forwarded-tlsversion").value_or(""));
    for (const std::string_view name : {":scheme", "x-forwarded-proto"})
        if (const auto scheme = headers.find(name)) record.scheme.assign(*scheme);
    // A request with content is no GET. The record itself does not claim a method.
    const bool methodKnown = !request.method.empty();
    if (!methodKnown && headers.find("content-type")) request.method = "POST";
    context.calls.read(record);
    if (!methodKnown) request.method.clear();
    readTraceparent(headers.find("traceparent").value_or(""), record.facts);
}

/// Its host is a guess of the echo; the field Host says what was sent.
void readUrl(std::string_view url, LogRecord& record) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return;
    record.scheme.assign(url.substr(0, scheme));
    const std::size_t path = url.find_first_of("/?", scheme + 3);
    record.http.request.target.assign(path == std::string_view::npos ? std::string_view("/") : url.substr(path));
}

void readObject(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    LogRecord record = recordOf(kName, line);
    http::HeaderList& headers = record.http.request.headers;
    if (isHeaders(fields, LogFields::kRoot)) {
        addHeaders(fields, LogFields::kRoot, headers);
    } else {
        addHeaders(fields, fields.find("headers"), headers);
        readUrl(fields.text(fields.find("url")).value_or(""), record);
        setRequest(record, fields.text(fields.find("method")).value_or(""), record.http.request.target);
        // The echo takes X-Forwarded-For away and gives it as the origin.
        const auto origin = fields.text(fields.find("origin"));
        if (origin && !headers.find("x-forwarded-for")) headers.add("x-forwarded-for", *origin);
    }
    finish(record, context);
    sink.onRecord(std::move(record));
}

/// A document of a dump is a few KiB long.
constexpr std::size_t kMaxDump = 1U << 20;

bool recogniseText(std::string_view head, bool whole) {
    const std::size_t first = head.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || head[first] == '{') return false;
    if (head[first] != '[') return looksLikeHeaderText(head, whole);
    if (!whole) return false;
    llm::PaddedBuffer text;
    text.assign(head);
    JsonFields json;
    LogFields fields;
    return json.read(text.view(), fields) && isHeaderList(fields, LogFields::kRoot);
}

bool readList(const llm::PaddedBuffer& text, ReadContext& context, LogRecord& record) {
    LogFields fields;
    if (!context.json.read(text.view(), fields) || !isHeaderList(fields, LogFields::kRoot)) return false;
    addHeaders(fields, LogFields::kRoot, record.http.request.headers);
    return true;
}

bool readLines(std::string_view text, LogRecord& record) {
    HeaderText found;
    if (!readHeaderText(text.substr(0, kMaxDump), found)) return false;
    setRequest(record, found.method, found.target);
    setVersion(record, found.protocol);
    record.http.request.headers = std::move(found.request);
    record.http.response.headers = std::move(found.response);
    record.http.response.reason = std::move(found.reason);
    setStatus(record, found.status);
    return true;
}

void readText(const llm::PaddedBuffer& text, ReadContext& context, LogSink& sink) {
    LogRecord record = recordOf(kName, 1);
    const std::size_t first = text.view().find_first_not_of(" \t\r\n");
    const bool isList = first != std::string_view::npos && text.view()[first] == '[';
    if (isList ? readList(text, context, record) : readLines(text.view(), record)) {
        finish(record, context);
        sink.onRecord(std::move(record));
        return;
    }
    Finding finding;
    finding.kind = &kDamagedRecord;
    finding.packet = 1;
    sink.onFinding(std::move(finding));
}

} // namespace

RecordFormat headerDump() {
    return {kName, kTitle, matches, readObject};
}

DocumentFormat headerText() {
    return {kName, kTitle, recogniseText, readText};
}

} // namespace gatescope::gatewaylog
