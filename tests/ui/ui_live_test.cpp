// SPDX-License-Identifier: Apache-2.0
// What stands behind the page Live: captures in the background, sessions that are followed, interfaces, saving.
#include <QTest>

#include "ui/bridge/capture_saver.h"
#include "ui/bridge/interface_watch.h"
#include "ui/bridge/live_capture.h"
#include "ui/bridge/same_row.h"
#include "ui/models/capture_words.h"
#include "ui/models/exchange_table_model.h"
#include "ui/models/interface_table_model.h"
#include "ui/widgets/sparkline.h"

#include "tests/ui/live_traffic.h"

#include <QAbstractItemModelTester>
#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>

#include <algorithm>
#include <chrono>
#include <thread>

using namespace gatescope;
using namespace gatescope::ui;
using analysis::FieldId;
using analysis::Row;
using test::Stage;

namespace {

LiveInput inputOf(const LiveCapture& capture, const LiveEngine& engine) {
    return {.title = QStringLiteral("eth0"),
            .open = [feed = capture.feed()](const std::stop_token&) { return feed; },
            .follow = engine.follow,
            .options = {},
            .isCapture = true};
}

} // namespace

class UiLiveTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void captureGoesFromStartToEnd() {
        const auto stage = std::make_shared<Stage>();
        LiveCapture capture(Stage::engine(stage).start);
        QSignalSpy started(&capture, &LiveCapture::started);
        QSignalSpy ended(&capture, &LiveCapture::ended);
        QCOMPARE(capture.state(), LiveCapture::State::Idle);
        capture.start({.interfaces = {"eth0"}}, {}, {});
        QCOMPARE(capture.state(), LiveCapture::State::Starting);
        QVERIFY(started.wait());
        QCOMPARE(capture.state(), LiveCapture::State::Running);
        QVERIFY(capture.feed() != nullptr);
        live::CaptureCounts counts;
        counts.packets = 17;
        stage->count(counts);
        QTRY_COMPARE(capture.status().counts.packets, std::uint64_t{17});
        capture.stop();
        QCOMPARE(capture.state(), LiveCapture::State::Stopping);
        QVERIFY(ended.wait());
        QCOMPARE(capture.state(), LiveCapture::State::Ended);
        QVERIFY(!capture.status().error);
        QCOMPARE(capture.status().counts.packets, std::uint64_t{17}); // kept
        capture.discard();
        QCOMPARE(capture.state(), LiveCapture::State::Idle);
        QVERIFY(capture.feed() == nullptr);
    }

    void captureThatCannotStartSaysWhy() {
        const auto stage = std::make_shared<Stage>();
        stage->refuse({ErrorKind::CannotOpen, "no rights"});
        LiveCapture capture(Stage::engine(stage).start);
        QSignalSpy failed(&capture, &LiveCapture::failed);
        capture.start({.interfaces = {"eth0"}}, {}, {});
        QVERIFY(failed.wait());
        QCOMPARE(capture.state(), LiveCapture::State::Failed);
        QCOMPARE(capture.error()->message, std::string("no rights"));
    }

    void captureStoppedWhileItStarts() {
        const auto stage = std::make_shared<Stage>();
        LiveCapture capture(Stage::engine(stage).start);
        QSignalSpy ended(&capture, &LiveCapture::ended);
        capture.start({.interfaces = {"eth0"}}, {}, {});
        capture.stop();
        QVERIFY(ended.wait());
        QVERIFY(!stage->running());
    }

    void captureForgottenWhileItStartsIsStopped() {
        const auto stage = std::make_shared<Stage>();
        {
            LiveCapture capture(Stage::engine(stage).start);
            capture.start({.interfaces = {"eth0"}}, {}, {});
            capture.discard();
        }
        QVERIFY(!stage->running());
    }

    void sessionFollowsOpenAndEndedCalls() {
        const auto stage = std::make_shared<Stage>();
        const auto engine = Stage::engine(stage);
        LiveCapture capture(engine.start);
        capture.start({.interfaces = {"eth0"}}, {}, {});
        QTRY_COMPARE(capture.state(), LiveCapture::State::Running);
        AnalysisSession session(test::analyseStandIn);
        QSignalSpy progress(&session, &AnalysisSession::liveProgressChanged);
        QSignalSpy finished(&session, &AnalysisSession::finished);
        session.follow(inputOf(capture, engine));
        QVERIFY(session.isLive() && session.isOpen() && session.running());
        stage->setOpen({test::twelveCalls()[0]}, "waiting");
        QTRY_VERIFY(session.snapshot() && session.snapshot()->openExchanges() == 1);
        // The same number of rows, and yet another snapshot: the call went on.
        const auto generation = session.generation();
        stage->setOpen({test::twelveCalls()[0]}, "streaming");
        QTRY_VERIFY(session.generation() > generation);
        const Row open = session.snapshot()->order().front();
        QCOMPARE(session.snapshot()->text(session.snapshot()->code(FieldId::State, open)),
                 std::string_view("streaming"));
        stage->setOpen({}, "");
        stage->append(test::twelveCalls());
        QTRY_COMPARE(session.snapshot()->exchanges(), std::size_t{12});
        QVERIFY(progress.count() > 0);
        QVERIFY(finished.isEmpty());
        capture.stop();
        QVERIFY(finished.wait());
        QCOMPARE(session.snapshot()->exchanges(), std::size_t{12}); // kept
        QVERIFY(session.snapshot()->complete());
        session.reload(); // a capture cannot be read again
        QVERIFY(!session.running());
        session.close();
        QVERIFY(!session.isOpen());
    }

    void feedThatCannotBeOpenedIsAnInputError() {
        AnalysisSession session(test::analyseStandIn);
        QSignalSpy finished(&session, &AnalysisSession::finished);
        session.follow(
            {.title = QStringLiteral("tcp://127.0.0.1:1"),
             .open = [](const std::stop_token&) -> std::expected<std::shared_ptr<capture::CaptureFeed>, Error> {
                 return std::unexpected(Error{ErrorKind::CannotOpen, "connection refused"});
             },
             .follow = {},
             .options = {},
             .isCapture = false});
        QVERIFY(finished.wait());
        QCOMPARE(session.result()->inputs.size(), std::size_t{1});
        QCOMPARE(session.result()->inputs[0].error->message, std::string("connection refused"));
    }

    void selectionStaysWithItsCall() {
        // The row of an open call is another one in each snapshot, and when it ends.
        analysis::Dataset dataset({"eth0"});
        const auto open = [](std::uint64_t flow) {
            auto exchange = std::make_shared<analysis::ExchangeRecord>(test::record(test::twelveCalls()[0], flow));
            exchange->state = "waiting";
            return exchange;
        };
        dataset.setOpen(0, {open(1), open(51), open(101)});
        const auto first = dataset.snapshot();
        const auto chosen = first.find(51, first.indexInFlow(first.order()[0]));
        QVERIFY(chosen && first.isOpen(*chosen));

        ExchangeTableModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        RowOrder order{.snapshot = first,
                       .generation = 1,
                       .filterText = {},
                       .groupText = {},
                       .span = {},
                       .sort = {},
                       .rows = {},
                       .anyTime = {},
                       .places = {},
                       .totals = {},
                       .filteredTotals = {},
                       .groups = {}};
        const auto fill = [](RowOrder& to, const analysis::Snapshot& snapshot) {
            to.snapshot = snapshot;
            to.rows = std::make_shared<const std::vector<Row>>(snapshot.order());
            std::vector<int> places(snapshot.size(), -1);
            for (std::size_t i = 0; i < to.rows->size(); ++i) places[(*to.rows)[i]] = static_cast<int>(i);
            to.places = std::make_shared<const std::vector<int>>(std::move(places));
        };
        fill(order, first);
        model.show(order);
        const QPersistentModelIndex index = model.index(*model.placeOf(*chosen), 0);
        const int finish = *model.columnOf(analysis::Field::parse("finish_reason").value());
        QCOMPARE(model.index(index.row(), finish).data().toString(), QStringLiteral("waiting…"));

        dataset.setOpen(0, {});
        analysis::Batch ended;
        for (const std::uint64_t flow : {101, 51, 1})
            ended.exchanges.push_back(test::record(test::twelveCalls()[0], flow));
        dataset.append(std::move(ended));
        const auto second = dataset.snapshot();
        fill(order, second);
        model.show(order);
        QVERIFY(index.isValid());
        QCOMPARE(second.flowStart(*model.rowAt(index.row())), PacketRef{51});
        QVERIFY(!second.isOpen(*model.rowAt(index.row())));
        QVERIFY(model.index(index.row(), finish).data().toString() != QStringLiteral("waiting…"));
    }

    void interfacesHaveRates() {
        InterfaceWatch watch({});
        auto now = test::threeInterfaces();
        watch.take(now, 0);
        QCOMPARE(watch.interfaces().size(), std::size_t{3});
        QVERIFY(!watch.interfaces()[0].packetsPerSecond);
        now[0].receivedPackets += 300;
        now[0].sentPackets += 100;
        std::swap(now[0], now[1]); // the list is sorted by traffic; the table stays as it is
        watch.take(now, 2);
        QCOMPARE(watch.interfaces()[0].facts.name, std::string("eth0"));
        QCOMPARE(*watch.interfaces()[0].packetsPerSecond, 200.0);
        QCOMPARE(watch.interfaces()[0].history, QList<double>{200.0});
        now[1].receivedPackets = 0; // made anew
        watch.take(now, 1);
        QCOMPARE(*watch.interfaces()[0].packetsPerSecond, 0.0);
    }

    void interfaceModelKeepsWhatIsChecked() {
        InterfaceTableModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        InterfaceWatch watch({});
        watch.take(test::threeInterfaces(), 0);
        model.show(watch.interfaces());
        QVERIFY(model.setData(model.index(1, 0), Qt::Checked, Qt::CheckStateRole));
        QCOMPARE(model.chosen(), QStringList{QStringLiteral("lo")});
        auto fewer = test::threeInterfaces();
        fewer.erase(fewer.begin());
        watch.take(fewer, 1);
        model.show(watch.interfaces());
        QCOMPARE(model.index(0, 0).data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
        QCOMPARE(model.index(0, InterfaceTableModel::Addresses).data().toString(), QStringLiteral("127.0.0.1, ::1"));
        QCOMPARE(model.index(1, InterfaceTableModel::Addresses).data().toString(), QStringLiteral("down"));
        QVERIFY(model.index(0, InterfaceTableModel::Traffic).data(SparklineDelegate::kValues).isValid());
        QVERIFY(!model.index(0, InterfaceTableModel::Traffic).data(Qt::AccessibleTextRole).toString().isEmpty());
        model.setLocked(true);
        QVERIFY(!model.setData(model.index(1, 0), Qt::Checked, Qt::CheckStateRole));
    }

    void remedyIsTakenOutOfTheMessage() {
        const auto remedy = remedyOf(QStringLiteral("no rights to capture. This gives it to the helper:\nsudo setcap "
                                                    "cap_net_raw=ep /usr/libexec/gatescope/gatescope-capture"));
        QCOMPARE(remedy.command, QStringLiteral("sudo setcap cap_net_raw=ep /usr/libexec/gatescope/gatescope-capture"));
        QCOMPARE(remedy.words, QStringLiteral("no rights to capture. This gives it to the helper:"));
        QVERIFY(remedyOf(QStringLiteral("there is no interface eth9")).command.isEmpty());
    }

    void dropsAreToldApart() {
        CaptureNumbers numbers;
        numbers.status.counts.kernelDropped = 3;
        const auto rows = captureRows(numbers);
        const auto of = [&](const QString& what) {
            const auto at =
                std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row[0].text == what; });
            return at == rows.end() ? TableCell::missing() : (*at)[1];
        };
        QCOMPARE(of(QStringLiteral("Dropped by the kernel")).text, QStringLiteral("3"));
        QVERIFY(of(QStringLiteral("Dropped by the kernel")).glyph == Glyph::Warning);
        QCOMPARE(of(QStringLiteral("Dropped by interfaces")).text, QStringLiteral("0"));
        QVERIFY(of(QStringLiteral("Dropped by interfaces")).glyph == Glyph::Check);
    }

    void filesAreSavedBehindEachOther() {
        QTemporaryDir folder;
        QStringList files;
        for (const char letter : {'a', 'b'}) {
            files << folder.filePath(QString(QChar::fromLatin1(letter)));
            QFile file(files.back());
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(QByteArray(3'000'000, letter));
        }
        CaptureSaver saver;
        QSignalSpy saved(&saver, &CaptureSaver::saved);
        saver.save(files, folder.filePath(QStringLiteral("all")));
        QVERIFY(saved.wait());
        QCOMPARE(saved[0][1].toString(), QString());
        QFile all(folder.filePath(QStringLiteral("all")));
        QVERIFY(all.open(QIODevice::ReadOnly));
        QCOMPARE(all.readAll(), QByteArray(3'000'000, 'a') + QByteArray(3'000'000, 'b'));
        saver.save({folder.filePath(QStringLiteral("missing"))}, folder.filePath(QStringLiteral("none")));
        QVERIFY(saved.wait());
        QVERIFY(!saved[1][1].toString().isEmpty());
        QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("none")))); // whole or not at all
    }

    void jobsAreNotStarvedByNewerOnes() {
        NewestJob job;
        int delivered = 0;
        QElapsedTimer clock;
        clock.start();
        // Each takes longer than the time until the next is asked for.
        while (clock.elapsed() < 600) {
            job.ask(
                [&](const std::stop_token&) -> NewestJob::Deliver {
                    std::this_thread::sleep_for(std::chrono::milliseconds(60));
                    return [&] { ++delivered; };
                },
                false);
            QTest::qWait(10);
        }
        QVERIFY2(delivered >= 4, qPrintable(QString::number(delivered)));
        QTRY_VERIFY(!job.busy());
    }
};

QTEST_MAIN(UiLiveTest)
#include "ui_live_test.moc"
