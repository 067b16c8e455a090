// SPDX-License-Identifier: Apache-2.0
// The page of the headers, used as a person uses it.
#include <QTest>

#include "ui/bridge/text.h"
#include "ui/views/cell_table.h"
#include "ui/views/filter_bar.h"
#include "ui/views/headers_page.h"
#include "ui/views/page_stack.h"
#include "ui/widgets/load_status.h"

#include "tests/ui/window_fixture.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QFile>
#include <QLineEdit>
#include <QMenu>
#include <QTabWidget>
#include <QToolButton>

using namespace gatescope;
using namespace gatescope::ui;
using test::actionFor;
using test::WindowFixture;

namespace {

void openHeaders(MainWindow& window, const char* name = "hops.pcapng") {
    window.open({QLatin1String(name)});
    QTRY_VERIFY(window.settled());
    actionFor(window, "Ctrl+5")->trigger();
    QTRY_VERIFY(window.settled() && window.headers().answer());
}

int columnOf(CellTable& table, const QString& title) {
    for (int column = 0; column < table.model()->columnCount(); ++column) {
        if (table.model()->headerData(column, Qt::Horizontal).toString() == title) return column;
    }
    return -1;
}

QString cell(CellTable& table, const QString& header, const QString& title) {
    const int name = columnOf(table, QStringLiteral("Header"));
    for (int row = 0; row < table.model()->rowCount(); ++row) {
        if (table.model()->index(row, name).data() == header)
            return table.model()->index(row, columnOf(table, title)).data().toString();
    }
    return QStringLiteral("no such header");
}

/// What the button "Compare with…" opens.
Sources sourcesOpening(const QString& file) {
    Sources sources{test::analyseStandIn, test::readStandIn, {}};
    sources.chooseOpen = [file](QWidget*, const QString&, const QString&,
                                const std::function<void(const QString&)>& chosen) { chosen(file); };
    return sources;
}

} // namespace

class UiHeadersTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QApplication::setStyle(new Style); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    /// 11 of the 12 calls carry X-Forwarded-For, 9 the marks of the data proxy.
    void inventoryListsWhatIsPassed() {
        WindowFixture fixture;
        openHeaders(fixture.window);
        auto& table = fixture.window.headers().inventory();
        const QAbstractItemModelTester tester(table.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(cell(table, QStringLiteral("x-forwarded-for"), QStringLiteral("Calls")), QStringLiteral("11"));
        QCOMPARE(cell(table, QStringLiteral("x-forwarded-for"), QStringLiteral("Share")), QStringLiteral("92 %"));
        QCOMPARE(cell(table, QStringLiteral("x-k8se-app-name"), QStringLiteral("Share")), QStringLiteral("75 %"));
        QCOMPARE(cell(table, QStringLiteral("x-k8se-app-name"), QStringLiteral("Values")), QStringLiteral("1"));
        QCOMPARE(cell(table, QStringLiteral("api-key"), QStringLiteral("Class")), QStringLiteral("secret"));
        QCOMPARE(cell(table, QStringLiteral("x-ms-region"), QStringLiteral("In")), QStringLiteral("response"));
        QCOMPARE(cell(table, QStringLiteral("openai-project"), QStringLiteral("Forgeable")), QStringLiteral("yes"));
        QCOMPARE(cell(table, QStringLiteral("x-ms-region"), QStringLiteral("Forgeable")), QStringLiteral("no"));
        QVERIFY(!table.csv().contains(QByteArray::fromStdString(std::string(test::kSecret))));
        QVERIFY(table.csv().contains("x-k8se-app-name,request,0.75,9,1,"));
    }

    void searchNarrowsAndEnterFilters() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openHeaders(window);
        auto& page = window.headers();
        QVERIFY(page.searchBox().hasFocus());
        QTest::keyClicks(&page.searchBox(), QStringLiteral("K8SE"));
        auto& table = page.inventory();
        QCOMPARE(table.model()->rowCount(), 3); // app name, namespace, protocol
        table.setCurrentIndex(table.model()->index(0, 0));
        const QString name = table.model()->index(0, 0).data().toString();
        QTest::keyClick(&table, Qt::Key_Return);
        QCOMPARE(window.filterBar().text(), QStringLiteral("exists(header:%1)").arg(name));
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.table().model()->rowCount(), 9);
        page.searchBox().clear();
        QVERIFY(table.model()->rowCount() > 3);
        QTest::keyClicks(&page.searchBox(), QStringLiteral("no such header"));
        QCOMPARE(table.model()->rowCount(), 0);
    }

    /// The second six calls have a header in their answers that the first six have not.
    void halvesAreCompared() {
        WindowFixture fixture;
        openHeaders(fixture.window);
        auto& page = fixture.window.headers();
        QTest::mouseClick(&page.halvesButton(), Qt::LeftButton);
        QTRY_VERIFY(page.settled() && page.answer()->compared);
        QCOMPARE(page.tabs().currentIndex(), 1);
        const QAbstractItemModelTester tester(page.changes().model(),
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(page.answer()->rowsBefore, std::size_t{6});
        QCOMPARE(page.answer()->rowsNow, std::size_t{6});
        QCOMPARE(cell(page.changes(), QStringLiteral("x-ms-deployment-name"), QStringLiteral("Change")),
                 QStringLiteral("new"));
        QVERIFY(page.summary().contains(QStringLiteral("6 calls")));
        QVERIFY(!page.changes().csv().contains(QByteArray::fromStdString(std::string(test::kSecret))));
        QTest::mouseClick(&page.stopButton(), Qt::LeftButton);
        QTRY_VERIFY(page.settled() && !page.answer()->compared);
        QCOMPARE(page.tabs().currentIndex(), 0);
        QVERIFY(!page.halvesButton().isChecked());
    }

    void anotherFileIsCompared() {
        WindowFixture fixture(sourcesOpening(QStringLiteral("/captures/gateway.pcapng")));
        openHeaders(fixture.window);
        auto& page = fixture.window.headers();
        QTest::mouseClick(&page.fileButton(), Qt::LeftButton);
        QTRY_VERIFY(page.settled() && page.answer()->compared);
        // The twelve calls of sample_traffic.cpp are the older ones: they have a traceparent, and no data proxy.
        QCOMPARE(cell(page.changes(), QStringLiteral("traceparent"), QStringLiteral("Change")), QStringLiteral("gone"));
        QCOMPARE(cell(page.changes(), QStringLiteral("x-k8se-app-name"), QStringLiteral("Change")),
                 QStringLiteral("new"));
        QVERIFY(page.summary().contains(QStringLiteral("gateway.pcapng, 12 calls")));
        auto* newer = page.findChild<QCheckBox*>();
        QVERIFY(newer && newer->isVisible());
        newer->click();
        QTRY_VERIFY(page.settled());
        QCOMPARE(cell(page.changes(), QStringLiteral("traceparent"), QStringLiteral("Change")), QStringLiteral("new"));
        // A filter narrows both sides: no call of the twelve has the agent Helper.
        fixture.window.filterBar().setText(QStringLiteral("agent == \"Helper\""));
        fixture.window.filterBar().apply();
        QTRY_VERIFY(fixture.window.settled() && page.answer()->rowsBefore == 3);
        QCOMPARE(page.answer()->rowsNow, std::size_t{0});
    }

    void wrongFileIsSaid() {
        WindowFixture fixture(sourcesOpening(QStringLiteral("/captures/notes.txt")));
        openHeaders(fixture.window);
        auto& page = fixture.window.headers();
        QTest::mouseClick(&page.fileButton(), Qt::LeftButton);
        QTRY_VERIFY(page.settled() && !page.problem().isEmpty());
        QVERIFY2(page.problem().contains(QStringLiteral("48 65 6c 6c")), qPrintable(page.problem()));
        QVERIFY(!page.answer()->compared);
        QVERIFY(page.inventory().model()->rowCount() > 0); // the rest goes on
    }

    void readingTheOtherFileCanBeCancelled() {
        WindowFixture fixture(sourcesOpening(QStringLiteral("/captures/slow.pcapng")));
        openHeaders(fixture.window);
        auto& page = fixture.window.headers();
        QTest::mouseClick(&page.fileButton(), Qt::LeftButton);
        auto* loading = page.findChild<LoadStatus*>();
        QVERIFY(loading);
        QTRY_VERIFY(loading->isVisible());
        auto* cancel = loading->findChild<QToolButton*>();
        QVERIFY(cancel);
        QTRY_VERIFY(cancel->isVisible());
        QTest::mouseClick(cancel, Qt::LeftButton);
        QTRY_VERIFY(page.settled() && !loading->isVisible());
        QVERIFY(!page.stopButton().isVisible());
    }

    void nothingToShowIsSaid() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openHeaders(window);
        window.filterBar().setText(QStringLiteral("status == 418"));
        window.filterBar().apply();
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.headers().inventory().model()->rowCount(), 0);
        actionFor(window, "Ctrl+W")->trigger();
        QVERIFY(!window.headers().answer());
    }
};

QTEST_MAIN(UiHeadersTest)
#include "ui_headers_test.moc"
