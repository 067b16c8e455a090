// SPDX-License-Identifier: Apache-2.0
// Build step: turns resources/ptu-and-quota.json into a table in C++.
#include <algorithm>
#include <cctype>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace {

using nlohmann::json;

/// A number or a text as C++ writes it; JSON's own notation is the same for those of this file.
std::string literal(const json& value) {
    return value.is_null() ? "std::nullopt" : value.dump();
}

std::string weekday(std::string name) {
    name.at(0) = static_cast<char>(std::toupper(static_cast<unsigned char>(name.at(0))));
    return "Weekday::" + name;
}

void writeModels(const json& file, std::ostream& out) {
    const json columns = {
        "model",       "inputTpmPerPtu", "outputToInputRatio", "minGlobalOrDataZone", "stepGlobalOrDataZone",
        "minRegional", "stepRegional",   "latencyTargetTps99"};
    if (file.at("ptuColumns") != columns) throw std::runtime_error("other columns than expected");
    const json& shortContext = file.at("noLongContext128k");
    out << "    parameters.ptu = {\n";
    for (const json& row : file.at("ptu")) {
        out << "        {" << literal(row.at(0));
        for (std::size_t i = 1; i < 7; ++i) out << ", " << literal(row.at(i));
        const bool isShort = std::find(shortContext.begin(), shortContext.end(), row.at(0)) != shortContext.end();
        out << (isShort ? ", false},\n" : ", true},\n");
    }
    out << "    };\n";
}

void writeTable(const json& file, std::ostream& out) {
    const json& defaults = file.at("limiterDefaults");
    out << "// Made from resources/ptu-and-quota.json; changes here are lost.\n"
           "#include \"core/simulate/parameters.h\"\n\nnamespace gatescope::simulate {\n\n"
           "Parameters shippedParameters() {\n    Parameters parameters;\n"
        << "    parameters.ptuAsOf = " << literal(file.at("asOf").at("ptu")) << ";\n"
        << "    parameters.quotaAsOf = " << literal(file.at("asOf").at("quota")) << ";\n";
    writeModels(file, out);
    out << "    parameters.rpmSliceSeconds = {";
    for (const json& slice : file.at("rpmSliceSeconds")) out << literal(slice) << ", ";
    out << "};\n    parameters.bucketCapacityFactor = " << literal(defaults.at("bucketCapacityFactor")) << ";\n"
        << "    parameters.ptuBucketDepthSeconds = " << literal(defaults.at("ptuBucketDepthSeconds")) << ";\n"
        << "    parameters.assumedMaxTokens = " << literal(defaults.at("assumedMaxTokensWhenAbsent")) << ";\n"
        << "    parameters.weekStart = " << weekday(defaults.at("weekStart")) << ";\n"
        << "    return parameters;\n}\n\n} // namespace gatescope::simulate\n";
}

} // namespace

int main(int count, char** arguments) {
    try {
        if (count != 3) throw std::runtime_error("needs the parameters and the file to write");
        std::ifstream in(arguments[1]);
        const auto file = json::parse(in);
        std::ofstream out(arguments[2]);
        writeTable(file, out);
        if (!out.flush()) throw std::runtime_error("cannot write the table");
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "parameter_table: " << error.what() << '\n';
        return 1;
    }
}
