// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/options.h"

#include "app/gscope/nearest.h"
#include "core/report/escape.h"
#include "core/report/utf8.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <unistd.h>
#include <utility>

namespace gatescope::cli {

namespace {

constexpr unsigned kMaxThreads = 256;

std::vector<std::string> namesOf(const std::vector<report::Column>& columns) {
    std::vector<std::string> names;
    for (const report::Column& column : columns) names.push_back(column.name);
    return names;
}

std::optional<std::size_t> indexOf(const std::vector<report::Column>& columns, std::string_view name) {
    const auto at = std::ranges::find(columns, name, &report::Column::name);
    return at == columns.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - columns.begin()));
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

} // namespace

void addOutputOptions(CLI::App& command, Options& options) {
    command.add_option("--format", options.format, "table (for people), json, jsonl, csv or tsv")
        ->type_name("FORMAT")
        ->capture_default_str();
    addOutputFileOption(command, options);
}

void addOutputFileOption(CLI::App& command, Options& options) {
    command.add_option("-o,--output", options.output, "Write to FILE, whole or not at all, instead of standard output")
        ->type_name("FILE");
}

void addFieldsOption(CLI::App& command, Options& options) {
    command.add_option("--fields", options.fields, "Columns to write, in this order, separated by commas")
        ->type_name("A,B,...");
}

void addInputOptions(CLI::App& command, Options& options) {
    command
        .add_option("INPUT", options.inputs,
                    "Captures (pcap, pcapng; plain, gzip, zstd or lz4), folders of them, or - for standard input")
        ->required()
        ->expected(-1)
        ->type_name("");
    command
        .add_option("--threads", options.threads, "Worker threads; 0: by the number of cores. Never changes the result")
        ->check(CLI::Range(0U, kMaxThreads))
        ->type_name("N");
    command
        .add_option("--limit-memory", options.memoryLimit,
                    "Memory for putting connections together, such as 256M or 1G")
        ->type_name("SIZE");
    command
        .add_option("--keylog", options.keyLogs,
                    "Key log (SSLKEYLOGFILE) to decrypt TLS with; may be repeated. Secrets in a pcapng are always used")
        ->type_name("FILE")
        ->expected(1)
        ->allow_extra_args(false) // the next word is the input
        ->take_all();
    // `simulate limits` has a --key of its own.
    command
        .add_option(command.get_name() == "limits" ? "--rsa-key" : "--key,--rsa-key", options.privateKeys,
                    "RSA private key of a server, in PEM; opens TLS 1.2 with RSA key exchange. May be repeated")
        ->type_name("FILE")
        ->expected(1)
        ->allow_extra_args(false) // the next word is the input
        ->take_all();
    command.add_option("--vxlan-port", options.vxlanPorts, "UDP port of VXLAN, beside 4789 and 8472; may be repeated")
        ->type_name("PORT")
        ->expected(1)
        ->allow_extra_args(false)
        ->take_all();
    command.add_flag("--keep-clocks", options.keepClocks,
                     "Leave the times of several captures as they are, also where their clocks differ");
    command
        .add_option("--columns", options.columns,
                    "Columns of a log that were renamed on export: NEW=OLD,..., a file, or the name of a saved mapping")
        ->type_name("COLUMNS");
    command.add_option("--save-columns", options.saveColumns, "Keep the mapping of --columns under this name")
        ->type_name("NAME");
    command.add_flag("--reveal", options.reveal, "Show tokens, keys and cookies instead of ***");
    addMessageOptions(command, options);
    refuseLiveOptions(command);
}

void addMessageOptions(CLI::App& command, Options& options) {
    command.add_flag("--quiet", options.quiet, "No progress and no messages about inputs; the exit status still tells");
    command.add_option("--progress", options.progress, "auto (when standard error is a terminal), always or never")
        ->type_name("WHEN")
        ->check(CLI::IsMember({"auto", "always", "never"}))
        ->capture_default_str();
}

