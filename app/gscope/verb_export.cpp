// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/filter_words.h"
#include "app/gscope/nearest.h"
#include "app/gscope/prices.h"
#include "app/gscope/verb.h"
#include "core/pipeline/packet_export.h"
#include "core/report/cost_rows.h"
#include "core/report/focus_export.h"
#include "core/report/har_export.h"

#include "build_versions.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <unistd.h>
#include <utility>

namespace gatescope::cli {

namespace {

const std::vector<std::string> kTargets{"focus", "csv", "jsonl", "har", "pcapng"};
const std::vector<std::string> kLaterTargets{"otlp"};

std::string counted(std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string callsText(std::uint64_t calls) {
    return fmt::format("{} call{}", calls, calls == 1 ? "" : "s");
}

class ExportVerb final : public CaptureVerb {
public:
    std::string_view name() const override { return "export"; }
    std::string_view purpose() const override {
        return "Files for other tools: costs in FOCUS, all fields as CSV or JSON, an HTTP archive (HAR), or packets";
    }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        command
            .add_option("--to", m_target,
                        "focus (CSV by the FinOps FOCUS 1.2 specification), csv or jsonl (every field of every "
                        "exchange), har (HTTP archive without bodies), or pcapng (the packets of the exchanges' "
                        "connections)")
            ->required()
            ->type_name("TARGET");
        addPricesOptions(command, m_priceOptions);
        command.add_option("--period", m_period, "focus: length of a charge period in UTC, day or hour")
            ->check(CLI::IsMember({"day", "hour"}))
            ->type_name("PERIOD")
            ->capture_default_str();
        command.add_flag("--only-priced", m_focus.onlyPriced,
                         "focus: leave out calls without a price, which FOCUS has no place for");
        command.add_option("--billing-account", m_focus.billingAccount, "focus: text for BillingAccountId")
            ->type_name("ID");
        command.add_flag(
            "--include-secrets", m_includeSecrets,
            "pcapng: write the secrets of the TLS sessions on these connections as well, those of no others");
        addResultOptions(command, m_options);
        addOutputFileOption(command, m_options);
        command.footer(
            "Costs are showback estimates at the prices of the table, not a bill. A call whose price is missing has\n"
            "an empty cost, never 0. The attribution level tells how well the payer is known: A (validated token)\n"
            "to F (claimed by the caller).\n\n"
            "  gscope export --to focus --prices prices.json -o costs.csv capture.pcapng\n"
            "  gscope export --to jsonl capture.pcapng\n"
            "  gscope export --to har -o capture.har capture.pcapng\n"
            "  gscope export --to pcapng --filter 'status == 429' -o throttled.pcapng capture.pcapng\n\n"
            "pcapng holds whole connections, with their handshakes and with whatever else went over them, unmasked, "
            "and\n"
            "times as captured.");
    }

protected:
    bool readsAgain() const override { return m_target == "pcapng"; }

    std::expected<void, Failure> prepare() override {
        if (std::ranges::find(kLaterTargets, m_target) != kLaterTargets.end())
            return std::unexpected(
                wrongUse(fmt::format("export to {} is not there yet; known: {}", m_target, fmt::join(kTargets, ", "))));
        if (std::ranges::find(kTargets, m_target) == kTargets.end())
            return std::unexpected(
                wrongUse(fmt::format("unknown target '{}'{}", m_target, suggestionOf(m_target, kTargets))));
        const bool toStandardOutput = m_options.output.empty() || m_options.output == "-";
        if (m_target == "pcapng" && toStandardOutput && isatty(STDOUT_FILENO) != 0)
            return std::unexpected(wrongUse("packets are not written to a terminal: give -o FILE"));
        if (m_includeSecrets && m_target != "pcapng")
            return std::unexpected(wrongUse("--include-secrets goes with --to pcapng only"));
        auto prices = pricesOf(m_priceOptions);
        if (!prices) return std::unexpected(prices.error());
        m_prices = *std::move(prices);
        if (m_target == "focus" && !m_prices)
            return std::unexpected(
                wrongUse(fmt::format("costs need prices: give --prices FILE, or put a table at {}", userPricesPath())));
        m_focus.reveal = m_options.reveal;
        m_focus.period = m_period == "hour" ? report::FocusOptions::Period::Hour : report::FocusOptions::Period::Day;
        return {};
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token& stop) override {
        if (m_target == "pcapng") return writePackets(results, destination, stop);
        std::optional<cost::Pricer> pricer;
        if (m_prices) pricer.emplace(results.snapshot, *m_prices);
        if (m_target == "focus") return writeFocus(*pricer, results, destination);
        if (m_target == "har") return writeHar(results, destination);
        const auto format = m_target == "csv" ? report::Format::Csv : report::Format::Jsonl;
        report::RowWriter writer({format, 0}, report::pricedExchangeColumns(pricer.has_value()), destination.file);
        report::writePricedExchanges(results.snapshot, results.rows, pricer ? &*pricer : nullptr, m_options.reveal,
                                     writer);
        writer.finish();
        return {};
    }

private:
    std::expected<void, Failure> writeFocus(cost::Pricer& pricer, const Results& results,
                                            const Destination& destination) {
        report::RowWriter writer({report::Format::Csv, 0}, report::focusColumns(), destination.file);
        const report::FocusSummary summary = report::writeFocus(pricer, results.rows, m_focus, writer);
        writer.finish();
        if (!m_options.quiet) tell(summary);
        return {};
    }

    std::expected<void, Failure> writeHar(const Results& results, const Destination& destination) {
        const report::HarSummary summary =
            report::writeHar(results.snapshot, results.rows, {kVersion, m_options.reveal}, destination.file);
        if (m_options.quiet) return {};
        if (summary.withoutRequest != 0)
            say(fmt::format("{} without a request left out: an archive has no place for them", summary.withoutRequest));
        if (summary.withoutTime != 0)
            say(fmt::format("{} without a time written with the year 1970", summary.withoutTime));
        return {};
    }

    std::expected<void, Failure> writePackets(const Results& results, const Destination& destination,
                                              const std::stop_token& stop) {
        const std::string chosen = m_options.filter.empty() ? "all" : maskFilter(m_options.filter);
        const pipeline::PacketExport wanted{.rows = results.rows,
                                            .paths = results.inputs.paths(),
                                            .application = fmt::format("gscope {}", kVersion),
                                            .comment = fmt::format("Connections of these requests: {}", chosen),
                                            .secrets = m_includeSecrets ? results.secrets->store() : nullptr,
                                            .vxlanPorts = m_options.vxlanPorts};
        const auto written = pipeline::exportPackets(
            results.snapshot, wanted, [&](std::string_view bytes) { return destination.file.write(bytes); }, stop);
        if (!written) {
            const ErrorKind kind = written.error().kind;
            if (kind == ErrorKind::Stopped)
                return std::unexpected(Failure{ExitStatus::ReadInPart, "stopped; nothing was written"});
            if (kind != ErrorKind::Internal) return std::unexpected(wrongUse(written.error().message));
            return {}; // why it could not be written is told when the file is put in its place
        }
        if (!m_options.quiet) tell(*written);
        return {};
    }

    void tell(const pipeline::PacketExportResult& written) const {
        if (written.rowsWithoutPackets != 0)
            say(fmt::format("{} known from logs only, without packets", callsText(written.rowsWithoutPackets)));
        if (m_includeSecrets)
            say(fmt::format("the secrets of {} are in the file: who has it can read them",
                            counted(written.sessionsWithSecrets, "TLS session")));
        if (written.clocksDiffer) say("times are written as captured, without the correction of clocks");
        if (written.withoutTime != 0)
            say(fmt::format("{} without a time written with the time of the one before",
                            counted(written.withoutTime, "packet")));
        if (written.commentsLeftOut != 0)
            say(fmt::format("{} of whole captures left out: the last packet was written before",
                            counted(written.commentsLeftOut, "comment")));
    }

    /// What the rows alone would not make plain.
    void tell(const report::FocusSummary& summary) const {
        const cost::CostTotals& totals = summary.totals;
        const auto note = [](std::uint64_t calls, std::string_view what) {
            if (calls != 0) say(fmt::format("{} {}", callsText(calls), what));
        };
        const std::string_view how = m_focus.onlyPriced ? ", left out" : ", with empty costs";
        note(totals.unpriced, fmt::format("without a price{}", how));
        note(totals.unknown, fmt::format("without token counts{}", how));
        for (const std::string& reason : summary.reasons) say(fmt::format("  {}", reason));
        note(totals.estimated, "priced by estimated token counts");
        note(totals.withoutCacheWrites, "priced without cache writes, which the answers do not tell");
        note(summary.withoutCentre, "matched by no cost centre");
        note(summary.callsByLevel.back(), "whose payer is only what the caller claims (attribution level F)");
    }

    std::string m_target;
    bool m_includeSecrets = false;
    std::string m_period = "day";
    PriceOptions m_priceOptions;
    std::optional<cost::PriceTable> m_prices;
    report::FocusOptions m_focus;
};

} // namespace

std::unique_ptr<Verb> makeExportVerb() {
    return std::make_unique<ExportVerb>();
}

} // namespace gatescope::cli
