// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/reconciliation.h"

#include "core/base/saturating.h"

namespace gatescope::analysis {

TokenAccounts reconcile(const Snapshot& snapshot, const std::vector<Row>& rows) {
    TokenAccounts accounts;
    const auto codeOf = [&](std::string_view source) { return snapshot.textCode(source); };
    const StringPool::Code reported = codeOf("reported");
    const StringPool::Code log = codeOf("log");
    const StringPool::Code estimated = codeOf("estimated");
    const auto add = [](std::int64_t& sum, std::uint64_t& calls, std::int64_t value) {
        sum = saturatingAdd(sum, value);
        ++calls;
    };
    for (const Row row : rows) {
        if (snapshot.code(FieldId::Api, row) == StringPool::kNone) continue;
        const StringPool::Code source = snapshot.code(FieldId::TokenSource, row);
        const std::int64_t total = snapshot.number(FieldId::TotalTokens, row);
        const std::int64_t gateway = snapshot.number(FieldId::GatewayTokens, row);
        const bool isReported = total != kNoNumber && source != StringPool::kNone && source == reported;
        if (isReported)
            add(accounts.reported, accounts.reportedCalls, total);
        else if (total != kNoNumber && source != StringPool::kNone && source == log)
            add(accounts.log, accounts.logCalls, total);
        else if (total != kNoNumber && source != StringPool::kNone && source == estimated)
            add(accounts.estimated, accounts.estimatedCalls, total);
        else if (gateway == kNoNumber)
            ++accounts.unknownCalls;
        if (gateway == kNoNumber) continue;
        add(accounts.gateway, accounts.gatewayCalls, gateway);
        if (!isReported) continue;
        ++accounts.bothCalls;
        accounts.difference = saturatingAdd(accounts.difference, gateway - total);
    }
    return accounts;
}

} // namespace gatescope::analysis
