// SPDX-License-Identifier: Apache-2.0
// The drawing of hops, the ladder and the table of networks, over graphs that are written out by hand.
#include <QTest>

#include "ui/models/path_ladder_model.h"
#include "ui/models/path_shapes.h"
#include "ui/models/subnet_table_model.h"
#include "ui/widgets/hop_graph_view.h"

#include "tests/support/quickest.h"
#include "tests/ui/hop_traffic.h"

#include <QAbstractItemModelTester>
#include <QPainter>
#include <QScrollBar>
#include <QSignalSpy>

#include <ctime>
#include <set>

using namespace gatescope;
using namespace gatescope::ui;
using test::handMadeGraph;
using test::wideGraph;

namespace {

HopGraphData drawing(const analysis::PathGraph& graph) {
    return hopGraphOf(graph, PathMeasure::Calls);
}

void show(HopGraphView& view, const analysis::PathGraph& graph) {
    view.resize(900, 400);
    view.show(std::make_shared<const HopGraphData>(drawing(graph)));
    static_cast<QWidget&>(view).show();
    QTRY_VERIFY(view.settled() && view.layoutOnScreen().nodes().size() == graph.nodes.size());
}

QPoint centreOf(const HopGraphView& view, std::size_t node) {
    return view.toViewport(view.layoutOnScreen().nodes()[node].card.center()).toPoint();
}

qint64 threadTime() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return qint64{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// True when no two cards lie over each other and all lie on the sheet.
bool cardsAreApart(const HopGraphLayout& layout) {
    const QRectF sheet({0, 0}, layout.size());
    for (std::size_t i = 0; i < layout.nodes().size(); ++i) {
        if (!sheet.contains(layout.nodes()[i].card)) return false;
        for (std::size_t k = 0; k < i; ++k) {
            if (layout.nodes()[i].card.intersects(layout.nodes()[k].card)) return false;
        }
    }
    return true;
}

QString wordsOf(const HopEdge& edge) {
    QStringList words;
    for (const auto& word : edge.label) words << word.text;
    return words.join(QStringLiteral(" / "));
}

path::SourcePath ladderOfThree() {
    path::SourcePath path;
    path::Hop agent;
    agent.role = path::Role::Agent;
    agent.standing = path::Standing::Claimed;
    agent.address = IpAddress::parse("100.64.9.87");
    agent.addressClass = path::classify(*agent.address);
    agent.evidence = {{"x-forwarded-for", "100.64.9.87", false}, {"x-real-ip", "10.0.4.7", true}};
    path::Hop proxy;
    proxy.role = path::Role::Proxy;
    proxy.standing = path::Standing::Proven;
    proxy.address = IpAddress::parse("10.0.9.213");
    proxy.addressClass = path::classify(*proxy.address);
    proxy.port = 10095;
    proxy.subnet = "agents";
    proxy.trusted = true;
    proxy.gapBefore = true;
    proxy.evidence = {{"packets", "10.0.9.213:10095", false}};
    path::Hop gateway;
    gateway.role = path::Role::Gateway;
    gateway.standing = path::Standing::Seen;
    gateway.text = "apimeus.azure-api.net";
    path.hops = {agent, proxy, gateway};
    return path;
}

} // namespace

class UiHopsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)")));
    }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    void lanesAreThoseThatAreShown() {
        const auto data = drawing(handMadeGraph());
        const QStringList lanes{QStringLiteral("Microsoft-managed compute"), QStringLiteral("Delegated subnet"),
                                QStringLiteral("Gateway"), QStringLiteral("Backend")};
        QCOMPARE(data.lanes, lanes);
        const HopGraphLayout layout(data, 1200, QFont());
        // The agent stands before its data proxy, in the same lane.
        QCOMPARE(layout.columns().size(), std::size_t{5});
        QCOMPARE(layout.nodes()[0].column + 1, layout.nodes()[1].column);
        QCOMPARE(layout.lanes().size(), std::size_t{4});
        QVERIFY(layout.lanes()[0].left <= layout.nodes()[0].card.left());
        QVERIFY(layout.lanes()[0].right >= layout.nodes()[1].card.right());
        QVERIFY(cardsAreApart(layout));
    }

    void standingAndRangeAreDrawnAndSaid() {
        const auto data = drawing(handMadeGraph());
        QCOMPARE(data.nodes[0].line, HopLine::Dashed); // claimed
        QCOMPARE(data.nodes[1].line, HopLine::Dotted); // inferred
        QCOMPARE(data.nodes[2].line, HopLine::Solid);  // proven
        QCOMPARE(data.nodes[3].line, HopLine::Solid);  // seen
        QCOMPARE(data.nodes[0].badge, QStringLiteral("CGNAT"));
        QCOMPARE(data.nodes[1].badge, QString()); // no address, no range
        QCOMPARE(data.nodes[2].badge, QStringLiteral("private"));
        QCOMPARE(data.nodes[2].nat, QStringLiteral("14 ports"));
        QVERIFY(data.nodes[2].name.contains(QStringLiteral("agents")));
        QVERIFY(data.nodes[0].words.contains(QStringLiteral("against: x-real-ip: 10.0.4.7")));
        QVERIFY(data.nodes[0].words.contains(QStringLiteral("Foundry agent platform reserved")));
        // 12 of 812 is 1.48 %, 12 of 12 is 100 %, and all of them are 429.
        QCOMPARE(wordsOf(data.edges[2]),
                 QStringLiteral("812 calls / ! 1 % 429 / p95 2.10 s / TLS 1.3, apimeus.azure-api.net"));
        QCOMPARE(wordsOf(data.edges[4]), QStringLiteral("12 calls / ! 100 % 429 / p95 2.10 s"));
        QCOMPARE(data.edges[3].tone, Tone::BarReceive);
        QCOMPARE(data.edges[2].tone, Tone::Warning);
        QCOMPARE(data.edges[4].tone, Tone::Bad);
    }

    void widthIsByCallsOrTokens() {
        const auto graph = handMadeGraph();
        const HopGraphLayout byCalls(hopGraphOf(graph, PathMeasure::Calls), 1200, QFont());
        QVERIFY(byCalls.edges()[3].width > 5 * byCalls.edges()[4].width);
        const auto tokens = hopGraphOf(graph, PathMeasure::Tokens);
        QCOMPARE(tokens.edges[4].size, 0.0);
        QCOMPARE(tokens.edges[4].label.front().text, QStringLiteral("tokens unknown"));
        QCOMPARE(tokens.edges[3].label.front().text, QStringLiteral("1.2M tokens"));
        QVERIFY(HopGraphLayout(tokens, 1200, QFont()).edges()[4].width > 0); // it is there, so it is seen
    }

    void gapStaysVisible() {
        const auto data = drawing(handMadeGraph());
        const HopGraphLayout layout(data, 1200, QFont());
        for (std::size_t i = 0; i < data.edges.size(); ++i) QCOMPARE(!layout.edges()[i].gapMark.isEmpty(), i == 0);
        QVERIFY(wordsOf(data.edges[0]).contains(QStringLiteral("gap")));
        QCOMPARE(layout.at(layout.edges()[0].gapMark.center()), (HopHit{HopHit::Kind::Edge, 0}));
    }

    void textsAreReadWholeOrTheSheetIsWider() {
        const auto data = drawing(handMadeGraph());
        for (const double width : {300.0, 700.0, 1200.0, 2400.0}) {
            const HopGraphLayout layout(data, width, QFont());
            QVERIFY(layout.size().width() >= width);
            QVERIFY(cardsAreApart(layout));
            const QFontMetricsF metrics{QFont()};
            for (const auto& edge : layout.edges()) {
                QVERIFY(!edge.words.empty());
                QVERIFY(!edge.words.front().text.contains(QChar(0x2026)));
                for (const auto& node : layout.nodes())
                    QVERIFY(!node.card.adjusted(1, 1, -1, -1).intersects(edge.label));
            }
            for (std::size_t i = 0; i < data.nodes.size(); ++i) {
                QVERIFY(layout.nodes()[i].card.width() > metrics.horizontalAdvance(data.nodes[i].address));
            }
        }
    }

    /// More data puts new nodes under the old ones and moves none of these.
    void nodesKeepTheirPlace() {
        for (std::uint32_t agents = 1; agents < 5; ++agents) {
            const HopGraphLayout before(drawing(wideGraph(agents)), 900, QFont());
            const HopGraphLayout after(drawing(wideGraph(agents + 1)), 900, QFont());
            for (std::uint32_t i = 0; i < agents; ++i) QCOMPARE(after.nodes()[i].card, before.nodes()[i].card);
        }
        // Whatever place the engine gives them in its list.
        auto shuffled = wideGraph(4);
        std::swap(shuffled.nodes[0], shuffled.nodes[3]);
        const HopGraphLayout layout(drawing(shuffled), 900, QFont());
        QCOMPARE(layout.nodes()[3].row, std::size_t{0});
        QCOMPARE(layout.nodes()[0].row, std::size_t{3});
    }

    void twoHundredNodesScroll() {
        const HopGraphLayout layout(drawing(wideGraph(200)), 900, QFont());
        QVERIFY(layout.compact());
        QVERIFY(cardsAreApart(layout));
        HopGraphView view;
        show(view, wideGraph(200));
        QVERIFY(view.verticalScrollBar()->maximum() > 0);
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.current().index, std::size_t{0});
        for (int i = 0; i < 199; ++i) QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(view.current().index, std::size_t{199});
        QVERIFY(view.viewport()->rect().contains(centreOf(view, 199)));
        QTRY_VERIFY(view.settled());
        // What is in sight now was painted: not all of it is the colour of the ground.
        const QImage shot = view.viewport()->grab().toImage();
        const QPoint at = centreOf(view, 199) * shot.devicePixelRatio();
        std::set<QRgb> colours;
        for (int x = -40; x < 40; ++x) {
            for (int y = -12; y < 12; ++y) colours.insert(shot.pixel(at + QPoint(x, y)));
        }
        QVERIFY(colours.size() > 3);
    }

    void circlesDoNotHang() {
        auto graph = wideGraph(3);
        graph.edges.push_back({0, 1, path::Standing::Claimed, false, "", {}});
        graph.edges.push_back({1, 2, path::Standing::Claimed, false, "", {}});
        graph.edges.push_back({2, 0, path::Standing::Claimed, false, "", {}});
        graph.edges.push_back({1, 1, path::Standing::Claimed, true, "", {}});
        const auto data = drawing(graph);
        const HopGraphLayout layout(data, 900, QFont());
        QVERIFY(cardsAreApart(layout));
        for (const auto& edge : layout.edges()) QVERIFY(edge.line.size() > 1);
        QImage image(layout.size().toSize(), QImage::Format_ARGB32_Premultiplied);
        QPainter painter(&image);
        paintHopSheet(painter, data, layout, QPalette(), QFont());
    }

    void keyboardReachesEveryNode() {
        HopGraphView view;
        const auto graph = handMadeGraph();
        show(view, graph);
        view.setFocus();
        QSignalSpy chosen(&view, &HopGraphView::chosen);
        std::set<std::size_t> reached;
        QTest::keyClick(&view, Qt::Key_Home);
        reached.insert(view.current().index);
        for (int i = 0; i < 4; ++i) {
            QTest::keyClick(&view, Qt::Key_Right);
            reached.insert(view.current().index);
            QTest::keyClick(&view, Qt::Key_Down);
            reached.insert(view.current().index);
        }
        QCOMPARE(reached.size(), graph.nodes.size());
        QVERIFY(!view.accessibleDescription().isEmpty());
        QTest::keyClick(&view, Qt::Key_Return, Qt::ControlModifier);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen[0][0].value<HopHit>(), view.current());
        QCOMPARE(chosen[0][1].value<Qt::KeyboardModifiers>(), Qt::KeyboardModifiers(Qt::ControlModifier));
        QTest::keyClick(&view, Qt::Key_Home);
        QTest::keyClick(&view, Qt::Key_Left);
        QCOMPARE(view.current().index, std::size_t{0}); // there is nothing left of it
    }

    void mouseChoosesAndPoints() {
        HopGraphView view;
        show(view, handMadeGraph());
        QSignalSpy chosen(&view, &HopGraphView::chosen);
        QSignalSpy pointed(&view, &HopGraphView::pointed);
        QTest::mouseMove(view.viewport(), centreOf(view, 1));
        QTRY_VERIFY(!pointed.isEmpty());
        QCOMPARE(pointed.back()[0].value<HopHit>(), (HopHit{HopHit::Kind::Node, 1}));
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, centreOf(view, 0));
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen[0][0].value<HopHit>(), (HopHit{HopHit::Kind::Node, 0}));
        const auto& line = view.layoutOnScreen().edges()[1].line;
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, view.toViewport(line[line.size() / 2]).toPoint());
        QCOMPARE(chosen.count(), 2);
        QCOMPARE(chosen[1][0].value<HopHit>(), (HopHit{HopHit::Kind::Edge, 1}));
        // The keyboard's node stays the same one when its number changes.
        view.setCurrent(2);
        auto graph = handMadeGraph();
        std::swap(graph.nodes[4], graph.nodes[2]);
        for (auto& edge : graph.edges) {
            for (auto* end : {&edge.from, &edge.to}) *end = *end == 2 ? 4 : *end == 4 ? 2 : *end;
        }
        view.show(std::make_shared<const HopGraphData>(drawing(graph)));
        QCOMPARE(view.current().index, std::size_t{4});
    }

    void hoverIsFast() {
        HopGraphView view;
        show(view, wideGraph(200));
        const std::int64_t worst = quickest(15'999'999, [&] {
            qint64 slowest = 0;
            for (int i = 0; i < 200; ++i) {
                const QPoint place(10 + i * 4, 60 + (i * 37) % 320);
                const qint64 before = threadTime();
                QTest::mouseMove(view.viewport(), place);
                view.viewport()->repaint();
                slowest = std::max(slowest, threadTime() - before);
            }
            return slowest;
        });
        QVERIFY2(worst < 16'000'000, qPrintable(QStringLiteral("%1 ms").arg(static_cast<double>(worst) / 1e6)));
    }

    void tablesHoldTheSameNumbers() {
        const auto graph = handMadeGraph();
        CellTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show(hopColumns(), hopRows(graph, false));
        QCOMPARE(model.rowCount(), 6);
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("Agent"));
        QCOMPARE(model.index(0, 5).data().toString(), QStringLiteral("claimed"));
        QCOMPARE(model.index(1, 1).data().toString(), QStringLiteral("–"));  // no address
        QCOMPARE(model.index(5, 10).data().toString(), QStringLiteral("–")); // tokens unknown, not 0
        model.show(hopLinkColumns(), hopLinkRows(graph));
        QCOMPARE(model.index(0, 3).data().toString(), QStringLiteral("gap: not shown"));
        QCOMPARE(model.index(1, 3).data().toString(), QStringLiteral("direct"));
        model.show(pathColumns(), pathRows(graph, false));
        QCOMPARE(model.index(0, 0).data().toString(),
                 QStringLiteral("100.64.9.87 › j8820-dataproxy › 10.0.9.213 › 10.0.4.12 › eastus2"));
        QCOMPARE(model.index(0, 2).data().toString(), QStringLiteral("10.0.9.213"));
        QCOMPARE(model.index(1, 2).data().toString(), QStringLiteral("–"));
        QCOMPARE(model.index(0, 3).data().toString(), QStringLiteral("inferred")); // its least known hop
    }

    void pagesEscapeWhatHeadersSay() {
        auto graph = handMadeGraph();
        graph.nodes[0].name = "<img src=x>";
        graph.nodes[0].evidence.front().value = "<b>&";
        QVERIFY(!nodePage(graph.nodes[0]).contains(QStringLiteral("<img")));
        QVERIFY(nodePage(graph.nodes[0]).contains(QStringLiteral("&lt;b&gt;&amp;")));
    }

    void ladderHasHopsEvidenceAndGap() {
        PathLadderModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show(ladderOfThree());
        using Kind = PathLadderModel::Kind;
        const std::vector<Kind> kinds{Kind::Hop, Kind::For, Kind::Against, Kind::Gap, Kind::Hop, Kind::For, Kind::Hop};
        QCOMPARE(model.rowCount(), static_cast<int>(kinds.size()));
        for (int row = 0; row < model.rowCount(); ++row)
            QVERIFY(model.kindAt(row) == kinds[static_cast<std::size_t>(row)]);
        const auto cell = [&](int row, int column) { return model.index(row, column).data().toString(); };
        QCOMPARE(cell(0, PathLadderModel::What), QStringLiteral("Agent"));
        QCOMPARE(cell(0, PathLadderModel::Standing), QStringLiteral("claimed by a header"));
        QVERIFY(cell(0, PathLadderModel::Range).startsWith(QStringLiteral("CGNAT")));
        QCOMPARE(cell(2, PathLadderModel::Standing), QStringLiteral("speaks against it"));
        QCOMPARE(cell(4, PathLadderModel::Value), QStringLiteral("10.0.9.213:10095"));
        QCOMPARE(cell(4, PathLadderModel::Subnet), QStringLiteral("agents"));
        QVERIFY(cell(4, PathLadderModel::Standing).endsWith(QStringLiteral(", trusted")));
        QCOMPARE(cell(6, PathLadderModel::Value), QStringLiteral("apimeus.azure-api.net"));
        QCOMPARE(model.headerAt(1), QStringLiteral("x-forwarded-for"));
        QCOMPARE(model.headerAt(5), QString()); // packets are no header
        QVERIFY(!model.railAt(0).above && model.railAt(0).below == HopLine::Dashed);
        QVERIFY(model.railAt(3).gap && !model.railAt(6).below);
        model.clear();
        QCOMPARE(model.rowCount(), 0);
    }

    void networksAreCheckedWhileTheyAreWritten() {
        SubnetTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy edited(&model, &SubnetTableModel::edited);
        const int row = model.add({});
        QCOMPARE(model.badLines(), 1);
        QVERIFY(model.subnets().empty());
        QVERIFY(
            model.setData(model.index(row, SubnetTableModel::Network), QStringLiteral("10.0.9.0/33"), Qt::EditRole));
        QCOMPARE(model.badLines(), 1);
        QVERIFY(!model.index(row, SubnetTableModel::Check).data().toString().isEmpty());
        QVERIFY(
            model.setData(model.index(row, SubnetTableModel::Network), QStringLiteral(" 10.0.9.0/24 "), Qt::EditRole));
        QCOMPARE(model.badLines(), 0);
        QCOMPARE(model.index(row, SubnetTableModel::Check).data().toString(), QStringLiteral("ok"));
        QVERIFY(model.setData(model.index(row, SubnetTableModel::Trusted), Qt::Checked, Qt::CheckStateRole));
        QCOMPARE(edited.count(), 4);
        QVERIFY(model.subnets().front().trusted);
        QVERIFY(model.subnets().front().range.contains(*IpAddress::parse("10.0.9.213")));
        model.remove(row);
        QCOMPARE(model.rowCount(), 0);
    }
};

QTEST_MAIN(UiHopsTest)
#include "ui_hops_test.moc"
