// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_fields.h"
#include "core/gatewaylog/log_reader.h"

#include <cstdint>
#include <memory>

namespace gatescope::gatewaylog {

struct ReadContext;
struct RecordFormat;

/// Gives members that were renamed on export their names back, and those of the table AzureDiagnostics, which marks
/// its columns with their types (`httpStatus_d`).
void restoreNames(LogFields& fields, const ColumnNames& renamed);

/// The format that a record has; null: none that is known. Names are restored already.
const RecordFormat* formatOf(const LogFields& fields);

/// Finds the format of each record and has it read. Most logs have one format, so the one of the record before is asked
/// first. A record of no known kind is a finding.
class RecordDispatch {
public:
    explicit RecordDispatch(std::shared_ptr<const ColumnNames> renamed = {}) : m_renamed(std::move(renamed)) {}
    void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink);

private:
    std::shared_ptr<const ColumnNames> m_renamed;
    const RecordFormat* m_last = nullptr;
};

} // namespace gatescope::gatewaylog
