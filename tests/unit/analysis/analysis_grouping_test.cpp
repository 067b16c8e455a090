// SPDX-License-Identifier: Apache-2.0
#include "records.h"

#include "core/analysis/grouping.h"
#include "core/analysis/header_inventory.h"

#include <QtTest>

#include <algorithm>
#include <random>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

ExchangeRecord call(TimeNs time, const char* project, std::optional<std::int64_t> tokens, int status = 200,
                    Headers headers = {}) {
    auto record = exchangeAt(time, "/openai/chat/completions", std::move(headers));
    record.call.api = "openai.chat";
    record.call.identity.project = project;
    record.call.usage.total = tokens;
    record.call.usage.input = tokens;
    if (tokens) record.call.usage.source = llm::TokenSource::Reported;
    record.http.response.status = status;
    return record;
}

/// `key[|key]:tokens` of each group.
QString shape(const std::vector<Group>& groups) {
    QStringList parts;
    for (const Group& group : groups) {
        QStringList key;
        for (const auto& part : group.key) key << (part ? QString::fromStdString(*part) : QString("-"));
        parts << key.join('|') + ":" + QString::number(group.totals.totalTokens);
    }
    return parts.join(' ');
}

std::vector<Group> group(const Snapshot& snapshot, std::string_view by, bool reveal = false) {
    return groupBy(snapshot, snapshot.order(), parseFields(by).value(), reveal);
}

/// The definition of nearest rank, word for word: the smallest value such that at least p percent are not above it.
std::optional<std::int64_t> naivePercentile(std::vector<std::int64_t> values, unsigned percent) {
    std::sort(values.begin(), values.end());
    for (const auto candidate : values) {
        const auto notAbove = static_cast<std::size_t>(
            std::count_if(values.begin(), values.end(), [&](auto value) { return value <= candidate; }));
        if (notAbove * 100 >= values.size() * percent) return candidate;
    }
    return std::nullopt;
}

} // namespace

class AnalysisGroupingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void totals() {
        auto estimated = call(kStart + 4 * kMs, "a", 7);
        estimated.call.usage.source = llm::TokenSource::Estimated;
        auto unanswered = call(kStart + 5 * kMs, "a", std::nullopt);
        unanswered.http.responseTrace = {};
        unanswered.http.response = {};
        const auto snapshot =
            snapshotOf({call(kStart + 2 * kMs, "a", 10), call(kStart, "a", 0, 429), call(kStart + 3 * kMs, "a", 5, 500),
                        estimated, unanswered, exchangeAt(kStart + 6 * kMs, "/health")});
        const auto sums = totalsOf(snapshot, snapshot.order());
        QCOMPARE(sums.exchanges, std::uint64_t{6});
        QCOMPARE(sums.errors, std::uint64_t{3});
        QCOMPARE(sums.throttled, std::uint64_t{1});
        QCOMPARE(sums.totalTokens, std::int64_t{22});
        QCOMPARE(sums.inputTokens, std::int64_t{22});
        QCOMPARE(sums.outputTokens, std::int64_t{0});
        QCOMPARE(sums.estimatedTokens, std::int64_t{7});
        QCOMPARE(sums.withUsage, std::uint64_t{4});
        QCOMPARE(sums.withoutUsage, std::uint64_t{1}); // the health check is no model call
        QCOMPARE(sums.firstTime, kStart);
        QCOMPARE(sums.lastTime, kStart + 6 * kMs);
        QCOMPARE(*sums.durationP50, 10 * kMs);
        QVERIFY(!sums.ttftP50);
        const auto none = totalsOf(snapshot, {});
        QVERIFY(!none.durationP50 && none.firstTime == kNoTime && none.withUsage == 0);
    }

    void hugeCountsStayAtTheEnd() {
        const auto snapshot = snapshotOf({call(kStart, "a", INT64_MAX), call(kStart + 1, "a", 5)});
        QCOMPARE(totalsOf(snapshot, snapshot.order()).totalTokens, INT64_MAX);
    }

    void orderOfGroups() {
        const auto snapshot = snapshotOf({call(kStart, "b", 5), call(kStart + 1, "a", 5), call(kStart + 2, "", 5),
                                          call(kStart + 3, "c", 9), call(kStart + 4, "b", std::nullopt, 404),
                                          call(kStart + 5, "d", std::nullopt)});
        QCOMPARE(shape(group(snapshot, "project")), QString("c:9 a:5 b:5 -:5 d:0"));
        QCOMPARE(shape(group(snapshot, "project,status")), QString("c|200:9 a|200:5 b|200:5 -|200:5 b|404:0 d|200:0"));
        QCOMPARE(shape(group(snapshot, "status")), QString("200:24 404:0"));
        QCOMPARE(shape(group(snapshot, "complete")), QString("true:24"));
        QCOMPARE(shape(group(snapshot, "duration_ms")), QString("10.000:24"));
        QCOMPARE(shape(groupBy(snapshot, snapshot.order(), {})), QString(":24"));
        QVERIFY(groupBy(snapshot, {}, {}).empty());
        const auto groups = group(snapshot, "project");
        QCOMPARE(groups[2].rows, (std::vector<Row>{0, 4})); // b, in the order given
    }

    void numbersSortAsNumbers() {
        const auto snapshot =
            snapshotOf({call(kStart, "a", std::nullopt, 1000), call(kStart + 1, "a", std::nullopt, 200)});
        QCOMPARE(shape(group(snapshot, "status")), QString("200:0 1000:0"));
    }

    void listsWithOtherSeparatorsAreOne() {
        const auto snapshot = snapshotOf({call(kStart, "a", 1, 200, {{"x-forwarded-for", "1.1.1.1;2.2.2.2"}}),
                                          call(kStart + 1, "a", 2, 200, {{"x-forwarded-for", "1.1.1.1, 2.2.2.2"}})});
        QCOMPARE(shape(group(snapshot, "forwarded_for")), QString("1.1.1.1, 2.2.2.2:3"));
    }

    void secretsAreMaskedAndStayApart() {
        const auto snapshot = snapshotOf({call(kStart, "a", 1, 200, {{"api-key", "first1"}}),
                                          call(kStart + 1, "a", 2, 200, {{"Api-Key", "second2"}}),
                                          call(kStart + 2, "a", 3, 200, {{"API-KEY", "first1"}})});
        QCOMPARE(shape(group(snapshot, "header:api-key")), QString("***:4 ***:2"));
        QCOMPARE(shape(group(snapshot, "header:api-key", true)), QString("first1:4 second2:2"));
    }

    void percentiles() {
        std::mt19937 random(5);
        for (std::size_t count = 1; count <= 130; ++count) {
            std::vector<ExchangeRecord> records;
            std::vector<std::int64_t> durations, firstTokens;
            for (std::size_t i = 0; i < count; ++i) {
                auto record = exchangeAt(kStart + static_cast<TimeNs>(i));
                durations.push_back(static_cast<std::int64_t>(random() % 40) * 100'000'000);
                record.http.responseTrace.lastByte = record.http.requestTrace.firstByte + durations.back();
                if (random() % 2 == 0) {
                    firstTokens.push_back(static_cast<std::int64_t>(random() % 1000));
                    record.call.firstToken = record.http.requestTrace.firstByte + firstTokens.back();
                }
                records.push_back(std::move(record));
            }
            const auto snapshot = snapshotOf(std::move(records));
            const auto sums = totalsOf(snapshot, snapshot.order());
            QVERIFY(sums.durationP50 == naivePercentile(durations, 50));
            QVERIFY(sums.durationP95 == naivePercentile(durations, 95));
            QVERIFY(sums.ttftP50 == naivePercentile(firstTokens, 50));
        }
    }

    /// Whatever the key, the groups hold each row once and add up to the whole.
    void groupsAddUp() {
        std::mt19937 random(9);
        std::vector<ExchangeRecord> records;
        for (int i = 0; i < 5000; ++i)
            records.push_back(call(kStart + i, random() % 4 ? std::to_string(random() % 7).c_str() : "",
                                   static_cast<std::int64_t>(random() % 100), random() % 9 ? 200 : 429,
                                   {{"x-n", std::to_string(random() % 50)}}));
        const auto snapshot = snapshotOf(std::move(records));
        for (const char* by : {"project", "header:x-n,project", "id", "host", "status,complete,path", "time"}) {
            const auto groups = group(snapshot, by);
            std::vector<Row> rows;
            std::int64_t tokens = 0;
            for (const Group& each : groups) {
                rows.insert(rows.end(), each.rows.begin(), each.rows.end());
                tokens += each.totals.totalTokens;
                QCOMPARE(each.totals.exchanges, each.rows.size());
            }
            std::sort(rows.begin(), rows.end());
            QCOMPARE(rows.size(), snapshot.size());
            QVERIFY(std::adjacent_find(rows.begin(), rows.end()) == rows.end());
            QCOMPARE(tokens, totalsOf(snapshot, snapshot.order()).totalTokens);
        }
    }

    void inventory() {
        auto half = exchangeAt(kStart + 5 * kMs, "/", {}, {{"x-b", "1"}});
        half.http.requestTrace = {};
        half.http.request = {};
        const auto snapshot = snapshotOf(
            {exchangeAt(kStart + kMs, "/", {{"Host", "h"}, {"x-a", "2"}, {"X-A", "3"}}, {{"x-ms-region", "East US"}}),
             exchangeAt(kStart, "/", {{"HOST", "h"}, {"Authorization", "Bearer abc123"}}), half});
        const auto uses = headerInventory(snapshot, snapshot.order());
        QStringList names;
        for (const HeaderUse& use : uses)
            names << QString::fromStdString(use.name) + (use.direction == Direction::Request ? ">" : "<");
        QCOMPARE(names, (QStringList{"host>", "authorization>", "x-a>", "x-b<", "x-ms-region<"}));
        QCOMPARE(uses[0].exchanges, std::uint64_t{2});
        QCOMPARE(uses[0].share, 1.0);
        QCOMPARE(uses[0].distinct, std::uint64_t{1});
        QCOMPARE(uses[0].firstTime, kStart);
        QVERIFY(uses[0].sensitivity == Sensitivity::Network);
        QCOMPARE(uses[1].example, std::string("Bearer ***"));
        QVERIFY(uses[1].sensitivity == Sensitivity::Secret && uses[1].forgeable);
        QCOMPARE(uses[2].exchanges, std::uint64_t{1});
        QCOMPARE(uses[2].distinct, std::uint64_t{2});
        QCOMPARE(uses[2].share, 0.5);
        QCOMPARE(uses[2].example, std::string("2"));
        QVERIFY(!uses[2].knowledge && uses[2].forgeable);
        QVERIFY(uses[4].knowledge && !uses[4].forgeable); // set by the model service
        QCOMPARE(uses[4].share, 1.0 / 3);
        QCOMPARE(headerInventory(snapshot, snapshot.order(), true)[1].example, std::string("Bearer abc123"));
        QVERIFY(headerInventory(snapshot, {}).empty());
    }

    void manyRowsAreWorkedOutByTwoThreads() {
        constexpr int kRows = 60'000; // more than the number from which a thread is worth it
        std::vector<ExchangeRecord> records;
        std::vector<std::vector<std::int64_t>> durations(3);
        std::vector<std::int64_t> tokens(3);
        for (int i = 0; i < kRows; ++i) {
            const auto which = static_cast<std::size_t>(i % 3);
            auto record = callAt(kStart + i * kMs, std::string(1, static_cast<char>('a' + which)), "", "m", i % 1000);
            const TimeNs duration = (i * 7919LL % 5000 + 1) * kMs;
            record.http.responseTrace.lastByte = record.http.requestTrace.firstByte + duration;
            durations[which].push_back(duration);
            tokens[which] += i % 1000;
            records.push_back(std::move(record));
        }
        const auto groups = group(snapshotOf(std::move(records)), "project");
        QCOMPARE(groups.size(), std::size_t{3});
        for (const Group& found : groups) {
            const auto which = static_cast<std::size_t>(found.key[0]->front() - 'a');
            QCOMPARE(found.totals.exchanges, std::uint64_t{kRows / 3});
            QCOMPARE(found.totals.totalTokens, tokens[which]);
            std::sort(durations[which].begin(), durations[which].end());
            QCOMPARE(found.totals.durationP50, std::optional(durations[which][kRows / 3 / 2 - 1]));
            QCOMPARE(found.totals.durationP95, std::optional(durations[which][kRows / 3 * 95 / 100 - 1]));
        }
    }
};

QTEST_APPLESS_MAIN(AnalysisGroupingTest)
#include "analysis_grouping_test.moc"
