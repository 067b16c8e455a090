// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/prices.h"
#include "app/gscope/verb.h"
#include "core/report/group_rows.h"

#include <CLI/CLI.hpp>
#include <optional>
#include <utility>

namespace gatescope::cli {

namespace {

class GroupsVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "groups"; }
    std::string_view purpose() const override { return "Totals for each project, agent and model, or by any fields"; }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        addLiveOptions(command, m_options.live);
        command.add_option("--by", m_by, "Fields to group by, separated by commas")
            ->type_name("F,...")
            ->capture_default_str();
        addPricesOptions(command, m_priceOptions);
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer("Most tokens first. Token sums add what is known; without_usage counts the model calls whose\n"
                       "tokens are not known. With prices there are also cost, currency and unpriced (calls with a "
                       "price missing).\n\n"
                       "  gscope groups capture.pcapng\n"
                       "  gscope groups --by header:x-user-id-hash,status --format jsonl capture.pcapng");
    }

protected:
    LiveKind liveKind() const override { return LiveKind::Totals; }

    std::expected<void, Failure> prepare() override {
        auto fields = analysis::parseFields(m_by);
        if (!fields) return std::unexpected(Failure{ExitStatus::WrongUse, fields.error().message});
        m_fields = *std::move(fields);
        auto prices = pricesOf(m_priceOptions);
        if (!prices) return std::unexpected(prices.error());
        m_prices = *std::move(prices);
        m_columns = report::groupColumns(m_fields, m_prices.has_value());
        std::vector<std::string> keys;
        for (const analysis::Field& field : m_fields) keys.push_back(field.name());
        std::vector<std::string_view> forPeople(keys.begin(), keys.end());
        for (const std::string_view column :
             {"exchanges", "errors", "throttled", "input_tokens", "output_tokens", "total_tokens", "without_usage",
              "duration_ms_p50", "duration_ms_p95", "cost", "currency", "unpriced"})
            forPeople.push_back(column);
        auto selection = selectionOf(m_options, m_columns, forPeople);
        if (!selection) return std::unexpected(selection.error());
        m_selection = *std::move(selection);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        report::RowWriter writer = destination.rows(report::chosen(m_columns, m_selection));
        std::optional<cost::Pricer> pricer;
        if (m_prices) pricer.emplace(results.snapshot, *m_prices);
        report::writeGroups(analysis::groupBy(results.snapshot, results.rows, m_fields, m_options.reveal), m_fields,
                            m_selection, writer, pricer ? &*pricer : nullptr);
        writer.finish();
        return {};
    }

private:
    std::string m_by = "project,agent,model";
    PriceOptions m_priceOptions;
    std::optional<cost::PriceTable> m_prices;
    std::vector<analysis::Field> m_fields;
    std::vector<report::Column> m_columns;
    report::Selection m_selection;
};

} // namespace

std::unique_ptr<Verb> makeGroupsVerb() {
    return std::make_unique<GroupsVerb>();
}

} // namespace gatescope::cli
