// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "app/gscope/live_exchanges.h"
#include "core/report/changed_rows.h"
#include "tests/unit/analysis/records.h"

#include <QList>
#include <QStringList>
#include <memory>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;
using gatescope::cli::LiveExchanges;
using gatescope::cli::TextSink;

/// Lines of calls while they come, from datasets that are made by hand.
class LiveRowsTest : public QObject {
    Q_OBJECT

private:
    using Open = OpenRecords;

    static ExchangeRecord call(std::uint32_t index, std::string_view state, std::int64_t octets = 0) {
        ExchangeRecord record = exchangeAt(kStart + index * kMs, "/call" + std::to_string(index));
        record.http.indexInConnection = index;
        record.state = state;
        record.http.responseTrace.bodyBytes = static_cast<std::uint64_t>(octets);
        return record;
    }
    static Open open(std::initializer_list<ExchangeRecord> records) {
        Open all;
        for (const ExchangeRecord& record : records) all.exchanges.push_back(std::make_shared<const ExchangeRecord>(record));
        return all;
    }
    static cli::LiveCalls calls(const char* filter = "", bool endedOnly = false) {
        return {Filter::parse(filter).value(), parseFields("id,path,state,response_bytes").value(), false, endedOnly};
    }
    /// The lines since the last time.
    static QStringList take(TextSink& sink) {
        const QStringList lines = QString::fromStdString(std::exchange(sink.text, {})).split('\n', Qt::SkipEmptyParts);
        return lines;
    }

private Q_SLOTS:
    void oneLineAStateAndOneASecond() {
        Dataset dataset({"live"});
        TextSink sink;
        LiveExchanges::Clock::time_point now{};
        LiveExchanges rows(calls(), {report::Format::Tsv, 0}, sink, [&] { return now; });
        QCOMPARE(take(sink), QStringList{"id\tpath\tstate\tresponse_bytes"});
        const auto step = [&](Open under) {
            dataset.setOpen(0, std::move(under));
            rows.show(dataset.snapshot(), false);
            return take(sink);
        };
        QCOMPARE(step(open({call(0, kWaiting)})).size(), 1);
        QCOMPARE(step(open({call(0, kWaiting)})).size(), 0);
        QVERIFY(step(open({call(0, kAnswering)})).first().contains("answering"));
        QCOMPARE(step(open({call(0, kStreaming, 10)})).size(), 1);
        now += std::chrono::milliseconds(999);
        QCOMPARE(step(open({call(0, kStreaming, 20)})).size(), 0);
        now += std::chrono::milliseconds(1);
        QVERIFY(step(open({call(0, kStreaming, 30)})).first().endsWith("30"));
        // Nothing came since: nothing to say.
        now += std::chrono::seconds(5);
        QCOMPARE(step(open({call(0, kStreaming, 30)})).size(), 0);
        // Another one appears before the first ends: the ids stay.
        QVERIFY(step(open({call(0, kStreaming, 30), call(1, kWaiting)})).first().startsWith("2\t"));
        Batch batch;
        batch.exchanges.push_back(call(0, {}, 40));
        dataset.append(std::move(batch), 0, open({call(1, kWaiting)}));
        rows.show(dataset.snapshot(), false);
        QCOMPARE(take(sink), QStringList{"1\t/call0\t\t40"});
        rows.show(dataset.snapshot(), false);
        QCOMPARE(take(sink).size(), 0);
    }

    void endedOnlyAndFilter() {
        Dataset dataset({"live"});
        TextSink sink;
        LiveExchanges rows(calls("path == \"/call1\"", true), {report::Format::Tsv, 0}, sink);
        take(sink);
        dataset.setOpen(0, open({call(1, kWaiting)}));
        rows.show(dataset.snapshot(), false);
        QCOMPARE(take(sink).size(), 0);
        Batch batch;
        for (std::uint32_t i = 0; i < 3; ++i) batch.exchanges.push_back(call(i, {}));
        dataset.append(std::move(batch), 0, {});
        rows.show(dataset.snapshot(), false);
        QCOMPARE(take(sink).size(), 1);
        dataset.finish();
        rows.show(dataset.snapshot(), true);
        QCOMPARE(take(sink).size(), 0);
    }

    void forgettingWritesNothingAgain() {
        Dataset dataset({"live"});
        TextSink sink;
        LiveExchanges rows(calls(), {report::Format::Tsv, 0}, sink);
        take(sink);
        const auto add = [&](std::uint32_t from, std::uint32_t to) {
            Batch batch;
            for (std::uint32_t i = from; i < to; ++i) batch.exchanges.push_back(call(i, {}));
            dataset.append(std::move(batch));
            rows.show(dataset.snapshot(), false);
            return take(sink);
        };
        QCOMPARE(add(0, 100).size(), 100);
        QVERIFY(dataset.retain({10, 0, 10}, kStart + 1000 * kMs));
        const QStringList after = add(100, 103);
        QCOMPARE(after.size(), 3);
        QVERIFY2(after.first().startsWith("101\t/call100"), qPrintable(after.first()));
        QVERIFY(dataset.retain({1, 0, 1}, kStart + 2000 * kMs));
        QCOMPARE(add(103, 104), QStringList{"104\t/call103\t\t0"});
    }

    void rowsThatChangedGoOn() {
        TextSink sink;
        report::ChangedRows changed({report::Format::Tsv, 0}, sink);
        const auto write = [&](std::initializer_list<std::pair<const char*, std::int64_t>> rows) {
            report::RowWriter writer =
                changed.writer({{"name", report::ColumnType::Text}, {"count", report::ColumnType::Integer}});
            for (const auto& [name, count] : rows) {
                writer.text(name);
                writer.cell(count);
                writer.endRow();
            }
            writer.finish();
            return take(sink);
        };
        QCOMPARE(write({{"a", 1}, {"b", 1}}), (QStringList{"name\tcount", "a\t1", "b\t1"}));
        QCOMPARE(write({{"b", 1}, {"a", 2}}), QStringList{"a\t2"});
        QCOMPARE(write({{"b", 1}}), QStringList{});
        QCOMPARE(write({{"a", 2}, {"b", 1}}), QStringList{"a\t2"});
    }
};

QTEST_APPLESS_MAIN(LiveRowsTest)
#include "live_rows_test.moc"
