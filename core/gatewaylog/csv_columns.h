// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/csv.h"
#include "core/gatewaylog/log_fields.h"

#include <string>
#include <string_view>
#include <vector>

namespace gatescope::gatewaylog {

/// The columns of a table, from its line of names. The Azure portal adds a time zone to names of times
/// (`TimeGenerated [UTC]`): it is taken off.
class CsvColumns {
public:
    CsvColumns() = default;
    explicit CsvColumns(std::string_view header);

    std::size_t size() const { return m_names.size(); }
    char delimiter() const { return m_delimiter; }
    /// A name said that times are UTC.
    bool timesAreUtc() const { return m_timesAreUtc; }
    /// A row with as many cells as there are columns. Empty cells are null. The names live as long as this object.
    void fill(const CsvRow& row, LogFields& fields) const;

private:
    std::vector<std::string> m_names;
    char m_delimiter = ',';
    bool m_timesAreUtc = false;
};

} // namespace gatescope::gatewaylog
