// SPDX-License-Identifier: Apache-2.0
// Build step: turns resources/root-programmes.tsv and resources/public-intermediates.tsv into tables in C++ that need
// nothing done at run time.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Row = std::map<std::string, std::string>;

struct Table {
    std::map<std::string, std::string> facts;                              ///< lines `# NAME<tab>VALUE`
    std::map<std::string, std::pair<std::string, std::string>> programmes; ///< date and origin by column
    std::vector<Row> rows; ///< sorted by subject, without regard to case
};

std::vector<std::string> fieldsOf(const std::string& line) {
    std::vector<std::string> fields{""};
    for (const char c : line) {
        if (c == '\t')
            fields.emplace_back();
        else
            fields.back() += c;
    }
    return fields;
}

std::string folded(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

Row rowOf(const std::vector<std::string>& names, const std::vector<std::string>& fields) {
    Row row;
    for (std::size_t at = 0; at < names.size(); ++at) row[names[at]] = fields[at];
    return row;
}

Table readTable(const char* path) {
    std::ifstream in(path);
    Table table;
    std::vector<std::string> names;
    for (std::string line; std::getline(in, line);) {
        std::vector<std::string> fields = fieldsOf(line);
        if (line.starts_with("# programme\t") && fields.size() == 4)
            table.programmes[fields[1]] = {fields[2], fields[3]};
        else if (line.starts_with("# ") && fields.size() == 2)
            table.facts[fields[0].substr(2)] = fields[1];
        else if (line.starts_with("#"))
            continue;
        else if (names.empty())
            names = std::move(fields);
        else if (fields.size() != names.size())
            throw std::runtime_error("a row with another number of fields: " + line);
        else
            table.rows.push_back(rowOf(names, fields));
    }
    if (table.rows.empty()) throw std::runtime_error(std::string("no rows in ") + path);
    std::ranges::sort(table.rows, {},
                      [](const Row& row) { return std::pair(folded(row.at("subject")), row.at("sha256")); });
    return table;
}

/// A string view with its length, so that nothing is counted when the program is compiled or starts.
std::string view(const std::string& text) {
    if (text.empty()) return "{}";
    constexpr char kDigits[] = "01234567";
    std::string literal;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= ' ' && octet < 0x7f && c != '"' && c != '\\' && c != '?') {
            literal += c;
            continue;
        }
        literal += '\\'; // three octal digits, which what follows cannot lengthen
        for (const int shift : {6, 3, 0}) literal += kDigits[octet >> shift & 7];
    }
    return "{\"" + literal + "\", " + std::to_string(text.size()) + '}';
}

std::string octetsOf(const std::string& hex) {
    std::string octets;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        octets += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
    return octets;
}

std::string digest(const std::string& hex) {
    const std::string octets = octetsOf(hex);
    if (octets.size() != 32) throw std::runtime_error("no SHA-256 digest: " + hex);
    std::string list = "{{";
    for (const char octet : octets) list += std::to_string(static_cast<unsigned char>(octet)) + ',';
    list.back() = '}';
    return list + '}';
}

/// `2026-07-19`: the day's begin, in nanoseconds since 1970.
std::string nanoseconds(const std::string& date) {
    if (date.size() != 10) throw std::runtime_error("no date: " + date);
    using namespace std::chrono;
    const sys_days day = year(std::stoi(date.substr(0, 4))) / std::stoi(date.substr(5, 2)) / std::stoi(date.substr(8));
    return std::to_string(day.time_since_epoch().count() * std::int64_t{86'400'000'000'000});
}

std::string validity(const Row& row) {
    return nanoseconds(row.at("not_before")) + ", " + nanoseconds(row.at("not_after"));
}

/// In the order of trust::Programme.
constexpr std::string_view kProgrammes[] = {"mozilla_nss", "microsoft_windows", "apple",
                                            "google_aosp", "openjdk",           "oracle_java"};

