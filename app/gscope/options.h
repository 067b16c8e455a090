// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/exit_status.h"
#include "app/gscope/live_options.h"
#include "app/gscope/trust_options.h"
#include "core/analysis/filter.h"
#include "core/base/finding.h"
#include "core/report/result_rows.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace gatescope::cli {

/// Options as typed. Each verb takes those that mean something to it.
struct Options {
    std::vector<std::string> inputs;
    std::string filter;
    std::string format = "table";
    std::string fields;
    std::string output;
    unsigned threads = 0;
    std::string memoryLimit;
    bool reveal = false;
    std::string failOn;
    std::string estimate = "off";
    std::vector<std::uint16_t> vxlanPorts;
    bool keepClocks = false;
    std::vector<std::string> keyLogs;
    std::vector<std::string> privateKeys;
    std::string columns;
    std::string saveColumns;
    TrustOptions trust;
    LiveOptions live;
    bool quiet = false;
    std::string progress = "auto";
};

void addOutputOptions(CLI::App& command, Options& options);
/// -o alone, for verbs whose format is fixed.
void addOutputFileOption(CLI::App& command, Options& options);
void addFieldsOption(CLI::App& command, Options& options);
/// INPUT, --threads, --limit-memory, --keylog, --key, --vxlan-port, --keep-clocks, --columns, --save-columns, --reveal,
/// --quiet, --progress. Of a verb that is not given `addLiveOptions` as well, --live and --follow are refused.
void addInputOptions(CLI::App& command, Options& options);
/// --filter, --fail-on, --estimate, and whom to trust.
void addResultOptions(CLI::App& command, Options& options);

/// --quiet and --progress.
void addMessageOptions(CLI::App& command, Options& options);
/// Whether the line of progress is shown.
bool showsProgress(const Options& options);

// What was typed, understood; each error says what is near.
/// `256M`, in octets; not 0.
std::expected<std::uint64_t, Failure> sizeOf(std::string_view text);
std::expected<report::Format, Failure> formatOf(const Options& options);
std::expected<std::uint64_t, Failure> memoryLimitOf(const Options& options);
std::expected<std::optional<Severity>, Failure> failOnOf(const Options& options);
/// A filter error shows the text with a caret under the column.
std::expected<analysis::Filter, Failure> filterOf(const Options& options);
/// Columns by --fields; without it all of them, or `forPeople` when the format is a table.
std::expected<report::Selection, Failure> selectionOf(const Options& options,
                                                      const std::vector<report::Column>& columns,
                                                      const std::vector<std::string_view>& forPeople);

} // namespace gatescope::cli
