// SPDX-License-Identifier: Apache-2.0
// Build step: turns resources/special-address-ranges.json into a table in C++.
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace {

std::string quoted(const std::string& text) {
    std::string literal = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') literal += '\\';
        literal += c;
    }
    return literal + '"';
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// What an address of the range is. The file says what a range is for (`role`) and calls it by its usual name.
std::string kindOf(const std::string& role, const std::string& name) {
    if (role == "invalid")
        return contains(name, "TEST-NET") || contains(name, "Documentation") ? "Documentation" : "Reserved";
    if (role == "platform") return contains(name, "Link local") ? "LinkLocal" : "Reserved";
    static const std::map<std::string, std::string> kKinds{
        {"microsoft-managed-compute", "Cgnat"}, {"agent-container", "Cgnat"},      {"aca-ingress", "Cgnat"},
        {"customer-vnet", "Private"},           {"azure-fabric", "AzurePlatform"}, {"local", "Loopback"}};
    const auto kind = kKinds.find(role);
    if (kind == kKinds.end()) throw std::runtime_error("no kind is known for the role " + role);
    return kind->second;
}

void writeTable(const nlohmann::json& file, std::ostream& out) {
    out << "// Made from resources/special-address-ranges.json; changes here are lost.\n"
           "#include \"core/path/range_table.h\"\n\n"
           "namespace gatescope::path {\n\nnamespace {\n\nconstexpr RangeRow kTable[] = {\n";
    for (const auto& range : file.at("ranges")) {
        const std::string role = range.at("role");
        if (role == "unwrap") continue;
        const std::string kind = kindOf(role, range.at("name"));
        const bool inherits = role == "platform" && kind == "Reserved";
        out << "    {{";
        const char* separator = "";
        for (const char* key : {"cidr", "name", "role", "trustAsProxy", "meaning"}) {
            out << separator << quoted(range.at(key));
            separator = ", ";
        }
        out << "}, AddressKind::" << kind << ", " << (inherits ? "true" : "false") << "},\n";
    }
    out << "};\n\n} // namespace\n\nstd::span<const RangeRow> rangeTable() {\n    return kTable;\n}\n\n"
           "} // namespace gatescope::path\n";
}

} // namespace

int main(int count, char** arguments) {
    try {
        if (count != 3) throw std::runtime_error("needs the file of ranges and the file to write");
        std::ifstream in(arguments[1]);
        const auto file = nlohmann::json::parse(in);
        std::ofstream out(arguments[2]);
        writeTable(file, out);
        if (!out.flush()) throw std::runtime_error("cannot write the table");
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "range_table: " << error.what() << '\n';
        return 1;
    }
}
