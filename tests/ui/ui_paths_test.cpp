// SPDX-License-Identifier: Apache-2.0
// The page of the source paths, the editor of trusted networks and the ladder of one call, used as a person uses them.
#include <QTest>

#include "ui/bridge/text.h"
#include "ui/views/cell_table.h"
#include "ui/views/details_panel.h"
#include "ui/views/filter_bar.h"
#include "ui/views/finding_line.h"
#include "ui/views/page_stack.h"
#include "ui/views/path_tab.h"
#include "ui/views/paths_page.h"
#include "ui/views/trust_dialog.h"
#include "ui/widgets/hop_graph_view.h"

#include "tests/ui/hop_traffic.h"
#include "tests/ui/window_fixture.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QFile>
#include <QImage>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QToolButton>
#include <QXmlStreamReader>

#include <set>

using namespace gatescope;
using namespace gatescope::ui;
using test::actionFor;
using test::WindowFixture;

namespace {

void openPaths(MainWindow& window, const char* name = "hops.pcapng") {
    window.open({QLatin1String(name)});
    QTRY_VERIFY(window.settled());
    actionFor(window, "Ctrl+4")->trigger();
    QTRY_VERIFY(window.settled() && window.paths().answer());
    QTRY_VERIFY(!window.paths().graph().layoutOnScreen().nodes().empty());
}

std::optional<std::size_t> nodeAt(PathsPage& page, std::string_view address) {
    const auto& nodes = page.answer()->graph.nodes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].address == address) return i;
    }
    return std::nullopt;
}

/// Brings a node into sight, as arrow keys do, and says where it is.
QPoint centreOf(PathsPage& page, std::size_t node) {
    page.graph().setCurrent(node);
    const auto& layout = page.graph().layoutOnScreen();
    return page.graph().toViewport(layout.nodes()[node].card.center()).toPoint();
}

void click(PathsPage& page, std::size_t node, Qt::KeyboardModifiers keys = {}) {
    const QPoint place = centreOf(page, node);
    QTest::mouseClick(page.graph().viewport(), Qt::LeftButton, keys, place);
}

std::set<std::string> effectiveClients(PathsPage& page) {
    std::set<std::string> clients;
    for (const auto& path : page.answer()->graph.paths) clients.insert(path.example.effectiveClientText);
    return clients;
}

/// Types a network into the editor: a new line, its range, a tick before it.
void typeNetwork(TrustDialog& dialog, const char* range) {
    for (auto* button : dialog.findChildren<QPushButton*>()) {
        if (button->text() == QStringLiteral("A&dd")) QTest::mouseClick(button, Qt::LeftButton);
    }
    auto* editor = dialog.table().findChild<QLineEdit*>();
    QVERIFY(editor);
    QTest::keyClicks(editor, QLatin1String(range));
    QTest::keyClick(editor, Qt::Key_Return);
    const int row = dialog.subnets().rowCount() - 1;
    QTRY_COMPARE(dialog.subnets().index(row, SubnetTableModel::Network).data().toString(), QLatin1String(range));
    QTRY_VERIFY(!dialog.table().findChild<QLineEdit*>());
    const QModelIndex tick = dialog.subnets().index(row, SubnetTableModel::Trusted);
    dialog.table().setCurrentIndex(tick);
    QTest::keyClick(&dialog.table(), Qt::Key_Space);
    QCOMPARE(tick.data(Qt::CheckStateRole).toInt(), int{Qt::Checked});
}

