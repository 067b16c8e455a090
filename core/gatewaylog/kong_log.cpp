// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_exchange.h"
#include "core/gatewaylog/logged_header.h"

#include <utility>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kName = "kong";

using Index = LogFields::Index;

bool matches(const LogFields& fields) {
    const Index latencies = fields.find("latencies");
    if (latencies == LogFields::kNone || fields[latencies].kind != LogFields::Kind::Object) return false;
    return fields.find("request") != LogFields::kNone || fields.find("ai") != LogFields::kNone;
}

class Reader {
public:
    Reader(LogFields& fields, std::uint64_t line, ReadContext& context)
        : m_fields(fields), m_context(context), m_record(recordOf(kName, line)) {}

    LogRecord&& read() {
        readExchange();
        readEnds();
        const Index plugin = pluginOf();
        m_context.calls.read(m_record, bodiesOf(m_fields.find("payload", plugin)));
        readTraceparent(m_record.http.request.headers.find("traceparent").value_or(""), m_record.facts);
        readPlugin(plugin);
        checkLoggedIdentity(m_record);
        return std::move(m_record);
    }

private:
    std::string_view text(Index index) const { return m_fields.text(index).value_or(""); }
    std::optional<std::uint64_t> size(Index index) const {
        const auto octets = m_fields.integer(index);
        return octets && *octets >= 0 ? std::optional(static_cast<std::uint64_t>(*octets)) : std::nullopt;
    }

    void readExchange() {
        http::Exchange& exchange = m_record.http;
        const std::string_view uri = text(m_fields.at("request", "uri"));
        setRequest(m_record, text(m_fields.at("request", "method")),
                   uri.empty() ? text(m_fields.at("request", "url")) : uri);
        addHeaders(m_fields, m_fields.at("request", "headers"), exchange.request.headers);
        addHeaders(m_fields, m_fields.at("response", "headers"), exchange.response.headers);
        setStatus(m_record, m_fields.integer(m_fields.at("response", "status")));
        setTimes(m_record, readTime(m_fields, m_fields.find("started_at")).time,
                 readDuration(m_fields, m_fields.at("latencies", "request"), kMillisecond));
        m_record.facts.receivedBytes = size(m_fields.at("request", "size"));
        m_record.facts.sentBytes = size(m_fields.at("response", "size"));
        m_record.facts.correlationId.assign(text(m_fields.at("request", "id")));
    }

    void readEnds() {
        m_record.client = Endpoint::parse(text(m_fields.find("client_ip"))).value_or(Endpoint{});
        m_record.tls = tlsVersionOf(text(m_fields.at("request", "tls", "version")));
        const std::string_view url = text(m_fields.at("request", "url"));
        m_record.scheme.assign(url.substr(0, url.starts_with("http://") ? 4 : url.starts_with("https://") ? 5 : 0));
        m_record.facts.backendNs = readDuration(m_fields, m_fields.at("latencies", "proxy"), kMillisecond);
        // The last attempt is the one that answered.
        m_fields.forEach(m_fields.find("tries"), [&](Index attempt) {
            if (const auto at =
                    endpointOf(text(m_fields.find("ip", attempt)), m_fields.integer(m_fields.find("port", attempt))))
                m_record.facts.backend = at->port == 0 ? at->address.toString() : at->toString();
        });
        if (m_record.facts.backend.empty()) m_record.facts.backend.assign(text(m_fields.at("service", "host")));
    }

    /// The plugin that called the model: others, such as guards, have no usage.
    Index pluginOf() const {
        Index plugin = LogFields::kNone;
        m_fields.forEach(m_fields.find("ai"), [&](Index candidate) {
            const bool hasUsage = m_fields.find("usage", candidate) != LogFields::kNone;
            const bool hasMeta = m_fields.find("meta", candidate) != LogFields::kNone;
            if (hasUsage || (plugin == LogFields::kNone && hasMeta)) plugin = candidate;
        });
        return plugin;
    }

    LoggedBodies bodiesOf(Index payload) const {
        LoggedBodies bodies;
        bodies.request = text(m_fields.find("request", payload));
        bodies.response = text(m_fields.find("response", payload));
        return bodies;
    }

    void readPlugin(Index plugin) {
        const Index meta = m_fields.find("meta", plugin);
        const Index usage = m_fields.find("usage", plugin);
        const auto count = [&](std::initializer_list<std::string_view> names) {
            for (const std::string_view name : names)
                if (const auto number = m_fields.integer(m_fields.find(name, usage))) return number;
            return std::optional<std::int64_t>();
        };
        const auto detail = [&](std::string_view details, std::string_view name) {
            return m_fields.integer(m_fields.find(name, m_fields.find(details, usage)));
        };
        llm::CallFacts& call = m_record.call;
        stateUsage(call, {.input = count({"prompt_tokens", "input_tokens"}),
                          .output = count({"completion_tokens", "output_tokens"}),
                          .total = count({"total_tokens"}),
                          .cached = detail("prompt_tokens_details", "cached_tokens"),
                          .cacheWrite = {},
                          .reasoning = detail("completion_tokens_details", "reasoning_tokens")});
        stateNames(call, {.deployment = {},
                          .requestedModel = text(m_fields.find("request_model", meta)),
                          .servedModel = text(m_fields.find("response_model", meta)),
                          .responseId = {}});
        if (text(m_fields.find("request_mode", meta)) != "stream") return;
        call.stream = call.streamRequested = true;
        call.firstToken = endOf(m_record.http.requestTrace.firstByte,
                                readDuration(m_fields, m_fields.find("time_to_first_token", usage), kMillisecond));
    }

    LogFields& m_fields;
    ReadContext& m_context;
    LogRecord m_record;
};

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    sink.onRecord(Reader(fields, line, context).read());
}

} // namespace

RecordFormat kongLog() {
    return {kName, "Kong AI Gateway log", matches, read};
}

} // namespace gatescope::gatewaylog
