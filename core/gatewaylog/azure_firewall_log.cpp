// SPDX-License-Identifier: Apache-2.0
// Network and application rules of Azure Firewall: which connections were let through. Source: log-schemas.json
// (AZFWNetworkRule, AZFWApplicationRule).
#include "core/gatewaylog/azure_record.h"
#include "core/gatewaylog/column_table.h"
#include "core/gatewaylog/formats.h"
#include "core/gatewaylog/logged_exchange.h"

namespace gatescope::gatewaylog {

namespace {

enum Column : std::size_t {
    Time,
    TimeGenerated,
    Properties,
    SourceIp,
    SourcePort,
    DestinationIp,
    DestinationPort,
    Fqdn,
    Action,
    kColumns
};
constexpr ColumnTable<kColumns> kTable{{"time", "timeGenerated", "properties", "sourceIp", "sourcePort",
                                        "destinationIp", "destinationPort", "fqdn", "action"}};

bool matches(const LogFields& fields) {
    if (isOfLog(fields, "AZFWNetworkRule", "AZFWNetworkRule") ||
        isOfLog(fields, "AZFWApplicationRule", "AZFWApplicationRule"))
        return true;
    return !categoryOf(fields) && fields.find("sourceIp") != LogFields::kNone &&
           fields.find("sourcePort") != LogFields::kNone && fields.find("action") != LogFields::kNone;
}

void read(LogFields& fields, std::uint64_t line, ReadContext& context, LogSink& sink) {
    auto at = kTable.find(fields);
    if (context.json.expand(fields, at[Properties])) kTable.findMore(fields, at[Properties], at);
    const auto text = [&](Column column) { return fields.text(at[column]).value_or(std::string_view()); };
    LogFlow flow;
    flow.format = "azure-firewall";
    flow.line = line;
    flow.time = readAzureTime(fields, {at[Time], at[TimeGenerated]}, context, line, sink);
    if (const auto source = endpointOf(text(SourceIp), fields.integer(at[SourcePort]))) flow.source = *source;
    if (const auto destination = endpointOf(text(DestinationIp), fields.integer(at[DestinationPort])))
        flow.destination = *destination;
    flow.host.assign(text(Fqdn));
    flow.action.assign(text(Action));
    sink.onFlow(std::move(flow));
}

} // namespace

RecordFormat azureFirewallLog() {
    return {"azure-firewall", "Azure Firewall log", matches, read};
}

} // namespace gatescope::gatewaylog
