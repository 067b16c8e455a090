// SPDX-License-Identifier: Apache-2.0
// The page Live, used as a person uses it.
#include <QTest>

#include "ui/models/interface_table_model.h"
#include "ui/views/capture_filter_field.h"
#include "ui/views/cell_table.h"
#include "ui/views/interface_table.h"
#include "ui/views/live_page.h"
#include "ui/views/page_stack.h"
#include "ui/widgets/notice.h"

#include "tests/ui/live_traffic.h"
#include "tests/ui/window_fixture.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QFile>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QToolButton>

using namespace gatescope;
using namespace gatescope::ui;
using test::actionFor;
using test::Stage;

namespace {

constexpr auto kLivePage = "Ctrl+8";

/// A window on a stage; what it asks is noted, and answered as the test says.
struct LiveFixture {
    LiveFixture()
        : stage(std::make_shared<Stage>()), window([this] {
              stage->setInterfaces(test::threeInterfaces());
              Sources sources{test::analyseStandIn, test::readStandIn, {}};
              sources.live = Stage::engine(stage);
              sources.askKeep = [this](QWidget*, const QString& text, bool canSave,
                                       std::function<void(Keep)> answered) {
                  asked << text;
                  couldSave = canSave;
                  answered(keep);
              };
              sources.chooseSave = [this](QWidget*, const QString&, const QString&,
                                          const std::function<void(const QString&)>& chosen) { chosen(savePath); };
              return sources;
          }()) {
        actionFor(main(), kLivePage)->trigger();
    }
    MainWindow& main() { return window.window; }
    LivePage& page() { return main().live(); }
    template <typename Widget>
    Widget* find(const char* name) {
        return main().findChild<Widget*>(QLatin1String(name));
    }
    void check(int row) {
        auto* table = find<InterfaceTable>("interfaceTable");
        table->setCurrentIndex(table->model()->index(row, 0));
        QTest::keyClick(table, Qt::Key_Space);
    }
    bool ready() { return page().interfaces().rowCount() == 3; }
    bool running() { return main().capture().state() == LiveCapture::State::Running && main().session().isLive(); }
    void count(std::uint64_t packets, const std::vector<std::string>& files = {}) {
        live::CaptureCounts counts;
        counts.packets = packets;
        stage->count(counts, files);
    }
    std::size_t shownRows() { return static_cast<std::size_t>(main().table().requests().rowCount()); }

    std::shared_ptr<Stage> stage;
    Keep keep = Keep::Cancel;
    QString savePath;
    QStringList asked;
    bool couldSave = false;
    test::WindowFixture window;
};

void start(LiveFixture& fixture) {
    QTRY_VERIFY(fixture.ready());
    fixture.check(0);
    QTest::mouseClick(fixture.find<QPushButton>("startCapture"), Qt::LeftButton);
    QTRY_VERIFY(fixture.running());
}

} // namespace

class UiLivePageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void emptyPageSaysWhatToDo() {
        LiveFixture fixture;
        QTRY_VERIFY(fixture.ready());
        QVERIFY(fixture.main().pages().current() == &fixture.page());
        QCOMPARE(fixture.page().headline(), QStringLiteral("Check an interface to capture on."));
        QTest::mouseClick(fixture.find<QPushButton>("startCapture"), Qt::LeftButton);
        QCOMPARE(fixture.page().bannerText(), QStringLiteral("Check an interface to capture on."));
        QCOMPARE(fixture.stage->started(), 0);
        fixture.check(0);
        QCOMPARE(fixture.page().headline(), QStringLiteral("Ready to capture on eth0."));
    }

    void namesForScreenReaders() {
        LiveFixture fixture;
        QCOMPARE(fixture.find<InterfaceTable>("interfaceTable")->accessibleName(), QStringLiteral("Interfaces"));
        QCOMPARE(fixture.page().numbers().accessibleName(), QStringLiteral("Numbers of this capture"));
        QCOMPARE(fixture.find<QLineEdit>("captureFilter")->accessibleName(), QStringLiteral("Capture filter"));
        QVERIFY(!fixture.find<QToolButton>("captureFilterHistory")->accessibleName().isEmpty());
    }

    void startAndStopByKey() {
        LiveFixture fixture;
        QTRY_VERIFY(fixture.ready());
        QAbstractItemModelTester tester(&fixture.page().interfaces());
        fixture.check(0);
        fixture.check(1);
        QTest::keyClicks(fixture.find<QLineEdit>("captureFilter"), QStringLiteral("tcp port 443"));
        QTRY_VERIFY(fixture.page().settled());
        actionFor(fixture.main(), "Ctrl+E")->trigger();
        QTRY_VERIFY(fixture.running());
        QCOMPARE(fixture.stage->request().interfaces, (std::vector<std::string>{"eth0", "lo"}));
        QCOMPARE(fixture.stage->request().filter, std::string("tcp port 443"));
        QVERIFY(fixture.stage->ring().path.empty());
        QCOMPARE(fixture.stage->ring().files, live::RingOptions::kOwnFiles);
        QVERIFY(fixture.page().headline().startsWith(QStringLiteral("Capturing on eth0, lo for")));
        QVERIFY(!fixture.find<QLineEdit>("captureFilter")->isEnabled());
        fixture.stage->append(test::twelveCalls());
        fixture.count(480);
        QTRY_COMPARE(fixture.shownRows(), std::size_t{12});
        actionFor(fixture.main(), "Ctrl+E")->trigger();
        QTRY_COMPARE(fixture.main().capture().state(), LiveCapture::State::Ended);
        QTRY_VERIFY(fixture.main().settled());
        QCOMPARE(fixture.shownRows(), std::size_t{12}); // kept
        QVERIFY(fixture.page().headline().contains(QStringLiteral("480 packets")));
        QVERIFY(fixture.page().headline().endsWith(QStringLiteral("Not saved.")));
        QVERIFY(fixture.find<QPushButton>("saveCapture")->isVisible());
        fixture.keep = Keep::Discard;
    }

    void wrongFilterIsMarked() {
        LiveFixture fixture;
        QTRY_VERIFY(fixture.ready());
        fixture.check(0);
        auto& field = fixture.page().form().filter();
        QTest::keyClicks(&field.edit(), QStringLiteral("tcp prot 443"));
        QTRY_VERIFY(field.settled());
        QCOMPARE(field.problem(), QStringLiteral("Column 5: unknown word “prot”"));
        auto* message = fixture.find<QLabel>("captureFilterMessage");
        QVERIFY(message->isVisible());
        QVERIFY(message->text().contains(QStringLiteral(">prot</span>")));
        actionFor(fixture.main(), "Ctrl+E")->trigger();
        QCOMPARE(fixture.stage->started(), 0);
        QVERIFY(fixture.page().bannerText().contains(QStringLiteral("Column 5")));
    }

    void filtersAreRemembered() {
        LiveFixture fixture;
        auto& field = fixture.page().form().filter();
        for (int i = 0; i < 25; ++i) {
            field.setText(QStringLiteral("tcp port %1").arg(i));
            field.remember();
        }
        QCOMPARE(field.history().size(), CaptureFilterField::kMostHistory);
        QCOMPARE(field.history().front(), QStringLiteral("tcp port 24"));
        fixture.page().save(fixture.window.settings);
        QCOMPARE(fixture.window.settings.value(QStringLiteral("live/filters")).toStringList(), field.history());
    }

    void missingRightsOfferTheCommand() {
        LiveFixture fixture;
        fixture.stage->refuse({ErrorKind::CannotOpen, "the capture helper has no right to capture (Operation not "
                                                      "permitted). This gives it to the capture helper, and to nothing "
                                                      "else:\nsudo setcap cap_net_raw=ep /opt/gatescope-capture"});
        QTRY_VERIFY(fixture.ready());
        fixture.check(0);
        QTest::mouseClick(fixture.find<QPushButton>("startCapture"), Qt::LeftButton);
        QTRY_COMPARE(fixture.main().capture().state(), LiveCapture::State::Failed);
        QVERIFY(fixture.page().bannerText().contains(QStringLiteral("no right to capture")));
        auto* copy = fixture.find<QPushButton>("copyCommand");
        QVERIFY(copy->isVisible());
        QTest::mouseClick(copy, Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(),
                 QStringLiteral("sudo setcap cap_net_raw=ep /opt/gatescope-capture"));
        QVERIFY(fixture.find<QPushButton>("startCapture")->isEnabled()); // again
    }

    void goneInterfaceKeepsResults() {
        LiveFixture fixture;
        start(fixture);
        fixture.stage->append(test::twelveCalls());
        fixture.count(100);
        QTRY_COMPARE(fixture.shownRows(), std::size_t{12});
        fixture.stage->end("the interface eth0 is gone", Error{ErrorKind::Damaged, "the interface is gone: eth0"});
        QTRY_COMPARE(fixture.main().capture().state(), LiveCapture::State::Ended);
        QTRY_VERIFY(fixture.main().settled());
        QVERIFY(
            fixture.page().bannerText().startsWith(QStringLiteral("The capture ended early: the interface is gone")));
        QVERIFY(!fixture.find<QPushButton>("copyCommand")->isVisible());
        QCOMPARE(fixture.shownRows(), std::size_t{12});
        fixture.keep = Keep::Discard;
    }

    void heldViewStaysWhileTheCaptureGoesOn() {
        LiveFixture fixture;
        start(fixture);
        fixture.stage->append(test::twelveCalls());
        QTRY_COMPARE(fixture.shownRows(), std::size_t{12});
        QTest::mouseClick(fixture.find<QPushButton>("holdView"), Qt::LeftButton);
        QVERIFY(fixture.main().viewHeld());
        fixture.stage->append(test::twelveCalls());
        auto* banner = fixture.find<Banner>("liveBanner");
        QTRY_VERIFY(banner->text().contains(QStringLiteral("12 new requests wait")));
        QVERIFY(banner->isVisible());
        QCOMPARE(fixture.shownRows(), std::size_t{12});
        QVERIFY(fixture.running());
        QTest::mouseClick(fixture.find<QPushButton>("resumeView"), Qt::LeftButton);
        QTRY_COMPARE(fixture.shownRows(), std::size_t{24});
        QVERIFY(!banner->isVisible());
        fixture.keep = Keep::Discard;
    }

    void openCallsAreMarkedAndTheChoiceStays() {
        LiveFixture fixture;
        start(fixture);
        fixture.stage->append({test::twelveCalls()[0]});
        fixture.stage->setOpen({test::twelveCalls()[0], test::twelveCalls()[2]}, "streaming");
        QTRY_COMPARE(fixture.shownRows(), std::size_t{3});
        auto& table = fixture.main().table();
        const auto& order = table.requests().order();
        const auto last = (*order->rows)[2];
        QVERIFY(order->snapshot.isOpen(last));
        const auto flow = order->snapshot.flowStart(last);
        table.select(last);
        fixture.stage->append({test::twelveCalls()[0], test::twelveCalls()[2]}, true);
        QTRY_VERIFY(table.requests().order()->snapshot.openExchanges() == 0);
        const auto now = table.currentRow();
        QVERIFY(now);
        QCOMPARE(table.requests().order()->snapshot.flowStart(*now), flow);
        fixture.keep = Keep::Discard;
    }

    void tailIsFollowedOnlyAtTheEnd() {
        LiveFixture fixture;
        start(fixture);
        actionFor(fixture.main(), "Ctrl+1")->trigger();
        for (int i = 0; i < 10; ++i) fixture.stage->append(test::twelveCalls());
        QTRY_COMPARE(fixture.shownRows(), std::size_t{120});
        auto* bar = fixture.main().table().verticalScrollBar();
        QTRY_COMPARE(bar->value(), bar->maximum());
        bar->setValue(0);
        fixture.stage->append(test::twelveCalls());
        QTRY_COMPARE(fixture.shownRows(), std::size_t{132});
        QCOMPARE(bar->value(), 0);
        fixture.keep = Keep::Discard;
    }

    void closingAsksWhileCapturing() {
        LiveFixture fixture;
        start(fixture);
        fixture.count(5);
        QTRY_COMPARE(fixture.main().capture().status().counts.packets, std::uint64_t{5});
        QVERIFY(!fixture.main().close());
        QCOMPARE(fixture.asked.size(), 1);
        QVERIFY(fixture.couldSave);
        QVERIFY(fixture.main().isVisible() && fixture.stage->running()); // cancelled
        fixture.keep = Keep::Discard;
        fixture.main().close();
        QTRY_VERIFY(!fixture.main().isVisible());
        QTRY_VERIFY(!fixture.stage->running());
    }

    void stopAndSaveThenClose() {
        LiveFixture fixture;
        QTemporaryDir folder;
        const QString part = folder.filePath(QStringLiteral("part.pcapng"));
        QFile file(part);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("captured");
        file.close();
        start(fixture);
        fixture.count(5, {part.toStdString()});
        QTRY_COMPARE(fixture.main().capture().status().counts.packets, std::uint64_t{5});
        fixture.keep = Keep::Save;
        fixture.savePath = folder.filePath(QStringLiteral("mine.pcapng"));
        QVERIFY(!fixture.main().close());
        QTRY_VERIFY(!fixture.main().isVisible());
        QFile saved(fixture.savePath);
        QVERIFY(saved.open(QIODevice::ReadOnly));
        QCOMPARE(saved.readAll(), QByteArray("captured"));
        QCOMPARE(fixture.asked.size(), 1);
    }

    void openingSomethingElseAsks() {
        LiveFixture fixture;
        start(fixture);
        fixture.count(5);
        QTRY_COMPARE(fixture.main().capture().status().counts.packets, std::uint64_t{5});
        fixture.main().open({QStringLiteral("/captures/gw.pcapng")});
        QCOMPARE(fixture.asked.size(), 1);
        QVERIFY(fixture.main().session().isLive());
        fixture.keep = Keep::Discard;
        fixture.main().open({QStringLiteral("/captures/gw.pcapng")});
        QTRY_VERIFY(fixture.main().settled());
        QVERIFY(!fixture.main().session().isLive());
        QCOMPARE(fixture.shownRows(), std::size_t{12});
        fixture.main().close(); // nothing is unsaved any more
        QCOMPARE(fixture.asked.size(), 2);
        QVERIFY(!fixture.main().isVisible());
    }

    void namedFileNeedsNoSaving() {
        LiveFixture fixture;
        QTRY_VERIFY(fixture.ready());
        fixture.check(0);
        QTest::keyClicks(fixture.find<QLineEdit>("capturePath"), QStringLiteral("/tmp/named.pcapng"));
        QTest::mouseClick(fixture.find<QPushButton>("startCapture"), Qt::LeftButton);
        QTRY_VERIFY(fixture.running());
        QCOMPARE(fixture.stage->ring().path, std::string("/tmp/named.pcapng"));
        fixture.count(5);
        actionFor(fixture.main(), "Ctrl+E")->trigger();
        QTRY_COMPARE(fixture.main().capture().state(), LiveCapture::State::Ended);
        QVERIFY(fixture.main().close());
        QVERIFY(fixture.asked.isEmpty());
    }

    void captureFromTheCommandLine() {
        LiveFixture fixture;
        fixture.main().captureOn({QStringLiteral("lo")}, QStringLiteral("tcp port 8080"));
        QTRY_VERIFY(fixture.running());
        QCOMPARE(fixture.stage->request().interfaces, std::vector<std::string>{"lo"});
        QCOMPARE(fixture.stage->request().filter, std::string("tcp port 8080"));
        QVERIFY(fixture.main().pages().current() == &fixture.page());
        fixture.keep = Keep::Discard;
    }
};

QTEST_MAIN(UiLivePageTest)
#include "ui_live_page_test.moc"
