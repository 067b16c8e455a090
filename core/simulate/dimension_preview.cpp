// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/dimension_preview.h"

#include "core/simulate/key_findings.h"
#include "core/simulate/simulate_findings.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace gatescope::simulate {

using analysis::Field;
using analysis::FieldId;
using analysis::Row;
using analysis::Snapshot;

namespace {

Dimension dimensionOf(const Snapshot& snapshot, const std::vector<Row>& rows, const Field& field) {
    const KeyedCalls keyed = keyedCalls(snapshot, rows, {field}, true); // masked values would be one value
    std::vector<std::uint64_t> calls(keyed.keys.size(), 0);
    for (const std::uint32_t key : keyed.keyOf) ++calls[key];
    Dimension dimension;
    dimension.field = field;
    for (std::size_t key = 0; key < calls.size(); ++key) {
        if (!keyed.keys[key][0] || keyed.keys[key][0]->empty())
            dimension.without += calls[key];
        else
            ++dimension.distinct;
    }
    const std::size_t all = keyed.keyOf.size();
    dimension.coverage = all == 0 ? 0 : static_cast<double>(all - dimension.without) / static_cast<double>(all);
    dimension.tooMany = dimension.distinct > kManyValues;
    return dimension;
}

std::uint64_t product(const std::vector<Dimension>& dimensions) {
    std::uint64_t series = 1;
    for (const Dimension& dimension : dimensions) {
        const std::uint64_t values = std::max<std::uint64_t>(1, dimension.distinct + (dimension.without != 0));
        if (__builtin_mul_overflow(series, values, &series)) return std::numeric_limits<std::uint64_t>::max();
    }
    return series;
}

void add(std::vector<Finding>& findings, const FindingKind& kind, std::vector<std::string> evidence) {
    if (!evidence.empty()) findings.push_back({&kind, std::move(evidence), {}, {}, {}});
}

void findOddities(DimensionPreview& preview) {
    std::vector<std::string> cardinality, versions, empty;
    if (preview.seriesPossible > kMaxSeries)
        cardinality.push_back(
            fmt::format("{} series are possible, {} were seen", preview.seriesPossible, preview.seriesSeen));
    for (const Dimension& dimension : preview.dimensions) {
        const std::string name = dimension.field.name();
        if (dimension.tooMany) cardinality.push_back(fmt::format("{}: {} values", name, dimension.distinct));
        if (holdsAgentVersion(dimension.field))
            versions.push_back(fmt::format("{}: {} values", name, dimension.distinct));
        const bool isModel = dimension.field.id == FieldId::Model || dimension.field.id == FieldId::Deployment;
        if (isModel && preview.withoutDeployment != 0)
            empty.push_back(fmt::format("{}: {} of {} calls name no deployment in their path", name,
                                        preview.withoutDeployment, preview.exchanges));
    }
    add(preview.findings, kMetricCardinality, std::move(cardinality));
    add(preview.findings, kEmptyDimension, std::move(empty));
    add(preview.findings, kAgentVersionBucket, std::move(versions));
}

} // namespace

DimensionPreview previewDimensions(const Snapshot& snapshot, const std::vector<Row>& rows,
                                   const std::vector<Field>& fields) {
    DimensionPreview preview;
    for (const Field& field : fields) preview.dimensions.push_back(dimensionOf(snapshot, rows, field));
    const KeyedCalls together = keyedCalls(snapshot, rows, fields, true);
    preview.exchanges = together.calls.list.size();
    preview.seriesSeen = together.keys.size();
    preview.seriesPossible = preview.exchanges == 0 ? 0 : product(preview.dimensions);
    preview.withoutDeployment =
        dimensionOf(snapshot, rows, {FieldId::Deployment, analysis::FieldType::Text, {}}).without;
    findOddities(preview);
    return preview;
}

} // namespace gatescope::simulate
