// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/time.h"
#include "core/report/result_rows.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::report {

/// Collects one row's cells by name order, then hands over those that were chosen.
class SelectedRow {
public:
    SelectedRow(const Selection& selection, RowWriter& writer) : m_selection(selection), m_writer(writer) {}

    SelectedRow& add(Cell cell) {
        m_cells.push_back(std::move(cell));
        return *this;
    }
    template <typename T>
    SelectedRow& addIf(bool known, const T& value) {
        return add(known ? Cell(value) : Cell());
    }
    SelectedRow& addText(std::string_view text) { return addIf(!text.empty(), text); }
    SelectedRow& addCount(std::uint64_t count) { return add(static_cast<std::int64_t>(count)); }
    SelectedRow& addTime(TimeNs time) { return addIf(time != kNoTime, std::int64_t{time}); }
    template <typename T>
    SelectedRow& addOptional(const std::optional<T>& value) {
        return value ? add(static_cast<std::int64_t>(*value)) : add({});
    }
    void end() {
        for (const std::size_t index : m_selection) m_writer.cell(m_cells[index]);
        m_writer.endRow();
        m_cells.clear();
    }

private:
    const Selection& m_selection;
    RowWriter& m_writer;
    std::vector<Cell> m_cells;
};

} // namespace gatescope::report
