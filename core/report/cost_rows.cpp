// SPDX-License-Identifier: Apache-2.0
#include "core/report/cost_rows.h"

#include "core/cost/attribution.h"
#include "core/report/result_rows.h"

#include <optional>
#include <string>
#include <string_view>

namespace gatescope::report {

using analysis::Row;
using analysis::Snapshot;
using cost::CallCost;
using cost::CostState;

namespace {

/// Cells of the columns behind those of an exchange.
class ExchangeCosts {
public:
    ExchangeCosts(const Snapshot& snapshot, cost::Pricer* pricer, RowWriter& writer)
        : m_attributor(snapshot), m_pricer(pricer), m_writer(writer) {
        if (pricer != nullptr) m_centres.emplace(snapshot, pricer->table());
    }

    void write(Row row) {
        if (m_pricer != nullptr) writeCost(row);
        const cost::Attribution attribution = m_attributor.of(row);
        m_writer.text(toString(attribution.level));
        m_writer.text(attribution.evidence);
    }

private:
    void writeCost(Row row) {
        const CallCost cost = m_pricer->cost(row);
        const bool isPriced = cost.state == CostState::Priced;
        put(isPriced ? cost.amount.toString() : std::string());
        put(isPriced ? std::string_view(m_pricer->table().currency()) : std::string_view());
        put(toString(cost.state));
        put(isPriced ? toString(cost.quantities.coverage) : std::string_view());
        put(m_pricer->explain(cost));
        put(cost.entry != nullptr ? std::string_view(cost.entry->id) : std::string_view());
        put(m_centres->of(row).value_or(std::string_view()));
    }
    void put(std::string_view text) { text.empty() ? m_writer.missing() : m_writer.text(text); }

    cost::Attributor m_attributor;
    std::optional<cost::CostCentres> m_centres;
    cost::Pricer* m_pricer;
    RowWriter& m_writer;
};

std::vector<analysis::Field> allFields() {
    std::vector<analysis::Field> fields;
    for (const analysis::FieldInfo& info : analysis::fields()) fields.push_back({info.id, info.type, {}});
    return fields;
}

} // namespace

std::vector<Column> pricedExchangeColumns(bool withPrices) {
    std::vector<Column> columns = exchangeColumns(allFields());
    if (withPrices) {
        columns.push_back({"cost", ColumnType::Amount});
        for (const char* name :
             {"currency", "cost_status", "cost_coverage", "cost_reason", "price_entry", "cost_centre"})
            columns.push_back({name, ColumnType::Text});
    }
    for (const char* name : {"attribution_level", "attribution_evidence"}) columns.push_back({name, ColumnType::Text});
    return columns;
}

void writePricedExchanges(const Snapshot& snapshot, const std::vector<Row>& rows, cost::Pricer* pricer, bool reveal,
                          RowWriter& writer) {
    ExchangeCosts costs(snapshot, pricer, writer);
    writeExchanges(snapshot, rows, allFields(), reveal, writer, [&](Row row) { costs.write(row); });
}

} // namespace gatescope::report
