// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/nearest.h"
#include "app/gscope/verb_simulate.h"
#include "core/simulate/policy_text.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

namespace gatescope::cli {

namespace {

using simulate::LimitAlgorithm;

constexpr std::int64_t kMostQuota = 1'000'000'000'000;

/// What is written.
enum class LimitsView : std::uint8_t { Keys, Calls, Advice, Comparison, Policy, Kql };

class SimulateLimitsVerb final : public SimulationVerb {
public:
    std::string_view name() const override { return "limits"; }
    std::string_view purpose() const override { return "Who would be refused under a token limit, and when"; }

    void declare(CLI::App& command) override {
        declareLimit(command);
        declareViews(command);
        declareParameters(command);
        declareCommon(command);
        command.footer(
            "One row per key: each call is asked at its start, its tokens are booked at its end, as the policy\n"
            "llm-token-limit of Azure API Management does it. Streamed calls are always estimated. A call that was\n"
            "really refused reports no tokens: its prompt estimate is booked (booked_by_estimate).\n\n"
            "  gscope simulate limits --key project_id,agent --tpm 10000 --algorithm bucket capture.pcapng\n"
            "  gscope simulate limits --key caller --tpm 5000 --quota 1000000 --period Daily --per-call "
            "capture.pcapng\n"
            "  gscope simulate limits --advise --tpm 10000 capture.pcapng\n"
            "  gscope simulate limits --key project_id --tpm 10000 --policy capture.pcapng");
    }

protected:
    std::expected<void, Failure> prepare() override {
        if (auto ready = readLimit(); !ready) return ready;
        if (!m_policy.tokensPerMinute && !m_policy.tokenQuota && view() != LimitsView::Advice)
            return std::unexpected(wrongUse("a limit is missing: --tpm N, or --quota N with --period"));
        if (wantsFindings() &&
            (view() == LimitsView::Policy || view() == LimitsView::Kql || view() == LimitsView::Advice))
            return std::unexpected(wrongUse("--findings does not go with --advise, --policy or --kql"));
        if (auto text = gatewayText(); !text) return std::unexpected(wrongUse(text.error().message));
        return chooseColumns(columnsOfView(), forPeople());
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token& stop) override {
        if (view() == LimitsView::Policy || view() == LimitsView::Kql) return writeText(gatewayText(), destination);
        if (view() == LimitsView::Advice) {
            report::RowWriter writer(destination.writer, report::chosen(columns(), selection()), destination.file);
            report::writeAdvice(advice(results, stop), selection(), writer);
            writer.finish();
            return {};
        }
        const simulate::LimitResult result =
            simulate::simulateLimits(results.snapshot, results.rows, m_policy, m_options.reveal);
        if (!reportFindings(results, destination, result.findings)) return {};
        writeRows(results, result, destination);
        sayWhatIsMissing(result);
        return {};
    }

private:
    void declareLimit(CLI::App& command) {
        m_keyOption = command.add_option("--key", m_key, "Fields of the counter key, separated by commas")
                          ->type_name("F,...")
                          ->capture_default_str();
        command.add_option("--tpm", m_policy.tokensPerMinute, "Tokens per minute; over it 429")
            ->type_name("N")
            ->check(CLI::Range(std::int64_t{1}, simulate::kMaxCount));
        auto* const quota = command.add_option("--quota", m_policy.tokenQuota, "Tokens per period; over it 403")
                                ->type_name("N")
                                ->check(CLI::Range(std::int64_t{1}, kMostQuota));
        auto* const period =
            command.add_option("--period", m_period, "Hourly, Daily, Weekly, Monthly or Yearly, from UTC")
                ->type_name("PERIOD");
        quota->needs(period);
        period->needs(quota);
        command.add_option("--algorithm", m_algorithm, "sliding (classic tiers) or bucket (v2 tiers)")
            ->type_name("NAME")
            ->capture_default_str();
        command.add_option("--estimate-prompt", m_estimate, "on or off: estimate-prompt-tokens of the policy")
            ->type_name("WHEN")
            ->capture_default_str();
        command
            .add_option("--estimator", m_estimator,
                        "reported (input tokens that were reported later, else bytes) or bytes (prompt / 4)")
            ->type_name("NAME")
            ->capture_default_str();
        command.add_option("--week-start", m_weekStart, "Day on which weeks of --period Weekly begin")
            ->type_name("DAY");
        command.add_option("--capacity-factor", m_capacity, "Capacity of the bucket, times the tokens per minute")
            ->type_name("X")
            ->check(CLI::Range(0.01, 1000.0));
    }

