// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/percentiles.h"

#include <QTest>

#include <algorithm>
#include <limits>
#include <random>

using namespace gatescope::analysis;

namespace {

/// The definition of nearest rank, word for word.
std::optional<std::int64_t> naive(std::vector<std::int64_t> values, unsigned percent) {
    std::sort(values.begin(), values.end());
    for (const auto candidate : values) {
        const auto notAbove =
            static_cast<std::size_t>(std::upper_bound(values.begin(), values.end(), candidate) - values.begin());
        if (notAbove * 100 >= values.size() * percent) return candidate;
    }
    return std::nullopt;
}

} // namespace

class AnalysisPercentilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheDefinition() {
        std::mt19937_64 random(7);
        PercentilePicker picker;
        const std::vector<std::int64_t> widths{1, 2, 100, 1'000'000, std::numeric_limits<std::int64_t>::max()};
        for (const std::size_t count : {0U, 1U, 2U, 19U, 20U, 21U, 127U, 128U, 129U, 1000U, 5000U})
            for (const std::int64_t width : widths) {
                std::vector<std::int64_t> values(count);
                for (auto& value : values)
                    value = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(width)) - width / 3;
                const PercentilePair pair = picker.pick(values);
                QCOMPARE(pair.p50, naive(values, 50));
                QCOMPARE(pair.p95, naive(values, 95));
            }
    }

    void extremes() {
        std::vector<std::int64_t> values(300, std::numeric_limits<std::int64_t>::min());
        std::fill(values.begin() + 150, values.end(), std::numeric_limits<std::int64_t>::max());
        const PercentilePair pair = PercentilePicker().pick(values);
        QCOMPARE(pair.p50, std::optional(std::numeric_limits<std::int64_t>::min())); // 150 of 300 are not above
        QCOMPARE(pair.p95, std::optional(std::numeric_limits<std::int64_t>::max()));
    }

    void oneFarOutlier() {
        std::vector<std::int64_t> values(999);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i);
        values.push_back(std::numeric_limits<std::int64_t>::max());
        const PercentilePair pair = PercentilePicker().pick(values);
        QCOMPARE(pair.p50, std::optional<std::int64_t>(499)); // 500 of 1000
        QCOMPARE(pair.p95, std::optional<std::int64_t>(949)); // 950 of 1000
    }
};

QTEST_APPLESS_MAIN(AnalysisPercentilesTest)
#include "analysis_percentiles_test.moc"
