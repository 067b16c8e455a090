// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/record_dispatch.h"

#include "core/gatewaylog/log_findings.h"
#include "core/gatewaylog/record_format.h"

#include <algorithm>

namespace gatescope::gatewaylog {

namespace {

/// Names of a record's members, so that a person can tell what it is.
std::string memberNames(const LogFields& fields) {
    constexpr std::size_t kMaxNames = 6;
    constexpr std::size_t kMaxName = 40;
    std::string names;
    std::size_t count = 0;
    fields.forEach(LogFields::kRoot, [&](LogFields::Index index) {
        if (count >= kMaxNames || fields[index].name.empty()) return;
        if (count++ != 0) names += ", ";
        names += fields[index].name.substr(0, kMaxName);
    });
    return names;
}

void undoDiagnosticsNames(LogFields& fields) {
    if (fields.find("ResourceProvider") == LogFields::kNone) return;
    fields.forEach(LogFields::kRoot, [&](LogFields::Index index) {
        const std::string_view name = fields[index].name;
        constexpr std::string_view kTypes = "sdbgt"; // text, number, truth, GUID, time
        if (name.size() > 2 && name[name.size() - 2] == '_' && kTypes.find(name.back()) != std::string_view::npos)
            fields.rename(index, name.substr(0, name.size() - 2));
    });
}

} // namespace

void restoreNames(LogFields& fields, const ColumnNames& renamed) {
    for (const auto& [from, to] : renamed)
        if (const LogFields::Index found = fields.find(from); found != LogFields::kNone) fields.rename(found, to);
    undoDiagnosticsNames(fields);
}

const RecordFormat* formatOf(const LogFields& fields) {
    const auto formats = recordFormats();
    const auto found =
        std::ranges::find_if(formats, [&](const RecordFormat& format) { return format.matches(fields); });
    return found == formats.end() ? nullptr : &*found;
}

void RecordDispatch::read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    static const ColumnNames kNone;
    restoreNames(fields, m_renamed ? *m_renamed : kNone);
    if (!m_last || !m_last->matches(fields)) {
        const RecordFormat* format = formatOf(fields);
        if (!format) {
            Finding finding;
            finding.kind = &kUnknownRecord;
            finding.packet = line;
            if (std::string names = memberNames(fields); !names.empty()) finding.evidence.push_back(std::move(names));
            sink.onFinding(std::move(finding));
            return;
        }
        m_last = format;
    }
    m_last->read(fields, line, context, sink);
}

} // namespace gatescope::gatewaylog
