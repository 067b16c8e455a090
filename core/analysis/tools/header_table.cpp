// SPDX-License-Identifier: Apache-2.0
// Build step: turns resources/header-catalogue.json into a sorted table in C++.
#include <algorithm>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Entry = std::map<std::string, std::string>;

/// What stands before a continuation in the catalogue (`x-b3-traceid|-spanid` goes on from `x-b3`), by the first name
/// of the entry. Nothing in the notation says where a stem ends, so an entry that is not listed here is an error.
const std::map<std::string, std::string> kStems{
    {"x-aigw-aws-access-key-id", "x-aigw-aws"},
    {"x-ms-client-principal", "x-ms-client-principal"},
    {"x-b3-traceid", "x-b3"},
    {"x-ratelimit-limit-requests", "x-ratelimit-limit"},
    {"x-ratelimit-remaining-requests", "x-ratelimit-remaining"},
    {"x-ratelimit-reset-requests", "x-ratelimit-reset"},
    {"x-litellm-call-id", "x-litellm"},
    {"x-litellm-response-cost", "x-litellm"},
    {"x-litellm-response-duration-ms", "x-litellm"},
    {"x-portkey-provider", "x-portkey"},
    {"x-portkey-cache-status", "x-portkey"},
    {"x-stainless-lang", "x-stainless"},
};

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t from = 0;
    for (std::size_t at; (at = text.find(separator, from)) != std::string::npos; from = at + 1)
        parts.push_back(text.substr(from, at - from));
    parts.push_back(text.substr(from));
    return parts;
}

/// `a-{b,c}-d` gives `a-b-d` and `a-c-d`.
void expandBraces(const std::string& name, std::vector<std::string>& names) {
    const auto open = name.find('{');
    if (open == std::string::npos) return names.push_back(name);
    const auto close = name.find('}', open);
    if (close == std::string::npos) throw std::runtime_error("open brace in " + name);
    for (const auto& part : split(name.substr(open + 1, close - open - 1), ','))
        expandBraces(name.substr(0, open) + part + name.substr(close + 1), names);
}

std::vector<std::string> namesOf(const std::string& notation) {
    std::vector<std::string> names;
    const auto parts = split(notation, '|');
    for (const auto& part : parts) {
        if (!part.starts_with('-')) {
            expandBraces(part, names);
            continue;
        }
        const auto stem = kStems.find(parts.front());
        if (stem == kStems.end()) throw std::runtime_error("no stem is known for " + notation);
        names.push_back(stem->second + part);
    }
    return names;
}

std::string quoted(const std::string& text) {
    std::string literal = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') literal += '\\';
        literal += c;
    }
    return literal + '"';
}

std::string sensitivity(const std::string& text) {
    const std::map<std::string, std::string> kNames{
        {"none", "None"}, {"net", "Network"}, {"id", "Id"}, {"personal", "Personal"}, {"secret", "Secret"}};
    return "Sensitivity::" + kNames.at(text);
}

void writeTable(const nlohmann::json& catalogue, std::ostream& out) {
    std::vector<std::pair<std::string, nlohmann::json>> rows;
    for (const auto& header : catalogue.at("headers"))
        for (auto& name : namesOf(header.at("name"))) rows.emplace_back(std::move(name), header);
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    out << "// Made from resources/header-catalogue.json; changes here are lost.\n"
           "#include \"core/analysis/header_table.h\"\n\n"
           "namespace gatescope::analysis {\n\nnamespace {\n\nconstexpr HeaderKnowledge kTable[] = {\n";
    for (const auto& [name, header] : rows) {
        out << "    {" << quoted(name);
        for (const char* key : {"dir", "by", "trust"}) out << ", " << quoted(header.at(key));
        out << ", " << sensitivity(header.at("sens"));
        for (const char* key : {"syntax", "meaning", "src", "conf"}) out << ", " << quoted(header.at(key));
        out << "},\n";
    }
    out << "};\n\n} // namespace\n\nstd::span<const HeaderKnowledge> headerTable() {\n    return kTable;\n}\n\n"
           "} // namespace gatescope::analysis\n";
}

} // namespace

int main(int count, char** arguments) {
    try {
        if (count != 3) throw std::runtime_error("needs the catalogue and the file to write");
        std::ifstream in(arguments[1]);
        const auto catalogue = nlohmann::json::parse(in);
        std::ofstream out(arguments[2]);
        writeTable(catalogue, out);
        if (!out.flush()) throw std::runtime_error("cannot write the table");
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "header_table: " << error.what() << '\n';
        return 1;
    }
}