Sources sourcesInto(const QString& folder, QString& saved, const QString& opened = {}) {
    Sources sources{test::analyseStandIn, test::readStandIn, {}};
    sources.chooseSave = [folder, &saved](QWidget*, const QString& name, const QString&,
                                          const std::function<void(const QString&)>& chosen) {
        saved = folder + QChar('/') + name;
        chosen(saved);
    };
    sources.chooseOpen = [opened](QWidget*, const QString&, const QString&,
                                  const std::function<void(const QString&)>& chosen) { chosen(opened); };
    return sources;
}

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class UiPathsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QApplication::setStyle(new Style); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    /// Counted by hand in hop_traffic.cpp.
    void pageShowsTheWaysOfTheCalls() {
        WindowFixture fixture;
        openPaths(fixture.window);
        auto& page = fixture.window.paths();
        const auto& graph = page.answer()->graph;
        const auto agents = nodeAt(page, "10.0.9.213");
        QVERIFY(agents);
        QCOMPARE(graph.nodes[*agents].totals.exchanges, std::uint64_t{6});
        QCOMPARE(graph.nodes[*agents].totals.errors, std::uint64_t{1});
        QCOMPARE(graph.nodes[*agents].ports, std::uint64_t{6});
        const auto direct = nodeAt(page, "20.50.1.7");
        QVERIFY(direct);
        QCOMPARE(graph.nodes[*direct].totals.exchanges, std::uint64_t{1});
        QCOMPARE(page.graph().data().nodes[*direct].badge, QStringLiteral("public"));
        // 100.64.9.87 is named by 6 calls of the data proxy and by 2 that claim it.
        std::uint64_t named = 0;
        for (const auto& node : graph.nodes) named += node.address == "100.64.9.87" ? node.totals.exchanges : 0;
        QCOMPARE(named, std::uint64_t{8});
        for (const auto tab : {PathsPage::Paths, PathsPage::Hops, PathsPage::Links}) {
            QVERIFY(page.table(tab).model()->rowCount() > 0);
            const QAbstractItemModelTester tester(page.table(tab).model(),
                                                  QAbstractItemModelTester::FailureReportingMode::QtTest);
        }
        QCOMPARE(page.table(PathsPage::Hops).model()->rowCount(), static_cast<int>(graph.nodes.size()));
    }

    void clickFilters() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openPaths(window);
        auto& page = window.paths();
        click(page, *nodeAt(page, "10.0.9.213"));
        QVERIFY(!window.filterBar().text().isEmpty());
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.table().model()->rowCount(), 6);
        QCOMPARE(page.answer()->graph.nodes[*nodeAt(page, "10.0.9.213")].totals.exchanges, std::uint64_t{6});
        QVERIFY(!nodeAt(page, "20.50.1.7"));
        // Ctrl narrows further: of these six none came from the other agent's address.
        actionFor(window, "Ctrl+Shift+X")->trigger();
        QTRY_VERIFY(window.settled() && nodeAt(page, "20.50.1.7"));
        QCOMPARE(window.table().model()->rowCount(), 12);
    }

    void keyboardFilters() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openPaths(window);
        auto& page = window.paths();
        QVERIFY(page.graph().hasFocus());
        QTest::keyClick(&page.graph(), Qt::Key_Home);
        const auto first = page.graph().current().index;
        QVERIFY(!page.evidence().isEmpty());
        const auto expected = page.answer()->graph.nodes[first].totals.exchanges;
        QTest::keyClick(&page.graph(), Qt::Key_Return);
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.filterBar().text(), page.answer() ? window.filterBar().text() : QString());
        QCOMPARE(window.table().model()->rowCount(), static_cast<int>(expected));
    }

    void hoverShowsEvidence() {
        WindowFixture fixture;
        openPaths(fixture.window);
        auto& page = fixture.window.paths();
        const auto node = *nodeAt(page, "10.0.9.213");
        const QPoint place = centreOf(page, node);
        page.graph().setCurrent(*nodeAt(page, "20.50.1.7"));
        QTRY_VERIFY(fixture.window.settled());
        QTest::mouseMove(page.graph().viewport(), centreOf(page, node) + QPoint(1, 1));
        Q_UNUSED(place);
        QTRY_VERIFY(page.evidence().contains(QStringLiteral("10.0.9.213")));
        QVERIFY(page.evidence().contains(QStringLiteral("6 calls")));
        QVERIFY(page.evidence().contains(QStringLiteral("Evidence")));
    }

    void tableAndDrawingShareTheChoice() {
        WindowFixture fixture;
        openPaths(fixture.window);
        auto& page = fixture.window.paths();
        page.tabs().setCurrentIndex(PathsPage::Hops);
        auto& hops = page.table(PathsPage::Hops);
        hops.setCurrentIndex(hops.model()->index(2, 0));
        QCOMPARE(page.graph().current().index, std::size_t{2});
        page.measureBox().setCurrentIndex(1);
        QTRY_VERIFY(page.settled());
        QVERIFY(page.graph().data().edges.front().label.front().text.contains(QStringLiteral("tokens")));
        QCOMPARE(page.graph().current().index, std::size_t{2});
    }

    void findingsFilter() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openPaths(window);
        auto& page = window.paths();
        const auto& findings = page.answer()->findings;
        const auto cgnat = std::find_if(findings.begin(), findings.end(), [](const PathFinding& each) {
            return each.kind->id == "path.cgnat-from-untrusted" || each.kind->id == "path.foundry-claim-without-proxy";
        });
        QVERIFY(cgnat != findings.end());
        const auto index = cgnat - findings.begin();
        const auto buttons = page.findingLine().findChildren<QToolButton*>();
        QVERIFY(index < buttons.size());
        QVERIFY(!buttons[index]->icon().isNull() && !buttons[index]->text().isEmpty());
        const auto expected = cgnat->count;
        QTest::mouseClick(buttons[index], Qt::LeftButton);
        QVERIFY(window.filterBar().text().startsWith(QStringLiteral("id ")));
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.table().model()->rowCount(), static_cast<int>(expected));
    }

    /// Under the suggested trust the agent's container is the effective client, and 10.0.9.213 says so.
    void trustChangesTheAnswer() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openPaths(window);
        auto& page = window.paths();
        QVERIFY(effectiveClients(page).contains("10.0.9.213"));
        QVERIFY(page.trustButton().text().endsWith(QStringLiteral("none")));
        actionFor(window, "Ctrl+Shift+U")->trigger();
        QVERIFY(page.trustDialog() && page.trustDialog()->isVisible());
        auto& dialog = *page.trustDialog();
        typeNetwork(dialog, "10.0.9.0/24");
        QTRY_VERIFY(dialog.settled());
        QTest::mouseClick(&dialog.applyButton(), Qt::LeftButton);
        QTRY_VERIFY(window.settled() && effectiveClients(page).contains("100.64.9.87"));
        QVERIFY(!effectiveClients(page).contains("10.0.9.213"));
        QVERIFY(page.trustButton().text().endsWith(QStringLiteral("1")));
        // The field follows, and so does the ladder of the chosen call.
        window.filterBar().setText(QStringLiteral("effective_client == \"100.64.9.87\""));
        window.filterBar().apply();
        QTRY_COMPARE(window.table().model()->rowCount(), 6);
        QTRY_VERIFY(window.settled());
        QVERIFY2(window.details().path().clientLine().contains(QStringLiteral("100.64.9.87, verified by 10.0.9.213")),
                 qPrintable(window.details().path().clientLine()));
        // It is remembered.
        dialog.close();
        window.close();
        MainWindow again(fixture.theme, fixture.settings, {test::analyseStandIn, test::readStandIn, {}});
        QCOMPARE(again.trust().trust()->subnets.size(), std::size_t{1});
        QVERIFY(again.trust().trust()->trusts(*IpAddress::parse("10.0.9.1")));
    }

    void badNetworksAreSaidAndLeftOut() {
        WindowFixture fixture;
        openPaths(fixture.window);
        auto& page = fixture.window.paths();
        page.editTrust();
        auto& dialog = *page.trustDialog();
        typeNetwork(dialog, "10.0.9.0/99");
        QVERIFY(dialog.message().contains(QStringLiteral("1 line cannot be read")));
        // Foundry agents reserve 100.100.0.0/17: a customer's subnet there is a finding.
        typeNetwork(dialog, "100.100.1.0/24");
        auto& subnets = dialog.subnets(); // a bare range may be anything, a named one is the customer's
        QVERIFY(subnets.setData(subnets.index(1, SubnetTableModel::Name), QStringLiteral("branch"), Qt::EditRole));
        QVERIFY(dialog.subnets().setData(dialog.subnets().index(1, SubnetTableModel::Role),
                                         QStringLiteral("agent-subnet"), Qt::EditRole));
        QTRY_VERIFY(dialog.settled() && dialog.findings().model()->rowCount() > 0);
        QVERIFY(dialog.subnets().index(1, SubnetTableModel::Check).data().toString() != QStringLiteral("ok"));
        QTest::mouseClick(&dialog.applyButton(), Qt::LeftButton);
        QCOMPARE(fixture.window.trust().trust()->subnets.size(), std::size_t{1});
        dialog.close();
    }

    void topologyGoesOutAndComesBack() {
        WindowFixture fixture;
        QString saved;
        MainWindow window(fixture.theme, fixture.settings, sourcesInto(fixture.folder.path(), saved));
        window.show();
        openPaths(window);
        window.paths().editTrust();
        auto& dialog = *window.paths().trustDialog();
        dialog.subnets().show({{"10.0.9.0/24", {}, "agents", "agent-subnet", true, "hub"}});
        for (auto* button : dialog.findChildren<QPushButton*>()) {
            if (button->text() == QStringLiteral("&Export…")) QTest::mouseClick(button, Qt::LeftButton);
        }
        QVERIFY(contentOf(saved).contains("10.0.9.0/24"));
        dialog.subnets().show({});
        dialog.importFile(saved);
        QTRY_VERIFY(dialog.settled() && dialog.subnets().rowCount() == 1);
        QCOMPARE(dialog.subnets().subnets().front().name, std::string("agents"));
        const QString broken = fixture.folder.filePath(QStringLiteral("broken.json"));
        QFile file(broken);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\"subnets\": [");
        file.close();
        dialog.importFile(broken);
        QTRY_VERIFY(dialog.message().contains(QStringLiteral("broken.json was not read")));
        QCOMPARE(dialog.subnets().rowCount(), 1); // what was there stays
        dialog.close();
    }

    void exportsAreWhole() {
        WindowFixture fixture;
        QString saved;
        MainWindow window(fixture.theme, fixture.settings, sourcesInto(fixture.folder.path(), saved));
        window.show();
        openPaths(window);
        auto& page = window.paths();
        QMenu menu;
        page.fillExportMenu(&menu);
        int files = 0;
        for (auto* action : menu.actions()) {
            saved.clear();
            action->trigger();
            QTRY_VERIFY(page.settled() && !saved.isEmpty());
            const QByteArray bytes = contentOf(saved);
            QVERIFY2(!bytes.isEmpty(), qPrintable(saved));
            QVERIFY(!bytes.contains(QByteArray::fromStdString(std::string(test::kSecret))));
            ++files;
            if (saved.endsWith(QStringLiteral(".png"))) QVERIFY(QImage::fromData(bytes, "PNG").width() > 900);
            if (saved.endsWith(QStringLiteral(".svg"))) {
                QXmlStreamReader reader(bytes);
                QString text;
                while (!reader.atEnd()) {
                    if (reader.readNext() == QXmlStreamReader::Characters) text += reader.text();
                }
                QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
                QVERIFY(text.contains(QStringLiteral("100.64.9.87")) && text.contains(QStringLiteral("CGNAT")));
            }
            if (saved.endsWith(QStringLiteral(".dot"))) {
                QVERIFY(bytes.contains("digraph"));
                for (const auto& node : page.answer()->graph.nodes) QVERIFY(bytes.contains(node.address.c_str()));
            }
            if (saved.endsWith(QStringLiteral("hops.csv"))) QVERIFY(bytes.contains("10.0.9.213"));
        }
        QCOMPARE(files, 6);
    }

    void ladderShowsTheWayOfOneCall() {
        WindowFixture fixture;
        auto& window = fixture.window;
        window.open({QStringLiteral("hops.pcapng")});
        QTRY_VERIFY(window.settled());
        QTRY_VERIFY(window.details().row());
        window.details().setCurrentIndex(DetailsPanel::Path);
        auto& tab = window.details().path();
        const auto& ladder = tab.ladder();
        const QAbstractItemModelTester tester(tab.table().model(),
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(ladder.rowCount() > 3);
        QCOMPARE(ladder.index(0, PathLadderModel::Value).data().toString(), QStringLiteral("100.64.9.87"));
        bool xff = false;
        for (int row = 0; row < ladder.rowCount(); ++row)
            xff = xff || ladder.headerAt(row) == QStringLiteral("x-forwarded-for");
        QVERIFY(xff);
        QVERIFY(tab.clientLine().startsWith(QStringLiteral("Effective client: 10.0.9.213")));
        QVERIFY(tab.joinLine().isEmpty());
    }

    void fewerNodesOfALaneArePutTogether() {
        WindowFixture fixture;
        openPaths(fixture.window);
        auto& page = fixture.window.paths();
        auto* top = page.findChild<QSpinBox*>();
        QVERIFY(top);
        const auto before = page.answer()->graph.nodes.size();
        top->setValue(2);
        QTRY_VERIFY(page.settled());
        QVERIFY(page.answer()->graph.nodes.size() <= before);
        for (std::size_t i = 0; i < page.answer()->graph.nodes.size(); ++i) {
            const bool grouped = page.answer()->graph.nodes[i].groupedNodes > 0;
            QCOMPARE(page.graph().data().nodes[i].grouped, grouped);
            if (grouped) QVERIFY(page.answer()->nodeConditions[i].isEmpty());
        }
    }

    void nothingToShowIsSaid() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openPaths(window);
        window.filterBar().setText(QStringLiteral("status == 418"));
        window.filterBar().apply();
        QTRY_VERIFY(window.settled());
        QVERIFY(window.paths().graph().data().nodes.empty());
        QCOMPARE(window.paths().table(PathsPage::Paths).model()->rowCount(), 0);
        actionFor(window, "Ctrl+W")->trigger();
        QVERIFY(!window.paths().answer());
    }
};

QTEST_MAIN(UiPathsTest)
#include "ui_paths_test.moc"
