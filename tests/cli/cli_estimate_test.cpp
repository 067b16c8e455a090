// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/vocabulary_file.h"
#include "tests/cli/gscope_run.h"
#include "tests/support/capture_builder.h"
#include "tests/unit/tokenizer/small_vocabulary.h"

#include <QtTest>

using namespace gatescope;
using namespace gatescope::test;
using tokenizer::Encoding;

namespace {

std::string withBody(const std::string& head, const std::string& body) {
    return head + "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

/// Two calls that report nothing: a stream of gpt-4o, and a model whose vocabulary is not public.
std::string silentCapture() {
    CaptureBuilder capture;
    auto flow = capture.connect("192.0.2.1:1000", "192.0.2.2:80");
    flow.client(withBody("POST /v1/chat/completions HTTP/1.1\r\nHost: a.example\r\n",
                         R"({"messages":[{"role":"user","content":"the theory"}],"model":"gpt-4o","stream":true})"));
    std::string events;
    for (const char* piece : {"the", " r", "ing"})
        events += std::string(R"(data: {"choices":[{"index":0,"delta":{"content":")") + piece + "\"}}]}\n\n";
    events += "data: [DONE]\n\n";
    flow.server("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
                std::to_string(events.size()) + "\r\n\r\n" + events);
    flow.client(withBody("POST /v1/messages HTTP/1.1\r\nHost: a.example\r\n",
                         R"({"model":"claude-sonnet-4","messages":[{"role":"user","content":"the theory"}]})"));
    flow.server(withBody("HTTP/1.1 200 OK\r\n", R"({"type":"message","content":[{"type":"text","text":"the ring"}]})"));
    flow.close();
    return capture.pcapng();
}

std::string vocabularyFile(Encoding encoding) {
    const tokenizer::Vocabulary vocabulary = tests::smallVocabulary(encoding);
    tokenizer::VocabularyFile file{encoding, {}};
    for (tokenizer::Rank rank = 0; rank < vocabulary.size(); ++rank) file.tokens.push_back(vocabulary.token(rank));
    return tokenizer::writeVocabularyFile(file);
}

const QStringList kFields{"--format", "jsonl", "--fields",
                          "input_tokens,output_tokens,total_tokens,token_source,estimated_input_tokens,"
                          "estimated_output_tokens,estimate_method"};

} // namespace

/// --estimate, with copies of the program that have vocabularies beside them or have none.
class CliEstimateTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    QString path(const QString& name) const { return m_folder.filePath(name); }
    /// A copy of the program in this folder.
    QString program(const QString& folder) const {
        QDir().mkpath(path(folder));
        const QString copy = path(folder + "/gscope");
        if (!QFile::exists(copy) && !QFile::copy(QStringLiteral(GSCOPE), copy)) qFatal("cannot copy the program");
        return copy;
    }
    void addVocabularies(const QString& folder) const {
        QDir().mkpath(path(folder));
        writeFile(path(folder + "/o200k.vocab"), toBytes(vocabularyFile(Encoding::O200k)));
        writeFile(path(folder + "/cl100k.vocab"), toBytes(vocabularyFile(Encoding::Cl100k)));
    }
    GscopeResult run(const QString& gscope, const QStringList& arguments) const {
        return runProgram(gscope, QStringList{"exchanges", "silent.pcapng"} + kFields + arguments, m_folder.path());
    }
    static void compare(const GscopeResult& result, const QList<QJsonObject>& expected) {
        QVERIFY2(result.status == 0, result.err.constData());
        QCOMPARE(jsonLines(result.out), expected);
    }
    static QJsonObject estimated(int input, int output, const char* method) {
        return {{"input_tokens", input},       {"output_tokens", output},         {"total_tokens", input + output},
                {"token_source", "estimated"}, {"estimated_input_tokens", input}, {"estimated_output_tokens", output},
                {"estimate_method", method}};
    }

private Q_SLOTS:
    void initTestCase() {
        writeFile(path("silent.pcapng"), toBytes(silentCapture()));
        addVocabularies("bare/bin/elsewhere");
    }

    void isOffUnlessAskedFor() {
        const QString gscope = program("bare/bin");
        compare(run(gscope, {}), {{}, {}});
        compare(run(gscope, {"--estimate", "off"}), {{}, {}});
    }

    /// `the theory` has 10 octets, `the ring` 8: 3 and 2.
    void withoutVocabulariesItIsBytesAndSaysSo() {
        const QString gscope = program("bare/bin");
        for (const char* method : {"auto", "o200k", "cl100k"}) {
            const GscopeResult result = run(gscope, {"--estimate", method});
            compare(result, {estimated(3, 2, "bytes"), estimated(3, 2, "bytes")});
            QCOMPARE(result.err.count('\n'), 1);
            QVERIFY2(result.err.contains("no token vocabulary"), result.err.constData());
            QCOMPARE(run(gscope, {"--estimate", method, "--quiet"}).err, QByteArray());
        }
        const GscopeResult bytes = run(gscope, {"--estimate", "bytes"});
        compare(bytes, {estimated(3, 2, "bytes"), estimated(3, 2, "bytes")});
        QCOMPARE(bytes.err, QByteArray());
    }

    /// By the ranks of small_vocabulary.h: `the| the o r y` is 5 tokens, `the|_ r ing` 4, where _ is the blank.
    void countsWithTheVocabulariesBesideTheProgram() {
        const QString gscope = program("beside");
        addVocabularies("beside/vocabularies");
        const GscopeResult result = run(gscope, {"--estimate", "auto"});
        QCOMPARE(result.err, QByteArray());
        compare(result, {estimated(5, 4, "o200k"), estimated(3, 2, "bytes")});
        compare(run(gscope, {"--estimate", "cl100k"}), {estimated(5, 4, "cl100k"), estimated(5, 4, "cl100k")});
    }

    void findsThemWhereTheyAreInstalled() {
        const QString gscope = program("prefix/bin");
        addVocabularies("prefix/share/gatescope/vocabularies");
        compare(run(gscope, {"--estimate", "o200k"}), {estimated(5, 4, "o200k"), estimated(5, 4, "o200k")});
    }

    void aDamagedVocabularyIsNamed() {
        const QString gscope = program("damaged");
        addVocabularies("damaged/vocabularies");
        const QString file = path("damaged/vocabularies/o200k.vocab");
        writeFile(file, readFile(file).chopped(1));
        const GscopeResult result = run(gscope, {"--estimate", "auto"});
        QVERIFY2(result.err.contains("o200k.vocab"), result.err.constData());
        compare(result, {estimated(3, 2, "bytes"), estimated(3, 2, "bytes")});
    }

    void anotherMethodIsWrongUse() {
        const GscopeResult result = run(program("bare/bin"), {"--estimate", "o200"});
        QCOMPARE(result.status, 2);
        QVERIFY2(result.err.contains("o200k"), result.err.constData());
    }

    /// Counting parses every event; what is known of a call without it does not change.
    void changesNothingThatIsKnown() {
        const CaptureFolder captures;
        const QStringList arguments{"exchanges", "gateway.pcapng", "--format", "jsonl"};
        const auto known = jsonLines(captures.run(arguments).out);
        auto counted = jsonLines(captures.run(arguments + QStringList{"--estimate", "bytes"}).out);
        QCOMPARE(known.size(), 5);
        for (QJsonObject& row : counted)
            for (const char* field : {"estimated_input_tokens", "estimated_output_tokens", "estimate_method"})
                row.remove(QLatin1String(field));
        QCOMPARE(counted, known);
    }
};

QTEST_APPLESS_MAIN(CliEstimateTest)
#include "cli_estimate_test.moc"
