// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/nearest.h"
#include "app/gscope/prices.h"
#include "app/gscope/verb_simulate.h"
#include "core/analysis/time_series.h"
#include "core/cost/cost.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace gatescope::cli {

namespace {

constexpr std::int64_t kMostPtu = 10'000'000;
constexpr std::int64_t kMostPerMinute = 1'000'000'000'000;

class SimulatePtuVerb final : public SimulationVerb {
public:
    std::string_view name() const override { return "ptu"; }
    std::string_view purpose() const override { return "What prepaid capacity would take, and what would spill over"; }

    void declare(CLI::App& command) override {
        command.add_option("--model", m_model, "Only this model; without it each model that capacity is sold for")
            ->type_name("NAME");
        command.add_option("--ptu", m_policy.ptu, "Prepaid units (provisioned throughput); 0: none")
            ->type_name("N")
            ->check(CLI::Range(std::int64_t{0}, kMostPtu))
            ->capture_default_str();
        command
            .add_option("--spillover", m_spillover, "standard (what does not fit is paid by the token) or none (429)")
            ->type_name("WHERE")
            ->capture_default_str();
        command.add_option("--per", m_interval, "Length of a row's bucket of time")->type_name("INTERVAL");
        declareAssumptions(command);
        declarePrices(command);
        declareParameters(command);
        declareCommon(command);
        command.footer(
            "One row per bucket of time, then per model one row of totals, which has no time: ptu_without_spill "
            "is the\nsmallest number of units at which nothing spills, found by replaying; ptu_by_formula is "
            "the documented\nsizing for the busiest minute. breaker_... is the other way to spill: a pool of the "
            "gateway with a circuit\nbreaker, which passes one 429 on and then leaves the prepaid capacity idle. Works "
            "without prepaid capacity, too.\n\n"
            "  gscope simulate ptu --model gpt-4o --ptu 50 capture.pcapng\n"
            "  gscope simulate ptu --price-input 2.5 --price-output 10 --price-ptu-hour 1 capture.pcapng");
    }

protected:
    std::expected<void, Failure> prepare() override {
        auto numbers = parameters();
        if (!numbers) return std::unexpected(numbers.error());
        m_numbers = *std::move(numbers);
        if (m_spillover != "standard" && m_spillover != "none")
            return std::unexpected(wrongUse(fmt::format("unknown place '{}' for --spillover{}", m_spillover,
                                                        suggestionOf(m_spillover, {"standard", "none"}))));
        m_policy.spillover = m_spillover == "standard";
        m_policy.depthSeconds = m_depth > 0 ? m_depth : static_cast<double>(m_numbers.ptuBucketDepthSeconds);
        m_policy.assumedMaxTokens = m_assumed >= 0 ? m_assumed : m_numbers.assumedMaxTokens;
        m_policy.rpmSliceSeconds = m_numbers.rpmSliceSeconds.back();
        const auto interval = analysis::parseInterval(m_interval);
        if (!interval) return std::unexpected(wrongUse(interval.error().message));
        m_policy.interval = *interval;
        if (auto known = checkModel(); !known) return known;
        const auto prices = pricesOf(m_priceOptions);
        if (!prices) return std::unexpected(prices.error());
        m_prices = *prices;
        return chooseColumns(report::ptuColumns(), forPeople());
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        std::vector<Run> runs;
        std::vector<Finding> findings;
        for (const simulate::PtuModel& model : modelsOf(results)) {
            Run& run = runs.emplace_back(Run{m_policy, {}});
            run.policy.model = model;
            const auto rows = simulate::rowsOfModel(results.snapshot, results.rows, model.model);
            if (m_prices) addTablePrices(results.snapshot, rows, run.policy);
            run.result = simulate::simulatePtu(simulate::callsOf(results.snapshot, rows), run.policy);
            findings.insert(findings.end(), run.result.findings.begin(), run.result.findings.end());
            sayWhatIsMissing(run);
        }
        if (!reportFindings(results, destination, std::move(findings))) return {};
        report::RowWriter writer(destination.writer, report::chosen(columns(), selection()), destination.file);
        for (const Run& run : runs) report::writePtu(run.result, run.policy, selection(), writer);
        writer.finish();
        return {};
    }

private:
    /// What the table says where no --price-... does: the prices of the model's first priced call, and of its capacity.
    void addTablePrices(const analysis::Snapshot& snapshot, const std::vector<analysis::Row>& rows,
                        simulate::PtuPolicy& policy) const {
        constexpr double kMillionPieces = 1e-9; // from 10^-15 for one
        constexpr double kWhole = 1e-15;
        simulate::PtuRates& rates = policy.rates;
        const auto fill = [](std::optional<double>& rate, const std::optional<std::int64_t>& price, double unit) {
            if (!rate && price) rate = static_cast<double>(*price) * unit;
        };
        if (const cost::PtuPrice* capacity = m_prices->ptuPrice(policy.model.model))
            fill(rates.ptuHour, capacity->perPtuHour, kWhole);
        cost::Pricer pricer(snapshot, *m_prices);
        for (const analysis::Row row : rows) {
            const cost::CallCost call = pricer.cost(row);
            if (call.state != cost::CostState::Priced) continue;
            fill(rates.input, call.rates->of(cost::Meter::Input), kMillionPieces);
            fill(rates.cached, call.rates->of(cost::Meter::CachedInput), kMillionPieces);
            fill(rates.output, call.rates->of(cost::Meter::Output), kMillionPieces);
            break;
        }
        if (rates.currency.empty()) rates.currency = m_prices->currency();
    }

