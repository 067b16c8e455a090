// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/exchange_page.h"

#include "core/analysis/masking.h"
#include "core/report/base64.h"
#include "core/report/body_text.h"
#include "core/report/escape.h"
#include "core/report/utf8.h"
#include "core/report/wire_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace gatescope::cli {

using Json = nlohmann::ordered_json;
using pipeline::BodyContent;
using pipeline::ExchangeContent;

namespace {

std::string target(const http::RequestHead& head, bool reveal) {
    return reveal ? head.target : report::maskTarget(head.target);
}

std::string headerValue(const http::HeaderList::Field& field, bool reveal) {
    return reveal ? std::string(field.value) : analysis::maskHeader(field.name, field.value);
}

std::string masked(std::string text, bool reveal) {
    return reveal ? std::move(text) : analysis::maskText(text);
}

/// `HTTP/1.1`, as a start line has it.
std::string onTheWire(http::Version version) {
    std::string text(toString(version));
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

class Page {
public:
    explicit Page(const PageOptions& options) : m_options(options) {}

    void line(std::string_view text) {
        report::appendTerminalText(m_text, text);
        m_text += '\n';
    }
    void block(std::string_view text) {
        report::appendTerminalLines(m_text, text);
        if (!text.empty() && !text.ends_with('\n')) m_text += '\n';
    }
    void blank() { m_text += '\n'; }

    void headers(const http::HeaderList& list) {
        for (std::size_t i = 0; i < list.size(); ++i)
            line(fmt::format("{}: {}", list[i].name, headerValue(list[i], m_options.reveal)));
    }
    void body(const BodyContent& body) {
        if (!body.text.empty()) {
            blank();
            if (const auto text = report::readableBody(masked(body.text, m_options.reveal)))
                block(*text);
            else
                line(fmt::format("({} octets that are not text)", body.text.size()));
        }
        remarks(body);
    }
    void remarks(const BodyContent& body) {
        if (body.truncated) line("(longer than shown)");
        if (body.damaged) line("(damaged: octets are missing, or the content coding is broken)");
    }
    std::string take() { return std::move(m_text); }

private:
    const PageOptions& m_options;
    std::string m_text;
};

std::string streamText(const ExchangeContent& content) {
    report::StreamText stream;
    for (const pipeline::TimedEvent& event : content.events) stream.add(event.data);
    return stream.text();
}

void addEvents(Page& page, const ExchangeContent& content, bool reveal) {
    for (const pipeline::TimedEvent& event : content.events)
        page.line(fmt::format("{}  {}{}{}", formatTime(event.time), event.name, event.name.empty() ? "" : "  ",
                              masked(event.data, reveal)));
}

void addResponse(Page& page, const ExchangeContent& content, const PageOptions& options) {
    const http::ResponseHead& response = content.exchange.response;
    page.line(fmt::format("{} {} {}", onTheWire(response.version), response.status, response.reason));
    page.headers(response.headers);
    if (content.events.empty()) return page.body(content.response);
    const std::string text = streamText(content);
    page.blank();
    if (options.withEvents || text.empty()) {
        addEvents(page, content, options.reveal);
        if (!text.empty()) page.blank();
    }
    if (!text.empty()) page.line(fmt::format("(text of {} events)", content.events.size()));
    page.block(masked(text, options.reveal));
    page.remarks(content.response);
}

Json headersObject(const http::HeaderList& list, bool reveal) {
    Json headers = Json::array();
    for (std::size_t i = 0; i < list.size(); ++i)
        headers.push_back({{"name", list[i].name}, {"value", headerValue(list[i], reveal)}});
    return headers;
}

void putBody(Json& message, const BodyContent& body, const http::MessageTrace& trace, bool reveal) {
    message["body_bytes"] = trace.bodyBytes;
    message["complete"] = trace.complete;
    if (body.truncated) message["body_truncated"] = true;
    if (body.damaged) message["body_damaged"] = true;
    if (body.text.empty()) return;
    if (report::isValidUtf8(body.text))
        message["body"] = masked(body.text, reveal);
    else if (reveal)
        message["body_base64"] = report::toBase64(body.text);
    else
        message["body_octets"] = body.text.size();
}

} // namespace

std::string exchangePage(const ExchangeContent& content, const PageOptions& options) {
    Page page(options);
    const http::Exchange& exchange = content.exchange;
    if (exchange.requestTrace.seen) {
        page.line(fmt::format("{} {} {}", exchange.request.method, target(exchange.request, options.reveal),
                              onTheWire(exchange.request.version)));
        page.headers(exchange.request.headers);
        page.body(content.request);
    } else {
        page.line("(the request was not seen)");
    }
    page.blank();
    if (exchange.responseTrace.seen)
        addResponse(page, content, options);
    else
        page.line("(no response was seen)");
    return page.take();
}

std::string exchangeObject(const ExchangeContent& content, const PageOptions& options, report::Format format) {
    const http::Exchange& exchange = content.exchange;
    Json object{{"id", options.id}, {"input", options.input}};
    if (exchange.requestTrace.seen) {
        Json& request = object["request"];
        if (exchange.requestTrace.firstByte != kNoTime) request["time"] = formatTime(exchange.requestTrace.firstByte);
        request["method"] = exchange.request.method;
        request["target"] = target(exchange.request, options.reveal);
        request["version"] = toString(exchange.request.version);
        request["headers"] = headersObject(exchange.request.headers, options.reveal);
        putBody(request, content.request, exchange.requestTrace, options.reveal);
    }
    if (exchange.responseTrace.seen) {
        Json& response = object["response"];
        if (exchange.responseTrace.firstByte != kNoTime)
            response["time"] = formatTime(exchange.responseTrace.firstByte);
        response["status"] = exchange.response.status;
        if (!exchange.response.reason.empty()) response["reason"] = exchange.response.reason;
        response["version"] = toString(exchange.response.version);
        response["headers"] = headersObject(exchange.response.headers, options.reveal);
        putBody(response, content.response, exchange.responseTrace, options.reveal);
        if (const std::string text = streamText(content); !text.empty())
            response["text"] = masked(text, options.reveal);
    }
    if (options.withEvents) {
        Json& events = object["events"] = Json::array();
        for (const pipeline::TimedEvent& event : content.events) {
            Json one = Json::object();
            if (event.time != kNoTime) one["time"] = formatTime(event.time);
            if (!event.name.empty()) one["event"] = event.name;
            one["data"] = masked(event.data, options.reveal);
            events.push_back(std::move(one));
        }
    }
    const int indent = format == report::Format::Json ? 2 : -1;
    return object.dump(indent, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::expected<void, Failure> checkObjectFormat(const std::string& format) {
    if (format != "csv" && format != "tsv") return {};
    return std::unexpected(Failure{
        ExitStatus::WrongUse, fmt::format("one exchange cannot be written as {}; use table, json or jsonl", format)});
}

} // namespace gatescope::cli
