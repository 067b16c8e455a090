// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/column_names.h"

#include <QTest>
#include <nlohmann/json.hpp>

using namespace gatescope;
using namespace gatescope::gatewaylog;

class GatewaylogColumnNamesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsPairs();
    void refusesWrongPairs_data();
    void refusesWrongPairs();
    void whatIsSavedIsRead();
    void refusesWrongFiles_data();
    void refusesWrongFiles();
    void hasLimits();
};

void GatewaylogColumnNamesTest::readsPairs() {
    const auto names = parseColumnPairs(" Zeit = TimeGenerated,Id=CorrelationId, ,x=properties.url");
    QVERIFY(names.has_value());
    const ColumnNames wanted{{"Zeit", "TimeGenerated"}, {"Id", "CorrelationId"}, {"x", "properties.url"}};
    QVERIFY(*names == wanted);
}

void GatewaylogColumnNamesTest::refusesWrongPairs_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("words");
    QTest::newRow("empty") << QByteArray("") << QByteArray("no column");
    QTest::newRow("commas") << QByteArray(" , ,") << QByteArray("no column");
    QTest::newRow("no equals") << QByteArray("a=b,c") << QByteArray("'c' is not NEW=OLD");
    QTest::newRow("no new") << QByteArray("=b") << QByteArray("lacks a name");
    QTest::newRow("no old") << QByteArray("a= ") << QByteArray("lacks a name");
    QTest::newRow("twice") << QByteArray("a=b,A=c") << QByteArray("'A' is named twice");
}

void GatewaylogColumnNamesTest::refusesWrongPairs() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, words);
    const auto names = parseColumnPairs(text.toStdString());
    QVERIFY(!names);
    QVERIFY2(names.error().message.find(words.toStdString()) != std::string::npos, names.error().message.c_str());
}

void GatewaylogColumnNamesTest::whatIsSavedIsRead() {
    const ColumnNames names{{"b \"quoted\"", "TimeGenerated"}, {"a", "CorrelationId"}};
    const std::string text = columnFileText(names);
    QCOMPARE(nlohmann::json::parse(text).at("columns").at("a").get<std::string>(), std::string("CorrelationId"));
    const auto read = parseColumnFile(text);
    QVERIFY(read.has_value() && *read == names); // in the same order
}

void GatewaylogColumnNamesTest::refusesWrongFiles_data() {
    QTest::addColumn<QByteArray>("text");
    for (const char* text : {"", "x", "[]", "{}", "{\"columns\":[]}", "{\"columns\":{}}", "{\"columns\":{\"a\":1}}",
                             "{\"columns\":{\"a\":\"\"}}", "{\"columns\":{\"a\":\"b\",\"A\":\"c\"}}"})
        QTest::newRow(text) << QByteArray(text);
}

void GatewaylogColumnNamesTest::refusesWrongFiles() {
    QFETCH(QByteArray, text);
    QVERIFY(!parseColumnFile(text.toStdString()));
}

void GatewaylogColumnNamesTest::hasLimits() {
    std::string pairs;
    for (std::size_t i = 0; i < kMaxColumnNames; ++i) pairs += "n" + std::to_string(i) + "=o,";
    QVERIFY(parseColumnPairs(pairs).has_value());
    QVERIFY(!parseColumnPairs(pairs + "more=o"));
    QVERIFY(!parseColumnFile(std::string(kMaxColumnFile + 1, ' ')));
}

QTEST_APPLESS_MAIN(GatewaylogColumnNamesTest)
#include "gatewaylog_column_names_test.moc"
