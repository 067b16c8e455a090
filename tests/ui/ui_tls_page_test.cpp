// SPDX-License-Identifier: Apache-2.0
// The page of TLS and key logs, used as a person uses them.
#include <QTest>

#include "ui/bridge/text.h"
#include "ui/bridge/tls_text.h"
#include "ui/views/cell_table.h"
#include "ui/views/details_panel.h"
#include "ui/views/filter_bar.h"
#include "ui/views/page_stack.h"
#include "ui/views/tls_page.h"
#include "ui/views/tls_session_view.h"
#include "ui/views/tls_tab.h"
#include "ui/views/tls_table.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/tls_ladder_view.h"

#include "tests/ui/tls_traffic.h"
#include "tests/ui/window_fixture.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QClipboard>
#include <QDropEvent>
#include <QFile>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTextBrowser>

using namespace gatescope;
using namespace gatescope::ui;
using test::actionFor;
using test::WindowFixture;

namespace {

constexpr auto kTlsPage = "Ctrl+6";

/// A line that any key log may hold (draft-ietf-tls-keylogfile): 32 octets of a client random, 48 of a secret.
QByteArray keyLogLine(char random = '1') {
    return "CLIENT_RANDOM " + QByteArray(64, random) + ' ' + QByteArray(96, 'a') + '\n';
}

/// The twelve calls, in sessions that are all readable once there is a secret.
pipeline::RunResult analyseTls(const std::vector<std::string>& paths, analysis::Dataset& dataset,
                               const pipeline::RunOptions& options, std::stop_token,
                               const std::function<void(const pipeline::Progress&)>&) {
    const bool secrets = options.secrets && !options.secrets->store()->empty();
    dataset.append(test::batchOf(test::twelveCalls()));
    analysis::Batch sessions;
    if (secrets) {
        for (const std::uint64_t flow : {1, 51}) sessions.sessions.push_back(test::completeSession(flow, true));
    } else {
        sessions = test::tlsBatch();
    }
    dataset.append(std::move(sessions));
    dataset.finish();
    pipeline::RunResult result;
    result.inputs.push_back({.path = paths.front(), .format = "pcapng", .error = {}, .packets = 12});
    return result;
}

Sources tlsSources() {
    return {analyseTls, test::readStandIn, {}};
}

void openTls(MainWindow& window) {
    window.open({QStringLiteral("/captures/tls.pcapng")});
    QTRY_VERIFY(window.settled());
    actionFor(window, kTlsPage)->trigger();
    QTRY_VERIFY(window.settled() && window.tls().answer());
}

QString cell(TlsPage& page, int row, TlsColumn column) {
    return page.table().model()->index(row, static_cast<int>(column)).data().toString();
}

QString write(const QTemporaryDir& folder, const char* name, const QByteArray& bytes) {
    QFile file(folder.filePath(QLatin1String(name)));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) return {};
    return file.fileName();
}

void drop(MainWindow& window, const QStringList& paths) {
    QMimeData data;
    QList<QUrl> urls;
    for (const auto& path : paths) urls << QUrl::fromLocalFile(path);
    data.setUrls(urls);
    QDragEnterEvent enter({100, 100}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event({100, 100}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&window, &event);
}

} // namespace

class UiTlsPageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QApplication::setStyle(new Style); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    void sessionsAreListed() {
        WindowFixture fixture(tlsSources());
        openTls(fixture.window);
        auto& page = fixture.window.tls();
        const QAbstractItemModelTester tester(page.table().model(),
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(page.table().model()->rowCount(), 6);
        QVERIFY(page.table().hasFocus());
        QCOMPARE(cell(page, 0, TlsColumn::Ended), QStringLiteral("complete"));
        QCOMPARE(cell(page, 0, TlsColumn::Readable), QStringLiteral("yes"));
        QCOMPARE(cell(page, 2, TlsColumn::Ended), QStringLiteral("client-alert:unknown_ca"));
        QCOMPARE(page.summary(), QStringLiteral("6 sessions, 2 failed, 3 readable"));
        QVERIFY(page.secretsBanner().text().startsWith(QStringLiteral("3 of 6 sessions cannot be read")));
        // The first session is the current one, and its ladder is there.
        QCOMPARE(page.session().session()->number, std::uint64_t{1});
        QCOMPARE(page.session().ladder().data().steps.size(), std::size_t{13});
    }

