// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/azure_record.h"

#include "core/gatewaylog/log_findings.h"
#include "core/gatewaylog/log_time.h"
#include "core/gatewaylog/logged_header.h"

namespace gatescope::gatewaylog {

namespace {

LogTime firstTime(const LogFields& fields, std::initializer_list<LogFields::Index> members) {
    for (const LogFields::Index member : members)
        if (const LogTime found = readTime(fields, member); found.time != kNoTime) return found;
    return {};
}

} // namespace

std::optional<std::string_view> categoryOf(const LogFields& fields) {
    return fields.text(fields.find("category"));
}

bool isOfLog(const LogFields& fields, std::string_view category, std::string_view table) {
    if (const auto logged = categoryOf(fields); logged && http::equalsIgnoreCase(*logged, category)) return true;
    const auto type = fields.text(fields.find("Type"));
    return type && http::equalsIgnoreCase(*type, table);
}

TimeNs readAzureTime(const LogFields& fields, std::initializer_list<LogFields::Index> members,
                     const ReadContext& context, LogRecord& record) {
    const LogTime found = firstTime(fields, members);
    if (!found.zoneKnown && !context.timesAreUtc) note(record, kTimeZoneUnknown);
    return found.time;
}

TimeNs readAzureTime(const LogFields& fields, std::initializer_list<LogFields::Index> members,
                     const ReadContext& context, std::uint64_t line, LogSink& sink) {
    const LogTime found = firstTime(fields, members);
    if (!found.zoneKnown && !context.timesAreUtc) {
        Finding finding;
        finding.kind = &kTimeZoneUnknown;
        finding.packet = line;
        sink.onFinding(std::move(finding));
    }
    return found.time;
}

void addAzureHeaders(LogFields& fields, LogFields::Index headers, ReadContext& context, http::HeaderList& out) {
    if (context.json.expand(fields, headers)) addHeaders(fields, headers, out);
}

std::optional<std::uint64_t> readSize(const LogFields& fields, LogFields::Index index) {
    const auto size = fields.integer(index);
    if (!size || *size < 0) return {};
    return static_cast<std::uint64_t>(*size);
}

} // namespace gatescope::gatewaylog
