// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb_simulate.h"
#include "core/simulate/policy_text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <utility>

namespace gatescope::cli {

namespace {

class SimulateMetricsVerb final : public SimulationVerb {
public:
    std::string_view name() const override { return "metrics"; }
    std::string_view purpose() const override { return "How many series the dimensions of a token metric would make"; }

    void declare(CLI::App& command) override {
        command.add_option("--dimensions", m_list, "Fields to take as dimensions, at most five")
            ->type_name("F,...")
            ->capture_default_str();
        command.add_flag("--policy", m_xml, "The policy llm-emit-token-metric as XML, ready to paste");
        declareCommon(command);
        command.footer("One row per dimension, then one row for all together: the series that are possible, those that "
                       "were\nseen, and how many Azure Monitor keeps for a region and subscription within 12 hours.\n\n"
                       "  gscope simulate metrics --dimensions project_id,agent,model capture.pcapng");
    }

protected:
    std::expected<void, Failure> prepare() override {
        auto fields = fieldsOf(m_list);
        if (!fields) return std::unexpected(fields.error());
        m_dimensions = *std::move(fields);
        if (m_dimensions.size() > simulate::kMaxDimensions)
            return std::unexpected(wrongUse(fmt::format("a metric has at most {} dimensions of its own, not {}",
                                                        simulate::kMaxDimensions, m_dimensions.size())));
        if (m_xml && wantsFindings()) return std::unexpected(wrongUse("--findings does not go with --policy"));
        if (const auto text = simulate::metricPolicyXml(m_dimensions); m_xml && !text)
            return std::unexpected(wrongUse(text.error().message));
        return chooseColumns(report::dimensionColumns(), {});
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token&) override {
        if (m_xml) return writeText(simulate::metricPolicyXml(m_dimensions), destination);
        const auto preview = simulate::previewDimensions(results.snapshot, results.rows, m_dimensions);
        if (!reportFindings(results, destination, preview.findings)) return {};
        report::RowWriter writer(destination.writer, report::chosen(columns(), selection()), destination.file);
        report::writeDimensions(preview, selection(), writer);
        writer.finish();
        return {};
    }

private:
    std::string m_list = "project_id,agent,model";
    bool m_xml = false;
    std::vector<analysis::Field> m_dimensions;
};

} // namespace

std::unique_ptr<Verb> makeSimulateMetricsVerb() {
    return std::make_unique<SimulateMetricsVerb>();
}

} // namespace gatescope::cli
