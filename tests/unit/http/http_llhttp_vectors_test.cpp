// SPDX-License-Identifier: Apache-2.0
// The vectors of llhttp's own tests (pages with an input and the events that it gives), through our parser: methods,
// targets, states, fields, bodies and ends must be the same, but where we read on by choice.
#include "core/http/http1_parser.h"
#include "tests/support/corpus.h"

#include <QRegularExpression>
#include <QTest>

using namespace gatescope;

namespace {

struct Vector {
    QByteArray name; ///< page and heading
    QByteArray type;
    QByteArray input;
    QByteArray events; ///< as written below
    bool fails = false;
};

/// Events, joined: `METHOD URL`, `=status`, `name: value`, `[body]`, `end`.
class Recorder final : public http::Http1Parser::Events {
public:
    explicit Recorder(bool isRequest) : m_isRequest(isRequest) {
        parser.start(isRequest ? http::Http1Parser::Kind::Request : http::Http1Parser::Kind::Response, *this);
    }
    void play(const QByteArray& input, qsizetype piece) {
        for (qsizetype at = 0; at < input.size() && !failed && !upgraded; at += piece) {
            const QByteArray part = input.mid(at, piece);
            std::size_t consumed = 0;
            const auto result =
                parser.feed(asBytes({part.constData(), static_cast<std::size_t>(part.size())}), consumed);
            failed = result == http::Http1Parser::Result::Failed;
            upgraded = result == http::Http1Parser::Result::Upgraded;
        }
    }
    QByteArray text() {
        closeBody();
        return m_text;
    }

    http::Http1Parser parser;
    bool failed = false, upgraded = false;

private:
    void messageBegan() override { closeBody(); }
    http::Http1Parser::BodyRule headEnded() override {
        if (m_isRequest)
            m_text += QByteArray::fromStdString(parser.method() + ' ' + parser.target()) + '\n';
        else
            m_text += '=' + QByteArray::number(parser.status()) + '\n';
        for (std::size_t i = 0; i < parser.headers().size(); ++i) {
            const auto field = parser.headers()[i];
            m_text += QByteArray(field.name.data(), qsizetype(field.name.size())) + ": " +
                      QByteArray(field.value.data(), qsizetype(field.value.size())) + '\n';
        }
        return http::Http1Parser::BodyRule::AsHeadersSay;
    }
    void bodyPiece(Bytes piece) override { m_body.append(asText(piece).data(), qsizetype(piece.size())); }
    void messageEnded() override {
        closeBody();
        m_text += "end\n";
    }
    void closeBody() {
        m_body.replace("\r", "").replace("\n", ""); // logs name them in their own way
        if (!m_body.isEmpty()) m_text += '[' + m_body + "]\n";
        m_body.clear();
    }

