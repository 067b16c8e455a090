// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/verb.h"
#include "core/base/finding.h"
#include "core/report/simulation_rows.h"
#include "core/simulate/parameters.h"

#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace gatescope::cli {

/// The parts of `simulate`; `name` is the second word.
std::unique_ptr<Verb> makeSimulateLimitsVerb();
std::unique_ptr<Verb> makeSimulatePtuVerb();
std::unique_ptr<Verb> makeSimulateMetricsVerb();

/// A part of `simulate`: findings of its own go to standard error, or with --findings to the results in place of rows.
class SimulationVerb : public CaptureVerb {
protected:
    void declareCommon(CLI::App& command);
    /// Takes the columns of the rows, unless --findings asks for others.
    std::expected<void, Failure> chooseColumns(std::vector<report::Column> columns,
                                               const std::vector<std::string_view>& forPeople);
    /// Writes findings where they belong. True: rows are wanted.
    bool reportFindings(const Results& results, const Destination& destination, std::vector<Finding> findings);
    std::optional<Severity> worstOwnFinding() const override { return m_worst; }
    /// As shipped, or from --parameters.
    std::expected<simulate::Parameters, Failure> parameters() const;
    void declareParameters(CLI::App& command);
    /// A message, unless --quiet.
    void note(const std::string& message) const;

    const std::vector<report::Column>& columns() const { return m_columns; }
    const report::Selection& selection() const { return m_selection; }
    bool wantsFindings() const { return m_findings; }

private:
    bool m_findings = false;
    std::string m_parameters;
    std::optional<Severity> m_worst;
    std::vector<report::Column> m_columns;
    report::Selection m_selection;
};

/// Fields as typed; wrong ones say what is near.
std::expected<std::vector<analysis::Field>, Failure> fieldsOf(const std::string& list);
/// A text that is the whole result.
std::expected<void, Failure> writeText(const std::expected<std::string, Error>& text, const Destination& destination);

} // namespace gatescope::cli
