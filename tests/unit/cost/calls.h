// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cost/cost.h"
#include "tests/unit/analysis/records.h"

#include <QByteArray>
#include <QFile>
#include <QtTest>
#include <optional>
#include <string>
#include <utility>

/// Calls and tables for the tests of cost.
namespace gatescope::cost::test {

using namespace gatescope::analysis::test;
using Count = std::optional<std::int64_t>;

/// A call of a deployment on Azure; a model served with its date.
inline analysis::ExchangeRecord azureCall(TimeNs time, const char* model, Count input, Count output,
                                          Headers requestHeaders = {}, Headers responseHeaders = {}) {
    auto record = exchangeAt(time, "/openai/deployments/prod/chat/completions", std::move(requestHeaders),
                             std::move(responseHeaders));
    record.call.api = "openai.chat";
    record.call.deployment = "prod";
    record.call.model = "prod";
    record.call.servedModel = model;
    record.call.usage.input = input;
    record.call.usage.output = output;
    if (input && output) record.call.usage.total = *input + *output;
    if (input || output) record.call.usage.source = llm::TokenSource::Reported;
    return record;
}

inline analysis::ExchangeRecord callOf(const char* api, const char* model, llm::Usage usage, const char* tier = "") {
    auto record = exchangeAt(kStart, "/v1/messages");
    record.call.api = api;
    record.call.model = model;
    record.call.servedModel = model;
    usage.source = llm::TokenSource::Reported;
    record.call.usage = usage;
    record.call.serviceTier = tier;
    return record;
}

/// A table with these entries.
inline std::string tableText(const std::string& models, const std::string& more = "") {
    return R"({"version":1,"name":"test","currency":"EUR","models":[)" + models + "]" + more + "}";
}

/// Fails the program when the text is wrong: for tables that a test takes for granted.
inline PriceTable tableOf(const std::string& text) {
    auto table = PriceTable::parse(text);
    if (!table) qFatal("%s", table.error().message.c_str());
    return *std::move(table);
}

inline std::string messageOf(const std::string& text) {
    const auto table = PriceTable::parse(text);
    return table ? "accepted" : table.error().message;
}

/// The example that is shipped.
inline std::string exampleText() {
    QFile file(QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/price-table.example.json"));
    if (!file.open(QIODevice::ReadOnly)) qFatal("the example table is missing");
    return file.readAll().toStdString();
}

/// `priced 0.0036 complete`, `unpriced`, `unknown`, or nothing for what is no call.
inline std::string costText(const analysis::ExchangeRecord& record, const PriceTable& table) {
    Pricer pricer(snapshotOf({record}), table);
    const CallCost cost = pricer.cost(0);
    std::string text(toString(cost.state));
    if (cost.state == CostState::Priced)
        text += " " + cost.amount.toString() + " " + std::string(toString(cost.quantities.coverage));
    else if (cost.state != CostState::NotACall)
        text += ": " + pricer.explain(cost);
    return text;
}

} // namespace gatescope::cost::test