    void declareViews(CLI::App& command) {
        std::vector<CLI::Option*> views{
            command.add_flag("--per-call", m_perCall, "One row per call"),
            command.add_flag("--advise", m_advise, "Which fields would make a good key, best first"),
            command.add_flag("--compare", m_compare, "How far the prediction is from what headers of the gateway said"),
            command.add_flag("--policy", m_xml, "The policy as XML, ready to paste"),
            command.add_flag("--kql", m_kql, "A query for the gateway's logs: tokens per minute and key")};
        for (CLI::Option* one : views)
            for (CLI::Option* other : views)
                if (one != other) one->excludes(other);
    }

    std::expected<void, Failure> readLimit() {
        auto fields = fieldsOf(m_key);
        if (!fields) return std::unexpected(fields.error());
        m_policy.key = *std::move(fields);
        const auto numbers = parameters();
        if (!numbers) return std::unexpected(numbers.error());
        m_policy.weekStart = numbers->weekStart;
        m_policy.capacityFactor = m_capacity > 0 ? m_capacity : numbers->bucketCapacityFactor;
        const auto algorithm = choice("algorithm", m_algorithm, {"sliding", "bucket"});
        if (!algorithm) return std::unexpected(algorithm.error());
        m_policy.algorithm = *algorithm == 0 ? LimitAlgorithm::SlidingWindow : LimitAlgorithm::TokenBucket;
        const auto estimate = choice("--estimate-prompt", m_estimate, {"on", "off"});
        if (!estimate) return std::unexpected(estimate.error());
        m_policy.estimatePrompt = *estimate == 0;
        const auto estimator = choice("estimator", m_estimator, {"reported", "bytes"});
        if (!estimator) return std::unexpected(estimator.error());
        m_policy.estimator = *estimator == 0 ? simulate::PromptEstimator::Reported : simulate::PromptEstimator::Bytes;
        return readPeriod();
    }

    std::expected<void, Failure> readPeriod() {
        if (!m_period.empty()) {
            const auto period = simulate::parseQuotaPeriod(m_period);
            if (!period)
                return std::unexpected(unknown("period", m_period, {"Hourly", "Daily", "Weekly", "Monthly", "Yearly"}));
            m_policy.period = *period;
        }
        if (m_weekStart.empty()) return {};
        const auto day = simulate::parseWeekday(m_weekStart);
        if (!day)
            return std::unexpected(unknown(
                "day", m_weekStart, {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}));
        m_policy.weekStart = *day;
        return {};
    }

    static Failure unknown(std::string_view what, const std::string& typed, const std::vector<std::string>& known) {
        return wrongUse(fmt::format("unknown {} '{}'{}", what, typed, suggestionOf(typed, known)));
    }

    static std::expected<std::size_t, Failure> choice(std::string_view what, const std::string& typed,
                                                      const std::vector<std::string>& known) {
        for (std::size_t i = 0; i < known.size(); ++i)
            if (known[i] == typed) return i;
        return std::unexpected(unknown(what, typed, known));
    }

    LimitsView view() const {
        return m_perCall   ? LimitsView::Calls
               : m_advise  ? LimitsView::Advice
               : m_compare ? LimitsView::Comparison
               : m_xml     ? LimitsView::Policy
               : m_kql     ? LimitsView::Kql
                           : LimitsView::Keys;
    }

