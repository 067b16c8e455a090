// SPDX-License-Identifier: Apache-2.0
#include "core/simulate/dimension_preview.h"

#include "core/analysis/key_index.h"
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

struct Counted {
    Dimension dimension;
    std::vector<std::uint32_t> indexes; ///< by row: number of its value
    std::size_t values = 0;
};

Counted countValues(const Snapshot& snapshot, const std::vector<Row>& rows, const Field& field) {
    analysis::KeyIndex index(snapshot, field);
    Counted counted;
    counted.indexes = index.indexesOf(rows);
    counted.values = index.size();
    std::vector<std::uint64_t> calls(index.size(), 0);
    for (const std::uint32_t value : counted.indexes) ++calls[value];
    Dimension& dimension = counted.dimension;
    dimension.field = field;
    for (std::uint32_t value = 0; value < calls.size(); ++value) {
        if (index.text(value, true).value_or("").empty())
            dimension.without += calls[value];
        else
            ++dimension.distinct;
    }
    if (!rows.empty())
        dimension.coverage = static_cast<double>(rows.size() - dimension.without) / static_cast<double>(rows.size());
    dimension.tooMany = dimension.distinct > kManyValues;
    return counted;
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
    std::vector<Row> models;
    for (const Call& call : callsOf(snapshot, rows).list) models.push_back(call.row);
    DimensionPreview preview;
    preview.exchanges = models.size();
    std::vector<std::uint32_t> together(models.size(), 0);
    preview.seriesSeen = models.empty() ? 0 : 1;
    for (const Field& field : fields) {
        Counted counted = countValues(snapshot, models, field);
        preview.dimensions.push_back(std::move(counted.dimension));
        analysis::CombinedIndex both = analysis::combine(together, preview.seriesSeen, counted.indexes, counted.values);
        together = std::move(both.indexes);
        preview.seriesSeen = both.pairs.size();
    }
    preview.seriesPossible = models.empty() ? 0 : product(preview.dimensions);
    preview.withoutDeployment =
        countValues(snapshot, models, {FieldId::Deployment, analysis::FieldType::Text, {}}).dimension.without;
    findOddities(preview);
    return preview;
}

} // namespace gatescope::simulate
