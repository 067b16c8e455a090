// SPDX-License-Identifier: Apache-2.0
// A trace of one call through API Management's policies. Source: log-schemas.json (apimTrace). It holds keys in clear;
// they are masked where they leave the dataset.
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"

#include <algorithm>

namespace gatescope::gatewaylog {

namespace {

using Index = LogFields::Index;

bool matches(const LogFields& fields) {
    return fields.find("traceEntries") != LogFields::kNone;
}

class Trace {
public:
    Trace(const LogFields& fields, std::uint64_t line)
        : m_fields(fields), m_entries(fields.find("traceEntries")), m_record(recordOf("apim-trace", line)) {}

    LogRecord read(ReadContext& context) {
        forEachEntry("inbound", [&](Index entry) { readInbound(entry); });
        forEachEntry("backend", [&](Index entry) { readBackend(entry); });
        forEachEntry("outbound", [&](Index entry) { readOutbound(entry); });
        forEachEntry("on-error", [&](Index entry) { readError(entry); });
        // What the gateway copied to the caller is what the backend answered.
        if (!m_record.http.responseTrace.seen && m_copied) readResponse(m_backendResponse);
        setTimes(m_record, m_begin, m_duration);
        const std::string error = std::move(m_record.call.errorCode);
        context.calls.read(m_record);
        if (m_record.call.errorCode.empty()) m_record.call.errorCode = error;
        if (const auto trace = m_record.http.request.headers.find("traceparent"))
            readTraceparent(*trace, m_record.facts);
        return std::move(m_record);
    }

private:
    template <typename Visit>
    void forEachEntry(std::string_view section, Visit&& visit) {
        m_fields.forEach(m_fields.find(section, m_entries), [&](Index entry) {
            readElapsed(entry);
            visit(entry);
        });
    }

    Index dataOf(Index entry, std::string_view name) const {
        const Index data = m_fields.find("data", entry);
        const bool isObject = data != LogFields::kNone && m_fields[data].kind == LogFields::Kind::Object;
        return isObject ? m_fields.find(name, data) : LogFields::kNone;
    }
    std::string_view textOf(std::string_view name, Index object) const {
        return m_fields.text(m_fields.find(name, object)).value_or(std::string_view());
    }

    /// The first entry with both tells when the call began; the latest one, how long it took.
    void readElapsed(Index entry) {
        const auto elapsed = parseTimespan(textOf("elapsed", entry));
        if (!elapsed || *elapsed < 0) return;
        m_duration = std::max(m_duration.value_or(0), *elapsed);
        const TimeNs time = readTime(m_fields, m_fields.find("timestamp", entry)).time;
        if (m_begin == kNoTime && time != kNoTime) m_begin = endOf(time, -*elapsed);
    }

    void readInbound(Index entry) {
        const Index request = dataOf(entry, "request");
        if (m_record.http.requestTrace.seen || request == LogFields::kNone) return;
        setRequest(m_record, textOf("method", request), textOf("url", request));
        addHeaders(m_fields, m_fields.find("headers", request), m_record.http.request.headers);
    }

    void readBackend(Index entry) {
        if (const Index request = dataOf(entry, "request"); request != LogFields::kNone)
            m_record.facts.backend.assign(hostOf(textOf("url", request)));
        if (const Index response = dataOf(entry, "response"); response != LogFields::kNone)
            m_backendResponse = response;
    }

    void readOutbound(Index entry) {
        if (const Index response = dataOf(entry, "response"); response != LogFields::kNone) readResponse(response);
        m_copied = m_copied || textOf("source", entry) == "transfer-response";
    }

    void readError(Index entry) {
        if (const Index response = dataOf(entry, "response"); response != LogFields::kNone) readResponse(response);
        const auto reason = m_fields.text(dataOf(entry, "reason"));
        if (reason && m_record.call.errorCode.empty()) m_record.call.errorCode.assign(*reason);
    }

    void readResponse(Index response) {
        if (response == LogFields::kNone) return;
        const Index status = m_fields.find("status", response);
        const Index code = m_fields.find("code", status);
        setStatus(m_record, m_fields.integer(code != LogFields::kNone ? code : status));
        m_record.http.response.reason.assign(textOf("reason", status));
        m_record.http.response.headers.clear();
        addHeaders(m_fields, m_fields.find("headers", response), m_record.http.response.headers);
    }

    const LogFields& m_fields;
    Index m_entries;
    LogRecord m_record;
    Index m_backendResponse = LogFields::kNone;
    bool m_copied = false;
    TimeNs m_begin = kNoTime;
    std::optional<std::int64_t> m_duration;
};

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    sink.onRecord(Trace(fields, line).read(context));
}

} // namespace

RecordFormat apimTrace() {
    return {"apim-trace", "API Management trace", matches, read};
}

} // namespace gatescope::gatewaylog