    std::vector<report::Column> columnsOfView() const {
        switch (view()) {
        case LimitsView::Calls:
            return report::limitCallColumns();
        case LimitsView::Advice:
            return report::adviceColumns();
        case LimitsView::Comparison:
            return report::deviationColumns();
        default:
            return report::limitKeyColumns(m_policy.key);
        }
    }

    /// Columns of a table: what fits a terminal.
    std::vector<std::string_view> forPeople() {
        if (view() != LimitsView::Keys) return {};
        m_keyNames.clear();
        for (const analysis::Field& field : m_policy.key) m_keyNames.push_back(field.name());
        std::vector<std::string_view> names(m_keyNames.begin(), m_keyNames.end());
        for (const char* name : {"exchanges", "admitted", "refused_429", "refused_403", "booked_tokens",
                                 "billed_tokens", "first_refused_time", "longest_wait_s", "observed_429"})
            if (m_policy.tokenQuota || std::string_view(name) != "refused_403") names.emplace_back(name);
        return names;
    }

    /// Policy or query; an empty text for the other views.
    std::expected<std::string, Error> gatewayText() const {
        if (view() == LimitsView::Policy) return simulate::limitPolicyXml(m_policy);
        if (view() == LimitsView::Kql) return simulate::limitKql(m_policy);
        return std::string();
    }

    std::vector<simulate::KeyAdvice> advice(const Results& results, const std::stop_token& stop) const {
        auto candidates = simulate::candidateKeys(results.snapshot, results.rows);
        const bool isAsked = m_keyOption->count() != 0;
        if (isAsked && std::ranges::find(candidates, m_policy.key) == candidates.end())
            candidates.push_back(m_policy.key);
        auto all = simulate::adviseKeys(results.snapshot, results.rows, candidates, m_policy, stop);
        // A field that no call has is no advice, unless it was asked for.
        std::erase_if(all, [&](const simulate::KeyAdvice& each) {
            return each.distinct == 0 && !(isAsked && each.fields == m_policy.key);
        });
        return all;
    }

    void writeRows(const Results& results, const simulate::LimitResult& result, const Destination& destination) {
        report::RowWriter writer(destination.writer, report::chosen(columns(), selection()), destination.file);
        if (view() == LimitsView::Calls)
            report::writeLimitCalls(results.snapshot, result, selection(), writer);
        else if (view() == LimitsView::Comparison)
            report::writeDeviations(result, selection(), writer);
        else
            report::writeLimitKeys(result, m_policy.key, selection(), writer);
        writer.finish();
    }

    void sayWhatIsMissing(const simulate::LimitResult& result) const {
        const simulate::KeyOutcome& totals = result.totals;
        if (totals.exchanges == 0) note("there is no call of a model to replay");
        if (result.withoutTime != 0)
            note(fmt::format("{} calls were left out because their request was not seen", result.withoutTime));
        if (totals.withoutEstimate != 0)
            note(fmt::format("{} calls were judged without an estimate, because nothing is known of their prompts",
                             totals.withoutEstimate));
        if (totals.withoutTokens != 0)
            note(fmt::format("{} calls booked nothing, because their tokens are not known", totals.withoutTokens));
    }

    std::string m_key = "project_id,agent";
    std::string m_period, m_weekStart;
    std::string m_algorithm = "sliding", m_estimate = "on", m_estimator = "reported";
    double m_capacity = 0;
    bool m_perCall = false, m_advise = false, m_compare = false, m_xml = false, m_kql = false;
    CLI::Option* m_keyOption = nullptr;
    simulate::LimitPolicy m_policy;
    std::vector<std::string> m_keyNames;
};

} // namespace

std::unique_ptr<Verb> makeSimulateLimitsVerb() {
    return std::make_unique<SimulateLimitsVerb>();
}

} // namespace gatescope::cli
