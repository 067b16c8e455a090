// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/base64_text.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"

#include <string>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kName = "har";

using Index = LogFields::Index;
using Octets = std::optional<std::int64_t>;

/// An entry of `log.entries`: HAR 1.2 (W3C Web Performance working group, Odvarko).
bool matches(const LogFields& fields) {
    return fields.find("startedDateTime") != LogFields::kNone && fields.at("request", "url") != LogFields::kNone;
}

class Entry {
public:
    Entry(const LogFields& fields, std::uint64_t line)
        : m_fields(fields), m_request(fields.find("request")), m_response(fields.find("response")),
          m_record(recordOf(kName, line)) {}

    LogRecord&& read(ReadContext& context) {
        readHeads();
        readTimes();
        readEnds();
        setBodySizes(m_record, requestOctets(), responseOctets());
        context.calls.read(m_record, bodies());
        readTraceparent(m_record.http.request.headers.find("traceparent").value_or(""), m_record.facts);
        readNotes();
        return std::move(m_record);
    }

private:
    std::string_view text(Index index) const { return m_fields.text(index).value_or(""); }
    Octets notNegative(Index index) const {
        const Octets number = m_fields.integer(index);
        return number && *number >= 0 ? number : Octets();
    }
    Index content() const { return m_fields.find("content", m_response); }
    Index postData() const { return m_fields.find("postData", m_request); }

    void readHeads() {
        http::Exchange& exchange = m_record.http;
        setRequest(m_record, text(m_fields.find("method", m_request)), text(m_fields.find("url", m_request)));
        setVersion(m_record, text(m_fields.find("httpVersion", m_request)));
        addHeaders(m_fields, m_fields.find("headers", m_request), exchange.request.headers);
        addHeaders(m_fields, m_fields.find("headers", m_response), exchange.response.headers);
        // Browsers write 0 for what was blocked or answered by nobody.
        setStatus(m_record, m_fields.integer(m_fields.find("status", m_response)));
        exchange.response.reason.assign(text(m_fields.find("statusText", m_response)));
    }

    /// Phases that did not happen have -1. They are counted from the end, because some writers count the handshake of
    /// TLS in `connect` and some beside it.
    void readTimes() {
        http::Exchange& exchange = m_record.http;
        const TimeNs started = readTime(m_fields, m_fields.find("startedDateTime")).time;
        if (started == kNoTime || started == 0) return; // 1970 stands for a time that nobody knew
        exchange.requestTrace.firstByte = started;
        if (!exchange.responseTrace.seen) return;
        const auto whole = readDuration(m_fields, m_fields.find("time"), kMillisecond);
        const auto send = phase("send");
        const auto wait = phase("wait");
        const auto receive = phase("receive");
        if (!whole || (*whole == 0 && !wait && !receive)) return;
        const TimeNs end = endOf(started, whole);
        exchange.responseTrace.lastByte = end;
        if (end == kNoTime || !receive || *receive > *whole) return;
        exchange.responseTrace.firstByte = end - *receive;
        if (!wait || !send || *wait > *whole - *receive || *send > *whole - *receive - *wait) return;
        exchange.requestTrace.lastByte = end - *receive - *wait;
        exchange.requestTrace.firstByte = exchange.requestTrace.lastByte - *send;
    }
    std::optional<std::int64_t> phase(std::string_view name) const {
        return readDuration(m_fields, m_fields.at("timings", name), kMillisecond);
    }

    void readEnds() {
        const std::string_view url = text(m_fields.find("url", m_request));
        const auto named = Endpoint::parse(hostOf(url));
        std::optional<std::int64_t> port;
        if (named && named->port != 0)
            port = named->port;
        else if (const std::size_t colon = hostOf(url).rfind(':'); colon != std::string_view::npos)
            port = wholeNumber(hostOf(url).substr(colon + 1));
        const bool isTls = url.starts_with("https:") || url.starts_with("wss:");
        if (!port) port = isTls ? 443 : 80;
        m_record.server = endpointOf(text(m_fields.find("serverIPAddress")), port).value_or(Endpoint{});
        if (!isTls && !url.empty()) m_record.tls = "none";
    }

    /// Octets of the body as sent. A head without length and without transfer coding has no body (RFC 9112, 6.3).
    Octets requestOctets() const {
        if (const Octets stated = notNegative(m_fields.find("bodySize", m_request))) return stated;
        const http::HeaderList& headers = m_record.http.request.headers;
        if (const auto length = headers.find("content-length")) return wholeNumber(*length);
        const Index sent = m_fields.find("text", postData());
        if (sent != LogFields::kNone && !headers.find("content-encoding"))
            return static_cast<std::int64_t>(text(sent).size());
        const bool hasBody = postData() != LogFields::kNone || headers.find("transfer-encoding");
        return headers.size() != 0 && !hasBody ? Octets(0) : Octets();
    }
    Octets responseOctets() const {
        if (const Octets stated = notNegative(m_fields.find("bodySize", m_response))) return stated;
        const Octets decoded = notNegative(m_fields.find("size", content()));
        if (const Octets saved = m_fields.integer(m_fields.find("compression", content())); saved && decoded)
            return *saved <= *decoded && *saved >= 0 ? Octets(*decoded - *saved) : Octets();
        return m_record.http.response.headers.find("content-encoding") ? Octets() : decoded;
    }

    LoggedBodies bodies() {
        LoggedBodies bodies;
        bodies.request = text(m_fields.find("text", postData()));
        bodies.response = text(m_fields.find("text", content()));
        if (text(m_fields.find("encoding", content())) != "base64") return bodies;
        m_decoded = fromBase64(bodies.response).value_or(std::string());
        bodies.response = m_decoded;
        return bodies;
    }

    /// What `gscope export --to har` writes beside the standard members, because an archive without bodies cannot say
    /// it otherwise.
    void readNotes() {
        if (const auto client = Endpoint::parse(text(m_fields.find("_client")))) m_record.client = *client;
        if (const auto server = Endpoint::parse(text(m_fields.find("_server")))) m_record.server = *server;
        const Index notes = m_fields.find("_call");
        if (notes == LogFields::kNone) return;
        const auto count = [&](std::string_view name) { return m_fields.integer(m_fields.find(name, notes)); };
        const auto name = [&](std::string_view field) { return text(m_fields.find(field, notes)); };
        llm::CallFacts& call = m_record.call;
        stateUsage(call, {.input = count("input_tokens"),
                          .output = count("output_tokens"),
                          .total = count("total_tokens"),
                          .cached = count("cached_tokens"),
                          .cacheWrite = count("cache_write_tokens"),
                          .reasoning = count("reasoning_tokens")});
        stateNames(call, {.deployment = name("deployment"),
                          .requestedModel = name("requested_model"),
                          .servedModel = name("served_model"),
                          .responseId = name("response_id")});
        if (call.finishReason.empty()) call.finishReason.assign(name("finish_reason"));
        if (call.errorCode.empty()) call.errorCode.assign(name("error_code"));
        if (call.firstToken == kNoTime)
            call.firstToken = endOf(m_record.http.requestTrace.firstByte,
                                    readDuration(m_fields, m_fields.find("ttft_ms", notes), kMillisecond));
    }

    const LogFields& m_fields;
    const Index m_request, m_response;
    LogRecord m_record;
    std::string m_decoded;
};

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    Entry entry(fields, line);
    sink.onRecord(entry.read(context));
}

} // namespace

RecordFormat harArchive() {
    return {kName, "HTTP archive (HAR)", matches, read};
}

} // namespace gatescope::gatewaylog