    struct Run {
        simulate::PtuPolicy policy;
        simulate::PtuResult result;
    };

    void declareAssumptions(CLI::App& command) {
        const CLI::Range perMinute(std::int64_t{0}, kMostPerMinute);
        command
            .add_option("--standard-tpm", m_policy.standardTpm,
                        "Tokens per minute of the standard deployment; 0: no limit")
            ->type_name("N")
            ->check(perMinute);
        command.add_option("--standard-rpm", m_policy.standardRpm, "Requests per minute of it; 0: no limit")
            ->type_name("N")
            ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}));
        command.add_option("--depth", m_depth, "Seconds of full use that the bucket holds (not documented; 60)")
            ->type_name("S")
            ->check(CLI::Range(0.001, 86'400.0));
        command
            .add_option(
                "--breaker-trip", m_policy.breakerTripSeconds,
                "For breaker_...: seconds that a pool's breaker stays open after a 429; 0: as long as the 429 asks")
            ->type_name("S")
            ->check(CLI::Range(0.0, 86'400.0))
            ->capture_default_str();
        command
            .add_option("--assumed-max-tokens", m_assumed, "Output to expect of a request without max_tokens (1000)")
            ->type_name("N")
            ->check(CLI::Range(std::int64_t{0}, simulate::kMaxCount));
    }

    void declarePrices(CLI::App& command) {
        addPricesOptions(command, m_priceOptions);
        const CLI::Range price(0.0, 1e9);
        command.add_option("--price-input", m_policy.rates.input, "Standard price of a million input tokens")
            ->type_name("X")
            ->check(price);
        command.add_option("--price-cached", m_policy.rates.cached, "Of a million cached input tokens")
            ->type_name("X")
            ->check(price);
        command.add_option("--price-output", m_policy.rates.output, "Of a million output tokens")
            ->type_name("X")
            ->check(price);
        command.add_option("--price-ptu-hour", m_policy.rates.ptuHour, "Price of a prepaid unit for an hour")
            ->type_name("X")
            ->check(price);
        command.add_option("--currency", m_policy.rates.currency, "Of these prices; only shown")->type_name("NAME");
    }

    std::expected<void, Failure> checkModel() const {
        if (m_model.empty() || m_numbers.find(m_model) != nullptr) return {};
        std::vector<std::string> names;
        for (const simulate::PtuModel& model : m_numbers.ptu) names.push_back(model.model);
        return std::unexpected(wrongUse(fmt::format("no prepaid capacity is known for model '{}'{}. With --parameters "
                                                    "other models can be given",
                                                    m_model, suggestion(m_model, names))));
    }

    /// The model asked for, or those of the calls, in the order of the table.
    std::vector<simulate::PtuModel> modelsOf(const Results& results) const {
        if (!m_model.empty()) return {*m_numbers.find(m_model)};
        std::vector<simulate::PtuModel> models;
        std::size_t known = 0;
        for (const simulate::PtuModel& model : m_numbers.ptu) {
            const auto rows = simulate::rowsOfModel(results.snapshot, results.rows, model.model);
            if (rows.empty()) continue;
            models.push_back(model);
            known += simulate::callsOf(results.snapshot, rows).list.size();
        }
        const std::size_t all = simulate::callsOf(results.snapshot, results.rows).list.size();
        if (known < all)
            note(fmt::format("{} of {} calls are of models for which no prepaid capacity is known", all - known, all));
        return models;
    }

    void sayWhatIsMissing(const Run& run) const {
        const std::string& model = run.policy.model.model;
        if (run.result.exchanges == 0) note(fmt::format("there is no call of model '{}'", model));
        if (run.result.withoutUsage != 0)
            note(fmt::format("{}: {} calls report no tokens and count with estimates", model, run.result.withoutUsage));
        if (m_policy.ptu > 0 &&
            simulate::purchasable(static_cast<double>(m_policy.ptu), run.policy.model) != m_policy.ptu)
            note(fmt::format("{}: {} units cannot be bought: at least {}, in steps of {} (as of {})", model,
                             m_policy.ptu, run.policy.model.minimum, run.policy.model.step, m_numbers.ptuAsOf));
    }

    /// Columns of a table: what fits a terminal.
    std::vector<std::string_view> forPeople() const {
        std::vector<std::string_view> names{"time", "model", "exchanges"};
        if (m_policy.ptu > 0) names.emplace_back("utilisation");
        for (const char* name :
             {"spilled_exchanges", "spilled_tokens", "tokens", "ptu_without_spill", "ptu_by_formula"})
            names.emplace_back(name);
        const auto& rates = m_policy.rates;
        const bool hasCapacityPrice = rates.ptuHour || m_prices;
        if (hasCapacityPrice) names.emplace_back("billed_hours");
        if ((rates.input && rates.output) || m_prices) names.emplace_back("cost_standard");
        if (hasCapacityPrice && m_policy.ptu > 0) names.emplace_back("cost_with_ptu");
        if (hasCapacityPrice) names.emplace_back("cost_without_spill");
        return names;
    }

    std::string m_model;
    std::string m_spillover = "standard";
    std::string m_interval = "1m";
    double m_depth = 0;
    std::int64_t m_assumed = -1;
    simulate::Parameters m_numbers;
    simulate::PtuPolicy m_policy;
    PriceOptions m_priceOptions;
    std::optional<cost::PriceTable> m_prices;
};

} // namespace

std::unique_ptr<Verb> makeSimulatePtuVerb() {
    return std::make_unique<SimulatePtuVerb>();
}

} // namespace gatescope::cli
