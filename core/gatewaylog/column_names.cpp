// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/column_names.h"

#include "core/http/message.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

using Json = nlohmann::ordered_json;

std::unexpected<Error> wrong(std::string message) {
    return std::unexpected(Error{ErrorKind::Usage, std::move(message)});
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t from = text.find_first_not_of(kBlanks);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

/// What is wrong with one more pair; empty: nothing.
std::string troubleWith(const ColumnNames& names, std::string_view given, std::string_view original) {
    if (given.empty() || original.empty()) return fmt::format("'{}={}' lacks a name", given, original);
    if (names.size() == kMaxColumnNames) return fmt::format("there are more than {} columns", kMaxColumnNames);
    const bool isTwice =
        std::ranges::any_of(names, [&](const auto& pair) { return http::equalsIgnoreCase(pair.first, given); });
    return isTwice ? fmt::format("column '{}' is named twice", given) : std::string();
}

} // namespace

std::expected<ColumnNames, Error> parseColumnPairs(std::string_view text) {
    ColumnNames names;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (trimmed(pair).empty()) continue;
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) return wrong(fmt::format("'{}' is not NEW=OLD", trimmed(pair)));
        const std::string_view given = trimmed(pair.substr(0, equals));
        const std::string_view original = trimmed(pair.substr(equals + 1));
        if (std::string trouble = troubleWith(names, given, original); !trouble.empty())
            return wrong(std::move(trouble));
        names.emplace_back(given, original);
    }
    if (names.empty()) return wrong("no column is named");
    return names;
}

std::expected<ColumnNames, Error> parseColumnFile(std::string_view text) {
    if (text.size() > kMaxColumnFile) return wrong(fmt::format("it is longer than {} octets", kMaxColumnFile));
    const Json document = Json::parse(text, nullptr, false);
    if (document.is_discarded()) return wrong("it is no JSON");
    const auto columns = document.is_object() ? document.find("columns") : document.end();
    if (columns == document.end() || !columns->is_object())
        return wrong(R"(it has no object "columns", as in {"columns": {"NEW": "OLD"}})");
    ColumnNames names;
    for (const auto& [given, original] : columns->items()) {
        if (!original.is_string()) return wrong(fmt::format("column '{}' has no text as its original name", given));
        const auto& name = original.get_ref<const std::string&>();
        if (std::string trouble = troubleWith(names, given, name); !trouble.empty()) return wrong(std::move(trouble));
        names.emplace_back(given, name);
    }
    if (names.empty()) return wrong("no column is named");
    return names;
}

std::string columnFileText(const ColumnNames& names) {
    Json columns = Json::object();
    for (const auto& [given, original] : names) columns[given] = original;
    Json document = Json::object();
    document["columns"] = std::move(columns);
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace gatescope::gatewaylog
