// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/nearest.h"
#include "app/gscope/prices.h"
#include "app/gscope/verb.h"
#include "core/analysis/time_series.h"
#include "core/analysis/token_flow.h"
#include "core/report/group_rows.h"
#include "core/report/reconciliation_rows.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace gatescope::cli {

namespace {

/// What the rows are.
enum class TokensView : std::uint8_t { Flow, Series, Accounts, CallAccounts };

class TokensVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "tokens"; }
    std::string_view purpose() const override {
        return "Where the tokens go: links between fields, or a series in time";
    }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        addLiveOptions(command, m_options.live);
        command.add_option("--by", m_by, "Fields that the tokens pass, from left to right")
            ->type_name("F,...")
            ->capture_default_str();
        auto* const per = command.add_option("--per", m_per, "A series: one row per bucket of this length and group")
                              ->type_name("INTERVAL");
        auto* const top =
            command.add_option("--top", m_top, "Values of a field to tell apart; the rest is one \"other\"")
                ->type_name("N");
        auto* const measure =
            command.add_option("--measure", m_measure, "What makes a link wide: tokens, calls or cost")
                ->type_name("WHAT")
                ->capture_default_str();
        auto* const tpm =
            command.add_option("--tpm", m_limits.tokensPerMinute, "With --per: say where more tokens a minute passed")
                ->type_name("N");
        auto* const rpm =
            command.add_option("--rpm", m_limits.callsPerMinute, "With --per: say where more calls a minute passed")
                ->type_name("N");
        auto* const reconcile =
            command.add_flag("--reconcile", m_reconcile, "Per group: what the answers, the gateway and others counted");
        auto* const perCall = command.add_flag("--per-call", m_perCall, "With --reconcile: one row per call");
        per->excludes(top)->excludes(reconcile)->excludes(measure);
        tpm->needs(per);
        rpm->needs(per);
        top->excludes(reconcile);
        measure->excludes(reconcile);
        addPricesOptions(command, m_priceOptions);
        perCall->needs(reconcile);
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer(
            "One row per link from each field of --by to the next, the widest first. Sums add what is known;\n"
            "without_usage counts the calls whose tokens are not known.\n\n"
            "  gscope tokens --by project,agent,model capture.pcapng\n"
            "  gscope tokens --by project --per 1m --format csv capture.pcapng\n"
            "  gscope tokens --by project --reconcile capture.pcapng");
    }

protected:
    LiveKind liveKind() const override { return LiveKind::Totals; }

    std::expected<void, Failure> prepare() override {
        auto fields = analysis::parseFields(m_by);
        if (!fields) return std::unexpected(Failure{ExitStatus::WrongUse, fields.error().message});
        m_fields = *std::move(fields);
        if (!m_per.empty()) {
            const auto interval = analysis::parseInterval(m_per);
            if (!interval) return std::unexpected(Failure{ExitStatus::WrongUse, interval.error().message});
            m_interval = *interval;
        }
        const auto prices = pricesOf(m_priceOptions);
        if (!prices) return std::unexpected(prices.error());
        m_prices = *prices;
        if (auto measured = checkMeasure(); !measured) return measured;
        m_columns = columns();
        std::vector<std::string> keys;
        for (const analysis::Field& field : m_fields) keys.push_back(field.name());
        auto selection = selectionOf(m_options, m_columns, forPeople(keys));
        if (!selection) return std::unexpected(selection.error());
        m_selection = *std::move(selection);
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        report::RowWriter writer = destination.rows(report::chosen(m_columns, m_selection));
        const analysis::Snapshot& snapshot = results.snapshot;
        std::optional<cost::Pricer> priced;
        if (m_prices) priced.emplace(snapshot, *m_prices);
        cost::Pricer* const pricer = priced ? &*priced : nullptr;
        switch (view()) {
        case TokensView::Flow: {
            analysis::FlowOptions options;
            options.fields = m_fields;
            options.top = m_top;
            options.reveal = m_options.reveal;
            std::vector<double> weights;
            if (m_measure == "calls") options.measure = analysis::FlowMeasure::Exchanges;
            if (m_measure == "cost") {
                weights = pricer->weights(results.rows);
                options.measure = analysis::FlowMeasure::Weight;
                options.weights = weights;
            }
            report::writeFlow(analysis::tokenFlow(snapshot, results.rows, options), m_fields, m_selection, writer,
                              pricer);
            break;
        }
        case TokensView::Series: {
            const auto series = analysis::timeSeries(snapshot, results.rows, m_fields, m_interval, m_options.reveal);
            if (series.interval != m_interval && !m_options.quiet)
                say("the series would have too many buckets; a longer interval was taken");
            report::writeSeries(series, m_fields, m_limits, m_selection, writer, pricer);
            break;
        }
        case TokensView::Accounts:
            report::writeAccounts(snapshot,
                                  analysis::indexedGroups(snapshot, results.rows, m_fields, m_options.reveal,
                                                          analysis::TotalsKind::SumsOnly)
                                      .groups,
                                  m_fields, m_selection, writer);
            break;
        case TokensView::CallAccounts:
            report::writeCallAccounts(snapshot, results.rows, m_selection, writer);
            break;
        }
        writer.finish();
        return {};
    }

