// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cost/price_table.h"

#include <QString>

#include <expected>
#include <optional>

namespace gatescope::ui {

/// `gatescope/prices.json` in the user's configuration, as the command line reads it.
QString userPricesPath();

/// A price table from a file. Nothing when the file is not there and `mayBeMissing`; else an error in words. May run in
/// any thread.
std::expected<std::optional<cost::PriceTable>, QString> readPrices(const QString& path, bool mayBeMissing);

/// `12.34 EUR` for people: two decimals, more where the amount is small.
QString amountText(double amount, const QString& currency);

} // namespace gatescope::ui
