// SPDX-License-Identifier: Apache-2.0
#include "core/report/focus_export.h"

#include "core/report/escape.h"
#include "core/report/focus_charges.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <optional>
#include <tuple>
#include <utility>

namespace gatescope::report {

using analysis::Row;
using cost::CallCost;
using cost::CostState;
using cost::Coverage;
using cost::Meter;

namespace {

/// Who sells a service and how it is called on a bill, by OpenTelemetry's provider name.
struct ServiceName {
    std::string_view provider, seller, service;
};
constexpr std::array kServices{ServiceName{"azure.ai.openai", "Microsoft", "Azure OpenAI"},
                               ServiceName{"openai", "OpenAI", "OpenAI API"},
                               ServiceName{"anthropic", "Anthropic", "Claude API"},
                               ServiceName{"gcp.gemini", "Google", "Gemini API"},
                               ServiceName{"gcp.vertex_ai", "Google", "Vertex AI"},
                               ServiceName{"aws.bedrock", "Amazon Web Services", "Amazon Bedrock"}};

ServiceName serviceOf(std::string_view provider) {
    const auto at = std::ranges::find(kServices, provider, &ServiceName::provider);
    return at == kServices.end() ? ServiceName{provider, {}, {}} : *at;
}

/// `2026-01-01T00:00:00Z`
std::string focusTime(std::chrono::sys_seconds time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

std::chrono::sys_days firstOfMonth(std::chrono::sys_seconds time, int monthsLater) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
    return std::chrono::sys_days{date.year() / date.month() / 1 + std::chrono::months{monthsLater}};
}

/// An object with one level, for Tags and SkuPriceDetails.
class JsonObject {
public:
    JsonObject& add(std::string_view key, std::string_view value) {
        if (value.empty()) return *this;
        begin(key);
        appendJsonString(m_text, value);
        return *this;
    }
    JsonObject& addRaw(std::string_view key, std::string_view value) {
        begin(key);
        m_text += value;
        return *this;
    }
    std::string take() { return std::move(m_text) + "}"; }

private:
    void begin(std::string_view key) {
        if (m_text.size() > 1) m_text += ',';
        appendJsonString(m_text, key);
        m_text += ':';
    }
    std::string m_text = "{";
};

/// How a meter is counted and priced on a bill.
struct Unit {
    std::string_view consumed, priced;
    int places; ///< pieces of one priced unit, as a power of ten
};

Unit unitOf(Meter meter) {
    if (meter == Meter::WebSearch) return {"Requests", "1000 Requests", 3};
    if (meter == Meter::Request) return {"Requests", "Requests", 0};
    return {"Tokens", "1M Tokens", 6};
}

/// Cells by the name of their column; each is written or missing.
class FocusRow {
public:
    explicit FocusRow(const std::vector<Column>& columns) : m_columns(columns), m_cells(columns.size()) {}

    void set(std::string_view name, std::string value) {
        const auto at = std::ranges::find(m_columns, name, &Column::name);
        m_cells[static_cast<std::size_t>(at - m_columns.begin())] = std::move(value);
    }
    /// Writes the row and makes all cells empty again.
    void end(RowWriter& writer) {
        for (std::string& cell : m_cells) {
            cell.empty() ? writer.missing() : writer.text(cell);
            cell.clear();
        }
        writer.endRow();
    }

private:
    const std::vector<Column>& m_columns;
    std::vector<std::string> m_cells;
};

/// Turns charges into rows.
class FocusTable {
public:
    FocusTable(const ChargeCollector& collector, const cost::PriceTable& table, const FocusOptions& options)
        : m_collector(collector), m_table(table), m_options(options) {}

    void write(RowWriter& writer) {
        FocusRow row(m_columns);
        for (const auto* charge : sorted()) {
            fillPeriod(row, charge->first);
            fillService(row, charge->first);
            fillPayer(row, charge->first);
            fillPrice(row, charge->first, charge->second);
            row.end(writer);
            if (writer.refused()) return;
        }
    }

private:
    using Charge = ChargeCollector::Charges::value_type;

