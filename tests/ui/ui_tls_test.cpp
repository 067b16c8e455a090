// SPDX-License-Identifier: Apache-2.0
// A TLS session in words, as a ladder and as a row of a table.
#include <QTest>

#include "ui/bridge/text.h"
#include "ui/bridge/tls_answer.h"
#include "ui/bridge/tls_text.h"
#include "ui/models/tls_shapes.h"
#include "ui/models/tls_sign.h"
#include "ui/models/tls_table_model.h"
#include "ui/widgets/tls_ladder_view.h"

#include "tests/ui/sample_traffic.h"
#include "tests/ui/tls_traffic.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QImage>
#include <QPainter>
#include <QScrollBar>
#include <QSignalSpy>

using namespace gatescope;
using namespace gatescope::ui;

namespace {

analysis::Snapshot snapshotOf(analysis::Batch sessions, bool finished = true) {
    analysis::Dataset dataset({"gateway.pcapng"});
    dataset.append(test::batchOf(test::twelveCalls()));
    dataset.append(std::move(sessions));
    if (finished) dataset.finish();
    return dataset.snapshot();
}

TlsQuestion questionOf(const analysis::Snapshot& snapshot) {
    return {.snapshot = snapshot,
            .rows = std::make_shared<const std::vector<analysis::Row>>(snapshot.order()),
            .narrowed = false,
            .onlyShown = false,
            .search = {},
            .sort = {}};
}

std::vector<std::uint64_t> numbersOf(const TlsAnswer& answer) {
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i < answer.order.size(); ++i) numbers.push_back(answer.at(i).number);
    return numbers;
}

std::vector<std::uint64_t> answered(const TlsQuestion& question) {
    const auto answer = answerTls(question, {});
    return answer ? numbersOf(*answer) : std::vector<std::uint64_t>{};
}

using Numbers = std::vector<std::uint64_t>;

} // namespace

class UiTlsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support)"))); }

    void stepsAreNamed() {
        const auto failed = tlsLadderOf(test::failedSession(1));
        QCOMPARE(failed.steps.size(), std::size_t{4});
        QCOMPARE(failed.steps[0].name, QStringLiteral("Client Hello"));
        QCOMPARE(failed.steps[0].from, TlsSide::Client);
        QCOMPARE(failed.steps[0].packet, QStringLiteral("#4"));
        QCOMPARE(failed.steps[0].size, QStringLiteral("517 B")); // 512 and the header's 5
        QCOMPARE(failed.steps[1].name,
                 QStringLiteral("Server Hello, Certificate, Server Key Exchange, Server Hello Done"));
        QCOMPARE(failed.steps[1].offset, std::optional<std::int64_t>(14'800'000));
        QCOMPARE(failed.steps[2].name, QStringLiteral("Alert: fatal unknown_ca"));
        QCOMPARE(failed.steps[2].shape, TlsLadderStep::Shape::Alert);
        QCOMPARE(failed.steps[2].tone, Tone::Bad);
        QCOMPARE(failed.steps[3].shape, TlsLadderStep::Shape::Close);
        QCOMPARE(failed.end.side, std::optional(TlsSide::Client));
        QCOMPARE(failed.end.title, QStringLiteral("client-alert:unknown_ca"));
        QCOMPARE(failed.end.glyph, Glyph::Cross);
        QVERIFY(failed.end.words.contains(QStringLiteral("does not know the authority")));
    }

    void encryptedAndDecryptedStepsDiffer() {
        const auto closed = tlsLadderOf(test::completeSession(1, false));
        const auto open = tlsLadderOf(test::completeSession(1, true));
        QCOMPARE(closed.steps[4].reading, TlsReading::Encrypted);
        QCOMPARE(closed.steps[4].name, QStringLiteral("Encrypted record")); // of TLS 1.3 nobody can tell
        QCOMPARE(open.steps[4].reading, TlsReading::Opened);
        QCOMPARE(open.steps[4].name, QStringLiteral("Certificate"));
        QCOMPARE(open.steps[9].name, QStringLiteral("Application data × 14"));
        QCOMPARE(open.steps[9].size, QStringLiteral("23.1 kB"));
        QVERIFY(open.steps[9].words.contains(QStringLiteral("14 records, 23,104 octets")));
        QCOMPARE(open.steps[10].name, QStringLiteral("Alert: warning close_notify"));
        QCOMPARE(open.steps[10].tone, Tone::Muted); // a goodbye is no complaint
        QCOMPARE(open.end.side, std::optional<TlsSide>());
        QCOMPARE(open.end.glyph, Glyph::Check);
        QCOMPARE(open.steps[0].reading, TlsReading::Clear);
    }

    void whatIsMissingIsSaid() {
        const auto batch = test::tlsBatch();
        const auto cut = tlsLadderOf(batch.sessions[4]);
        QCOMPARE(cut.steps.back().name, QStringLiteral("1,460 octets never captured"));
        QCOMPARE(cut.steps.back().shape, TlsLadderStep::Shape::Damage);
        QCOMPARE(cut.end.glyph, Glyph::NoAnswer);
        const auto reset = tlsLadderOf(batch.sessions[5]);
        QCOMPARE(reset.steps.back().shape, TlsLadderStep::Shape::Break);
        QCOMPARE(reset.end.side, std::optional(TlsSide::Client));
        QVERIFY(reset.end.words.contains(QStringLiteral("reset the connection after the server had shown")));
    }

    void timesAreMilliseconds() {
        QCOMPARE(ladderTime(0), QStringLiteral("0.000"));
        QCOMPARE(ladderTime(12'400'000), QStringLiteral("12.400"));
        QCOMPARE(ladderTime(627'000'999), QStringLiteral("627.000"));
        QCOMPARE(ladderTime(61'250'000'000), QStringLiteral("61.250 s"));
        QCOMPARE(ladderTime(-1'500'000), QStringLiteral("−1.500")); // clocks of two captures
        QVERIFY(!ladderTime(std::numeric_limits<std::int64_t>::min()).isEmpty());
    }

    void layoutKeepsEverythingApart() {
        for (const auto& record : test::tlsBatch().sessions) {
            const auto data = tlsLadderOf(record);
            for (const double width : {200.0, 500.0, 900.0, 2000.0}) {
                const TlsLadderLayout layout(data, width, QFont());
                QCOMPARE(layout.steps().size(), data.steps.size());
                QVERIFY(layout.size().width() >= width);
                QVERIFY(layout.timeRight() < layout.clientX());
                QVERIFY(layout.serverX() < layout.sizeRight() && layout.sizeRight() < layout.packetRight());
                QVERIFY(layout.packetRight() <= layout.size().width());
                double y = layout.headHeight();
                for (const auto& step : layout.steps()) {
                    const double top = step.pause.isEmpty() ? step.row.top() : step.pause.top();
                    QVERIFY(top >= y);
                    y = step.row.bottom();
                    QVERIFY(step.name.left() > layout.clientX() && step.name.right() < layout.serverX());
                    QVERIFY(step.arrowY > step.name.bottom() - 1 && step.arrowY < step.row.bottom());
                }
                QVERIFY(layout.end().top() >= y && layout.end().bottom() <= layout.size().height());
            }
        }
    }

    /// 612.3 ms pass between the request and its answer; nothing else takes 100.
    void longPausesHaveAPlace() {
        const auto data = tlsLadderOf(test::completeSession(1, true));
        const TlsLadderLayout layout(data, 700, QFont());
        for (std::size_t i = 0; i < layout.steps().size(); ++i) QCOMPARE(!layout.steps()[i].pause.isEmpty(), i == 9);
        QCOMPARE(layout.steps()[9].pauseText, QStringLiteral("after 612 ms"));
        QCOMPARE(layout.at(layout.steps()[3].row.center()), std::optional<std::size_t>(3));
        QCOMPARE(layout.at(layout.steps()[9].pause.center()), std::optional<std::size_t>());
    }

    void oddSessionsAreDrawn() {
        QImage image(600, 400, QImage::Format_ARGB32_Premultiplied);
        QPainter painter(&image);
        analysis::TlsRecord bare;
        for (int kind = 0; kind < 6; ++kind) {
            tls::Step step;
            step.kind = static_cast<tls::Step::Kind>(kind);
            step.recordType = 99;
            step.messageCount = 255; // more than there is room for
            bare.facts.steps.push_back(step);
        }
        const auto data = tlsLadderOf(bare);
        QCOMPARE(data.steps.size(), std::size_t{6});
        QVERIFY(!data.steps[0].offset); // no time is known
        const TlsLadderLayout layout(data, 600, QFont());
        paintTlsLadder(painter, data, layout, QRectF(0, 0, 600, 400), QPalette(), QFont());
        paintTlsLadderHead(painter, data, layout, 0, QPalette(), QFont());
        QVERIFY(TlsLadderLayout(TlsLadderData(), 300, QFont()).steps().empty());
    }

    void ladderIsTextToo() {
        const QString text = ladderText(tlsLadderOf(test::failedSession(1)));
        QVERIFY(
            text.startsWith(QStringLiteral("Client 10.0.9.213:10095\nServer 10.0.4.12:443 (apimeus.azure-api.net)\n")));
        QVERIFY(text.contains(
            QStringLiteral(" 0.000  Client → server  Client Hello  (517 octets, in the clear, packet 4)\n")));
        QVERIFY(text.contains(QStringLiteral("34.900  Client → server  Alert: fatal unknown_ca")));
        QVERIFY(text.contains(QStringLiteral("\nEnded: client-alert:unknown_ca\n")));
    }

    void factsNameWhatIsKnownOnly() {
        const auto snapshot = snapshotOf(test::tlsBatch());
        const QString open = tlsFactsText(snapshot.tlsSessions()[0]);
        for (const char* line : {"Version: 1.3", "Cipher: TLS_AES_128_GCM_SHA256", "Group: x25519", "ALPN: h2",
                                 "ALPN offered: h2, http/1.1", "JA4: t13d1516h2_8daaf6152771_02713d6af862",
                                 "Subject: CN=apimeus.azure-api.net", "Sent: 2 certificates", "Readable: yes"}) {
            QVERIFY2(open.contains(QLatin1String(line)), line);
        }
        const QString closed = tlsFactsText(snapshot.tlsSessions()[1]);
        QVERIFY(!closed.contains(QStringLiteral("ALPN: ")));
        QVERIFY(closed.contains(QStringLiteral("Readable: no: no secrets for this client random")));
        QVERIFY(closed.contains(QStringLiteral("TLS 1.3 encrypts them")));
        analysis::TlsRecord odd = test::failedSession(1);
        odd.facts.serverName = "<img src=x>";
        const analysis::TlsSession session{7, std::make_shared<const analysis::TlsRecord>(odd)};
        QVERIFY(!tlsFactsPage(session, QPalette()).contains(QStringLiteral("<img")));
    }

    void signsTellHowItEnded() {
        const auto batch = test::tlsBatch();
        const Tone tones[] = {Tone::Good, Tone::Good, Tone::Bad, Tone::Good, Tone::Muted, Tone::Bad};
        const TlsReadable readable[] = {TlsReadable::Yes,    TlsReadable::No,  TlsReadable::Yes,
                                        TlsReadable::Partly, TlsReadable::Yes, TlsReadable::No};
        for (std::size_t i = 0; i < test::kTlsSessions; ++i) {
            const auto& facts = batch.sessions[i].facts;
            QCOMPARE(endedSign(facts).tone, tones[i]);
            QVERIFY(!endedSign(facts).words.isEmpty());
            QCOMPARE(readableOf(facts), readable[i]);
        }
        QCOMPARE(readableText(batch.sessions[3].facts), QStringLiteral("in part: secrets for handshake only"));
        QCOMPARE(readableText(batch.sessions[2].facts), QStringLiteral("nothing encrypted"));
        tls::SessionFacts facts;
        facts.outcome = tls::Outcome::Failed;
        facts.ended = "server-closed-after-client-hello";
        QCOMPARE(endedSign(facts).words, QStringLiteral("The server closed the connection after the Client Hello."));
        facts.ended = "something new";
        QCOMPARE(endedSign(facts).words, QString()); // no words are better than wrong ones
    }

    void sessionsAreSortedAndSearched() {
        const auto snapshot = snapshotOf(test::tlsBatch());
        auto question = questionOf(snapshot);
        QCOMPARE(answered(question), (Numbers{1, 2, 3, 4, 5, 6}));
        question.sort = TlsSort{TlsColumn::Number, true};
        QCOMPARE(answered(question), (Numbers{6, 5, 4, 3, 2, 1}));
        question.sort = TlsSort{TlsColumn::Ended, false}; // client-alert, client-reset, complete, cut, resumed
        QCOMPARE(answered(question), (Numbers{3, 6, 1, 2, 5, 4}));
        question.sort = TlsSort{TlsColumn::Alpn, false}; // h2, http/1.1, and what is not known last either way
        QCOMPARE(answered(question), (Numbers{1, 4, 2, 3, 5, 6}));
        question.sort = TlsSort{TlsColumn::Alpn, true};
        QCOMPARE(answered(question), (Numbers{4, 1, 2, 3, 5, 6}));
        question.sort.reset();
        question.search = QStringLiteral("UNKNOWN_CA 10.0.4");
        QCOMPARE(answered(question), (Numbers{3}));
        question.search = QStringLiteral("no such session");
        QCOMPARE(answered(question), Numbers());
        std::stop_source stopped;
        stopped.request_stop();
        QVERIFY(!answerTls(question, stopped.get_token()));
    }

    /// The first call is in session 1, the second in 2, and the third in 3: see tls_traffic.h.
    void filterMarksSessions() {
        const auto snapshot = snapshotOf(test::tlsBatch());
        auto question = questionOf(snapshot);
        const auto& order = snapshot.order();
        question.rows = std::make_shared<const std::vector<analysis::Row>>(order.begin(), order.begin() + 2);
        question.narrowed = true;
        auto answer = std::make_shared<TlsAnswer>(*answerTls(question, {}));
        QCOMPARE(answer->order.size(), test::kTlsSessions);
        QCOMPARE(answer->shown, (std::vector<std::uint32_t>{1, 1, 0, 0, 0, 0}));
        TlsTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show(answer);
        const int column = static_cast<int>(TlsColumn::Exchanges);
        QCOMPARE(model.index(0, column).data().toString(), QStringLiteral("1 of 1"));
        QCOMPARE(model.index(2, column).data().toString(), QStringLiteral("0 of 0"));
        question.onlyShown = true;
        QCOMPARE(answered(question), (Numbers{1, 2}));
    }

    void tableKeepsItsSelection() {
        const auto snapshot = snapshotOf(test::tlsBatch());
        auto question = questionOf(snapshot);
        TlsTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show(std::make_shared<const TlsAnswer>(*answerTls(question, {})));
        QCOMPARE(model.rowCount(), 6);
        const QPersistentModelIndex third(model.index(2, 0));
        const QPersistentModelIndex fourth(model.index(3, 0));
        question.sort = TlsSort{TlsColumn::Number, true};
        question.search = QStringLiteral("unknown_ca");
        model.show(std::make_shared<const TlsAnswer>(*answerTls(question, {})));
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(third.row(), 0);
        QVERIFY(!fourth.isValid());
        QCOMPARE(model.index(0, static_cast<int>(TlsColumn::Version)).data().toString(), QStringLiteral("1.2"));
        QCOMPARE(model.index(0, static_cast<int>(TlsColumn::Alpn)).data().toString(), QStringLiteral("–"));
        QVERIFY(model.index(0, static_cast<int>(TlsColumn::Ended))
                    .data(Qt::ToolTipRole)
                    .toString()
                    .contains(QStringLiteral("authority")));
        QSignalSpy asked(&model, &TlsTableModel::sortRequested);
        model.sort(static_cast<int>(TlsColumn::Cipher), Qt::DescendingOrder);
        QCOMPARE(asked.count(), 1);
        model.clear();
        QCOMPARE(model.rowCount(), 0);
    }

    void keyboardWalksTheLadder() {
        TlsLadderView view;
        view.resize(700, 260);
        view.show(tlsLadderOf(test::longSession(1)));
        static_cast<QWidget&>(view).show();
        QVERIFY(view.verticalScrollBar()->maximum() > 0);
        view.setFocus();
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(view.current(), std::optional<std::size_t>(0));
        QVERIFY(view.accessibleDescription().contains(QStringLiteral("Client Hello")));
        for (int i = 0; i < 40; ++i) QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(view.current(), std::optional<std::size_t>(40));
        const auto row = view.layoutOnScreen().steps()[40].row;
        QVERIFY(view.viewport()->rect().contains(view.toViewport(row.center()).toPoint()));
        QTest::keyClick(&view, Qt::Key_Up);
        QCOMPARE(view.current(), std::optional<std::size_t>(39));
        QTest::keyClick(&view, Qt::Key_End);
        QCOMPARE(view.current(), std::optional<std::size_t>(95));
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(view.current(), std::optional<std::size_t>(0));
        QVERIFY(view.toViewport(view.layoutOnScreen().steps()[0].row.topLeft()).y() >=
                view.layoutOnScreen().headHeight());
        QSignalSpy chosen(&view, &TlsLadderView::chosen);
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(chosen.count(), 1);
        QTest::keyClick(&view, Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), view.data().steps[0].words);
        QTest::mouseClick(view.viewport(), Qt::LeftButton, {},
                          view.toViewport(view.layoutOnScreen().steps()[2].row.center()).toPoint());
        QCOMPARE(view.current(), std::optional<std::size_t>(2));
        view.clear();
        QVERIFY(!view.current());
        QTest::keyClick(&view, Qt::Key_Down);
        QTest::keyClick(&view, Qt::Key_End);
    }
};

QTEST_MAIN(UiTlsTest)
#include "ui_tls_test.moc"
