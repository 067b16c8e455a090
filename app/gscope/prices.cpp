// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/prices.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <utility>

namespace gatescope::cli {

namespace {

std::unexpected<Failure> wrongPrices(const std::string& path, std::string_view what) {
    return std::unexpected(Failure{ExitStatus::WrongUse, fmt::format("prices {}: {}", path, what)});
}

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : value;
}

} // namespace

void addPricesOptions(CLI::App& command, PriceOptions& options) {
    auto* file = command
                     .add_option("--prices", options.file,
                                 "Price table (JSON); else ~/.config/gatescope/prices.json, if there is one")
                     ->type_name("FILE");
    command.add_flag("--no-prices", options.none, "No costs, even when there is a price table")->excludes(file);
}

std::string userPricesPath() {
    const std::string_view config = variable("XDG_CONFIG_HOME");
    // A relative path there is invalid and must be passed over (XDG Base Directory Specification).
    if (config.starts_with('/')) return fmt::format("{}/gatescope/prices.json", config);
    const std::string_view home = variable("HOME");
    return home.empty() ? std::string() : fmt::format("{}/.config/gatescope/prices.json", home);
}

std::expected<std::optional<cost::PriceTable>, Failure> pricesOf(const PriceOptions& options) {
    if (options.none) return std::nullopt;
    const std::string path = options.file.empty() ? userPricesPath() : options.file;
    if (path.empty()) return std::nullopt;
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        if (options.file.empty() && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
        return wrongPrices(path, std::strerror(errno));
    }
    std::string text(cost::PriceTable::kMaxBytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return wrongPrices(path, errno == 0 ? "cannot be read" : std::strerror(errno));
    text.resize(static_cast<std::size_t>(file.gcount()));
    auto table = cost::PriceTable::parse(text);
    if (!table) return wrongPrices(path, table.error().message);
    return *std::move(table);
}

} // namespace gatescope::cli
