// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/analysis/header_class.h"
#include "core/analysis/header_drift.h"
#include "tests/unit/analysis/records.h"

#include <algorithm>

using namespace gatescope;
using namespace gatescope::analysis;
using namespace gatescope::analysis::test;

namespace {

Snapshot withHeaders(const std::vector<Headers>& requests) {
    std::vector<ExchangeRecord> records;
    for (const Headers& headers : requests)
        records.push_back(exchangeAt(kStart + static_cast<TimeNs>(records.size()), "/", headers));
    return snapshotOf(std::move(records));
}

std::vector<HeaderChange> driftOf(const Snapshot& before, const Snapshot& now) {
    return headerDrift(before, before.order(), now, now.order());
}

/// `kind name` of each change.
QStringList told(const std::vector<HeaderChange>& changes) {
    QStringList list;
    for (const HeaderChange& change : changes) {
        const HeaderUse& use = change.now ? *change.now : *change.before;
        const std::string_view kind = toString(change.kind);
        list += QString::fromUtf8(kind.data(), static_cast<qsizetype>(kind.size())) + ' ' +
                QString::fromStdString(use.name);
    }
    return list;
}

} // namespace

class AnalysisHeaderDriftTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void patterns_data();
    void patterns();
    void maskedValuesHaveTheShapeOfWhatTheyStandFor();
    void kindsOfChange();
    void importantHeadersFirst();
    void chanceIsNoChange();
    void shares();
    void secretsStayMasked();
    void classes_data();
    void classes();
};

void AnalysisHeaderDriftTest::patterns_data() {
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("pattern");
    const auto add = [](const char* value, const char* pattern) {
        QTest::newRow(*value != 0 ? value : "empty") << QByteArray(value) << QByteArray(pattern);
    };
    add("", "empty");
    add("474", "integer");
    add("76ddf586-260b-4e37-8f4c-0123456789ab", "guid");
    add("4bf92f3577b34da6a3ce929d0e0e4736", "hex32");
    add("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "9-hex32-hex16-9");
    add("10.0.9.213:10095", "address:port");
    add("2001:db8::1", "address");
    add("100.64.9.87;10.0.9.213:10095", "list of address and address:port");
    add("1.2.3.4, 1.2.3.5", "list of address");
    add("Bearer eyJh.eyJi.c2ln", "Bearer jwt");
    add("bearer abc", "Bearer token");
    add("eyJh.eyJi.c2ln", "jwt");
    add("conn/gpt-4o", "word/word-word");
    add("curl/7.88.1", "word/9.9.9");
}

void AnalysisHeaderDriftTest::patterns() {
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, pattern);
    QCOMPARE(QByteArray::fromStdString(valuePattern(value.toStdString())), pattern);
}