    bool m_isRequest;
    QByteArray m_text, m_body;
};

QByteArray unescaped(QByteArray text) {
    static const QRegularExpression kHex(QStringLiteral("\\\\x([0-9a-fA-F]{2})"));
    if (text.endsWith('\n')) text.chop(1);
    text.replace("\\\n", "").replace("\n", "\r\n");
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\f", "\f");
    QString latin = QString::fromLatin1(text);
    for (auto match = kHex.match(latin); match.hasMatch(); match = kHex.match(latin))
        latin.replace(match.capturedStart(), match.capturedLength(), QChar(match.captured(1).toInt(nullptr, 16)));
    return latin.toLatin1();
}

/// What a log says, in the recorder's words.
void readLog(const QByteArray& log, Vector& vector) {
    static const QRegularExpression kSpan(QStringLiteral("span\\[(\\w+)\\]=\"(.*)\"$"));
    static const QRegularExpression kStatus(QStringLiteral("headers complete status=(\\d+)"));
    const bool isRequest = vector.type.startsWith("request");
    QByteArray method, url, name, value, fields, body;
    bool headDone = false;
    const auto closeBody = [&] {
        if (!body.isEmpty()) vector.events += '[' + body + "]\n";
        body.clear();
    };
    for (const QByteArray& line : log.split('\n')) {
        const QString text = QString::fromLatin1(line);
        const auto span = kSpan.match(text);
        const QByteArray what = span.captured(1).toLatin1();
        QString spanned = span.captured(2);
        if (what != "body") spanned.replace(QLatin1String("\\\""), QLatin1String("\""));
        QByteArray content = spanned.toLatin1();
        content.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\f", "\f");
        if (line.contains("message begin")) {
            method = url = name = value = fields = {};
            headDone = false;
        } else if (what == "method") {
            method += content;
        } else if (what == "url") {
            url += content;
        } else if (what == "header_field") {
            name += content;
        } else if (what == "header_value") {
            value += content;
        } else if (what == "body") {
            body += content;
        } else if (line.contains("header_value complete")) {
            while (value.endsWith(' ') || value.endsWith('\t')) value.chop(1);
            if (!headDone) fields += name + ": " + value + '\n';
            name = value = {};
        } else if (line.contains("headers complete")) {
            headDone = true;
            vector.events +=
                isRequest ? method + ' ' + url + '\n' : '=' + kStatus.match(text).captured(1).toLatin1() + '\n';
            vector.events += fields;
        } else if (line.contains("message complete")) {
            closeBody();
            vector.events += "end\n";
        } else if (line.contains("error code=") && !line.contains("error code=21") && !line.contains("error code=22")) {
            vector.fails = true;
        }
    }
    closeBody();
}

std::vector<Vector> readPage(const QString& path, const QByteArray& page) {
    static const QRegularExpression kCase(QStringLiteral("<!--\\s*meta=\\{\\s*\"type\":\\s*\"([\\w-]+)\"([^>]*)\\}\\s*-"
                                                         "->\\s*```http\\n((?:(?!```).)*)```\\s*```log\\n(.*?)```"),
                                          QRegularExpression::DotMatchesEverythingOption);
    std::vector<Vector> vectors;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return vectors;
    const QString text = QString::fromLatin1(file.readAll());
    for (auto cases = kCase.globalMatch(text); cases.hasNext();) {
        const auto match = cases.next();
        // Pausing is not used, and skipping a body is the connection's word.
        if (match.captured(2).contains(QLatin1String("skipBody"))) continue;
        Vector vector;
        const QString before = text.left(match.capturedStart());
        const qsizetype heading = before.lastIndexOf(QLatin1String("\n#"));
        vector.name = page + ": " + before.mid(heading + 1).section(QLatin1Char('\n'), 0, 0).toLatin1();
        vector.name += " #" + QByteArray::number(qulonglong(vectors.size()));
        vector.type = match.captured(1).toLatin1();
        vector.input = unescaped(match.captured(3).toLatin1());
        readLog(match.captured(4).toLatin1(), vector);
        vectors.push_back(std::move(vector));
    }
    return vectors;
}

/// Where we stop earlier or see something else, and why. Where llhttp refuses a message and we read it, nothing is said
/// here: repeated lengths, methods of any name, blanks in names and line ends of LF are read by choice.
const char* const kKnown[] = {
    "Tabs in `Content-Length` (surrounding)",            // llhttp 8.1 does not take tabs there
    "Missing CRLF-CRLF before body (lenient)",           // lone CR as a line end: a flag of later versions
    "Only LFs present (lenient)",                        // chunk sizes that end with LF: a flag of later versions
    "No LF after CR (lenient)",                          // the same
    "Empty headers separated by CR (lenient)",           // the same
    "Invalid HTTP version (lenient)",                    // only 1.0 and 1.1 are HTTP/1
    "HTTP/1.1 with keep-alive disabled, content-length", // octets behind `Connection: close` are read as a message
    "HTTP 101 response with Upgrade",                    // 101 has no body (RFC 9110, 15.2.2)
    "HTTP 304 with",                                     // without a body, which is the connection's word
    "RTSP response",                                     // not HTTP
    "ICE response",                                      // not HTTP
    "255 ASCII in header value",                         // the page writes the octet as UTF-8
    "Invalid whitespace token with `Content-Length` header field (lenient)", // Upgrade with a body: the body first
};

bool isKnown(const QByteArray& name) {
    return std::any_of(std::begin(kKnown), std::end(kKnown), [&](const char* known) { return name.contains(known); });
}

} // namespace

class HttpLlhttpVectorsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void vectors();
};

void HttpLlhttpVectorsTest::vectors() {
    const QString folder = test::corpusFolder() + QStringLiteral("/llhttp");
    if (test::corpusFolder().isEmpty() || !QDir(folder).exists()) QSKIP("no corpus: set GATESCOPE_SHARED");
    int unexplained = 0, same = 0, stricter = 0, looser = 0, different = 0;
    for (const char* part : {"request", "response"})
        for (const QString& page :
             QDir(folder + QLatin1Char('/') + QLatin1String(part)).entryList({QStringLiteral("*.md")}))
            for (const Vector& vector :
                 readPage(folder + QLatin1Char('/') + QLatin1String(part) + QLatin1Char('/') + page,
                          part + QByteArray("/") + page.toLatin1())) {
                Recorder whole(vector.type.startsWith("request"));
                whole.play(vector.input, vector.input.size() + 1);
                Recorder parts(vector.type.startsWith("request"));
                parts.play(vector.input, 1);
                QVERIFY2(whole.text() == parts.text() && whole.failed == parts.failed, vector.name);
                const QByteArray found = whole.text();
                const bool equal = found == vector.events && whole.failed == vector.fails;
                const bool readsOn = vector.fails && found.startsWith(vector.events);
                const bool stops = !vector.fails && whole.failed && vector.events.startsWith(found);
                ++(equal ? same : readsOn ? looser : stops ? stricter : different);
                const bool known = equal || readsOn || isKnown(vector.name);
                unexplained += known ? 0 : 1;
                if (!known)
                    qInfo("%s %s (%s): %s%s\n--- expected%s\n%s--- found%s\n%s",
                          equal     ? "same"
                          : readsOn ? "looser"
                          : stops   ? "stricter"
                                    : "different",
                          vector.name.constData(), vector.type.constData(), whole.failed ? "failed: " : "",
                          std::string(whole.parser.failure()).c_str(), vector.fails ? " (fails)" : "",
                          vector.events.constData(), whole.failed ? " (fails)" : "", found.constData());
            }
    qInfo("%d the same, %d where we read on, %d where we stop, %d that differ", same, looser, stricter, different);
    QVERIFY(same > 100);
    QCOMPARE(unexplained, 0);
}

QTEST_APPLESS_MAIN(HttpLlhttpVectorsTest)
#include "http_llhttp_vectors_test.moc"
