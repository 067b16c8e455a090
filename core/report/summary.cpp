// SPDX-License-Identifier: Apache-2.0
#include "core/report/summary.h"

#include "core/report/cell_text.h"
#include "core/report/escape.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace gatescope::report {

using analysis::Totals;
using Json = nlohmann::ordered_json;

namespace {

std::vector<Summary::Named> named(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                                  std::string_view fieldName, bool reveal) {
    const auto field = analysis::Field::parse(fieldName);
    if (!field) return {};
    std::vector<Summary::Named> all;
    for (analysis::Group& group : analysis::groupBy(snapshot, rows, {*field}, reveal))
        all.push_back({group.key.empty() ? std::string() : group.key.front().value_or(std::string()), group.totals});
    return all;
}

std::uint64_t cutToTop(std::vector<Summary::Named>& all) {
    const auto count = std::ranges::count_if(all, [](const Summary::Named& one) { return !one.name.empty(); });
    if (all.size() > Summary::kTop) all.erase(all.begin() + Summary::kTop, all.end());
    return static_cast<std::uint64_t>(count);
}

/// Connections that carried one of the rows.
std::uint64_t flowsOf(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows) {
    std::set<PacketRef> flows;
    for (const analysis::Row row : rows) {
        const std::uint64_t start = snapshot.flowStart(row);
        if (start != 0) flows.insert(start);
    }
    return flows.size();
}

TimeNs earliest(const Summary& summary) {
    TimeNs time = kNoTime;
    for (const InputStatus& input : summary.inputs)
        if (input.firstTime != kNoTime && (time == kNoTime || input.firstTime < time)) time = input.firstTime;
    return time;
}

TimeNs latest(const Summary& summary) {
    TimeNs time = kNoTime;
    for (const InputStatus& input : summary.inputs) time = std::max(time, input.lastTime);
    return time;
}

std::uint64_t packetsOf(const Summary& summary) {
    std::uint64_t packets = 0;
    for (const InputStatus& input : summary.inputs)
        if (!input.isLog) packets += input.packets;
    return packets;
}

struct Section {
    const char* name;
    const char* single;
    const std::vector<Summary::Named>& rows;
    std::uint64_t distinct; ///< 0: not counted
};

std::vector<Section> sections(const Summary& summary) {
    return {{"protocols", "protocol", summary.protocols, 0},
            {"projects", "project", summary.projects, summary.projectCount},
            {"agents", "agent", summary.agents, summary.agentCount},
            {"models", "model", summary.models, summary.modelCount}};
}

constexpr std::array<Severity, 4> kWorstFirst{Severity::High, Severity::Medium, Severity::Low, Severity::Info};

/// Name and value of each count, in the order in which all formats show them.
std::vector<std::pair<const char*, std::uint64_t>> counts(const Summary& summary) {
    return {{"packets", packetsOf(summary)},
            {"flows", summary.flows},
            {"exchanges", summary.totals.exchanges},
            {"errors", summary.totals.errors},
            {"throttled", summary.totals.throttled}};
}

/// `1200 = 1000 input (800 cached) + 200 output, from 3 calls`; what nobody reports is left out.
std::string tokenLine(const Totals& totals) {
    using analysis::TokenSum;
    const auto part = [&](TokenSum sum, const char* format, std::int64_t value) {
        return totals.knows(sum) ? fmt::format(fmt::runtime(format), value) : std::string();
    };
    std::string line = part(TokenSum::Total, "{}", totals.totalTokens);
    if (line.empty()) line = "?";
    const std::string input = part(TokenSum::Input, " = {} input", totals.inputTokens);
    line += input + part(TokenSum::Cached, " ({} cached)", totals.cachedTokens);
    line += part(TokenSum::Output, input.empty() ? " = {} output" : " + {} output", totals.outputTokens);
    line += part(TokenSum::Reasoning, " ({} reasoning)", totals.reasoningTokens);
    return fmt::format("{}, from {} calls", line, totals.withUsage);
}

std::vector<std::pair<const char*, std::int64_t>> tokens(const Totals& totals) {
    using analysis::TokenSum;
    std::vector<std::pair<const char*, std::int64_t>> sums;
    const auto add = [&](TokenSum sum, const char* name, std::int64_t value) {
        if (totals.knows(sum)) sums.emplace_back(name, value);
    };
    add(TokenSum::Input, "input_tokens", totals.inputTokens);
    add(TokenSum::Output, "output_tokens", totals.outputTokens);
    add(TokenSum::Total, "total_tokens", totals.totalTokens);
    add(TokenSum::Cached, "cached_tokens", totals.cachedTokens);
    add(TokenSum::Reasoning, "reasoning_tokens", totals.reasoningTokens);
    if (totals.withUsage != 0) sums.emplace_back("estimated_tokens", totals.estimatedTokens);
    return sums;
}

void putTime(Json& object, const char* name, TimeNs time) {
    if (time != kNoTime) object[name] = formatTime(time);
}

double milliseconds(TimeNs time) {
    // Three decimals, as durations have everywhere.
    return std::round(static_cast<double>(time) / 1e3) / 1e3;
}

Json toJson(const InputStatus& input) {
    Json object;
    object["input"] = input.input;
    if (!input.format.empty()) object["format"] = input.format;
    object["status"] = input.status;
    if (!input.message.empty()) object["message"] = input.message;
    if (!input.format.empty()) {
        object[input.isLog ? "records" : "packets"] = input.packets;
        object["bytes"] = input.bytes;
    }
    putTime(object, "first_time", input.firstTime);
    putTime(object, "last_time", input.lastTime);
    if (input.clock) {
        object["clock_offset_ms"] = milliseconds(input.clock->offset);
        object["clock_reference"] = input.clock->reference;
        object["clock_packets"] = input.clock->packets;
        if (input.clock->delay) object["delay_ms"] = milliseconds(*input.clock->delay);
    }
    return object;
}

Json toJson(const Section& section) {
    Json list = Json::array();
    for (const Summary::Named& row : section.rows) {
        Json object = Json::object();
        if (!row.name.empty()) object[section.single] = row.name;
        object["exchanges"] = row.totals.exchanges;
        object["errors"] = row.totals.errors;
        if (row.totals.withUsage != 0) object["total_tokens"] = row.totals.totalTokens;
        object["without_usage"] = row.totals.withoutUsage;
        list.push_back(std::move(object));
    }
    return list;
}

Json toJson(const JoinLine& line) {
    Json object{{"input", line.input}, {"records", line.count.records}, {"joined", line.count.joined}};
    object["unjoined"] = line.count.unjoined;
    if (line.count.flows == 0) return object;
    object["unreadable_connections"] = line.count.flows;
    object["explained_connections"] = line.count.flowsJoined;
    return object;
}

Json toJson(const TlsCounts& counts) {
    Json object{{"sessions", counts.sessions}, {"decrypted", counts.decrypted}, {"failed", counts.failed}};
    if (counts.quic != 0) object["quic"] = counts.quic;
    for (const auto& [reason, count] : counts.closed) object["not_decrypted"][reason] = count;
    return object;
}

Json toJson(const Summary& summary) {
    Json object;
    for (const InputStatus& input : summary.inputs) object["inputs"].push_back(toJson(input));
    putTime(object, "first_time", earliest(summary));
    putTime(object, "last_time", latest(summary));
    for (const auto& [name, count] : counts(summary)) object[name] = count;
    for (const auto& [name, sum] : tokens(summary.totals)) object[name] = sum;
    object["with_usage"] = summary.totals.withUsage;
    object["without_usage"] = summary.totals.withoutUsage;
    for (const Section& section : sections(summary)) {
        object[section.name] = toJson(section);
        if (section.distinct != 0) object[fmt::format("distinct_{}", section.name)] = section.distinct;
    }
    if (summary.tls.sessions != 0) object["tls"] = toJson(summary.tls);
    for (const JoinLine& line : summary.joins) object["joins"].push_back(toJson(line));
    for (const MetricSum& metric : summary.metrics)
        object["metrics"].push_back({{"name", metric.name}, {"sum", metric.sum}, {"rows", metric.rows}});
    for (const Severity severity : kWorstFirst)
        object["findings"][std::string(toString(severity))] = summary.findings[static_cast<std::size_t>(severity)];
    return object;
}

bool writeRows(const Summary& summary, const WriterOptions& options, ByteSink& sink) {
    RowWriter writer(options, {{"section", ColumnType::Text}, {"name", ColumnType::Text}, {"value", ColumnType::Text}},
                     sink);
    const auto put = [&](std::string_view section, std::string_view name, std::string_view value) {
        writer.text(section);
        name.empty() ? writer.missing() : writer.text(name);
        writer.text(value);
        writer.endRow();
    };
    for (const InputStatus& input : summary.inputs) put("inputs", input.input, input.status);
    for (const auto& [name, time] : {std::pair("first_time", earliest(summary)), {"last_time", latest(summary)}})
        if (time != kNoTime) put("totals", name, formatTime(time));
    for (const auto& [name, count] : counts(summary)) put("totals", name, fmt::to_string(count));
    for (const auto& [name, sum] : tokens(summary.totals)) put("totals", name, fmt::to_string(sum));
    put("totals", "with_usage", fmt::to_string(summary.totals.withUsage));
    put("totals", "without_usage", fmt::to_string(summary.totals.withoutUsage));
    for (const Section& section : sections(summary))
        for (const Summary::Named& row : section.rows)
            put(section.name, row.name, fmt::to_string(row.totals.exchanges));
    if (summary.tls.sessions != 0) {
        put("tls", "sessions", fmt::to_string(summary.tls.sessions));
        put("tls", "decrypted", fmt::to_string(summary.tls.decrypted));
        put("tls", "failed", fmt::to_string(summary.tls.failed));
        for (const auto& [reason, count] : summary.tls.closed) put("not_decrypted", reason, fmt::to_string(count));
    }
    for (const JoinLine& line : summary.joins) {
        put("joined", line.input, fmt::to_string(line.count.joined));
        put("unjoined", line.input, fmt::to_string(line.count.unjoined));
    }
    for (const MetricSum& metric : summary.metrics) put("metrics", metric.name, fmt::to_string(metric.sum));
    for (const Severity severity : kWorstFirst)
        put("findings", toString(severity), fmt::to_string(summary.findings[static_cast<std::size_t>(severity)]));
    return writer.finish();
}

/// The page for people.
class Page {
public:
    void line(std::string_view label, std::string_view text) {
        fmt::format_to(std::back_inserter(m_text), "{:<12}", label);
        appendTerminalText(m_text, text);
        m_text += '\n';
    }
    void blank() { m_text += '\n'; }
    void raw(std::string_view text) { m_text += text; }
    const std::string& text() const { return m_text; }

private:
    std::string m_text;
};

/// Collects a table so that it can stand inside the page.
class TextSink : public ByteSink {
public:
    bool write(std::string_view bytes) override {
        text += bytes;
        return true;
    }
    std::string text;
};

void addInputs(Page& page, const Summary& summary) {
    for (const InputStatus& input : summary.inputs) {
        page.line("input", input.format.empty() ? input.input
                                                : fmt::format("{} ({}, {} {})", input.input, input.format,
                                                              input.packets, input.isLog ? "records" : "packets"));
        if (input.status != "read")
            page.line("", input.message.empty() ? input.status : fmt::format("{}: {}", input.status, input.message));
        if (input.clock) page.line("", clockText(*input.clock));
    }
}

void addTotals(Page& page, const Summary& summary) {
    const TimeNs first = earliest(summary);
    const TimeNs last = latest(summary);
    if (first != kNoTime && last != kNoTime) {
        std::string duration;
        appendDuration(duration, last - first);
        page.line("time", fmt::format("{} to {} ({} ms)", formatTime(first), formatTime(last), duration));
    }
    const Totals& totals = summary.totals;
    page.line("exchanges", fmt::format("{} on {} connections; {} with an error or no answer, {} throttled (429)",
                                       totals.exchanges, summary.flows, totals.errors, totals.throttled));
    if (totals.withUsage != 0) page.line("tokens", tokenLine(totals));
    if (totals.estimatedTokens != 0) page.line("", fmt::format("{} of them estimated", totals.estimatedTokens));
    if (totals.withoutUsage != 0)
        page.line(totals.withUsage != 0 ? "" : "tokens",
                  fmt::format("not known for {} of {} model calls", totals.withoutUsage,
                              totals.withUsage + totals.withoutUsage));
    if (summary.tls.sessions != 0) page.line("tls", describe(summary.tls));
    for (const MetricSum& metric : summary.metrics)
        page.line("measured", fmt::format("{}: {} in {} rows", metric.name, metric.sum, metric.rows));
    for (const JoinLine& line : summary.joins)
        page.line(&line == summary.joins.data() ? "joined" : "", fmt::format("{}: {}", line.input, describe(line)));
    std::string findings;
    for (const Severity severity : kWorstFirst)
        if (const std::uint64_t count = summary.findings[static_cast<std::size_t>(severity)]; count != 0)
            findings += fmt::format("{}{} {}", findings.empty() ? "" : ", ", count, toString(severity));
    page.line("findings", findings.empty() ? "none" : findings);
}

void addSection(Page& page, const Section& section, std::size_t width) {
    const bool hasNames = std::ranges::any_of(section.rows, [](const auto& row) { return !row.name.empty(); });
    if (!hasNames) return;
    TextSink text;
    RowWriter writer({Format::Table, width},
                     {{"exchanges", ColumnType::Integer},
                      {"errors", ColumnType::Integer},
                      {"total_tokens", ColumnType::Integer},
                      {section.single, ColumnType::Text}},
                     text);
    for (const Summary::Named& row : section.rows) {
        writer.cell(static_cast<std::int64_t>(row.totals.exchanges));
        writer.cell(static_cast<std::int64_t>(row.totals.errors));
        row.totals.withUsage != 0 ? writer.cell(row.totals.totalTokens) : writer.missing();
        writer.text(row.name.empty() ? "(none)" : std::string_view(row.name));
        writer.endRow();
    }
    writer.finish();
    page.blank();
    page.raw(text.text);
    if (section.rows.size() == Summary::kTop && section.distinct > Summary::kTop)
        page.raw(fmt::format("the first {} of {} {}\n", Summary::kTop, section.distinct, section.name));
}

} // namespace

