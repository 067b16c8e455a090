// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/header_text.h"

#include <QTest>
#include <string>
#include <vector>

using namespace gatescope;
using namespace gatescope::gatewaylog;

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

Fields fieldsOf(const http::HeaderList& list) {
    Fields fields;
    for (std::size_t i = 0; i < list.size(); ++i) fields.emplace_back(list[i].name, list[i].value);
    return fields;
}

const Fields kFields{{"Host", "apimx.azure-api.net"}, {"CLIENT-IP", "10.0.9.213:10095"}, {"x-k8se-protocol", "http1"}};

const std::string kLines = "Host: apimx.azure-api.net\nCLIENT-IP:10.0.9.213:10095\nx-k8se-protocol:\t http1 \n";

} // namespace

class GatewaylogHeaderTextTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsLines_data();
    void readsLines();
    void readsStartLines();
    void readsPseudoFields();
    void unfolds();
    void readsWhatCurlPrints();
    void refusesWhatIsNone_data();
    void refusesWhatIsNone();
    void knowsItByItsFirstLines();
};

void GatewaylogHeaderTextTest::readsLines_data() {
    QTest::addColumn<std::string>("text");
    std::string crlf;
    for (const char c : kLines) crlf += c == '\n' ? "\r\n" : std::string(1, c);
    QTest::newRow("lines") << kLines;
    QTest::newRow("CRLF") << crlf;
    QTest::newRow("no break at the end") << kLines.substr(0, kLines.size() - 2);
    QTest::newRow("empty lines before") << "\n\r\n" + kLines;
    QTest::newRow("byte order mark") << "\xEF\xBB\xBF" + kLines;
    QTest::newRow("body") << kLines + "\n{\"model\": \"gpt-4o\"}\nnot a field\n";
}

void GatewaylogHeaderTextTest::readsLines() {
    QFETCH(std::string, text);
    HeaderText found;
    QVERIFY(readHeaderText(text, found));
    QVERIFY(fieldsOf(found.request) == kFields);
    QVERIFY(found.method.empty() && found.target.empty() && found.status == 0);
    QVERIFY(looksLikeHeaderText(text, true));
}

void GatewaylogHeaderTextTest::readsStartLines() {
    HeaderText found;
    QVERIFY(readHeaderText("POST /openai/v1/responses?a=b HTTP/1.1\r\n" + kLines +
                               "\r\nHTTP/1.1 429 Too Many Requests\r\nRetry-After: 41\r\nx-a: b\r\n\r\n{}",
                           found));
    QCOMPARE(found.method, std::string("POST"));
    QCOMPARE(found.target, std::string("/openai/v1/responses?a=b"));
    QCOMPARE(found.protocol, std::string("HTTP/1.1"));
    QVERIFY(fieldsOf(found.request) == kFields);
    QCOMPARE(found.status, 429);
    QCOMPARE(found.reason, std::string("Too Many Requests"));
    QVERIFY((fieldsOf(found.response) == Fields{{"Retry-After", "41"}, {"x-a", "b"}}));

    HeaderText answer;
    QVERIFY(readHeaderText("HTTP/2 200\nserver: istio-envoy\ndate: x\n", answer));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.request.size(), std::size_t{0});
    QCOMPARE(answer.response.size(), std::size_t{2});
}

void GatewaylogHeaderTextTest::readsPseudoFields() {
    HeaderText found;
    QVERIFY(readHeaderText(":method: POST\n:path: /v1/x\n:authority: h\naccept: */*\n", found));
    QVERIFY((fieldsOf(found.request) ==
             Fields{{":method", "POST"}, {":path", "/v1/x"}, {":authority", "h"}, {"accept", "*/*"}}));
}

void GatewaylogHeaderTextTest::unfolds() {
    HeaderText found;
    QVERIFY(readHeaderText("Host: h\nX-A: one\n two\n\tthree \nAccept: */*\n", found));
    QVERIFY((fieldsOf(found.request) == Fields{{"Host", "h"}, {"X-A", "one two three"}, {"Accept", "*/*"}}));
}

// As curl 8 prints it with -v; see `man curl`.
void GatewaylogHeaderTextTest::readsWhatCurlPrints() {
    const std::string text = "* Connected to apimx.azure-api.net (10.0.20.5) port 443\n"
                             "> POST /openai/v1/responses HTTP/1.1\r\n> Host: apimx.azure-api.net\r\n"
                             "> Accept: */*\r\n> \r\n} [5 bytes data]\n* upload completely sent off: 12 bytes\n"
                             "< HTTP/1.1 200 OK\r\n< Content-Type: application/json\r\n< \r\n{\"id\":1}\n"
                             "> GET /again HTTP/1.1\r\n> Host: other\r\n";
    HeaderText found;
    QVERIFY(readHeaderText(text, found));
    QCOMPARE(found.target, std::string("/openai/v1/responses"));
    QVERIFY((fieldsOf(found.request) == Fields{{"Host", "apimx.azure-api.net"}, {"Accept", "*/*"}}));
    QCOMPARE(found.status, 200);
    QVERIFY((fieldsOf(found.response) == Fields{{"Content-Type", "application/json"}}));
}

void GatewaylogHeaderTextTest::refusesWhatIsNone_data() {
    QTest::addColumn<std::string>("text");
    QTest::newRow("empty") << std::string();
    QTest::newRow("one field") << std::string("Host: h\n");
    QTest::newRow("prose") << std::string("Dear all,\nplease note: this is no head.\n");
    QTest::newRow("space in a name") << std::string("Host: h\nAccept: x\nContent Type: y\n");
    QTest::newRow("settings") << std::string("name: demo\nversion: 3\n");
    QTest::newRow("fold first") << std::string(" Host: h\nAccept: x\nVia: y\n");
    QTest::newRow("binary") << std::string("\x16\x03\x01\0\n\xff:\x01\n", 9);
}

void GatewaylogHeaderTextTest::refusesWhatIsNone() {
    QFETCH(std::string, text);
    QVERIFY(!looksLikeHeaderText(text, true));
}

void GatewaylogHeaderTextTest::knowsItByItsFirstLines() {
    // A head that is cut inside a line is known by those before it.
    QVERIFY(looksLikeHeaderText(kLines + "x-ms-foundry-pro", false));
    QVERIFY(!looksLikeHeaderText("Host: h\nAccept", false));
    for (std::size_t length = 0; length <= kLines.size(); ++length) {
        HeaderText found;
        readHeaderText(std::string(kLines, 0, length), found); // must not fail in any other way than by its answer
    }
}

QTEST_APPLESS_MAIN(GatewaylogHeaderTextTest)
#include "gatewaylog_header_text_test.moc"
