// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/exit_status.h"
#include "core/cost/price_table.h"

#include <expected>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace gatescope::cli {

/// Where prices come from, as typed.
struct PriceOptions {
    std::string file; ///< empty: the user's own table, if there is one
    bool none = false;
};

/// --prices, --no-prices.
void addPricesOptions(CLI::App& command, PriceOptions& options);

/// `$XDG_CONFIG_HOME/gatescope/prices.json`, else `~/.config/gatescope/prices.json`; empty when neither variable is
/// set.
std::string userPricesPath();

/// The table that was named, else the user's own if that file exists, else nothing. A table that cannot be read or is
/// wrong is wrong use, whichever it is: costs must not silently disappear.
std::expected<std::optional<cost::PriceTable>, Failure> pricesOf(const PriceOptions& options);

} // namespace gatescope::cli
