// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/reconciliation.h"

#include "core/analysis/joining.h"
#include "core/analysis/model_calls.h"
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
    const ModelCalls modelCalls(snapshot);
    const bool hasJoined = !snapshot.joins().calls.empty();
    for (const Row row : rows) {
        if (!modelCalls.isCall(snapshot.code(FieldId::Api, row))) continue;
        // A joined call has a count from each of its records; each goes to the account of its source.
        std::vector<Row> records = hasJoined ? snapshot.parts(row) : std::vector<Row>();
        if (records.empty()) records.push_back(row);
        std::optional<std::int64_t> byAnswer;
        bool isKnown = false;
        for (const Row record : records) {
            const StringPool::Code source = snapshot.code(FieldId::TokenSource, record);
            const std::int64_t total = snapshot.number(FieldId::TotalTokens, record);
            if (total == kNoNumber || source == StringPool::kNone) continue;
            isKnown = true;
            if (source == reported && !byAnswer)
                add(accounts.reported, accounts.reportedCalls, byAnswer.emplace(total));
            else if (source == log)
                add(accounts.log, accounts.logCalls, total);
            else if (source == estimated)
                add(accounts.estimated, accounts.estimatedCalls, total);
        }
        const std::int64_t gateway = snapshot.number(FieldId::GatewayTokens, row);
        if (!isKnown && gateway == kNoNumber) ++accounts.unknownCalls;
        if (gateway == kNoNumber) continue;
        add(accounts.gateway, accounts.gatewayCalls, gateway);
        if (!byAnswer) continue;
        ++accounts.bothCalls;
        accounts.difference = saturatingAdd(accounts.difference, gateway - *byAnswer);
    }
    return accounts;
}

} // namespace gatescope::analysis
