// SPDX-License-Identifier: Apache-2.0
// The limits page, used as a person uses it.
#include "ui/bridge/text.h"
#include "ui/models/limit_call_model.h"
#include "ui/models/limit_shapes.h"
#include "ui/views/cell_table.h"
#include "ui/views/filter_bar.h"
#include "ui/views/flow_page.h"
#include "ui/views/layer_choice.h"
#include "ui/views/limits_page.h"
#include "ui/views/page_stack.h"
#include "ui/views/series_panel.h"

#include "tests/ui/window_fixture.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTest>

using namespace gatescope;
using namespace gatescope::ui;
using test::WindowFixture;

namespace {

void openLimits(MainWindow& window, const char* name = "gateway.pcapng") {
    window.open({QLatin1String(name)});
    QTRY_VERIFY(window.settled());
    window.pages().setCurrentIndex(2);
    QTRY_VERIFY(window.settled() && window.limits().result());
}

/// By project, without estimates, and that many tokens per minute.
void choosePolicy(LimitsPage& page, const char* tokens) {
    page.keyChoice().setNames({QStringLiteral("project")});
    Q_EMIT page.keyChoice().changed();
    page.estimateBox().setChecked(false);
    page.tokensBox().setFocus();
    page.tokensBox().selectAll();
    QTest::keyClicks(&page.tokensBox(), QLatin1String(tokens));
    QTest::keyClick(&page.tokensBox(), Qt::Key_Return);
    QTRY_VERIFY(page.settled());
}

int rowOf(CellTable& table, const QString& name) {
    for (int row = 0; row < table.model()->rowCount(); ++row) {
        if (table.model()->index(row, 0).data() == name) return row;
    }
    return -1;
}

QString cell(CellTable& table, const QString& name, const QString& title) {
    for (int column = 0; column < table.model()->columnCount(); ++column) {
        if (table.model()->headerData(column, Qt::Horizontal).toString() == title)
            return table.model()->index(rowOf(table, name), column).data().toString();
    }
    return QStringLiteral("no such column");
}

QPushButton* buttonNamed(QWidget& page, const QString& text) {
    for (auto* button : page.findChildren<QPushButton*>()) {
        if (QString(button->text()).remove(QChar('&')) == text) return button;
    }
    return nullptr;
}

} // namespace

class UiLimitsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QApplication::setStyle(new Style); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    /// Calls of team-b, none streamed: 9 s, 2,307 tokens, answered after 0.6 s; 17 s, failed, no tokens; 25 s, answered
    /// without usage. Sliding window without estimate lets through while less than the limit is used in 60 s:
    /// 2,000 a minute: the first passes and books 2,307, both others are refused. 3,000 a minute: all pass.
    void typedLimitChangesTheTable() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openLimits(window);
        auto& page = window.limits();
        const QString team = QStringLiteral("team-b");
        choosePolicy(page, "2000");
        auto& counters = page.counters();
        const QAbstractItemModelTester tester(counters.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(counters.model()->rowCount(), 3);
        QCOMPARE(cell(counters, team, QStringLiteral("Calls")), QStringLiteral("3"));
        QCOMPARE(cell(counters, team, QStringLiteral("Let through")), QStringLiteral("1"));
        QCOMPARE(cell(counters, team, QStringLiteral("429")), QStringLiteral("2"));
        QCOMPARE(cell(counters, team, QStringLiteral("Really 429")), QStringLiteral("0"));
        QCOMPARE(cell(counters, team, QStringLiteral("Booked")), QStringLiteral("2,307"));
        QCOMPARE(cell(counters, team, QStringLiteral("First refused")), QStringLiteral("18:23:31.203"));
        QVERIFY(rowOf(counters, QStringLiteral("(no project)")) >= 0);
        choosePolicy(page, "3000");
        QCOMPARE(cell(counters, team, QStringLiteral("Let through")), QStringLiteral("3"));
        QCOMPARE(cell(counters, team, QStringLiteral("429")), QStringLiteral("0"));
        QCOMPARE(cell(counters, team, QStringLiteral("First refused")), QStringLiteral("–"));
        // One 429 was really seen, of the twelve calls.
        QVERIFY2(page.summary().startsWith(QStringLiteral("12 calls: ")), qPrintable(page.summary()));
        QVERIFY(page.summary().contains(QStringLiteral("Really 1 got 429")));
    }

    /// A quota of 2,000 an hour: as above, but refused with 403.
    void quotaRefusesWith403() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openLimits(window);
        auto& page = window.limits();
        choosePolicy(page, "0");
        page.quotaBox().setValue(2'000);
        QVERIFY(!page.settled()); // 150 ms later
        QTRY_VERIFY(page.settled());
        const QString team = QStringLiteral("team-b");
        QCOMPARE(cell(page.counters(), team, QStringLiteral("403")), QStringLiteral("2"));
        QCOMPARE(cell(page.counters(), team, QStringLiteral("429")), QStringLiteral("0"));
        page.quotaBox().setValue(0);
        QTRY_VERIFY(page.settled());
        QVERIFY(page.summary().contains(QStringLiteral("No limit is set")));
    }

    void chosenCounterShowsItsCallsAndTheirRequests() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openLimits(window);
        auto& page = window.limits();
        choosePolicy(page, "2000");
        const QAbstractItemModelTester tester(page.calls().model(),
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(page.calls().model()->rowCount(), 12);
        auto& counters = page.counters();
        const auto team = counters.model()->index(rowOf(counters, QStringLiteral("team-b")), 0);
        QTest::mouseClick(counters.viewport(), Qt::LeftButton, {}, counters.visualRect(team).center());
        QTRY_COMPARE(page.calls().model()->rowCount(), 3);
        const auto shown = [&](int row, int column) {
            return page.calls().model()->index(row, column).data().toString();
        };
        QCOMPARE(shown(0, LimitCallModel::Predicted), QStringLiteral("let through"));
        QCOMPARE(shown(1, LimitCallModel::Predicted), QStringLiteral("429"));
        QCOMPARE(shown(1, LimitCallModel::Observed), QStringLiteral("500"));
        QCOMPARE(shown(1, LimitCallModel::Booked), QStringLiteral("–"));
        // 2,307 booked at 9.616 s leave at 69.616 s, which is 52.616 s after 17 s.
        QCOMPARE(shown(1, LimitCallModel::RetryAfter), QStringLiteral("53 s"));
        double refused = 0;
        for (const auto& bucket : page.predicted().data().buckets) refused += bucket.values[1];
        QVERIFY(refused > 0);
        QTest::keyClick(&counters, Qt::Key_Return);
        QCOMPARE(page.tabs().currentWidget(), &page.calls());
        page.calls().setCurrentIndex(page.calls().model()->index(1, 0));
        QTest::keyClick(&page.calls(), Qt::Key_Return);
        QCOMPARE(window.pages().currentIndex(), 0);
        QCOMPARE(window.table().currentRow(), std::optional<analysis::Row>(7)); // the call with status 500
    }

    void filterNarrowsTheReplay() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openLimits(window);
        window.filterBar().setText(QStringLiteral("project == \"team-b\""));
        window.filterBar().apply();
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.limits().result()->totals.exchanges, std::uint64_t{3});
        window.filterBar().setText(QStringLiteral("status == 418"));
        window.filterBar().apply();
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.limits().counters().model()->rowCount(), 0);
        QCOMPARE(window.limits().calls().model()->rowCount(), 0);
    }

    void policyAndQueryAreCopied() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openLimits(window);
        auto& page = window.limits();
        choosePolicy(page, "4321");
        QTest::mouseClick(buttonNamed(page, QStringLiteral("Copy policy XML")), Qt::LeftButton);
        const QString xml = QGuiApplication::clipboard()->text();
        QVERIFY2(xml.contains(QStringLiteral("<llm-token-limit")), qPrintable(xml));
        QVERIFY(xml.contains(QStringLiteral("tokens-per-minute=\"4321\"")));
        QTest::mouseClick(buttonNamed(page, QStringLiteral("Copy KQL")), Qt::LeftButton);
        QVERIFY(QGuiApplication::clipboard()->text() != xml);
        // A gateway cannot count by what it learns only later; the clipboard stays as it was.
        const QString before = QGuiApplication::clipboard()->text();
        page.keyChoice().setNames({QStringLiteral("output_tokens")});
        QTest::mouseClick(buttonNamed(page, QStringLiteral("Copy policy XML")), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), before);
    }

    void adviceIsComparedAndUsed() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openLimits(window);
        auto& page = window.limits();
        page.tabs().setCurrentWidget(&page.advice());
        QTRY_VERIFY(page.settled() && page.advice().model()->rowCount() > 0);
        const int row = rowOf(page.advice(), QStringLiteral("project_id"));
        QVERIFY(row >= 0);
        QCOMPARE(cell(page.advice(), QStringLiteral("project_id"), QStringLiteral("Coverage")),
                 QStringLiteral("83.3 %")); // 10 of 12
        page.advice().setCurrentIndex(page.advice().model()->index(row, 0));
        QTest::keyClick(&page.advice(), Qt::Key_Return);
        QCOMPARE(page.keyChoice().names(), QStringList{QStringLiteral("project_id")});
        QTRY_VERIFY(page.settled());
        QCOMPARE(page.result()->keys.size(), std::size_t{2}); // one id and none
    }

    /// Only the newest setting is replayed to the end and shown.
    void outdatedReplaysAreDropped() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openLimits(window, "many.pcap");
        auto& page = window.limits();
        for (int tokens = 1'000; tokens <= 20'000; tokens += 1'000) {
            page.tokensBox().setValue(tokens);
            QTest::qWait(10);
        }
        page.tokensBox().setValue(kHuge);
        QTRY_VERIFY(page.settled());
        QCOMPARE(page.result()->totals.refused429, std::uint64_t{0});
        QCOMPARE(page.result()->totals.exchanges, std::uint64_t{20'000});
    }

    void settingsAreRemembered() {
        WindowFixture fixture;
        auto& page = fixture.window.limits();
        page.tokensBox().setValue(7'000);
        page.quotaBox().setValue(9'000);
        page.algorithmBox().setCurrentIndex(1);
        page.keyChoice().setNames({QStringLiteral("header:openai-project")});
        fixture.window.close();
        MainWindow again(fixture.theme, fixture.settings, {test::analyseStandIn, test::readStandIn, {}});
        const auto policy = again.limits().policy();
        QCOMPARE(policy.tokensPerMinute, std::optional<std::int64_t>(7'000));
        QCOMPARE(policy.tokenQuota, std::optional<std::int64_t>(9'000));
        QCOMPARE(policy.algorithm, simulate::LimitAlgorithm::TokenBucket);
        QCOMPARE(again.limits().keyChoice().names(), QStringList{QStringLiteral("header:openai-project")});
    }

    /// The limit line of the token flow replays at once.
    void limitLineSaysWhatItWouldRefuse() {
        WindowFixture fixture;
        auto& window = fixture.window;
        window.open({QStringLiteral("gateway.pcapng")});
        QTRY_VERIFY(window.settled());
        window.pages().setCurrentIndex(1);
        QTRY_VERIFY(window.settled());
        auto& series = window.flow().series();
        series.limitBox().setValue(1);
        QTRY_VERIFY(!series.verdict().isEmpty());
        QVERIFY2(series.verdict().contains(QStringLiteral("of 12 calls")), qPrintable(series.verdict()));
        series.limitBox().setValue(kHuge);
        QTRY_VERIFY(series.verdict().startsWith(QStringLiteral("would refuse 0 of 12 calls (0.0 %)")));
        series.limitBox().setValue(0);
        QVERIFY(series.verdict().isEmpty());
    }

private:
    static constexpr int kHuge = 2'000'000'000;
};

QTEST_MAIN(UiLimitsTest)
#include "ui_limits_test.moc"
