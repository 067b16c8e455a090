// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/gscope_run.h"

#include <QtTest>

using namespace gatescope::test;

/// No secret of the capture in any output of any verb in any format, unless --reveal asks for it.
class CliMaskingTest : public QObject {
    Q_OBJECT

private:
    CaptureFolder m_captures;

    static QList<QStringList> everyVerb() {
        QList<QStringList> all;
        const QString secretFields = "id,query,header:authorization,header:api-key,header:cookie,"
                                     "response-header:set-cookie,request_id";
        for (const char* format : {"table", "json", "jsonl", "csv", "tsv"}) {
            const QStringList tail{"--format", format, "gateway.pcapng"};
            all << QStringList{"summary"} + tail << QStringList{"exchanges"} + tail << QStringList{"headers"} + tail
                << QStringList{"findings"} + tail << QStringList{"groups"} + tail
                << QStringList{"exchanges", "--fields", secretFields} + tail
                << QStringList{"groups", "--by", "query,header:authorization,header:api-key,header:cookie"} + tail;
            for (const char* flow : {"1", "2", "3"}) all << QStringList{"follow", flow} + tail;
            if (qstrcmp(format, "csv") == 0 || qstrcmp(format, "tsv") == 0) continue;
            for (const char* id : {"1", "2", "3", "4", "5"}) all << QStringList{"body", id, "--events"} + tail;
        }
        return all;
    }

private Q_SLOTS:
    void nothingLeaks() {
        for (const QStringList& arguments : everyVerb()) {
            const GscopeResult result = m_captures.run(arguments);
            QVERIFY2(result.status == 0, qPrintable(arguments.join(' ') + ": " + result.err));
            // There is nothing odd in this capture: no lines of findings.
            QVERIFY(!result.out.isEmpty() || arguments.contains("findings"));
            for (const std::string_view secret : kSecrets) {
                const QByteArray bytes(secret.data(), static_cast<qsizetype>(secret.size()));
                QVERIFY2(!result.out.contains(bytes), qPrintable(arguments.join(' ') + " shows " + bytes));
                QVERIFY2(!result.err.contains(bytes), qPrintable(arguments.join(' ') + " says " + bytes));
            }
        }
    }

    /// The test above could not fail if the secrets were nowhere.
    void revealShowsAll() {
        QByteArray all;
        for (const char* id : {"1", "2", "3", "4", "5"})
            all += m_captures.run({"body", id, "--reveal", "gateway.pcapng"}).out;
        QByteArray followed;
        for (const char* flow : {"1", "2", "3"})
            followed += m_captures.run({"follow", flow, "--reveal", "gateway.pcapng"}).out;
        for (const std::string_view secret : kSecrets) {
            const QByteArray bytes(secret.data(), static_cast<qsizetype>(secret.size()));
            QVERIFY2(all.contains(bytes), bytes.constData());
            QVERIFY2(followed.contains(bytes), bytes.constData());
        }
    }

    void theSchemeStays() {
        const GscopeResult result = m_captures.run({"exchanges", "--filter", "id == 1", "--fields",
                                                    "header:authorization", "--format", "jsonl", "gateway.pcapng"});
        QCOMPARE(result.out, QByteArray("{\"header:authorization\":\"Bearer ***\"}\n"));
    }
};

QTEST_APPLESS_MAIN(CliMaskingTest)
#include "cli_masking_test.moc"
