// SPDX-License-Identifier: Apache-2.0
#include "core/report/changed_rows.h"

#include "core/report/row_layout.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace gatescope::report {

/// Keeps the cells of one row until it is known whether it is new.
class ChangedRows::Layout : public RowWriter::Layout {
public:
    Layout(std::vector<Column> columns, ChangedRows& owner)
        : RowWriter::Layout(std::move(columns), owner.m_sink), m_owner(owner) {}

    void missing() override { add(std::monostate{}, "-"); }
    void number(std::int64_t value) override { add(value, std::to_string(value)); }
    void decimal(double value) override { add(value, std::to_string(value)); }
    void text(std::string_view value) override { add(std::string(value), value); }
    void list(const std::vector<std::string_view>& values) override {
        add(std::vector<std::string>(values.begin(), values.end()), joined(values));
    }
    void endRow() override {
        const std::uint64_t digest = std::hash<std::string>()(m_key);
        m_owner.m_now.insert(digest);
        if (!m_owner.m_before.contains(digest)) handOn();
        m_cells.clear();
        m_key.clear();
    }
    void pause() override { finish(); }
    void finish() override {
        m_owner.m_before = std::exchange(m_owner.m_now, {});
        m_owner.m_out->pause();
    }
    bool refused() const override { return m_owner.refused(); }

private:
    using Kept = std::variant<std::monostate, std::int64_t, double, std::string, std::vector<std::string>>;

    void add(Kept cell, std::string_view key) {
        m_cells.push_back(std::move(cell));
        m_key += std::to_string(key.size());
        m_key += ':';
        m_key += key;
    }
    void handOn() const {
        RowWriter& out = *m_owner.m_out;
        for (const Kept& cell : m_cells) {
            if (const auto* text = std::get_if<std::string>(&cell))
                out.text(*text);
            else if (const auto* texts = std::get_if<std::vector<std::string>>(&cell))
                out.cell(std::vector<std::string_view>(texts->begin(), texts->end()));
            else if (const auto* number = std::get_if<std::int64_t>(&cell))
                out.cell(*number);
            else if (const auto* decimal = std::get_if<double>(&cell))
                out.cell(*decimal);
            else
                out.missing();
        }
        out.endRow();
    }

    ChangedRows& m_owner;
    std::vector<Kept> m_cells;
    std::string m_key; ///< the same for rows that say the same
};

RowWriter ChangedRows::writer(std::vector<Column> columns) {
    if (!m_out) m_out = std::make_unique<RowWriter>(m_options, columns, m_sink);
    return RowWriter(std::make_unique<Layout>(std::move(columns), *this));
}

bool ChangedRows::finish() {
    return !m_out || m_out->finish();
}

} // namespace gatescope::report