private:
    TokensView view() const {
        if (m_reconcile) return m_perCall ? TokensView::CallAccounts : TokensView::Accounts;
        return m_per.empty() ? TokensView::Flow : TokensView::Series;
    }

    std::expected<void, Failure> checkMeasure() const {
        const std::vector<std::string> known{"tokens", "calls", "cost"};
        if (std::ranges::find(known, m_measure) == known.end())
            return std::unexpected(Failure{ExitStatus::WrongUse, fmt::format("unknown measure '{}'{}", m_measure,
                                                                             suggestionOf(m_measure, known))});
        if (m_measure == "cost" && !m_prices)
            return std::unexpected(
                Failure{ExitStatus::WrongUse, "--measure cost needs prices: give a table with --prices"});
        return {};
    }

    std::vector<report::Column> columns() const {
        const bool withCost = m_prices.has_value();
        switch (view()) {
        case TokensView::Flow:
            return report::flowColumns(withCost);
        case TokensView::Series:
            return report::seriesColumns(m_fields, m_limits, withCost);
        case TokensView::Accounts:
            return report::accountColumns(m_fields);
        case TokensView::CallAccounts:
            break;
        }
        return report::callAccountColumns();
    }

    /// Columns of a table: what fits a terminal.
    std::vector<std::string_view> forPeople(const std::vector<std::string>& keys) const {
        std::vector<std::string_view> names;
        const TokensView shown = view();
        if (shown == TokensView::Accounts || shown == TokensView::CallAccounts) {
            for (const report::Column& column : m_columns) names.emplace_back(column.name);
            return names;
        }
        if (shown == TokensView::Series) {
            names.emplace_back("time");
            for (const std::string& key : keys) names.emplace_back(key);
        } else {
            for (const char* name : {"from_field", "from", "to_field", "to"})
                if (m_fields.size() > 1 || !std::string_view(name).starts_with("to")) names.emplace_back(name);
        }
        for (const char* name : {"exchanges", "errors", "throttled", "input_tokens", "cached_tokens", "output_tokens",
                                 "total_tokens", "without_usage"})
            names.emplace_back(name);
        for (const char* name : {"tokens_per_minute", "over_tpm", "over_rpm", "cost", "currency", "unpriced"})
            if (std::ranges::any_of(m_columns, [&](const auto& column) { return column.name == name; }))
                names.emplace_back(name);
        return names;
    }

    std::string m_by = "project,agent,model";
    std::string m_per;
    std::string m_measure = "tokens";
    report::RateLimits m_limits;
    PriceOptions m_priceOptions;
    std::optional<cost::PriceTable> m_prices;
    std::size_t m_top = 0;
    bool m_reconcile = false;
    bool m_perCall = false;
    std::int64_t m_interval = 0;
    std::vector<analysis::Field> m_fields;
    std::vector<report::Column> m_columns;
    report::Selection m_selection;
};

} // namespace

std::unique_ptr<Verb> makeTokensVerb() {
    return std::make_unique<TokensVerb>();
}

} // namespace gatescope::cli