void writeRoots(const Table& table, std::ostream& out) {
    out << "constexpr PublicRoot kRoots[] = {\n";
    for (const Row& row : table.rows) {
        unsigned programmes = 0;
        for (unsigned bit = 0; const std::string_view programme : kProgrammes)
            programmes |= unsigned{row.at(std::string(programme)) == "1"} << bit++;
        out << "    {" << digest(row.at("sha256")) << ", " << view(row.at("subject")) << ", "
            << view(octetsOf(row.at("ski"))) << ", " << view(row.at("key")) << ", " << validity(row) << ", "
            << programmes << "},\n";
    }
    std::vector<std::size_t> order(table.rows.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, [&](std::size_t index) { return table.rows[index].at("sha256"); });
    out << "};\n\nconstexpr std::uint16_t kRootsByDigest[] = {";
    for (const std::size_t index : order) out << index << ", ";
    out << "};\n\nconstexpr ProgrammeFacts kProgrammes[] = {\n";
    for (const std::string_view programme : kProgrammes) {
        const auto& [asOf, origin] = table.programmes.at(std::string(programme));
        out << "    {" << view(asOf) << ", " << view(origin) << "},\n";
    }
    out << "};\n\n";
}

/// Of several addresses, the one that most can fetch.
std::string addressOf(const std::string& addresses) {
    const std::size_t http = addresses.find("http://");
    const std::string best = http == std::string::npos ? addresses : addresses.substr(http);
    return best.substr(0, best.find(' '));
}

void writeIntermediates(const Table& table, std::ostream& out) {
    out << "constexpr PublicIntermediate kIntermediates[] = {\n";
    for (const Row& row : table.rows)
        out << "    {" << digest(row.at("sha256")) << ", " << view(row.at("subject")) << ", " << view(row.at("issuer"))
            << ", " << view(octetsOf(row.at("ski"))) << ", " << view(octetsOf(row.at("aki"))) << ", "
            << view(row.at("key")) << ", " << validity(row) << ", " << view(addressOf(row.at("ca_issuers"))) << "},\n";
    out << "};\n\n";
}

void writeFacts(const char* function, const Table& table, std::ostream& out) {
    out << "TableFacts " << function << "() {\n    return {" << view(table.facts.at("as_of")) << ", "
        << view(table.facts.at("origin")) << ", " << view(table.facts.at("licence")) << "};\n}\n\n";
}

void writeTables(const Table& roots, const Table& intermediates, std::ostream& out) {
    out << "// Made from resources/root-programmes.tsv and resources/public-intermediates.tsv; changes here are lost.\n"
           "#include \"core/trust/public_tables.h\"\n\nnamespace gatescope::trust {\n\nnamespace {\n\n";
    writeRoots(roots, out);
    writeIntermediates(intermediates, out);
    out << "} // namespace\n\n"
           "std::span<const PublicRoot> publicRoots() {\n    return kRoots;\n}\n\n"
           "std::span<const PublicIntermediate> publicIntermediates() {\n    return kIntermediates;\n}\n\n"
           "std::span<const std::uint16_t> rootsByDigest() {\n    return kRootsByDigest;\n}\n\n"
           "std::span<const ProgrammeFacts> programmeFacts() {\n    return kProgrammes;\n}\n\n";
    writeFacts("publicRootFacts", roots, out);
    writeFacts("publicIntermediateFacts", intermediates, out);
    out << "} // namespace gatescope::trust\n";
}

} // namespace

int main(int count, char** arguments) {
    try {
        if (count != 4)
            throw std::runtime_error("needs the file of roots, that of intermediates, and the one to write");
        const Table roots = readTable(arguments[1]);
        const Table intermediates = readTable(arguments[2]);
        std::ofstream out(arguments[3]);
        writeTables(roots, intermediates, out);
        if (!out.flush()) throw std::runtime_error("cannot write the tables");
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "trust_tables: " << error.what() << '\n';
        return 1;
    }
}
