// SPDX-License-Identifier: Apache-2.0
// The page of certificates, used as a person uses it.
#include <QTest>

#include "ui/bridge/text.h"
#include "ui/views/cell_table.h"
#include "ui/views/certificates_page.h"
#include "ui/views/chain_report.h"
#include "ui/views/chain_tree.h"
#include "ui/views/details_panel.h"
#include "ui/views/filter_bar.h"
#include "ui/views/headers_tab.h"
#include "ui/views/page_stack.h"
#include "ui/views/roots_dialog.h"
#include "ui/views/tls_page.h"
#include "ui/views/tls_session_view.h"
#include "ui/views/tls_table.h"
#include "ui/widgets/growing_text.h"
#include "ui/widgets/notice.h"

#include "tests/ui/tls_traffic.h"
#include "tests/ui/trust_traffic.h"
#include "tests/ui/window_fixture.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDropEvent>
#include <QFile>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QToolButton>
#include <QTreeWidget>

#include <atomic>

using namespace gatescope;
using namespace gatescope::ui;
using test::actionFor;
using test::madeChain;
using test::WindowFixture;

namespace {

constexpr auto kCertificates = "Ctrl+7";

pipeline::RunResult analyseWithTls(const std::vector<std::string>& paths, analysis::Dataset& dataset,
                                   const pipeline::RunOptions&, std::stop_token,
                                   const std::function<void(const pipeline::Progress&)>&) {
    dataset.append(test::callsWithArrSsl());
    dataset.append(test::tlsBatch());
    dataset.finish();
    pipeline::RunResult result;
    result.inputs.push_back({.path = paths.front(), .format = "pcapng", .error = {}, .packets = 12});
    return result;
}

Sources trustSources() {
    Sources sources{analyseWithTls, test::readStandIn, {}};
    sources.trust = {test::madeAnswer, test::madeJudgement};
    sources.roots = test::madeRoots;
    return sources;
}

void openPage(MainWindow& window) {
    window.open({QStringLiteral("/captures/tls.pcapng")});
    QTRY_VERIFY(window.settled());
    actionFor(window, kCertificates)->trigger();
    QTRY_VERIFY(window.settled() && window.certificates().answer() && window.certificates().answer()->snapshot);
}

QString cell(const QAbstractItemView& table, int row, int column) {
    return table.model()->index(row, column).data().toString();
}

QString write(const QTemporaryDir& folder, const char* name, const QByteArray& bytes) {
    QFile file(folder.filePath(QLatin1String(name)));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) return {};
    return file.fileName();
}

void drop(QWidget& onto, const QStringList& paths) {
    QMimeData data;
    QList<QUrl> urls;
    for (const auto& path : paths) urls << QUrl::fromLocalFile(path);
    data.setUrls(urls);
    QDragEnterEvent enter({100, 100}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&onto, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event({100, 100}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&onto, &event);
}

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The lines of the tree, from above.
QStringList treeLines(const ChainTree& tree) {
    QStringList lines;
    for (QModelIndex index = tree.model()->index(0, 0); index.isValid(); index = tree.indexBelow(index))
        lines << index.data().toString();
    return lines;
}

} // namespace

class UiCertificatesPageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QApplication::setStyle(new Style); }
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    void answerComesFirst() {
        WindowFixture fixture(trustSources());
        openPage(fixture.window);
        auto& page = fixture.window.certificates();
        QVERIFY(page.chains().hasFocus());
        // What clients rejected comes first, then what nobody rejected; the hidden name has a line of its own.
        QCOMPARE(page.chains().model()->rowCount(), 4);
        QCOMPARE(cell(page.chains(), 0, 0), QStringLiteral("gw.example"));
        QCOMPARE(cell(page.chains(), 0, 4), QStringLiteral("not trusted"));
        QCOMPARE(cell(page.chains(), 1, 0), QStringLiteral("hidden.example"));
        QCOMPARE(cell(page.chains(), 1, 4), QStringLiteral("hidden"));
        QCOMPARE(page.summary(), QStringLiteral("3 chains, 6 handshakes, 2 rejected, 1 with hidden certificates"));
        const QString headline = page.report().headline().toPlainText();
        QVERIFY2(headline.startsWith(QStringLiteral("No public client trusts this chain")), qPrintable(headline));
        QVERIFY(headline.contains(QStringLiteral("Contoso Root CA")));
        QVERIFY(headline.contains(QStringLiteral("ended S1 within 20 ms")));
        auto& verdicts = page.report().verdicts();
        QCOMPARE(verdicts.model()->rowCount(), 3);
        QCOMPARE(cell(verdicts, 0, 0), QStringLiteral("Public CAs: strict common"));
        QCOMPARE(cell(verdicts, 0, 1), QStringLiteral("not trusted"));
        QCOMPARE(cell(verdicts, 0, 2), QStringLiteral("Contoso Root CA is in no public programme."));
        QVERIFY(!verdicts.model()->index(0, 1).data(Qt::DecorationRole).isNull()); // never colour alone
        QVERIFY(page.banner().text().contains(QStringLiteral("OpenJDK 13")));      // older than a year
        QVERIFY(!page.banner().text().contains(QStringLiteral("Mozilla")));
    }

    void chainShowsWhereItBreaks() {
        WindowFixture fixture(trustSources());
        openPage(fixture.window);
        auto& tree = fixture.window.certificates().report().tree();
        const QAbstractItemModelTester tester(tree.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QStringList lines = treeLines(tree);
        QCOMPARE(lines.value(0), QStringLiteral("gw.example"));
        QVERIFY2(lines.contains(QStringLiteral("Contoso Issuing CA  (not sent)")), qPrintable(lines.join('\n')));
        QVERIFY(lines.contains(QStringLiteral("http://pki.example/issuing.crt")));
        QVERIFY(lines.contains(QStringLiteral("Contoso Root CA  (root, need not be sent)")));
        QCOMPARE(lines.last(), QStringLiteral("Broken here: no root of “Public CAs: strict common” is above"));
        const QModelIndex leaf = tree.model()->index(0, 0);
        QCOMPARE(leaf.siblingAtColumn(ChainTreeModel::Key).data().toString(), QStringLiteral("EC P-256"));
        QCOMPARE(leaf.siblingAtColumn(ChainTreeModel::Origin).data().toString(), QStringLiteral("sent"));
        // 2026-03-18 to 2030-01-01: 288 + 365 + 366 + 365 days and some hours.
        QCOMPARE(leaf.siblingAtColumn(ChainTreeModel::Valid).data().toString(), QStringLiteral("1,384 days left"));
        const auto problems = fixture.window.certificates().report().problems().toPlainText();
        QVERIFY(problems.contains(QStringLiteral("Who refuses")));
        QVERIFY(problems.indexOf(QStringLiteral("private CA")) <
                problems.indexOf(QStringLiteral("intermediate certificate was not sent")));
        // All of it is seen: nothing of the tree is scrolled away.
        QVERIFY(tree.visualRect(tree.indexBelow(tree.model()->index(0, 0))).bottom() < tree.viewport()->height());
    }

    void ghostsAndAddressesAreCopied() {
        WindowFixture fixture(trustSources());
        openPage(fixture.window);
        auto& tree = fixture.window.certificates().report().tree();
        for (QModelIndex index = tree.model()->index(0, 0); index.isValid(); index = tree.indexBelow(index)) {
            const QString name = index.data().toString();
            tree.setCurrentIndex(index);
            if (name.startsWith(QStringLiteral("Contoso Issuing CA"))) {
                QTest::keyClick(&tree, Qt::Key_Return);
                QVERIFY(QGuiApplication::clipboard()->text().contains(
                    QString::fromLatin1(madeChain().intermediatePem.trimmed())));
            }
            if (name.startsWith(QStringLiteral("http://"))) {
                QTest::keyClick(&tree, Qt::Key_C, Qt::ControlModifier);
                QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("http://pki.example/issuing.crt"));
            }
        }
        QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("http://")));
        // The buttons do the same.
        QTRY_COMPARE(tree.findChildren<QToolButton*>().size(), qsizetype{2});
        QTest::mouseClick(tree.findChildren<QToolButton*>().front(), Qt::LeftButton);
        QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("-----BEGIN CERTIFICATE-----")));
    }

    void handshakesAreTheEvidence() {
        WindowFixture fixture(trustSources());
        auto& window = fixture.window;
        openPage(window);
        auto& report = window.certificates().report();
        QCOMPARE(report.groups().model()->rowCount(), 1);
        QCOMPARE(report.sessions().model()->rowCount(), 1);
        QCOMPARE(cell(report.sessions(), 0, 3), QStringLiteral("rejected"));
        QCOMPARE(cell(report.sessions(), 0, 4), QStringLiteral("S1"));
        QCOMPARE(cell(report.sessions(), 0, 6), QStringLiteral("99 %"));
        QCOMPARE(cell(report.sessions(), 0, 7), durationText(20'000'000));
        QCOMPARE(cell(report.sessions(), 0, 8), QStringLiteral("OpenSSL 3"));
        const QString judged = report.judgement().toPlainText();
        for (const char* text : {"Session 3", "unknown_ca", "the chain fails in every public profile",
                                 "a client with roots of its own", "the log of the client", "#"}) {
            QVERIFY2(judged.contains(QLatin1String(text)), text);
        }
        QTest::mouseClick(&report.handshakeButton(), Qt::LeftButton);
        QTRY_VERIFY(window.settled());
        QCOMPARE(window.pages().current(), static_cast<Page*>(&window.tls()));
        QCOMPARE(window.tls().session().session()->number, std::uint64_t{3});
        // And back: from there to what its client made of the chain.
        window.tls().table().select(6);
        QTest::mouseClick(&window.tls().session().judgeButton(), Qt::LeftButton);
        QCOMPARE(window.pages().current(), static_cast<Page*>(&window.certificates()));
        QTRY_VERIFY(window.settled());
        QCOMPARE(report.line()->host, QStringLiteral("hidden.example"));
        QCOMPARE(cell(report.sessions(), report.sessions().currentIndex().row(), 0), QStringLiteral("6"));
    }

    void goodHandshakesAreShownOnRequest() {
        WindowFixture fixture(trustSources());
        openPage(fixture.window);
        auto& report = fixture.window.certificates().report();
        fixture.window.certificates().showSession(1); // an accepted one
        QCOMPARE(report.line()->host, QStringLiteral("apimeus.azure-api.net"));
        QVERIFY(report.allBox().isChecked());
        QCOMPARE(report.sessions().model()->rowCount(), 2);
        report.allBox().click();
        QCOMPARE(report.sessions().model()->rowCount(), 1); // the undecided one
        QCOMPARE(cell(report.sessions(), 0, 10), QStringLiteral("known of the name"));
    }

    void hiddenCertificatesHaveOffers() {
        WindowFixture fixture(trustSources());
        openPage(fixture.window);
        auto& page = fixture.window.certificates();
        QTest::keyClick(&page.chains(), Qt::Key_Down);
        QCOMPARE(page.report().line()->host, QStringLiteral("hidden.example"));
        QVERIFY(page.report().hiddenOffers().isVisible());
        QVERIFY(!page.report().verdicts().isVisible());
        QVERIFY(!page.report().tree().isVisible());
        const QString text = page.report().headline().toPlainText();
        for (const char* offer : {"TLS 1.3 encrypts", "key log", "x-arr-ssl", "opens no connection", "ended S3"})
            QVERIFY2(text.contains(QLatin1String(offer)), offer);
    }

    void headerLeadsToItsChain() {
        WindowFixture fixture(trustSources());
        auto& window = fixture.window;
        window.open({QStringLiteral("/captures/tls.pcapng")});
        QTRY_VERIFY(window.settled());
        window.table().selectRow(0);
        window.details().setCurrentIndex(DetailsPanel::Headers);
        auto& tab = window.details().headers();
        int row = 0;
        while (row < tab.model()->rowCount() && cell(tab, row, HeaderTableModel::Name) != QStringLiteral("x-arr-ssl"))
            ++row;
        QVERIFY(row < tab.model()->rowCount());
        const QModelIndex value = tab.model()->index(row, HeaderTableModel::Value);
        tab.scrollTo(value);
        QTest::mouseClick(tab.viewport(), Qt::LeftButton, {}, tab.visualRect(value).center());
        QCOMPARE(window.pages().current(), static_cast<Page*>(&window.certificates()));
        QTRY_VERIFY(window.settled() && window.certificates().answer());
        const auto* line = window.certificates().report().line();
        QVERIFY(line && line->chain);
        QCOMPARE(line->from, QStringLiteral("header x-arr-ssl"));
        QVERIFY(window.certificates().report().headline().toPlainText().contains(QStringLiteral("claimed")));
        QVERIFY(window.certificates().report().hiddenOffers().isVisible());
        // By the keyboard, too; other headers lead nowhere.
        actionFor(window, "Ctrl+1")->trigger();
        tab.setCurrentIndex(tab.model()->index(0, 0));
        QTest::keyClick(&tab, Qt::Key_Return);
        QCOMPARE(window.pages().currentIndex(), 0);
        tab.setCurrentIndex(value);
        QTest::keyClick(&tab, Qt::Key_Return);
        QCOMPARE(window.pages().current(), static_cast<Page*>(&window.certificates()));
    }

    void droppedChainIsJudged() {
        WindowFixture fixture(trustSources());
        openPage(fixture.window);
        auto& page = fixture.window.certificates();
        drop(page, {write(fixture.folder, "chain.pem", madeChain().leafPem + madeChain().intermediatePem)});
        QTRY_VERIFY(page.settled() && page.chains().model()->rowCount() == 5);
        QVERIFY(page.report().line()->isFile);
        QCOMPARE(page.report().line()->from, QStringLiteral("chain.pem"));
        QCOMPARE(page.report().line()->chain->answer.sent.size(), std::size_t{2});
        QVERIFY(page.report().headline().toPlainText().contains(QStringLiteral("names are not judged")));
        QTest::keyClicks(&page.hostBox(), QStringLiteral("other.example"));
        QTRY_VERIFY(page.settled() && page.report().problems().toPlainText().contains(QStringLiteral("other.example")));
        QCOMPARE(page.report().line()->from, QStringLiteral("chain.pem")); // still the chosen one
        page.chains().setFocus();
        QTest::keyClick(&page.chains(), Qt::Key_Delete);
        QTRY_VERIFY(page.settled() && page.chains().model()->rowCount() == 4);
    }

    void fileIsJudgedWithNothingOpen() {
        const QTemporaryDir folder;
        const QString file = write(folder, "leaf.crt", madeChain().leafPem);
        Sources sources = trustSources();
        sources.chooseOpen = [file](QWidget*, const QString&, const QString&,
                                    const std::function<void(const QString&)>& chosen) { chosen(file); };
        WindowFixture fixture(std::move(sources));
        auto& page = fixture.window.certificates();
        actionFor(fixture.window, "Ctrl+Shift+J")->trigger();
        QTRY_VERIFY(page.settled() && page.report().line());
        QVERIFY(page.isVisible());
        QCOMPARE(page.report().line()->from, QStringLiteral("leaf.crt"));
        QCOMPARE(page.summary(), QStringLiteral("1 chain"));
        // A capture opened later leaves it there.
        fixture.window.open({QStringLiteral("/captures/tls.pcapng")});
        QTRY_VERIFY(fixture.window.settled() && page.chains().model()->rowCount() == 5);
        fixture.window.session().close();
        QTRY_VERIFY(page.settled());
    }

    void certificatesDroppedAnywhereAreJudged() {
        WindowFixture fixture(trustSources());
        drop(fixture.window, {write(fixture.folder, "leaf.pem", madeChain().leafPem)});
        auto& page = fixture.window.certificates();
        QTRY_VERIFY(page.settled() && page.report().line());
        QVERIFY(page.isVisible());
        QCOMPARE(page.report().line()->from, QStringLiteral("leaf.pem"));
        // With its key it is for decrypting.
        QVERIFY(!looksLikeCertificates(
            write(fixture.folder, "both.pem", madeChain().leafPem + "-----BEGIN PRIVATE KEY-----\nAAAA\n")));
    }

    void headerDumpsAreJudged_data() {
        QTest::addColumn<QByteArray>("dump");
        const QByteArray value = "2048|256|CN=A CA;O=A;C=US|CN=*.azure-api.net;O=B";
        QTest::newRow("object") << QByteArray("{\"Host\": \"a.azure-api.net\", \"X-ARR-SSL\": \"" + value + "\"}");
        QTest::newRow("inside") << QByteArray("{\"request\": {\"headers\": {\"x-arr-ssl\": [\"" + value + "\"]}}}");
        QTest::newRow("HAR") << QByteArray("{\"log\": {\"entries\": [{\"request\": {\"headers\": [{\"name\": "
                                           "\"Host\", \"value\": \"a\"}, {\"name\": \"x-arr-ssl\", \"value\": \"" +
                                           value + "\"}]}}]}}");
        QTest::newRow("lines") << QByteArray("GET / HTTP/1.1\r\nHost: a.azure-api.net\r\nx-arr-ssl: " + value + "\r\n");
        QTest::newRow("curl -v") << QByteArray("> Host: a.azure-api.net\n> x-arr-ssl: " + value + "\n");
    }
    void headerDumpsAreJudged() {
        QFETCH(QByteArray, dump);
        WindowFixture fixture(trustSources());
        auto& page = fixture.window.certificates();
        const QString file = write(fixture.folder, "headers.txt", dump);
        actionFor(fixture.window, kCertificates)->trigger();
        page.judgeFiles({file});
        QTRY_VERIFY(page.settled() && page.answer());
        QCOMPARE(page.answer()->lines.size(), std::size_t{1});
        QVERIFY(page.answer()->lines.front().chain->answer.namesOnly);
        QCOMPARE(page.answer()->lines.front().from, QStringLiteral("headers.txt"));
    }

    void wrongFilesAreSaid() {
        WindowFixture fixture(trustSources());
        openPage(fixture.window);
        auto& page = fixture.window.certificates();
        drop(page, {write(fixture.folder, "plain.json", "{\"Host\": \"a\"}")});
        QTRY_VERIFY(page.settled() &&
                    page.banner().text().startsWith(QStringLiteral("plain.json: none of its headers")));
        drop(page, {fixture.folder.filePath(QStringLiteral("missing.pem"))});
        QTRY_VERIFY(page.settled() && page.banner().text().startsWith(QStringLiteral("missing.pem: ")));
        QVERIFY(!page.banner().text().contains(QStringLiteral("plain.json"))); // told of once
        QCOMPARE(page.chains().model()->rowCount(), 4);
        // Too many to be a chain: roots, rather.
        QByteArray many;
        for (int i = 0; i < 65; ++i) many += madeChain().rootPem;
        drop(page, {write(fixture.folder, "bundle.pem", many)});
        QTRY_VERIFY(page.settled() && page.banner().text().startsWith(QStringLiteral("bundle.pem: ")));
        QVERIFY(page.banner().text().contains(QStringLiteral("Trust…")));
        // A key log is for the window.
        const QByteArray line = "CLIENT_RANDOM " + QByteArray(64, '1') + ' ' + QByteArray(96, 'a') + '\n';
        drop(page, {write(fixture.folder, "keys.log", line)});
        QTRY_VERIFY(fixture.window.settled() && fixture.window.bannerText().contains(QStringLiteral("keys.log")));
    }

    void reportIsCopiedAndSaved() {
        const QTemporaryDir folder;
        Sources sources = trustSources();
        sources.chooseSave = [&folder](QWidget*, const QString& name, const QString&,
                                       const std::function<void(const QString&)>& chosen) {
            chosen(folder.filePath(name));
        };
        WindowFixture fixture(std::move(sources));
        openPage(fixture.window);
        auto& page = fixture.window.certificates();
        QTest::mouseClick(page.findChild<QToolButton*>(QStringLiteral("copyReport")), Qt::LeftButton);
        const QString copied = QGuiApplication::clipboard()->text();
        QVERIFY(copied.startsWith(QStringLiteral("No public client trusts this chain")));
        QVERIFY(copied.contains(QStringLiteral("ended S1 within 20 ms")));
        drop(page, {write(fixture.folder, "chain.pem", madeChain().leafPem + madeChain().intermediatePem)});
        QTRY_VERIFY(page.settled() && page.report().line()->isFile);
        const auto run = [&](const QString& text) {
            for (auto* action : page.findChildren<QAction*>()) {
                if (action->text() == text) return action->trigger();
            }
            QFAIL(qPrintable(text));
        };
        run(QStringLiteral("Chain as it was sent, PEM…"));
        const auto sent = contentOf(folder.filePath(QStringLiteral("chain.pem")));
        QVERIFY(sent.contains(madeChain().leafPem.trimmed()) && sent.contains(madeChain().intermediatePem.trimmed()));
        run(QStringLiteral("Chain that should be served, PEM…"));
        const auto served = contentOf(folder.filePath(QStringLiteral("fixed.pem")));
        QVERIFY(served.indexOf(madeChain().leafPem.trimmed()) >= 0);
        QVERIFY(served.indexOf(madeChain().leafPem.trimmed()) < served.indexOf(madeChain().intermediatePem.trimmed()));
        QVERIFY(!served.contains(madeChain().rootPem.trimmed())); // clients have it
        run(QStringLiteral("Chains as CSV…"));
        QVERIFY(contentOf(folder.filePath(QStringLiteral("chains.csv")))
                    .startsWith("host,handshakes,rejected,source,verdict\r\n"));
        run(QStringLiteral("Report as text…"));
        QVERIFY(contentOf(folder.filePath(QStringLiteral("certificates.txt"))).startsWith("No public client"));
    }

    void rootsAreChosenAndRemembered() {
        const QTemporaryDir folder;
        const QString roots = write(folder, "roots.pem", madeChain().rootPem);
        const QString settingsFile = folder.filePath(QStringLiteral("kept.ini"));
        WindowFixture fixture(trustSources());
        openPage(fixture.window);
        auto& page = fixture.window.certificates();
        page.editRoots();
        auto* dialog = page.rootsDialog();
        QVERIFY(dialog);
        QCOMPARE(dialog->profiles().topLevelItemCount(), 3);
        QVERIFY(dialog->profiles().topLevelItem(2)->text(2).contains(QStringLiteral("older than a year")));
        dialog->profiles().topLevelItem(1)->setCheckState(0, Qt::Unchecked);
        dialog->addRoots(roots);
        dialog->useBox().setCurrentIndex(static_cast<int>(RootChoice::Use::Only));
        QTest::mouseClick(&dialog->applyButton(), Qt::LeftButton);
        // The list of the user's roots was not there when the others were marked.
        QTRY_VERIFY(page.settled() && page.report().verdicts().model()->rowCount() == 2);
        QCOMPARE(dialog->profiles().topLevelItemCount(), 4);
        dialog->profiles().topLevelItem(3)->setCheckState(0, Qt::Checked);
        QTest::mouseClick(&dialog->applyButton(), Qt::LeftButton);
        QTRY_VERIFY(page.settled() && page.report().verdicts().model()->rowCount() == 3);
        QCOMPARE(cell(page.report().verdicts(), 2, 1), QStringLiteral("trusted by some"));
        dialog->refreshFrom(QStringLiteral("mozilla"), QStringLiteral("/lists/mozilla.csv"));
        dialog->close();
        fixture.window.close();
        TrustRoots again(test::madeRoots);
        again.restore(fixture.settings);
        QCOMPARE(again.choice().files, QStringList{roots});
        QCOMPARE(again.choice().use, RootChoice::Use::Only);
        QCOMPARE(again.choice().refreshed, QStringList{QStringLiteral("mozilla=/lists/mozilla.csv")});
        QCOMPARE(again.choice().profiles, (QStringList{QStringLiteral("strict-common"), QStringLiteral("openjdk-old"),
                                                       QStringLiteral("custom")}));
    }

    void otherFiltersJudgeNothingAnew() {
        auto asked = std::make_shared<std::atomic<int>>(0);
        Sources sources = trustSources();
        sources.trust.answer = [asked](const auto& snapshot, const auto& settings, const std::stop_token& stop) {
            ++*asked;
            return test::madeAnswer(snapshot, settings, stop);
        };
        WindowFixture fixture(std::move(sources));
        openPage(fixture.window);
        const int before = *asked;
        fixture.window.filterBar().setText(QStringLiteral("status == 429"));
        fixture.window.filterBar().apply();
        QTRY_VERIFY(fixture.window.settled());
        QCOMPARE(asked->load(), before);
        QCOMPARE(fixture.window.certificates().chains().model()->rowCount(), 4);
    }

    void emptyCaptureSaysWhatToDo() {
        Sources sources{test::analyseStandIn, test::readStandIn, {}};
        sources.trust = {
            [](const auto&, const auto&, std::stop_token) { return std::optional(analysis::TrustAnswer()); },
            test::madeJudgement};
        sources.roots = test::madeRoots;
        WindowFixture fixture(std::move(sources));
        openPage(fixture.window);
        auto& page = fixture.window.certificates();
        QTRY_VERIFY(page.emptyNotice().isVisible());
        QVERIFY(page.emptyNotice().text().contains(QStringLiteral("x-arr-ssl")));
        // It takes drops, too.
        drop(page, {write(fixture.folder, "leaf.pem", madeChain().leafPem)});
        QTRY_VERIFY(page.settled() && page.report().line());
        QVERIFY(!page.emptyNotice().isVisible());
    }

    void pageKeyIsInTheBar() {
        WindowFixture fixture(trustSources());
        QCOMPARE(fixture.window.pages().bar().tabText(6), QStringLiteral("7 Certificates"));
        QVERIFY(actionFor(fixture.window, "Ctrl+6")); // the others keep theirs
        openPage(fixture.window);
        auto& page = fixture.window.certificates();
        QTest::keyClick(&page.chains(), Qt::Key_Return);
        QVERIFY(page.report().verdicts().hasFocus());
        QTest::keyClick(&page.report().verdicts(), Qt::Key_Tab);
        QVERIFY(page.report().tree().hasFocus());
    }
};

QTEST_MAIN(UiCertificatesPageTest)
#include "ui_certificates_page_test.moc"