    void keysWalkThroughTheSessions() {
        WindowFixture fixture(tlsSources());
        openTls(fixture.window);
        auto& page = fixture.window.tls();
        QTest::keyClick(&page.table(), Qt::Key_Down);
        QTest::keyClick(&page.table(), Qt::Key_J);
        QCOMPARE(page.session().session()->number, std::uint64_t{3});
        QVERIFY(page.session().facts().toPlainText().contains(QStringLiteral("Contoso Issuing CA")));
        QCOMPARE(page.session().ladder().data().end.title, QStringLiteral("client-alert:unknown_ca"));
        QCOMPARE(page.session().steps().model()->rowCount(), 4);
        QTest::keyClick(&page.table(), Qt::Key_C, Qt::ControlModifier);
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("client-alert:unknown_ca\t")));
        QTest::keyClick(&page.table(), Qt::Key_K);
        QCOMPARE(page.session().session()->number, std::uint64_t{2});
    }

    void searchAndSortNarrow() {
        WindowFixture fixture(tlsSources());
        openTls(fixture.window);
        auto& page = fixture.window.tls();
        QTest::keyClicks(&page.searchBox(), QStringLiteral("reset"));
        QTRY_VERIFY(page.settled() && page.table().model()->rowCount() == 1);
        QCOMPARE(page.session().session()->number, std::uint64_t{6});
        page.searchBox().clear();
        QTRY_VERIFY(page.settled() && page.table().model()->rowCount() == 6);
        QCOMPARE(page.session().session()->number, std::uint64_t{6}); // stays the current one
        auto* header = page.table().horizontalHeader();
        const int x = header->sectionViewportPosition(static_cast<int>(TlsColumn::Ended)) + 12;
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, QPoint(x, header->height() / 2));
        QTRY_VERIFY(page.settled() && cell(page, 0, TlsColumn::Number) == QStringLiteral("3"));
        QCOMPARE(cell(page, 5, TlsColumn::Ended), QStringLiteral("resumed"));
        QTest::keyClicks(&page.searchBox(), QStringLiteral("nothing like this"));
        QTRY_VERIFY(page.settled() && page.table().model()->rowCount() == 0);
        QVERIFY(page.session().ladder().data().steps.empty());
    }

    void windowFilterMarksSessions() {
        WindowFixture fixture(tlsSources());
        openTls(fixture.window);
        auto& page = fixture.window.tls();
        QVERIFY(!page.onlyShownBox().isEnabled());
        fixture.window.filterBar().setText(QStringLiteral("status == 429")); // the second call
        fixture.window.filterBar().apply();
        QTRY_VERIFY(fixture.window.settled() && page.answer()->narrowed);
        QCOMPARE(page.table().model()->rowCount(), 6);
        QCOMPARE(cell(page, 0, TlsColumn::Exchanges), QStringLiteral("0 of 1"));
        page.onlyShownBox().click();
        QTRY_VERIFY(page.settled() && page.table().model()->rowCount() == 1);
        QCOMPARE(cell(page, 0, TlsColumn::Number), QStringLiteral("2"));
    }

    void exchangesOfASessionAreShown() {
        WindowFixture fixture(tlsSources());
        openTls(fixture.window);
        auto& window = fixture.window;
        QTest::keyClick(&window.tls().table(), Qt::Key_Return);
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.pages().currentIndex(), 0);
        QCOMPARE(window.filterBar().text(), QStringLiteral("flow == 1"));
        QCOMPARE(window.table().model()->rowCount(), 1);
        // And back, from the details of the call.
        window.details().setCurrentIndex(DetailsPanel::Tls);
        QVERIFY2(window.details().tls().summary().contains(QStringLiteral("TLS_AES_128_GCM_SHA256")),
                 qPrintable(window.details().tls().summary()));
        QTest::mouseClick(&window.details().tls().sessionButton(), Qt::LeftButton);
        QCOMPARE(window.pages().current(), static_cast<Page*>(&window.tls()));
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.tls().session().session()->number, std::uint64_t{1});
    }

    void showingASessionTakesTheSearchAway() {
        WindowFixture fixture(tlsSources());
        openTls(fixture.window);
        auto& page = fixture.window.tls();
        QTest::keyClicks(&page.searchBox(), QStringLiteral("reset"));
        QTRY_VERIFY(page.settled() && page.table().model()->rowCount() == 1);
        page.showSession(4);
        QTRY_VERIFY(page.settled() && page.table().model()->rowCount() == 6);
        QCOMPARE(page.session().session()->number, std::uint64_t{4});
    }

    void callsWithoutTlsSaySo() {
        WindowFixture fixture;
        fixture.window.open({QStringLiteral("/captures/gateway.pcapng")});
        QTRY_VERIFY(fixture.window.settled());
        QCOMPARE(fixture.window.details().tls().summary(),
                 QStringLiteral("This call was not encrypted where it was captured."));
        QVERIFY(!fixture.window.details().tls().sessionButton().isVisibleTo(&fixture.window.details().tls()));
        actionFor(fixture.window, kTlsPage)->trigger();
        QTRY_VERIFY(fixture.window.settled() && fixture.window.tls().answer());
        QVERIFY(fixture.window.tls().emptyNotice().isVisible());
        QCOMPARE(fixture.window.tls().emptyNotice().title(), QStringLiteral("No TLS in this capture"));
    }

    void ladderCopiesAsText() {
        WindowFixture fixture(tlsSources());
        openTls(fixture.window);
        auto& view = fixture.window.tls().session();
        view.ladder().setFocus();
        QTest::keyClick(&view.ladder(), Qt::Key_Down);
        QTest::keyClick(&view.ladder(), Qt::Key_Return);
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("Client Hello  (517 octets")));
        Q_EMIT view.ladder().menuWanted(view.mapToGlobal(QPoint(300, 50)));
        auto* menu = view.findChild<QMenu*>();
        QVERIFY(menu);
        QAction* copy = nullptr;
        for (auto* action : menu->actions()) {
            if (action->text() == QStringLiteral("Copy as text")) copy = action;
        }
        QVERIFY(copy);
        copy->trigger();
        menu->close();
        QVERIFY(QGuiApplication::clipboard()->text().endsWith(QStringLiteral("Both ends finished the handshake.\n")));
    }

    void droppedKeyLogDecryptsInPlace() {
        WindowFixture fixture(tlsSources());
        auto& window = fixture.window;
        openTls(window);
        window.tls().table().select(2);
        QCOMPARE(cell(window.tls(), 1, TlsColumn::Readable), QStringLiteral("no: no secrets for this client random"));
        window.filterBar().setText(QStringLiteral("status == 429 || status == 200"));
        window.filterBar().apply();
        QTRY_VERIFY(window.settled());
        window.table().selectRow(2);
        const auto chosen = window.table().model()->index(2, 0).data();
        const int page = window.pages().currentIndex();
        drop(window, {write(fixture.folder, "keys.log", keyLogLine('1') + keyLogLine('2') + keyLogLine('1'))});
        QTRY_VERIFY(window.settled() && !window.bannerText().isEmpty());
        QCOMPARE(window.bannerText(), QStringLiteral("2 secrets read from keys.log; 2 of 2 sessions readable now."));
        QCOMPARE(window.pages().currentIndex(), page);
        QCOMPARE(window.filterBar().text(), QStringLiteral("status == 429 || status == 200"));
        QCOMPARE(window.table().currentIndex().siblingAtColumn(0).data(), chosen);
        QCOMPARE(window.session().paths(), QStringList{QStringLiteral("/captures/tls.pcapng")});
        QTRY_COMPARE(window.tls().table().model()->rowCount(), 2);
        QCOMPARE(window.tls().session().session()->number, std::uint64_t{2}); // still the current one
        QVERIFY(window.tls().secretsBanner().text().isEmpty());
        // Nothing of it is remembered.
        window.close();
        for (const auto& key : fixture.settings.allKeys()) {
            QVERIFY2(!fixture.settings.value(key).toString().contains(QStringLiteral("keys.log")), qPrintable(key));
            QVERIFY2(!fixture.settings.value(key).toStringList().join(QChar(' ')).contains(QStringLiteral("keys.log")),
                     qPrintable(key));
        }
    }

    void captureAndKeyLogAreDroppedTogether() {
        WindowFixture fixture(tlsSources());
        auto& window = fixture.window;
        drop(window, {QStringLiteral("/captures/tls.pcapng"), write(fixture.folder, "keys.log", keyLogLine())});
        QTRY_VERIFY(window.settled() && !window.bannerText().isEmpty());
        QCOMPARE(window.bannerText(), QStringLiteral("1 secret read from keys.log; 2 of 2 sessions readable now."));
        QCOMPARE(window.session().paths(), QStringList{QStringLiteral("/captures/tls.pcapng")});
    }

    void commandLineReadsSecretsFirst() {
        WindowFixture fixture(tlsSources());
        auto& window = fixture.window;
        window.openWith({QStringLiteral("/captures/tls.pcapng")},
                        {{write(fixture.folder, "a.log", keyLogLine()), GivenFile::As::KeyLog}});
        QTRY_VERIFY(window.settled() && !window.bannerText().isEmpty());
        QCOMPARE(window.session().generation(), std::uint64_t{1}); // read once only
        QVERIFY(window.bannerText().startsWith(QStringLiteral("1 secret read from a.log")));
    }

    void wrongFilesAreSaid() {
        Sources sources = tlsSources();
        const QTemporaryDir folder;
        const QString notes = write(folder, "notes.txt", "Hello, this is no key log.\n");
        sources.chooseOpen = [notes](QWidget*, const QString&, const QString&,
                                     const std::function<void(const QString&)>& chosen) { chosen(notes); };
        WindowFixture fixture(std::move(sources));
        auto& window = fixture.window;
        openTls(window);
        const auto before = window.session().generation();
        auto* button = window.tls().findChild<QPushButton*>(QStringLiteral("addKeyLog"));
        QVERIFY(button && button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY(window.settled() && !window.bannerText().isEmpty());
        QVERIFY2(window.bannerText().startsWith(QStringLiteral("notes.txt: ")), qPrintable(window.bannerText()));
        QCOMPARE(window.session().generation(), before); // nothing was read again
        window.addFiles({{folder.filePath(QStringLiteral("missing.log")), GivenFile::As::KeyLog}});
        QTRY_VERIFY(window.settled() && window.bannerText().startsWith(QStringLiteral("missing.log: ")));
        window.addFiles({{write(folder, "broken.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
                          GivenFile::As::Secrets}});
        QTRY_VERIFY(window.settled() && window.bannerText().startsWith(QStringLiteral("broken.pem: ")));
        QVERIFY(!window.bannerText().contains(QStringLiteral("AAAA")));
    }

    /// The lab's capture holds its secrets; the models wrote down what they were asked.
    void realCaptureIsDecrypted() {
        const QString sample = QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples/foundry-gateway-tls13");
        QFile truth(sample + QStringLiteral(".truth.jsonl"));
        QVERIFY(truth.open(QIODevice::ReadOnly));
        const auto calls = truth.readAll().count('\n');
        QVERIFY(calls > 10);
        WindowFixture fixture(Sources{});
        auto& window = fixture.window;
        window.open({sample + QStringLiteral(".pcapng")});
        QTRY_VERIFY_WITH_TIMEOUT(window.settled(), 20'000);
        QCOMPARE(window.table().model()->rowCount(), static_cast<int>(calls));
        actionFor(window, kTlsPage)->trigger();
        QTRY_VERIFY(window.settled() && window.tls().answer());
        const auto& sessions = window.session().snapshot()->tlsSessions();
        QCOMPARE(window.tls().answer()->readable, sessions.size());
        QVERIFY(window.tls().secretsBanner().text().isEmpty());
        std::uint32_t exchanges = 0;
        for (const auto& session : sessions) exchanges += session.record->exchanges;
        QCOMPARE(static_cast<qsizetype>(exchanges), calls);
        // A body inside is read again with the same secrets.
        window.pages().setCurrentIndex(0);
        window.details().setCurrentIndex(DetailsPanel::Body);
        QTRY_VERIFY(window.details().findChild<QPlainTextEdit*>() != nullptr);
        const auto shown = [&] {
            for (const auto* edit : window.details().findChildren<QPlainTextEdit*>()) {
                if (edit->toPlainText().contains(QStringLiteral("messages")) ||
                    edit->toPlainText().contains(QStringLiteral("input"))) {
                    return true;
                }
            }
            return false;
        };
        QTRY_VERIFY(shown());
    }
};

QTEST_MAIN(UiTlsPageTest)
#include "ui_tls_page_test.moc"