    std::vector<const Charge*> sorted() const;
    void fillPeriod(FocusRow& row, const ChargeKey& key) const;
    void fillService(FocusRow& row, const ChargeKey& key) const;
    void fillPayer(FocusRow& row, const ChargeKey& key) const;
    void fillPrice(FocusRow& row, const ChargeKey& key, const Sums& sums) const;
    void fillMeter(FocusRow& row, const ChargeKey& key, const Sums& sums) const;
    void fillPriceIdentity(FocusRow& row, const ChargeKey& key) const;
    std::string description(const ChargeKey& key) const;

    const std::vector<Column> m_columns = focusColumns();
    const ChargeCollector& m_collector;
    const cost::PriceTable& m_table;
    const FocusOptions& m_options;
};

std::vector<const FocusTable::Charge*> FocusTable::sorted() const {
    std::vector<const Charge*> all;
    for (const Charge& charge : m_collector.charges()) all.push_back(&charge);
    const auto id = [](const ChargeKey& key) { return key.entry != nullptr ? std::string_view(key.entry->id) : ""; };
    const auto price = [](const ChargeKey& key) {
        return key.rates != nullptr && key.meter ? key.rates->of(*key.meter) : std::nullopt;
    };
    std::ranges::sort(all, [&](const Charge* left, const Charge* right) {
        const ChargeKey& a = left->first;
        const ChargeKey& b = right->first;
        if (a.period != b.period) return a.period < b.period;
        if (a.payer != b.payer) return m_collector.payer(a.payer) < m_collector.payer(b.payer);
        if (a.service != b.service) return m_collector.service(a.service) < m_collector.service(b.service);
        return std::tuple(a.state, a.meter, a.coverage, id(a), price(a), m_collector.reason(a.reason)) <
               std::tuple(b.state, b.meter, b.coverage, id(b), price(b), m_collector.reason(b.reason));
    });
    return all;
}

void FocusTable::fillPeriod(FocusRow& row, const ChargeKey& key) const {
    row.set("BillingAccountId", m_options.billingAccount);
    row.set("BillingCurrency", m_table.currency());
    row.set("PricingCurrency", m_table.currency());
    row.set("ChargeCategory", "Usage");
    row.set("ChargeFrequency", "Usage-Based");
    row.set("PricingCategory", "Standard");
    if (key.period == kNoPeriod) return;
    const std::chrono::sys_seconds start{std::chrono::hours{key.period}};
    const std::chrono::hours length{m_options.period == FocusOptions::Period::Hour ? 1 : 24};
    row.set("ChargePeriodStart", focusTime(start));
    row.set("ChargePeriodEnd", focusTime(start + length));
    row.set("BillingPeriodStart", focusTime(firstOfMonth(start, 0)));
    row.set("BillingPeriodEnd", focusTime(firstOfMonth(start, 1)));
}

void FocusTable::fillService(FocusRow& row, const ChargeKey& key) const {
    const Service& service = m_collector.service(key.service);
    const ServiceName name = serviceOf(service.provider);
    for (const char* column : {"ProviderName", "PublisherName", "InvoiceIssuerName"})
        row.set(column, std::string(name.seller));
    row.set("ServiceCategory", "AI and Machine Learning");
    row.set("ServiceSubcategory", "Generative AI");
    row.set("ServiceName", std::string(name.service));
    row.set("RegionId", service.regionId);
    row.set("RegionName", service.region);
    if (!service.resource.empty()) {
        row.set("ResourceId", fmt::format("{}/{}", service.host, service.resource));
        row.set("ResourceName", service.resource);
        row.set("ResourceType", "Model deployment");
    }
    row.set("x_Provider", service.provider);
    row.set("x_Model", service.model);
    row.set("x_ServiceTier", service.tier);
    row.set("x_DeploymentType", service.deploymentType);
}

void FocusTable::fillPayer(FocusRow& row, const ChargeKey& key) const {
    const Payer& payer = m_collector.payer(key.payer);
    for (const std::string* id : {&payer.projectId, &payer.project, &payer.appId}) {
        if (id->empty()) continue;
        row.set("SubAccountId", *id);
        break;
    }
    row.set("SubAccountName", payer.project);
    JsonObject tags;
    // That no rule takes a call must be seen, so the key is there with nothing in it.
    if (!payer.centre && m_collector.hasCentres()) tags.addRaw("cost_center", "null");
    tags.add("cost_center", payer.centre.value_or(""));
    tags.add("project_id", payer.projectId).add("project", payer.project);
    tags.add("agent", payer.agent).add("agent_version", payer.agentVersion).add("app_id", payer.appId);
    tags.add("attribution_level", toString(payer.level));
    tags.addRaw("estimated", key.coverage == Coverage::Estimated ? "true" : "false");
    row.set("Tags", tags.take());
    row.set("x_CostCenter", payer.centre.value_or(""));
    row.set("x_AttributionLevel", std::string(toString(payer.level)));
}

std::string FocusTable::description(const ChargeKey& key) const {
    const Service& service = m_collector.service(key.service);
    const std::string_view model = service.model.empty() ? "unknown model" : std::string_view(service.model);
    const std::string_view what = key.meter ? cost::meterName(*key.meter) : "calls without token counts";
    if (key.state != CostState::Priced)
        return fmt::format("Showback estimate from captured traffic: {}, {}; no price: {}", model, what,
                           m_collector.reason(key.reason));
    return fmt::format("Showback estimate from captured traffic: {}, {}; prices: {}{}{}", model, what, m_table.name(),
                       m_table.asOf().empty() ? "" : ", as of ", m_table.asOf());
}

void FocusTable::fillMeter(FocusRow& row, const ChargeKey& key, const Sums& sums) const {
    const Service& service = m_collector.service(key.service);
    const std::string_view meterKey = cost::rateKey(*key.meter);
    const Unit unit = unitOf(*key.meter);
    if (!service.model.empty()) {
        row.set("SkuId",
                fmt::format("{}/{}/{}", service.provider.empty() ? "-" : service.provider, service.model, meterKey));
        row.set("SkuMeter", std::string(cost::meterName(*key.meter)));
    }
    row.set("ConsumedQuantity", std::to_string(sums.pieces));
    row.set("ConsumedUnit", std::string(unit.consumed));
    row.set("PricingQuantity", cost::decimalText(sums.pieces, unit.places));
    row.set("PricingUnit", std::string(unit.priced));
    if (key.state != CostState::Priced || !key.rates->of(*key.meter)) return;
    const std::string price = cost::decimalText(*key.rates->of(*key.meter), 15 - unit.places);
    row.set("ListUnitPrice", price);
    row.set("ContractedUnitPrice", price);
    fillPriceIdentity(row, key);
}

/// The same id always has the same price and the same details, so it names all that a price depends on.
void FocusTable::fillPriceIdentity(FocusRow& row, const ChargeKey& key) const {
    const cost::PriceEntry& entry = *key.entry;
    const std::string& model = m_collector.service(key.service).model;
    std::string id = fmt::format("{}/{}/{}", entry.id, model.empty() ? "-" : model, cost::rateKey(*key.meter));
    JsonObject details;
    details.add("x_Model", model);
    for (const cost::ContextTier& tier : entry.tiers) {
        const bool isBatch = tier.batchRates && key.rates == &*tier.batchRates;
        if (!isBatch && key.rates != &tier.rates) continue;
        if (isBatch) id += "/batch";
        if (isBatch) details.addRaw("x_Batch", "true");
        if (tier.maxInput) id += fmt::format("/up-to-{}", *tier.maxInput);
        if (tier.maxInput) details.addRaw("x_MaxInputTokens", std::to_string(*tier.maxInput));
    }
    for (const auto& [name, pattern] :
         {std::pair("x_DeploymentType", &entry.deploymentType), std::pair("x_Region", &entry.region),
          std::pair("x_ServiceTier", &entry.serviceTier)})
        if (!pattern->matchesAnything()) details.add(name, pattern->text());
    row.set("SkuPriceId", std::move(id));
    row.set("SkuPriceDetails", details.take());
}

void FocusTable::fillPrice(FocusRow& row, const ChargeKey& key, const Sums& sums) const {
    row.set("ChargeDescription", description(key));
    if (key.meter) fillMeter(row, key, sums);
    if (key.state == CostState::Priced) {
        const std::string amount = sums.amount.toString();
        for (const char* column : {"ListCost", "ContractedCost", "BilledCost", "EffectiveCost"})
            row.set(column, amount);
        row.set("x_Coverage", std::string(toString(key.coverage)));
    }
    row.set("x_CostStatus", std::string(toString(key.state)));
    row.set("x_Reason", m_collector.reason(key.reason));
    if (sums.calls != 0) row.set("x_Calls", std::to_string(sums.calls));
}

} // namespace

std::vector<Column> focusColumns() {
    std::vector<Column> columns;
    for (const char* name : {"BillingAccountId",
                             "BillingAccountName",
                             "BillingCurrency",
                             "BillingPeriodStart",
                             "BillingPeriodEnd",
                             "ChargePeriodStart",
                             "ChargePeriodEnd",
                             "ChargeCategory",
                             "ChargeClass",
                             "ChargeDescription",
                             "ChargeFrequency",
                             "ProviderName",
                             "PublisherName",
                             "InvoiceIssuerName",
                             "ServiceCategory",
                             "ServiceSubcategory",
                             "ServiceName",
                             "RegionId",
                             "RegionName",
                             "ResourceId",
                             "ResourceName",
                             "ResourceType",
                             "SkuId",
                             "SkuMeter",
                             "SkuPriceId",
                             "SkuPriceDetails",
                             "PricingCategory",
                             "PricingQuantity",
                             "PricingUnit",
                             "PricingCurrency",
                             "ConsumedQuantity",
                             "ConsumedUnit",
                             "ListUnitPrice",
                             "ContractedUnitPrice",
                             "ListCost",
                             "ContractedCost",
                             "BilledCost",
                             "EffectiveCost",
                             "CommitmentDiscountCategory",
                             "CommitmentDiscountId",
                             "CommitmentDiscountName",
                             "CommitmentDiscountQuantity",
                             "CommitmentDiscountStatus",
                             "CommitmentDiscountType",
                             "CommitmentDiscountUnit",
                             "SubAccountId",
                             "SubAccountName",
                             "Tags",
                             "x_Calls",
                             "x_CostStatus",
                             "x_Reason",
                             "x_Coverage",
                             "x_AttributionLevel",
                             "x_CostCenter",
                             "x_Provider",
                             "x_Model",
                             "x_ServiceTier",
                             "x_DeploymentType"}) {
        const std::string_view text = name;
        const bool isNumber =
            text.ends_with("Quantity") || text.ends_with("UnitPrice") || text.ends_with("Cost") || text == "x_Calls";
        columns.push_back({name, isNumber ? ColumnType::Amount : ColumnType::Text});
    }
    return columns;
}

FocusSummary writeFocus(cost::Pricer& pricer, std::span<const Row> rows, const FocusOptions& options,
                        RowWriter& writer) {
    ChargeCollector collector(pricer, options);
    pricer.forEach(rows, [&](Row row, const CallCost& cost) { collector.add(row, cost); });
    FocusTable(collector, pricer.table(), options).write(writer);
    return collector.summary();
}

} // namespace gatescope::report