void AnalysisHeaderDriftTest::maskedValuesHaveTheShapeOfWhatTheyStandFor() {
    QCOMPARE(valuePattern("76ddf586-260b-4e37-8f4c-XXXXXXXXXXXX"),
             valuePattern("76ddf586-260b-4e37-8f4c-0123456789ab"));
    QCOMPARE(valuePattern("455cbebf-a0bc-425e-99f6-XXXXXXXXXXX"), std::string("guid")); // 11 of them, as in the article
    QCOMPARE(valuePattern("00-62ff160923b2c1724242c037be40e7cb-4f1b402461aXXXXX-01"), std::string("9-hex32-hex16-9"));
    QVERIFY(valuePattern(std::string(100'000, '-')).size() <= 80);
}

void AnalysisHeaderDriftTest::kindsOfChange() {
    const Snapshot before = withHeaders({{{"a", "1"}, {"gone", "x"}, {"constant", "one"}, {"shape", "1"}},
                                         {{"a", "2"}, {"gone", "x"}, {"constant", "one"}, {"shape", "2"}}});
    const Snapshot now = withHeaders({{{"a", "3"}, {"constant", "two"}, {"shape", "10.0.0.1"}, {"new", "x"}},
                                      {{"a", "4"}, {"constant", "two"}, {"shape", "2"}, {"new", "x"}}});
    QCOMPARE(told(driftOf(before, now)),
             QStringList({"value constant", "gone gone", "new new", "pattern shape", "same a"}));
    QCOMPARE(told(driftOf(before, before)), QStringList({"same a", "same constant", "same gone", "same shape"}));
    for (const HeaderChange& change : driftOf(before, now)) {
        if (change.kind == DriftKind::Gone) QVERIFY(!change.now && change.before && change.patternsNow.empty());
        if (change.kind == DriftKind::New) QVERIFY(change.now && !change.before && change.patternsBefore.empty());
        if (change.kind != DriftKind::PatternChanged) continue;
        QCOMPARE(change.patternsBefore, std::vector<std::string>{"integer"});
        QCOMPARE(change.patternsNow, (std::vector<std::string>{"address", "integer"}));
    }
}

void AnalysisHeaderDriftTest::importantHeadersFirst() {
    const Snapshot before = withHeaders({{}});
    const Snapshot now =
        withHeaders({{{"accept", "a"}, {"x-forwarded-for", "1.2.3.4"}, {"openai-project", "p"}, {"api-key", "k"}}});
    QCOMPARE(told(driftOf(before, now)),
             QStringList({"new api-key", "new openai-project", "new x-forwarded-for", "new accept"}));
}

/// One id in a hundred that looks like a number is not a change.
void AnalysisHeaderDriftTest::chanceIsNoChange() {
    std::vector<Headers> before, now;
    for (int i = 0; i < 100; ++i) {
        before.push_back({{"id", "a" + std::to_string(i) + "z"}});
        now.push_back({{"id", i == 0 ? "7777" : "b" + std::to_string(i) + "z"}});
    }
    QCOMPARE(told(driftOf(withHeaders(before), withHeaders(now))), QStringList("same id"));
}

void AnalysisHeaderDriftTest::shares() {
    const auto some = [](int count) {
        std::vector<Headers> requests;
        for (int i = 0; i < 100; ++i) requests.push_back(i < count ? Headers{{"h", "1"}} : Headers{});
        return withHeaders(requests);
    };
    QCOMPARE(told(driftOf(some(50), some(61))), QStringList("share h"));
    QCOMPARE(told(driftOf(some(50), some(39))), QStringList("share h"));
    QCOMPARE(told(driftOf(some(50), some(60))), QStringList("same h"));
}

void AnalysisHeaderDriftTest::secretsStayMasked() {
    const Snapshot set = withHeaders({{{"api-key", "s3cr3tvalue"}}});
    for (const HeaderChange& change : driftOf(withHeaders({{}}), set)) {
        QVERIFY(change.now->example.find("s3cr3t") == std::string::npos);
        for (const std::string& pattern : change.patternsNow) QVERIFY(pattern.find("s3cr3t") == std::string::npos);
    }
}

void AnalysisHeaderDriftTest::classes_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("expected");
    const auto add = [](const char* name, const char* expected) {
        QTest::newRow(name) << QByteArray(name) << QByteArray(expected);
    };
    add("authorization", "secret");
    add("x-my-secret-token", "secret"); // by its name alone
    add("openai-project", "identity");
    add("x-ms-foundry-agent-id", "identity");
    add("traceparent", "trace");
    add("x-ms-client-request-id", "trace");
    add("x-forwarded-for", "network");
    add("client-ip", "network");
    add("x-ratelimit-remaining-tokens", "limit");
    add("retry-after", "limit");
    add("x-k8se-app-name", "infrastructure");
    add("x-site-deployment-id", "infrastructure");
    add("content-type", "message");
    add("x-nobody-knows", "other");
}

void AnalysisHeaderDriftTest::classes() {
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, expected);
    const std::string text = name.toStdString();
    const HeaderKnowledge* const knowledge = headerKnowledge(text);
    const Sensitivity sensitivity = isSecretHeader(text) ? Sensitivity::Secret
                                    : knowledge          ? knowledge->sensitivity
                                                         : Sensitivity::None;
    QCOMPARE(QByteArray::fromStdString(std::string(headerClass(text, knowledge, sensitivity))), expected);
}

QTEST_APPLESS_MAIN(AnalysisHeaderDriftTest)
#include "analysis_header_drift_test.moc"