void addResultOptions(CLI::App& command, Options& options) {
    command
        .add_option("--filter", options.filter,
                    "Only exchanges that match, such as 'status >= 400 && model == \"gpt-4o\"'; see 'gscope fields'")
        ->type_name("EXPR");
    command
        .add_option("--fail-on", options.failOn,
                    "End with status 1 when there is a finding of this severity or worse: info, low, medium, high")
        ->type_name("SEVERITY");
    command
        .add_option("--estimate", options.estimate,
                    "Count tokens of calls ourselves, where nothing is reported and beside what is: off, bytes (octets "
                    "over four), o200k, cl100k, or auto (by the model)")
        ->type_name("METHOD")
        ->capture_default_str();
    addTrustOptions(command, options.trust);
}

bool showsProgress(const Options& options) {
    if (options.progress != "auto") return options.progress == "always";
    return !options.quiet && isatty(STDERR_FILENO) != 0;
}

std::expected<report::Format, Failure> formatOf(const Options& options) {
    if (const auto format = report::parseFormat(options.format)) return *format;
    return std::unexpected(
        wrongUse(fmt::format("unknown format '{}'{}", options.format,
                             suggestionOf(options.format, {"table", "json", "jsonl", "csv", "tsv"}))));
}

std::expected<std::uint64_t, Failure> memoryLimitOf(const Options& options) {
    if (options.memoryLimit.empty()) return 0;
    return sizeOf(options.memoryLimit);
}

std::expected<std::uint64_t, Failure> sizeOf(std::string_view text) {
    std::uint64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    std::string unit(end, text.data() + text.size());
    std::ranges::transform(unit, unit.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (unit.ends_with("IB"))
        unit.resize(unit.size() - 2);
    else if (unit.ends_with('B'))
        unit.pop_back();
    constexpr std::string_view kUnits = "KMGT";
    const std::size_t power = unit.empty() ? 0 : kUnits.find(unit.front()) + 1;
    const bool isUnit = unit.empty() || (unit.size() == 1 && power != 0);
    if (error != std::errc() || !isUnit || size == 0 ||
        size > (std::numeric_limits<std::uint64_t>::max() >> 10 * power))
        return std::unexpected(
            wrongUse(fmt::format("'{}' is no size; expected a number with K, M or G, such as 256M", text)));
    return size << 10 * power;
}

std::expected<std::optional<Severity>, Failure> failOnOf(const Options& options) {
    if (options.failOn.empty()) return std::nullopt;
    if (const auto severity = parseSeverity(options.failOn)) return severity;
    return std::unexpected(wrongUse(fmt::format("unknown severity '{}'{}", options.failOn,
                                                suggestionOf(options.failOn, {"info", "low", "medium", "high"}))));
}

std::expected<analysis::Filter, Failure> filterOf(const Options& options) {
    auto filter = analysis::Filter::parse(options.filter);
    if (filter) return *std::move(filter);
    const analysis::FilterError& error = filter.error();
    const std::string_view before =
        std::string_view(options.filter).substr(0, error.column == 0 ? 0 : error.column - 1);
    std::string shown, shownBefore;
    report::appendTerminalText(shown, options.filter);
    report::appendTerminalText(shownBefore, before);
    return std::unexpected(wrongUse(fmt::format("filter, column {}: {}\n  {}\n  {:>{}}", error.column, error.message,
                                                shown, '^', report::columnsOf(shownBefore) + 1)));
}

std::expected<report::Selection, Failure> selectionOf(const Options& options,
                                                      const std::vector<report::Column>& columns,
                                                      const std::vector<std::string_view>& forPeople) {
    report::Selection selection;
    if (options.fields.empty()) {
        if (options.format != "table" || forPeople.empty()) return report::everything(columns);
        for (const std::string_view name : forPeople)
            if (const auto index = indexOf(columns, name)) selection.push_back(*index);
        return selection;
    }
    std::string_view rest = options.fields;
    while (true) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view name = trimmed(rest.substr(0, comma));
        const auto index = indexOf(columns, name);
        if (!index)
            return std::unexpected(
                wrongUse(fmt::format("unknown field '{}'{}", name, suggestion(name, namesOf(columns)))));
        selection.push_back(*index);
        if (comma == rest.size()) return selection;
        rest.remove_prefix(comma + 1);
    }
}

} // namespace gatescope::cli
