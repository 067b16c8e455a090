// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/analysis_session.h"
#include "ui/bridge/content_loader.h"
#include "ui/bridge/row_order.h"
#include "ui/bridge/text.h"

#include "tests/ui/sample_traffic.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

using namespace gatescope;
using namespace gatescope::ui;

namespace {

pipeline::ContentPlace place(std::uint64_t flowStart) {
    return {.captures = {{0, "gateway.pcapng", 0}},
            .flowStart = flowStart,
            .indexInFlow = 0,
            .client = {},
            .vxlanPorts = {}};
}

} // namespace

class UiBridgeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void sessionPublishesAndEnds() {
        AnalysisSession session(test::analyseStandIn);
        QSignalSpy snapshots(&session, &AnalysisSession::snapshotChanged);
        QSignalSpy finished(&session, &AnalysisSession::finished);
        session.open({QStringLiteral("/x/gateway.pcapng")});
        QVERIFY(session.running());
        QVERIFY(finished.wait());
        QVERIFY(!session.running());
        QVERIFY(snapshots.count() >= 1);
        QCOMPARE(session.snapshot()->size(), std::size_t{12});
        QVERIFY(session.snapshot()->complete());
        QCOMPARE(session.snapshot()->inputs().front(), std::string("/x/gateway.pcapng"));
        QVERIFY(!session.result()->stopped);
    }

    void rowsComeWhileReadingAndAtMostTenTimesASecond() {
        AnalysisSession session(test::analyseStandIn);
        QSignalSpy snapshots(&session, &AnalysisSession::snapshotChanged);
        session.open({QStringLiteral("slow.pcap")});
        QTest::qWait(1'000);
        QVERIFY(session.running());
        QVERIFY(session.snapshot().has_value());
        QVERIFY(!session.snapshot()->complete());
        QVERIFY2(snapshots.count() >= 2 && snapshots.count() <= 11, qPrintable(QString::number(snapshots.count())));
    }

    void cancelKeepsWhatWasRead() {
        AnalysisSession session(test::analyseStandIn);
        QSignalSpy snapshots(&session, &AnalysisSession::snapshotChanged);
        QSignalSpy finished(&session, &AnalysisSession::finished);
        session.open({QStringLiteral("slow.pcap")});
        QVERIFY(snapshots.wait());
        session.cancel();
        QVERIFY(finished.wait());
        QVERIFY(session.result()->stopped);
        QVERIFY(session.snapshot()->size() >= 100);
        QVERIFY(session.snapshot()->complete());
        QTest::qWait(250);
        QCOMPARE(finished.count(), 1);
    }

    void openingAnotherFileForgetsTheFirst() {
        // An engine that takes half a second to stop; nobody may wait for it.
        AnalysisSession session(
            [](const auto& paths, auto& dataset, const auto& options, std::stop_token stop, const auto& progress) {
                auto result = test::analyseStandIn(paths, dataset, options, stop, progress);
                if (result.stopped) std::this_thread::sleep_for(std::chrono::milliseconds(500));
                return result;
            });
        QSignalSpy finished(&session, &AnalysisSession::finished);
        session.open({QStringLiteral("slow.pcap")});
        QTest::qWait(150);
        QElapsedTimer clock;
        clock.start();
        session.open({QStringLiteral("gateway.pcapng")});
        QVERIFY2(clock.elapsed() < 250, "opening must not wait for the run before it");
        QVERIFY(finished.wait());
        QTest::qWait(300);
        QCOMPARE(finished.count(), 1);
        QCOMPARE(session.snapshot()->size(), std::size_t{12});
    }

    void aFolderStandsForItsFiles() {
        QTemporaryDir folder;
        const auto write = [&](const char* name, const QByteArray& content) {
            QFile file(folder.filePath(QString::fromLatin1(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(content);
        };
        // A pcap file header, little-endian, version 2.4, Ethernet.
        const QByteArray empty = QByteArray::fromHex("d4c3b2a1020004000000000000000000ffff000001000000");
        write("10.pcap", empty);
        write("9.pcap", empty);
        write("words.txt", "words");
        AnalysisSession session(test::analyseStandIn);
        QSignalSpy finished(&session, &AnalysisSession::finished);
        session.open({folder.path(), QStringLiteral("alone.pcap")});
        QVERIFY(session.running());
        QVERIFY(finished.wait());
        QCOMPARE(session.paths(), (QStringList{folder.path(), QStringLiteral("alone.pcap")}));
        const auto path = [&](const char* name) { return folder.filePath(QString::fromLatin1(name)).toStdString(); };
        QCOMPARE(session.snapshot()->inputs(),
                 (std::vector<std::string>{path("9.pcap"), path("10.pcap"), "alone.pcap"}));
        QCOMPARE(session.skippedFiles(), std::size_t{1});
    }

    void aFolderWithNothingToReadSaysSo() {
        QTemporaryDir nothing;
        AnalysisSession session;
        QSignalSpy finished(&session, &AnalysisSession::finished);
        session.open({nothing.path()});
        QVERIFY(finished.wait());
        QCOMPARE(session.result()->inputs.size(), std::size_t{1});
        QCOMPARE(session.result()->inputs.back().path, nothing.path().toStdString());
        QCOMPARE(session.result()->inputs.back().error->kind, ErrorKind::UnknownFormat);
        // Stopped while it looks into the folder, or just after.
        session.open({nothing.path()});
        session.cancel();
        QVERIFY(finished.wait());
        QVERIFY(session.result()->stopped);
        QVERIFY(!session.running());
    }

    void closingStopsAndForgets() {
        AnalysisSession session(test::analyseStandIn);
        QSignalSpy finished(&session, &AnalysisSession::finished);
        session.open({QStringLiteral("slow.pcap")});
        QTest::qWait(150);
        session.close();
        QVERIFY(!session.running());
        QVERIFY(!session.snapshot().has_value());
        QTest::qWait(250);
        QCOMPARE(finished.count(), 0);
    }

    void newestQueryIsAnswered() {
        const auto snapshot = test::twelveCallSnapshot();
        RowOrderWorker worker;
        std::vector<RowOrder> answers;
        connect(&worker, &RowOrderWorker::answered, this, [&](const RowOrder& order) { answers.push_back(order); });
        const auto filter = [](const char* text) { return analysis::Filter::parse(text).value(); };
        for (int i = 0; i < 50; ++i) worker.ask({snapshot, 1, filter("status == 200"), filter(""), {}, {}}, true);
        worker.ask({snapshot, 1, filter("status == 429"), filter(""), {}, {}}, true);
        QTRY_VERIFY(!answers.empty() && answers.back().filterText == "status == 429");
        QCOMPARE(answers.back().rows->size(), std::size_t{1});
        QCOMPARE(answers.back().totals.throttled, std::uint64_t{1});
        QVERIFY(answers.size() <= 51);
        answers.clear();
        worker.ask({snapshot, 1, filter(""), filter(""), {}, {}}, true);
        worker.forget();
        QTest::qWait(100);
        QVERIFY(answers.empty());
    }

    void groupNarrowsRowsButNotTheTree() {
        const auto snapshot = test::twelveCallSnapshot();
        RowOrderWorker worker;
        std::optional<RowOrder> answer;
        connect(&worker, &RowOrderWorker::answered, this, [&](const RowOrder& order) { answer = order; });
        worker.ask({snapshot,
                    1,
                    analysis::Filter::parse("status == 200").value(),
                    analysis::Filter::parse("project == \"team-b\"").value(),
                    {},
                    {}},
                   true);
        QTRY_VERIFY(answer);
        QCOMPARE(answer->rows->size(), std::size_t{2});
        QCOMPARE(answer->filteredTotals.exchanges, std::uint64_t{9});
        QCOMPARE(answer->groups[0]->size(), std::size_t{3});
    }

    void contentIsMaskedUntilRevealedAndReadOnce() {
        int reads = 0;
        ContentLoader loader([&](const auto& wanted, const auto& limits, std::stop_token stop) {
            ++reads;
            return test::readStandIn(wanted, limits, stop);
        });
        std::optional<ShownContent> content;
        connect(&loader, &ContentLoader::loaded, this,
                [&](std::uint64_t, const ShownContent& shown) { content = shown; });
        loader.load(1, place(1), false);
        QTRY_VERIFY(content);
        QVERIFY(!content->request.text.contains(toText(test::kSecret)));
        QVERIFY(content->request.text.contains(QStringLiteral("\"model\": \"gpt-4o\"")));
        QVERIFY(content->request.text.contains(QStringLiteral("0.20"))); // numbers as sent
        QCOMPARE(content->streamText, QStringLiteral("The gateway counts tokens."));
        QCOMPARE(content->events.size(), std::size_t{6});
        content.reset();
        loader.load(1, place(1), true);
        QTRY_VERIFY(content);
        QVERIFY(content->request.text.contains(toText(test::kSecret)));
        QCOMPARE(reads, 1);
    }

    void laterRequestOvertakes() {
        ContentLoader loader([](const auto& wanted, const auto& limits, std::stop_token stop) {
            for (int i = 0; i < 200 && wanted.flowStart == 1 && !stop.stop_requested(); ++i) {
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
            }
            return test::readStandIn(wanted, limits, stop);
        });
        QList<quint64> keys;
        connect(&loader, &ContentLoader::loaded, this, [&](std::uint64_t key, const ShownContent&) { keys << key; });
        QElapsedTimer clock;
        clock.start();
        loader.load(1, place(1), false);
        QTest::qWait(30);
        loader.load(2, place(51), false);
        QTRY_VERIFY(!keys.isEmpty());
        QCOMPARE(keys, QList<quint64>{2});
        QVERIFY(clock.elapsed() < 1'500);
    }

    void contentErrorsAreSaid() {
        ContentLoader loader(test::readStandIn);
        QSignalSpy failed(&loader, &ContentLoader::failed);
        loader.load(7, place(451), false);
        QVERIFY(failed.wait());
        QVERIFY(failed.front().at(1).toString().contains(QStringLiteral("452 to 460")));
    }
};

QTEST_MAIN(UiBridgeTest)
#include "ui_bridge_test.moc"