Summary summarise(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                  const std::vector<analysis::PlacedFinding>& findings, std::vector<InputStatus> inputs, bool reveal) {
    Summary summary;
    summary.inputs = std::move(inputs);
    summary.totals = analysis::totalsOf(snapshot, rows);
    summary.flows = rows.size() == snapshot.exchanges() ? snapshot.flows().size() : flowsOf(snapshot, rows);
    summary.protocols = named(snapshot, rows, "protocol", reveal);
    summary.projects = named(snapshot, rows, "project", reveal);
    summary.agents = named(snapshot, rows, "agent", reveal);
    summary.models = named(snapshot, rows, "model", reveal);
    cutToTop(summary.protocols);
    summary.projectCount = cutToTop(summary.projects);
    summary.agentCount = cutToTop(summary.agents);
    summary.modelCount = cutToTop(summary.models);
    summary.tls = countTls(snapshot);
    summary.joins = joinLines(snapshot);
    summary.metrics = metricSums(snapshot);
    for (const analysis::PlacedFinding& placed : findings)
        ++summary.findings[static_cast<std::size_t>(placed.finding.kind->severity)];
    return summary;
}

bool writeSummary(const Summary& summary, const WriterOptions& options, ByteSink& sink) {
    if (options.format == Format::Csv || options.format == Format::Tsv) return writeRows(summary, options, sink);
    if (options.format == Format::Table) {
        Page page;
        addInputs(page, summary);
        addTotals(page, summary);
        for (const Section& section : sections(summary)) addSection(page, section, options.terminalWidth);
        return sink.write(page.text());
    }
    const int indent = options.format == Format::Json ? 2 : -1;
    return sink.write(toJson(summary).dump(indent, ' ', true, Json::error_handler_t::replace) + "\n");
}

} // namespace gatescope::report
