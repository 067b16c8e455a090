// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/text.h"
#include "ui/views/body_tab.h"
#include "ui/views/details_panel.h"
#include "ui/views/filter_bar.h"
#include "ui/views/group_panel.h"
#include "ui/views/headers_tab.h"
#include "ui/views/stream_tab.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/palette.h"

#include "tests/ui/window_fixture.h"

#include <QClipboard>
#include <QDropEvent>
#include <QFile>
#include <QHeaderView>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QMimeData>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTest>
#include <QToolButton>

using namespace gatescope;
using namespace gatescope::ui;
using analysis::FieldId;
using test::actionFor;
using test::WindowFixture;

namespace {

QStringList columnTexts(RequestTable& table, FieldId id) {
    QStringList texts;
    const auto column = table.requests().columnOf(fieldOf(id)).value();
    for (int row = 0; row < table.model()->rowCount(); ++row) {
        texts << table.model()->index(row, column).data().toString();
    }
    return texts;
}

void typeFilter(MainWindow& window, const QString& text) {
    auto* edit = window.findChild<QLineEdit*>(QStringLiteral("filterEdit"));
    edit->clear();
    QTest::keyClicks(edit, text);
    QTest::keyClick(edit, Qt::Key_Escape); // the completion
}

void openAndSettle(MainWindow& window, const QString& path) {
    window.open({path});
    QTRY_VERIFY(window.settled());
}

QModelIndex groupNamed(GroupPanel& panel, const QString& name, const QModelIndex& parent = {}) {
    auto* model = panel.model();
    for (int row = 0; row < model->rowCount(parent); ++row) {
        const auto index = model->index(row, 0, parent);
        if (index.data().toString() == name) return index;
        const auto deeper = groupNamed(panel, name, index);
        if (deeper.isValid()) return deeper;
    }
    return {};
}

} // namespace

class UiWindowTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QApplication::setStyle(new Style); }
    void init() { // All but what the offscreen platform says of itself.
        QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)")));
    }

    void emptyWindowSaysWhatToDo() {
        WindowFixture fixture;
        const auto* notice = fixture.window.findChild<QStackedWidget*>()->currentWidget();
        QVERIFY(notice->accessibleDescription().contains(QStringLiteral("Open a packet capture")));
        QVERIFY(!fixture.window.groups().isVisible());
        QCOMPARE(fixture.window.statusText(), QStringLiteral("Nothing is open"));
    }

    void openedFileFillsTableTreeAndStatus() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        auto& table = fixture.window.table();
        QCOMPARE(table.model()->rowCount(), 12);
        QCOMPARE(columnTexts(table, FieldId::Model).count(QStringLiteral("gpt-4o")), 7);
        QVERIFY(fixture.window.groups().isVisible());
        QVERIFY(fixture.window.statusText().startsWith(QStringLiteral("12 requests")));
        QVERIFY(fixture.window.statusText().contains(QStringLiteral("without usage")));
        QVERIFY(fixture.window.windowTitle().contains(QStringLiteral("gateway.pcapng")));
        QCOMPARE(table.currentRow(), std::optional<analysis::Row>(0)); // something to look at
    }

    void typedFilterIsCheckedAndApplied() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        auto& bar = fixture.window.filterBar();
        auto* edit = fixture.window.findChild<QLineEdit*>(QStringLiteral("filterEdit"));
        typeFilter(fixture.window, QStringLiteral("status =="));
        QVERIFY(bar.message().startsWith(QStringLiteral("Column ")));
        QCOMPARE(edit->palette().color(QPalette::Base), colour(Tone::FilterInvalid));
        QTest::keyClick(edit, Qt::Key_Return);
        QCOMPARE(fixture.window.table().model()->rowCount(), 12); // the filter in force stays
        typeFilter(fixture.window, QStringLiteral("status == 429 || status == 500"));
        QCOMPARE(edit->palette().color(QPalette::Base), colour(Tone::FilterValid));
        QVERIFY(bar.message().contains(QStringLiteral("Enter")));
        QTest::keyClick(edit, Qt::Key_Return);
        QTRY_COMPARE(fixture.window.table().model()->rowCount(), 2);
        QCOMPARE(columnTexts(fixture.window.table(), FieldId::Status),
                 QStringList({QStringLiteral("429"), QStringLiteral("500")}));
        QVERIFY(fixture.window.statusText().startsWith(QStringLiteral("2 of 12 requests")));
        QCOMPARE(bar.message(), QStringLiteral("Showing 2 of 12 requests"));
        QCOMPARE(bar.history().front(), QStringLiteral("status == 429 || status == 500"));
        bar.clear();
        QTRY_COMPARE(fixture.window.table().model()->rowCount(), 12);
    }

    void fieldNamesAreCompleted() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        auto* edit = fixture.window.findChild<QLineEdit*>(QStringLiteral("filterEdit"));
        edit->setFocus();
        QTest::keyClicks(edit, QStringLiteral("header:openai-p"));
        auto* popup = QApplication::activePopupWidget();
        QVERIFY(popup);
        QTest::keyClick(popup, Qt::Key_Down);
        QTest::keyClick(popup, Qt::Key_Return);
        QCOMPARE(edit->text(), QStringLiteral("header:openai-project"));
        QCOMPARE(fixture.window.filterBar().filter().text(), std::string()); // completed, not applied
    }

    void clickedGroupNarrowsAndItsChipWidens() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        auto& groups = fixture.window.groups();
        const auto agent = groupNamed(groups, QStringLiteral("TestAgent :5"));
        QVERIFY(agent.isValid());
        QTest::mouseClick(groups.viewport(), Qt::LeftButton, {}, groups.visualRect(agent).center());
        QTRY_COMPARE(fixture.window.table().model()->rowCount(), 5);
        const auto projects = columnTexts(fixture.window.table(), FieldId::Agent);
        QCOMPARE(projects.count(QStringLiteral("TestAgent :5")), 5);
        QVERIFY(fixture.window.statusText().startsWith(QStringLiteral("5 of 12 requests")));
        QToolButton* chip = nullptr;
        for (auto* button : fixture.window.filterBar().findChildren<QToolButton*>()) {
            if (button->text().contains(QStringLiteral("TestAgent :5"))) chip = button;
        }
        QVERIFY(chip && chip->isVisible());
        // Both narrow: the group and the filter bar.
        typeFilter(fixture.window, QStringLiteral("status == 429"));
        fixture.window.filterBar().apply();
        QTRY_COMPARE(fixture.window.table().model()->rowCount(), 1);
        QTest::mouseClick(chip, Qt::LeftButton);
        QVERIFY(!chip->isVisible());
        fixture.window.filterBar().clear();
        QTRY_COMPARE(fixture.window.table().model()->rowCount(), 12);
        const auto none = groupNamed(groups, QStringLiteral("(no project)"));
        QTest::mouseClick(groups.viewport(), Qt::LeftButton, {}, groups.visualRect(none).center());
        QTRY_COMPARE(fixture.window.table().model()->rowCount(), 2);
    }

    void sortingKeepsTheChosenRequest() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        auto& table = fixture.window.table();
        table.select(3);
        const int tokens = table.requests().columnOf(fieldOf(FieldId::InputTokens)).value();
        table.sortByColumn(tokens, Qt::DescendingOrder);
        QTRY_COMPARE(columnTexts(table, FieldId::InputTokens).front(), QStringLiteral("2,210"));
        QCOMPARE(table.currentRow(), std::optional<analysis::Row>(3));
        QCOMPARE(table.selectionModel()->selectedRows().size(), 1);
        QCOMPARE(columnTexts(table, FieldId::InputTokens).back(), QStringLiteral("–"));
    }

    void cancelledLoadKeepsWhatWasRead() {
        WindowFixture fixture;
        fixture.window.open({QStringLiteral("slow.pcap")});
        QTRY_VERIFY(fixture.window.table().model()->rowCount() > 0); // rows while reading
        auto* cancel = fixture.window.statusBar()->findChild<QToolButton*>(QStringLiteral("cancelLoad"));
        QVERIFY(cancel->isVisible());
        QTest::mouseClick(cancel, Qt::LeftButton);
        QTRY_VERIFY(fixture.window.settled());
        QVERIFY(!cancel->isVisible());
        QVERIFY(fixture.window.table().model()->rowCount() >= 100);
        const auto* banner = fixture.window.findChild<Banner*>();
        QVERIFY(banner->isVisible());
        QVERIFY(banner->text().contains(QStringLiteral("Reading was stopped")));
    }

    void selectionStaysWhileRowsArrive() {
        WindowFixture fixture;
        fixture.window.open({QStringLiteral("slow.pcap")});
        auto& table = fixture.window.table();
        QTRY_VERIFY(table.model()->rowCount() > 50);
        table.select(42);
        const int before = table.model()->rowCount();
        QTRY_VERIFY(table.model()->rowCount() > before + 200);
        QCOMPARE(table.currentRow(), std::optional<analysis::Row>(42));
        QCOMPARE(fixture.window.details().row(), std::optional<analysis::Row>(42));
    }

    void brokenFilesAreExplained() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("notes.txt"));
        const auto* page = fixture.window.findChild<QStackedWidget*>()->currentWidget();
        QVERIFY(page->accessibleDescription().contains(QStringLiteral("48 65 6c 6c")));
        QVERIFY(page->accessibleName().contains(QStringLiteral("notes.txt")));
        openAndSettle(fixture.window, QStringLiteral("cut.pcap"));
        QCOMPARE(fixture.window.table().model()->rowCount(), 12);
        const auto* banner = fixture.window.findChild<Banner*>();
        QVERIFY(banner->isVisible());
        QVERIFY(banner->text().contains(QStringLiteral("byte 48,211")));
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        QVERIFY(!banner->isVisible());
    }

    void detailsFollowAndSecretsStayHidden() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        auto& details = fixture.window.details();
        const QString secret = toText(test::kSecret);
        details.setCurrentIndex(DetailsPanel::Body);
        auto* body = details.findChild<BodyTab*>();
        QTRY_VERIFY(body->requestText().contains(QStringLiteral("gpt-4o")));
        QVERIFY(!body->requestText().contains(secret));
        QTest::mouseClick(details.findChild<QToolButton*>(QStringLiteral("reveal")), Qt::LeftButton);
        QTRY_VERIFY(body->requestText().contains(secret));
        fixture.window.table().select(2);
        QVERIFY(!details.revealed()); // per exchange
        details.setCurrentIndex(DetailsPanel::Stream);
        auto* stream = details.findChild<StreamTab*>();
        QTRY_COMPARE(stream->text(), QStringLiteral("The gateway counts tokens."));
        QCOMPARE(stream->events().rowCount(), 6);
        QTRY_VERIFY(!body->requestText().contains(secret));
    }

    void headerBecomesColumnAndFilter() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        auto& window = fixture.window;
        auto& headers = window.details().headers();
        const auto find = [&](const QString& name) {
            for (int row = 0; row < headers.headers().rowCount(); ++row) {
                const auto index = headers.headers().index(row, HeaderTableModel::Name);
                if (index.data().toString() == name) return index;
            }
            return QModelIndex();
        };
        headers.setCurrentIndex(find(QStringLiteral("openai-project")));
        QMenu menu;
        headers.fillMenu(&menu);
        const int before = window.table().model()->columnCount();
        menu.actions().front()->trigger();
        QCOMPARE(window.table().model()->columnCount(), before + 1);
        auto* filter = menu.findChild<QMenu*>();
        filter->actions().front()->trigger();
        QCOMPARE(window.filterBar().text(), QStringLiteral("header:openai-project == \"sampleproject1\""));
        QTRY_COMPARE(window.table().model()->rowCount(), 7);
        // The value of a secret never gets into the filter bar.
        headers.setCurrentIndex(find(QStringLiteral("api-key")));
        QMenu secretMenu;
        headers.fillMenu(&secretMenu);
        for (const auto* action : secretMenu.findChild<QMenu*>()->actions()) {
            QVERIFY(!action->text().contains(QStringLiteral("value")));
        }
    }

    void keysDoWhatTheyDoInWireshark() {
        WindowFixture fixture;
        auto& window = fixture.window;
        openAndSettle(window, QStringLiteral("gateway.pcapng"));
        auto& table = window.table();
        table.select(0);
        QTest::keyClick(&table, Qt::Key_J);
        QCOMPARE(table.currentIndex().row(), 1);
        QTest::keyClick(&table, Qt::Key_K);
        QCOMPARE(table.currentIndex().row(), 0);
        for (const char* key :
             {"Ctrl+O", "Ctrl+W", "Ctrl+R",       "Ctrl+G",      "Ctrl+Down", "F8",           "Ctrl+Up",
              "F7",     "Ctrl+.", "Ctrl+,",       "Alt+Left",    "Alt+Right", "Ctrl+Shift+I", "Ctrl+Shift+R",
              "Ctrl++", "Ctrl+-", "Ctrl+=",       "F1",          "Ctrl+/",    "Ctrl+L",       "Ctrl+1",
              "Ctrl+[", "Ctrl+]", "Ctrl+Shift+C", "Ctrl+Shift+L"}) {
            QVERIFY2(actionFor(window, key), key);
        }
        actionFor(window, "F8")->trigger();
        QCOMPARE(table.currentIndex().row(), 1);
        actionFor(window, "Alt+Left")->trigger();
        QCOMPARE(table.currentIndex().row(), 0);
        actionFor(window, "Alt+Right")->trigger();
        QCOMPARE(table.currentIndex().row(), 1);
        actionFor(window, "Ctrl+L")->trigger();
        QCOMPARE(window.focusWidget(), window.findChild<QLineEdit*>(QStringLiteral("filterEdit")));
        actionFor(window, "Ctrl+[")->trigger();
        QCOMPARE(window.focusWidget(), &table);
        actionFor(window, "Ctrl+]")->trigger();
        QVERIFY(window.details().isAncestorOf(window.focusWidget()));
    }

    /// Two actions with one key would make Qt do neither.
    void noKeyIsGivenTwice() {
        WindowFixture fixture;
        QSet<QString> seen;
        for (const auto* action : fixture.window.actions()) {
            for (const auto& key : action->shortcuts()) {
                QVERIFY2(!seen.contains(key.toString()), qPrintable(key.toString()));
                seen.insert(key.toString());
            }
        }
        QVERIFY(seen.size() > 20);
    }

    void themeIsToggledAndRemembered() {
        WindowFixture fixture;
        QVERIFY(!isDark(QApplication::palette()));
        actionFor(fixture.window, "Ctrl+Shift+L")->trigger();
        QVERIFY(isDark(QApplication::palette()));
        fixture.window.close();
        QCOMPARE(fixture.settings.value(QStringLiteral("theme")).toString(), QStringLiteral("dark"));
        fixture.theme.setChoice(Theme::Choice::Light);
    }

    void columnsAreRemembered() {
        WindowFixture fixture;
        auto& table = fixture.window.table();
        table.addField(analysis::Field::parse("header:traceparent").value());
        table.requests().removeField(0);
        table.setColumnWidth(0, 77);
        const auto names = table.columnNames();
        fixture.window.close();
        MainWindow again(fixture.theme, fixture.settings, {test::analyseStandIn, test::readStandIn, {}});
        QCOMPARE(again.table().columnNames(), names);
        QVERIFY(names.contains(QStringLiteral("header:traceparent")));
        QCOMPARE(again.table().columnWidth(0), 77);
    }

    void droppedFileIsOpenedAndRemembered() {
        WindowFixture fixture;
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(QStringLiteral("/captures/gateway.pcapng"))});
        QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&fixture.window, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&fixture.window, &drop);
        QTRY_COMPARE(fixture.window.table().model()->rowCount(), 12);
        QCOMPARE(fixture.settings.value(QStringLiteral("recentFiles")).toStringList().front(),
                 QStringLiteral("/captures/gateway.pcapng"));
    }

    /// The whole way with the real engine; the lab's own log says what must be there.
    void realCaptureShowsWhatTheLabLogged() {
        const QString samples = QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples/foundry-gateway-plain");
        QFile truth(samples + QStringLiteral(".truth.jsonl"));
        QVERIFY(truth.open(QIODevice::ReadOnly));
        int all = 0;
        int ofProject = 0;
        while (!truth.atEnd()) {
            const auto line = QJsonDocument::fromJson(truth.readLine()).object();
            ++all;
            ofProject += line.value(QStringLiteral("project")).toString() == QStringLiteral("sampleproject1") ? 1 : 0;
        }
        QVERIFY(all > 10 && ofProject > 0);
        WindowFixture fixture{Sources{}};
        openAndSettle(fixture.window, samples + QStringLiteral(".pcapng"));
        QCOMPARE(fixture.window.table().model()->rowCount(), all);
        auto& groups = fixture.window.groups();
        const auto project = groupNamed(groups, QStringLiteral("sampleproject1"));
        QTest::mouseClick(groups.viewport(), Qt::LeftButton, {}, groups.visualRect(project).center());
        QTRY_COMPARE(fixture.window.table().model()->rowCount(), ofProject);
        typeFilter(fixture.window, QStringLiteral("stream && stream_events > 0"));
        fixture.window.filterBar().apply();
        QTRY_VERIFY(fixture.window.settled());
        QVERIFY(fixture.window.table().model()->rowCount() > 0);
        fixture.window.details().setCurrentIndex(DetailsPanel::Stream);
        auto* stream = fixture.window.details().findChild<StreamTab*>();
        QTRY_VERIFY(stream->events().rowCount() > 2);
        QVERIFY(!stream->text().isEmpty());
        auto* body = fixture.window.details().findChild<BodyTab*>();
        QVERIFY(body->requestText().contains(QStringLiteral("\"stream\": true")));
    }

    void curlIsCopiedWithoutSecrets() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        QGuiApplication::clipboard()->clear();
        actionFor(fixture.window, "Ctrl+Shift+C")->trigger();
        QTRY_VERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("curl ")));
        const QString command = QGuiApplication::clipboard()->text();
        QVERIFY(command.contains(QStringLiteral("--data-binary")));
        QVERIFY(!command.contains(toText(test::kSecret)));
    }

    void everyPartHasANameForScreenReaders() {
        WindowFixture fixture;
        openAndSettle(fixture.window, QStringLiteral("gateway.pcapng"));
        for (auto* view : fixture.window.findChildren<QAbstractItemView*>()) {
            if (!view->isVisible() || qobject_cast<QHeaderView*>(view)) continue;
            QVERIFY2(!view->accessibleName().isEmpty(), view->metaObject()->className());
        }
        for (auto* button : fixture.window.findChildren<QToolButton*>()) {
            // The line edit has buttons of its own, which it presents as actions.
            if (!button->isVisible() || qobject_cast<QLineEdit*>(button->parentWidget())) continue;
            QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty(),
                     qPrintable(QStringLiteral("%1 in %2")
                                    .arg(button->toolTip(),
                                         QLatin1String(button->parentWidget()->metaObject()->className()))));
        }
    }
};

QTEST_MAIN(UiWindowTest)
#include "ui_window_test.moc"
