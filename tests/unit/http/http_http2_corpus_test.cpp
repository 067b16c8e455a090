// SPDX-License-Identifier: Apache-2.0
// Real captures of HTTP/2 without TLS: what tshark says of each stream (`http2` rows of the truth files).
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "tests/unit/http/captured_pieces.h"
#include "tests/unit/http/http2_dialogue.h"

#include <QDirIterator>
#include <QFile>
#include <map>

using namespace gatescope;
using test::CapturedConnection;
using test::CapturedPiece;

namespace {

/// tshark gives stream 13 of this capture the path of what is pushed on stream 2, and stream 2 none: the PUSH_PROMISE
/// with that path came on stream 13.
constexpr const char* kPushed = "arkime/http2-nghttp2.pcap";

/// From the client's preface on, and without the head of the 101 that agrees to an upgrade.
CapturedConnection onlyHttp2(const CapturedConnection& pieces) {
    std::array<std::string, 2> before;
    std::array<bool, 2> begun{};
    CapturedConnection rest;
    for (CapturedPiece piece : pieces) {
        if (!begun[piece.direction]) {
            std::string& text = before[piece.direction];
            text += piece.octets;
            const bool agrees = text.starts_with("HTTP/1.1 101");
            const std::size_t at = agrees ? text.find("\r\n\r\n") : text.find(test::h2::kPreface);
            const bool frames = text.size() >= 9 && text.starts_with(std::string_view("\0\0", 2)) && text[3] == 4;
            if (at == std::string::npos && !frames) continue;
            piece.octets = frames ? text : text.substr(agrees ? at + 4 : at);
            begun[piece.direction] = true;
        }
        rest.push_back(piece);
    }
    return begun[0] || begun[1] ? rest : CapturedConnection{};
}

QByteArray orDash(const std::string& text) {
    return text.empty() ? "-" : QByteArray::fromStdString(text);
}

/// method, authority, path, status, octets of the response's body
QByteArrayList described(const http::Exchange& x) {
    return {orDash(x.request.method), orDash(std::string(x.request.headers.find("host").value_or(""))),
            orDash(x.request.target), QByteArray::number(x.response.status),
            QByteArray::number(qulonglong(x.responseTrace.bodyBytes))};
}

} // namespace

class HttpHttp2CorpusTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void captures_data();
    void captures();
    void startsInTheMiddle_data();
    void startsInTheMiddle();
};

void HttpHttp2CorpusTest::captures_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("name");
    QString shared = qEnvironmentVariable("GATESCOPE_SHARED");
    if (shared.isEmpty()) shared = QStringLiteral(GATESCOPE_SOURCE_DIR "/../shared");
    QDirIterator files(shared + "/corpus", {"*.truth.tsv"}, QDir::Files, QDirIterator::Subdirectories);
    int rows = 0;
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly) || !file.readAll().contains("\nhttp2\t")) continue;
        const QString path = file.fileName().chopped(10);
        const QString name = path.mid(shared.size() + 8);
        QTest::newRow(qPrintable(name)) << path << name;
        ++rows;
    }
    if (rows == 0) QTest::newRow("none") << QString() << QString();
}

void HttpHttp2CorpusTest::captures() {
    QFETCH(QString, path);
    QFETCH(QString, name);
    if (path.isEmpty()) QSKIP("the corpus is not here; http_http2_test covers the same ground");
    std::map<int, QByteArrayList> told;
    for (const CapturedConnection& connection : test::CapturedConnections::of(path.toStdString())) {
        const CapturedConnection pieces = onlyHttp2(connection);
        if (pieces.empty()) continue;
        test::h2::Dialogue d;
        for (const CapturedPiece& piece : pieces)
            piece.octets.empty() ? d.gap(piece.direction, piece.lost) : d.feed(piece.direction, piece.octets);
        d.close();
        QVERIFY(d.orderly);
        for (const http::Exchange& x : d.exchanges)
            if (x.responseTrace.seen) told[int(x.streamId)] = described(x);
    }
    if (told.empty()) QSKIP("under TLS");
    QFile truth(path + ".truth.tsv");
    QVERIFY(truth.open(QIODevice::ReadOnly));
    std::size_t rows = 0;
    while (!truth.atEnd()) {
        const QByteArrayList row = truth.readLine().trimmed().split('\t');
        if (row[0] != "http2") continue;
        ++rows;
        QVERIFY2(told.contains(row[2].toInt()), row[2].constData());
        const QByteArrayList ours = told[row[2].toInt()];
        qInfo("stream %s: %s", row[2].constData(), ours.join(' ').constData());
        QCOMPARE(ours[3], row[6]);
        QCOMPARE(ours[4], row[10]);
        for (int i = 0; i < 3; ++i) {
            if (row[3 + i] == "-") continue;
            const bool pushedPath = name == kPushed && row[2] == "13" && i == 2;
            QCOMPARE(ours[i], pushedPath ? QByteArray("/") : row[3 + i]);
        }
    }
    QCOMPARE(told.size(), rows);
    if (name == kPushed) QCOMPARE(told[2][2], QByteArray("/stylesheets/screen.css"));
}

void HttpHttp2CorpusTest::startsInTheMiddle_data() {
    captures_data();
}

/// From each packet on: what is told of a stream is what the whole capture tells.
void HttpHttp2CorpusTest::startsInTheMiddle() {
    QFETCH(QString, path);
    if (path.isEmpty()) QSKIP("the corpus is not here; http_http2_gap_test covers the same ground");
    bool any = false;
    for (const CapturedConnection& connection : test::CapturedConnections::of(path.toStdString())) {
        const CapturedConnection pieces = onlyHttp2(connection);
        if (pieces.empty()) continue;
        any = true;
        std::map<std::uint32_t, http::Exchange> whole;
        for (std::size_t start = 0; start < pieces.size(); ++start) {
            http::Http2Options options;
            options.middle = start != 0;
            test::h2::Dialogue d(std::move(options));
            for (std::size_t i = start; i < pieces.size(); ++i) d.feed(pieces[i].direction, pieces[i].octets);
            d.close();
            QVERIFY(d.orderly);
            for (http::Exchange& x : d.exchanges) {
                if (start == 0) {
                    whole[x.streamId] = std::move(x);
                    continue;
                }
                QVERIFY(whole.contains(x.streamId));
                const http::Exchange& all = whole[x.streamId];
                QVERIFY(x.request.method.empty() || x.request.method == all.request.method);
                QVERIFY(x.request.target.empty() || x.request.target == all.request.target);
                QVERIFY(x.response.status == 0 || x.response.status == all.response.status);
                QVERIFY(x.responseTrace.bodyBytes <= all.responseTrace.bodyBytes);
                for (std::size_t n = 0; n < x.request.headers.size(); ++n)
                    QVERIFY(all.request.headers.find(x.request.headers[n].name) == x.request.headers[n].value);
                for (std::size_t n = 0; n < x.response.headers.size(); ++n)
                    QVERIFY(all.response.headers.find(x.response.headers[n].name) == x.response.headers[n].value);
            }
        }
    }
    if (!any) QSKIP("under TLS");
}

QTEST_APPLESS_MAIN(HttpHttp2CorpusTest)
#include "http_http2_corpus_test.moc"
