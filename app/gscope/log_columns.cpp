// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/log_columns.h"

#include "app/gscope/file_output.h"
#include "app/gscope/nearest.h"
#include "core/gatewaylog/column_names.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace gatescope::cli {

namespace {

namespace fs = std::filesystem;
using gatewaylog::ColumnNames;

fs::path variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? fs::path() : fs::path(value);
}

/// Where mappings are kept; empty: the user has no home.
fs::path columnFolder() {
    // A relative path there is invalid and must be passed over (XDG Base Directory Specification).
    const fs::path config = variable("XDG_CONFIG_HOME");
    if (config.is_absolute()) return config / "gatescope/columns";
    const fs::path home = variable("HOME");
    return home.empty() ? fs::path() : home / ".config/gatescope/columns";
}

bool isName(const std::string& text) {
    constexpr std::string_view kOthers = "._-";
    return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || kOthers.find(c) != std::string_view::npos;
    });
}

std::vector<std::string> savedNames() {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(columnFolder(), error))
        if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
    std::ranges::sort(names);
    return names;
}

std::expected<ColumnNames, Failure> readFile(const fs::path& path) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text(gatewaylog::kMaxColumnFile + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || (!file && !file.eof()))
        return std::unexpected(
            wrongUse(fmt::format("columns {}: {}", path.string(), std::strerror(errno == 0 ? EIO : errno))));
    text.resize(static_cast<std::size_t>(file.gcount()));
    auto names = gatewaylog::parseColumnFile(text);
    if (!names) return std::unexpected(wrongUse(fmt::format("columns {}: {}", path.string(), names.error().message)));
    return *std::move(names);
}

std::expected<ColumnNames, Failure> readSaved(const std::string& name) {
    const fs::path path = columnFolder() / (name + ".json");
    std::error_code error;
    if (isName(name) && !columnFolder().empty() && fs::is_regular_file(path, error)) return readFile(path);
    const auto known = savedNames();
    return std::unexpected(
        wrongUse(fmt::format("no column mapping '{}'{}; give NEW=OLD,... or a file, or save one with --save-columns",
                             name, known.empty() ? std::string() : suggestionOf(name, known))));
}

std::expected<void, Failure> save(const std::string& name, const ColumnNames& names) {
    if (!isName(name))
        return std::unexpected(
            wrongUse(fmt::format("'{}' is no name for a column mapping; letters, digits, '.', '_' and '-'", name)));
    const fs::path folder = columnFolder();
    if (folder.empty()) return std::unexpected(wrongUse("--save-columns needs a home directory"));
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return std::unexpected(wrongUse(fmt::format("{}: {}", folder.string(), error.message())));
    auto file = FileOutput::open((folder / (name + ".json")).string(), {});
    if (!file) return std::unexpected(file.error());
    (*file)->write(gatewaylog::columnFileText(names));
    return (*file)->commit();
}

} // namespace

std::expected<std::shared_ptr<const ColumnNames>, Failure> logColumnsOf(const Options& options) {
    if (options.columns.empty()) {
        if (!options.saveColumns.empty()) return std::unexpected(wrongUse("--save-columns needs --columns"));
        return nullptr;
    }
    std::expected<ColumnNames, Failure> names;
    std::error_code error;
    if (options.columns.find('/') != std::string::npos || fs::is_regular_file(options.columns, error)) {
        names = readFile(options.columns);
    } else if (options.columns.find('=') == std::string::npos) {
        names = readSaved(options.columns);
    } else {
        auto parsed = gatewaylog::parseColumnPairs(options.columns);
        if (!parsed) return std::unexpected(wrongUse(fmt::format("--columns: {}", parsed.error().message)));
        names = *std::move(parsed);
    }
    if (!names) return std::unexpected(names.error());
    if (!options.saveColumns.empty())
        if (auto saved = save(options.saveColumns, *names); !saved) return std::unexpected(saved.error());
    return std::make_shared<const ColumnNames>(*std::move(names));
}

} // namespace gatescope::cli
