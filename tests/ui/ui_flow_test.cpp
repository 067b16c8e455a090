// SPDX-License-Identifier: Apache-2.0
// The token flow page and the brush, used as a person uses them.
#include "ui/bridge/text.h"
#include "ui/models/flow_shapes.h"
#include "ui/views/cell_table.h"
#include "ui/views/filter_bar.h"
#include "ui/views/flow_page.h"
#include "ui/views/layer_choice.h"
#include "ui/views/page_stack.h"
#include "ui/views/price_choice.h"
#include "ui/views/series_panel.h"
#include "ui/views/time_bar.h"
#include "ui/widgets/sankey_view.h"

#include "tests/support/quickest.h"
#include "tests/ui/window_fixture.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QHeaderView>
#include <QImage>
#include <QMenu>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTest>
#include <QToolButton>

#include <ctime>

using namespace gatescope;
using namespace gatescope::ui;
using analysis::FieldId;
using test::actionFor;
using test::WindowFixture;

namespace {

constexpr const char* kPrices =
    R"({"version":1,"name":"test","currency":"EUR","unit":"1M tokens","asOf":"2026-01-01","models":[
    {"id":"a","provider":"*","match":"gpt-4o","deploymentType":"*","region":"*","serviceTier":"*",
     "from":"2026-01-01","to":null,"rates":{"input":2.0,"cacheRead":2.0,"output":8.0}}]})";

void openFlow(MainWindow& window, const char* name = "gateway.pcapng") {
    window.open({QLatin1String(name)});
    QTRY_VERIFY(window.settled());
    actionFor(window, "Ctrl+2")->trigger();
    QTRY_VERIFY(window.flow().settled() && window.flow().answer());
    QTRY_VERIFY(!window.flow().sankey().layoutOnScreen().nodes().empty());
}

std::size_t nodeNamed(const FlowPage& page, const QString& name) {
    const auto& nodes = const_cast<FlowPage&>(page).sankey().data().nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].name == name) return i;
    }
    return nodes.size();
}

QPoint centreOf(SankeyView& view, std::size_t node) {
    return view.layoutOnScreen().nodes()[node].bar.center().toPoint();
}

void drag(QWidget& widget, QPoint from, QPoint to) {
    QTest::mousePress(&widget, Qt::LeftButton, {}, from);
    QTest::mouseMove(&widget, (from + to) / 2);
    QTest::mouseMove(&widget, to);
    QTest::mouseRelease(&widget, Qt::LeftButton, {}, to);
}

/// A place in a plot at that many seconds after its first bucket.
QPoint atSecond(const TimePlot& plot, double seconds) {
    const TimeNs time = plot.axis()->from + static_cast<TimeNs>(seconds * 1e9);
    return QPointF(plot.xOf(time), plot.plotArea().center().y()).toPoint();
}

/// Nanoseconds of work of this thread: other programs on the machine do not count.
qint64 threadTime() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return qint64{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

QString cell(const QAbstractItemModel& model, int row, const QString& title) {
    for (int column = 0; column < model.columnCount(); ++column) {
        if (model.headerData(column, Qt::Horizontal).toString() == title)
            return model.index(row, column).data().toString();
    }
    return QStringLiteral("no such column");
}

int rowNamed(const QAbstractItemModel& model, const QString& from, const QString& to) {
    for (int row = 0; row < model.rowCount(); ++row) {
        if (model.index(row, 0).data() == from && model.index(row, 1).data() == to) return row;
    }
    return -1;
}

} // namespace

class UiFlowTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QApplication::setStyle(new Style); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    void pagesHaveKeysAndAreRemembered() {
        WindowFixture fixture;
        fixture.window.open({QStringLiteral("gateway.pcapng")});
        QTRY_VERIFY(fixture.window.settled());
        auto& pages = fixture.window.pages();
        for (int i = 0; i < pages.bar().count(); ++i) {
            QVERIFY(pages.bar().tabText(i).startsWith(QString::number(i + 1) + QChar(' ')));
            QVERIFY(actionFor(fixture.window, qPrintable(QStringLiteral("Ctrl+%1").arg(i + 1))));
        }
        QTest::mouseClick(&pages.bar(), Qt::LeftButton, {}, pages.bar().tabRect(1).center());
        QCOMPARE(pages.currentIndex(), 1);
        QTRY_VERIFY(fixture.window.flow().answer());
        fixture.window.close();
        MainWindow again(fixture.theme, fixture.settings, {test::analyseStandIn, test::readStandIn, {}});
        QCOMPARE(again.pages().currentIndex(), 1);
    }

    /// By hand from twelveCalls(): sampleproject1 1592 + 1595 + 2230 + 2413 with gpt-4o and 355 + 356 with gpt-4o-mini
    /// are 8,541; team-b 2,307; no project 99; together 10,947.
    void flowShowsTheTwelveCalls() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        const auto& flow = window.flow().answer()->flow;
        QCOMPARE(flow.totals.totalTokens, 10'947);
        const auto sample = nodeNamed(window.flow(), QStringLiteral("sampleproject1"));
        QCOMPARE(flow.nodes[sample].totals.totalTokens, 8'541);
        QVERIFY(nodeNamed(window.flow(), QStringLiteral("(no project)")) < flow.nodes.size());
        for (const auto& node : window.flow().sankey().data().nodes) QVERIFY(!node.name.isEmpty());
        const auto& links = *window.flow().links().model();
        const int row = rowNamed(links, QStringLiteral("TestAgent"), QStringLiteral("gpt-4o"));
        QVERIFY(row >= 0);
        QCOMPARE(cell(links, row, QStringLiteral("Requests")), QStringLiteral("5"));
        QCOMPARE(cell(links, row, QStringLiteral("Tokens")), QStringLiteral("7,830"));
        QCOMPARE(cell(links, row, QStringLiteral("429")), QStringLiteral("1"));
        // 4 answers with 1,024 cached of 1,204 + 1,204 + 1,590 + 1,711.
        QCOMPARE(cell(links, row, QStringLiteral("Cached")), QStringLiteral("4,096"));
        QCOMPARE(cell(links, row, QStringLiteral("Input")), QStringLiteral("1,613"));
        QCOMPARE(cell(links, row, QStringLiteral("Reasoning")), QStringLiteral("–")); // unknown is not 0
        // 7,830 of 10,947.
        QCOMPARE(cell(links, row, QStringLiteral("Share")), QStringLiteral("71.5 %"));
        // All calls began within 60 s, so the last minute holds all tokens at the end.
        const auto series = flowSeries(window.flow().answer()->time, SeriesUnit::Tokens, false);
        QCOMPARE(series.lastMinute.back().sum, 10'947.0);
        QCOMPARE(series.lastMinute.front().sum, 1'592.0);
        // All 10,947 but the 355 that are estimated.
        QVERIFY2(window.flow().reconciliation().contains(QStringLiteral("reported 10,592")),
                 qPrintable(window.flow().reconciliation()));
        // The calls with 429, 500, without answer and without usage.
        QVERIFY(window.flow().reconciliation().contains(QStringLiteral("unknown 4 calls")));
    }

    void clickedNodeFiltersAndCtrlNarrows() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        auto& sankey = window.flow().sankey();
        QTest::mouseClick(&sankey, Qt::LeftButton, {},
                          centreOf(sankey, nodeNamed(window.flow(), QStringLiteral("sampleproject1"))));
        QCOMPARE(window.filterBar().text(), QStringLiteral("project == \"sampleproject1\""));
        QTRY_COMPARE(window.table().model()->rowCount(), 7);
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.flow().answer()->flow.totals.exchanges, std::uint64_t{7});
        const auto mini = nodeNamed(window.flow(), QStringLiteral("gpt-4o-mini"));
        QTest::mouseClick(&sankey, Qt::LeftButton, Qt::ControlModifier, centreOf(sankey, mini));
        QCOMPARE(window.filterBar().text(),
                 QStringLiteral("(project == \"sampleproject1\") && model == \"gpt-4o-mini\""));
        QTRY_COMPARE(window.table().model()->rowCount(), 2);
        window.filterBar().clear();
        QTRY_VERIFY(window.settled());
        const auto none = nodeNamed(window.flow(), QStringLiteral("(no project)"));
        QTest::mouseClick(&sankey, Qt::LeftButton, Qt::ControlModifier | Qt::ShiftModifier, centreOf(sankey, none));
        QCOMPARE(window.filterBar().text(), QStringLiteral("!(!exists(project))"));
        QTRY_COMPARE(window.table().model()->rowCount(), 10);
    }

    void clickedLinkFiltersBothEnds() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        auto& sankey = window.flow().sankey();
        const auto& links = sankey.data().links;
        const auto from = nodeNamed(window.flow(), QStringLiteral("TestAgent"));
        const auto to = nodeNamed(window.flow(), QStringLiteral("gpt-4o"));
        std::size_t link = 0;
        while (link < links.size() && (links[link].from != from || links[link].to != to)) ++link;
        QVERIFY(link < links.size());
        const auto& band = sankey.layoutOnScreen().bands()[link];
        // Beside the label, near the end of the band.
        const QPoint place = QPointF(band.right - 4, band.rightTop + band.thickness / 2).toPoint();
        QTest::mouseMove(&sankey, place);
        QVERIFY2(window.flow().sideLine().contains(QStringLiteral("TestAgent › gpt-4o")),
                 qPrintable(window.flow().sideLine()));
        QVERIFY(window.flow().sideLine().contains(QStringLiteral("7,830 tokens")));
        QTest::mouseClick(&sankey, Qt::LeftButton, {}, place);
        QCOMPARE(window.filterBar().text(), QStringLiteral("agent == \"TestAgent\" && model == \"gpt-4o\""));
        QTRY_COMPARE(window.table().model()->rowCount(), 5);
    }

    void keysWalkAndFilter() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        auto& sankey = window.flow().sankey();
        QCOMPARE(window.focusWidget(), &sankey);
        const auto name = [&] { return sankey.data().nodes[sankey.current().index].name; };
        QTest::keyClick(&sankey, Qt::Key_Down);
        QCOMPARE(name(), QStringLiteral("sampleproject1"));
        QTest::keyClick(&sankey, Qt::Key_Right);
        QCOMPARE(name(), QStringLiteral("TestAgent"));
        QTest::keyClick(&sankey, Qt::Key_Right);
        QCOMPARE(name(), QStringLiteral("gpt-4o"));
        QTest::keyClick(&sankey, Qt::Key_Down);
        QCOMPARE(name(), QStringLiteral("claude-3-5-sonnet"));
        QVERIFY(sankey.accessibleDescription().contains(QStringLiteral("claude-3-5-sonnet")));
        QTest::keyClick(&sankey, Qt::Key_Left);
        QCOMPARE(name(), QStringLiteral("chat-ui"));
        QTest::keyClick(&sankey, Qt::Key_Return);
        QCOMPARE(window.filterBar().text(), QStringLiteral("agent == \"chat-ui\""));
        QTRY_COMPARE(window.table().model()->rowCount(), 3);
    }

    void draggedNodeStaysWhereItWasPut() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        auto& sankey = window.flow().sankey();
        const auto team = nodeNamed(window.flow(), QStringLiteral("team-b"));
        QCOMPARE(sankey.layoutOnScreen().layers()[0].front(),
                 nodeNamed(window.flow(), QStringLiteral("sampleproject1")));
        QSignalSpy painted(&sankey, &SankeyView::painted);
        drag(sankey, centreOf(sankey, team), QPoint(centreOf(sankey, team).x(), 2));
        QVERIFY(painted.wait());
        QCOMPARE(sankey.layoutOnScreen().layers()[0].front(), team);
        QVERIFY(window.filterBar().text().isEmpty()); // a drag is no click
        // The order is kept by name when the numbers change.
        window.filterBar().setText(QStringLiteral("status == 200"));
        window.filterBar().apply();
        QTRY_VERIFY(window.settled());
        QCOMPARE(sankey.layoutOnScreen().layers()[0].front(), nodeNamed(window.flow(), QStringLiteral("team-b")));
        QTest::keyClick(&sankey, Qt::Key_Down);
        painted.clear();
        QTest::keyClick(&sankey, Qt::Key_Down, Qt::ShiftModifier);
        QVERIFY(painted.wait());
        QCOMPARE(sankey.layoutOnScreen().layers()[0][1], nodeNamed(window.flow(), QStringLiteral("team-b")));
    }

    void layersAndTopAreTheUsers() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        window.flow().layers().setNames({QStringLiteral("status")});
        Q_EMIT window.flow().layers().changed();
        QTRY_VERIFY(window.settled() && window.flow().answer()->fields.size() == 1);
        const auto& table = *window.flow().links().model();
        QCOMPARE(table.rowCount(), 4); // 200, 429, 500, no answer
        QVERIFY(nodeNamed(window.flow(), QStringLiteral("(no status)")) < 4);
        // Enter on a row of the table filters too.
        auto& links = window.flow().links();
        for (int row = 0; row < table.rowCount(); ++row) {
            if (table.index(row, 0).data() == QStringLiteral("429")) links.setCurrentIndex(table.index(row, 0));
        }
        QTest::keyClick(&links, Qt::Key_Return);
        QCOMPARE(window.filterBar().text(), QStringLiteral("status == 429"));
        QTRY_COMPARE(window.table().model()->rowCount(), 1);
        QToolButton* add = nullptr;
        for (auto* button : window.flow().layers().findChildren<QToolButton*>()) {
            if (button->isVisible() && button->accessibleName().startsWith(QStringLiteral("Add"))) add = button;
        }
        QVERIFY(add);
        QTest::mouseClick(add, Qt::LeftButton);
        QTRY_VERIFY(window.settled() && window.flow().answer()->fields.size() == 2);
    }

    void otherIsEverythingElse() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        for (auto* box : window.flow().findChildren<QSpinBox*>()) {
            if (box->prefix() == QStringLiteral("top ")) box->setValue(2);
        }
        window.flow().layers().setNames({QStringLiteral("status"), QStringLiteral("model")});
        Q_EMIT window.flow().layers().changed();
        QTRY_VERIFY(window.settled() && window.flow().answer()->fields.size() == 2);
        const auto other = nodeNamed(window.flow(), QStringLiteral("other (2)"));
        QVERIFY(other < window.flow().sankey().data().nodes.size());
        const auto expected = window.flow().answer()->flow.nodes[other].rows.size();
        QTest::mouseClick(&window.flow().sankey(), Qt::LeftButton, {}, centreOf(window.flow().sankey(), other));
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.table().model()->rowCount(), static_cast<int>(expected));
    }

    void secretsStayMaskedInNamesAndFilters() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        window.flow().layers().setNames({QStringLiteral("header:api-key"), QStringLiteral("model")});
        Q_EMIT window.flow().layers().changed();
        QTRY_VERIFY(window.settled() && window.flow().answer()->fields.size() == 2);
        const QString secret = toText(test::kSecret);
        for (const auto& node : window.flow().sankey().data().nodes) QVERIFY(!node.words.contains(secret));
        QVERIFY(!QString::fromUtf8(window.flow().links().csv()).contains(secret));
        QTest::mouseClick(&window.flow().sankey(), Qt::LeftButton, {}, centreOf(window.flow().sankey(), 0));
        QVERIFY(window.filterBar().text().isEmpty());
    }

    void brushIsAFilterForAllPages() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        auto& strip = window.timeBar().strip();
        QVERIFY(strip.isVisible());
        // Calls begin 0, 1, 8, 9, 11, 12, 15, ... s after the first; the axis begins on a whole bucket before it.
        const TimeNs first = window.flow().answer()->flow.totals.firstTime;
        const double lead = static_cast<double>(first - strip.axis()->from) / 1e9;
        drag(strip, atSecond(strip, lead + 7.5), atSecond(strip, lead + 12.5));
        QVERIFY(window.span());
        QTRY_COMPARE(window.table().model()->rowCount(), 4); // 8, 9, 11, 12
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.flow().answer()->flow.totals.exchanges, std::uint64_t{4});
        QVERIFY2(window.statusText().contains(QStringLiteral("18:23:2")), qPrintable(window.statusText()));
        QVERIFY(window.statusText().startsWith(QStringLiteral("4 of 12")));
        auto* chip = window.findChild<QToolButton*>(QStringLiteral("spanChip"));
        QVERIFY(chip->isVisible());
        // The strip keeps its surroundings, the series shows the chosen span.
        QCOMPARE(strip.data().bars.size(), std::size_t{12});
        // An edge can be dragged.
        const double to = static_cast<double>(window.span()->to - strip.axis()->from) / 1e9;
        drag(strip, atSecond(strip, to), atSecond(strip, lead + 15.5));
        QTRY_COMPARE(window.table().model()->rowCount(), 5);
        QTest::keyClick(&strip, Qt::Key_Escape);
        QVERIFY(!window.span());
        QTRY_COMPARE(window.table().model()->rowCount(), 12);
        QVERIFY(!chip->isVisible());
        // With the keys: from the first bar to the right.
        strip.setFocus();
        QTest::keyClick(&strip, Qt::Key_Home);
        QTest::keyClick(&strip, Qt::Key_Right, Qt::ShiftModifier);
        QVERIFY(window.span());
        QTRY_VERIFY(window.table().model()->rowCount() < 12);
        QTest::mouseDClick(&strip, Qt::LeftButton, {}, strip.plotArea().center().toPoint());
        QTRY_COMPARE(window.table().model()->rowCount(), 12);
        // The plot under the flow has the same brush.
        QTRY_VERIFY(window.settled());
        auto& series = window.flow().series().series();
        drag(series, series.plotArea().topLeft().toPoint() + QPoint(1, 10), atSecond(series, 4));
        QTRY_VERIFY(window.span() && window.table().model()->rowCount() == 2);
        QTest::mouseClick(chip, Qt::LeftButton);
        QTRY_COMPARE(window.table().model()->rowCount(), 12);
    }

    void legendSolosAndLimitIsDragged() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        auto& panel = window.flow().series();
        const auto buttons = panel.legend().findChildren<QToolButton*>();
        QCOMPARE(buttons.size(), 4);
        QTest::mouseClick(buttons[2], Qt::LeftButton);
        QCOMPARE(panel.legend().solo(), std::optional<std::size_t>(2));
        QTest::mouseClick(buttons[2], Qt::LeftButton);
        panel.limitBox().setValue(40'000);
        auto& series = panel.series();
        QCOMPARE(series.limit(), std::optional<double>(40'000));
        const QPoint from(200, static_cast<int>(std::lround(series.yOf(40'000))));
        drag(series, from, from + QPoint(0, 12));
        QVERIFY(!window.span()); // the line, not the brush
        QVERIFY(panel.limitBox().value() < 40'000 && panel.limitBox().value() > 0);
        QCOMPARE(series.limit(), std::optional<double>(panel.limitBox().value()));
        auto* unit = panel.findChild<QComboBox*>();
        unit->setFocus();
        QTest::keyClick(unit, Qt::Key_Down);
        QCOMPARE(panel.unit(), SeriesUnit::Requests);
        QCOMPARE(panel.legend().findChildren<QToolButton*>(Qt::FindDirectChildrenOnly).size(), 3);
        QCOMPARE(panel.limitBox().value(), 0);
    }

    void tablesSortCopyAndExport() {
        WindowFixture fixture;
        QString saved;
        Sources sources{test::analyseStandIn, test::readStandIn, {}};
        const QString folder = fixture.folder.path();
        sources.chooseSave = [&](QWidget*, const QString& name, const QString&,
                                 const std::function<void(const QString&)>& chosen) {
            saved = folder + QChar('/') + name;
            chosen(saved);
        };
        MainWindow window(fixture.theme, fixture.settings, sources);
        window.show();
        openFlow(window);
        auto& links = window.flow().links();
        const QAbstractItemModelTester tester(links.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        int output = 0;
        while (links.model()->headerData(output, Qt::Horizontal) != QStringLiteral("Output")) ++output;
        links.sortByColumn(output, Qt::AscendingOrder);
        double before = -1;
        for (int row = 0; row < links.model()->rowCount(); ++row) {
            const QVariant value = links.model()->index(row, output).data(CellTableModel::kValueRole);
            if (!value.isValid()) continue;
            QVERIFY(value.toDouble() >= before);
            before = value.toDouble();
        }
        links.setCurrentIndex(links.model()->index(0, 0));
        QTest::keyClick(&links, Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QGuiApplication::clipboard()->text().contains(links.model()->index(0, 1).data().toString()));
        QMenu menu;
        window.flow().fillExportMenu(&menu);
        QStringList names;
        for (auto* action : menu.actions()) {
            action->trigger();
            QFile file(saved);
            QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(saved));
            const QByteArray bytes = file.readAll();
            if (saved.endsWith(QStringLiteral(".png"))) QVERIFY(!QImage::fromData(bytes, "PNG").isNull());
            if (saved.endsWith(QStringLiteral(".svg"))) {
                QVERIFY(bytes.contains("<svg"));
                QVERIFY(bytes.contains("sampleproject1"));
            }
            if (saved.endsWith(QStringLiteral("token-flow.csv"))) {
                QVERIFY(bytes.startsWith("from,to,exchanges,total_tokens,"));
                QVERIFY(bytes.contains("TestAgent,gpt-4o,5,7830,"));
            }
            names << saved;
        }
        QCOMPARE(names.size(), 5);
    }

    /// 1,000,000 input tokens of gpt-4o cost 2, as many output tokens 8; nothing else has a price. Calls with gpt-4o:
    /// input 1204 + 1204 + 87 + 1590 + 1711 = 5,796, output 388 + 391 + 12 + 640 + 702 = 2,133:
    /// 0.011592 + 0.017064 = 0.028656. The cached input tokens cost as much as others here.
    void costsArePricedOrUnpricedNeverZero() {
        WindowFixture fixture;
        QFile file(fixture.folder.filePath(QStringLiteral("prices.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(kPrices);
        file.close();
        auto& window = fixture.window;
        openFlow(window);
        auto& flow = window.flow();
        flow.measureBox().setCurrentIndex(2);
        QTRY_VERIFY(flow.settled());
        // No table yet: everything is unpriced.
        QCOMPARE(flow.sankey().data().nodes[nodeNamed(flow, QStringLiteral("gpt-4o"))].note,
                 QStringLiteral("unpriced"));
        flow.prices().load(file.fileName());
        QTRY_VERIFY(flow.settled() && flow.answer()->currency == QStringLiteral("EUR"));
        QCOMPARE(flow.sankey().data().nodes[nodeNamed(flow, QStringLiteral("gpt-4o"))].note,
                 QStringLiteral("0.0287 EUR"));
        const auto claude = nodeNamed(flow, QStringLiteral("claude-3-5-sonnet"));
        QCOMPARE(flow.sankey().data().nodes[claude].note, QStringLiteral("unpriced"));
        QVERIFY(flow.sankey().data().nodes[claude].words.contains(QStringLiteral("unpriced")));
        const auto& links = *flow.links().model();
        const int row = rowNamed(links, QStringLiteral("chat-ui"), QStringLiteral("claude-3-5-sonnet"));
        QCOMPARE(cell(links, row, QStringLiteral("Cost (EUR)")), QStringLiteral("–"));
        QCOMPARE(cell(links, row, QStringLiteral("Unpriced")), QStringLiteral("3"));
        QVERIFY(QString::fromUtf8(flow.links().csv()).contains(QStringLiteral(",cost,unpriced,")));
    }

    void nothingToShowIsSaid() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window);
        window.filterBar().setText(QStringLiteral("status == 418"));
        window.filterBar().apply();
        QTRY_VERIFY(window.settled());
        QVERIFY(window.flow().sankey().data().nodes.empty());
        QVERIFY(window.flow().series().series().data().buckets.empty());
        QCOMPARE(window.flow().links().model()->rowCount(), 0);
        actionFor(window, "Ctrl+W")->trigger();
        QVERIFY(!window.flow().answer());
    }

    /// Pointing at the flow never waits: at most one frame, whatever is under the mouse.
    void hoverIsFast() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openFlow(window, "many.pcap");
        auto& sankey = window.flow().sankey();
        const std::int64_t worst = quickest(15'999'999, [&] {
            qint64 slowest = 0;
            for (int i = 0; i < 200; ++i) {
                const QPoint place(20 + i * (sankey.width() - 40) / 200, 40 + (i * 37) % (sankey.height() - 60));
                const qint64 before = threadTime();
                QTest::mouseMove(&sankey, place);
                sankey.repaint();
                slowest = std::max(slowest, threadTime() - before);
            }
            return slowest;
        });
        QVERIFY2(worst < 16'000'000, qPrintable(QStringLiteral("%1 ms").arg(static_cast<double>(worst) / 1e6)));
    }
};

QTEST_MAIN(UiFlowTest)
#include "ui_flow_test.moc"
