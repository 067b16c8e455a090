// SPDX-License-Identifier: Apache-2.0
#include "core/base/string_pool.h"

#include <QTest>
#include <string>

using namespace gatescope;

class BaseStringPoolTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void equalTextHasEqualCode();
    void emptyTextComesFirst();
    void longTexts();
    void aMillion();
};

void BaseStringPoolTest::equalTextHasEqualCode() {
    StringPool pool;
    QCOMPARE(pool.size(), 1U);
    const auto a = pool.intern("agent");
    const auto b = pool.intern("Agent");
    QVERIFY(a != StringPool::kNone && b != StringPool::kNone && a != b);
    QCOMPARE(pool.intern(std::string("agent")), a);
    QCOMPARE(pool.find("Agent"), b);
    QCOMPARE(pool.find("other"), StringPool::kNone);
    QCOMPARE(pool.size(), 3U);
    QVERIFY(pool.view(a) == "agent");
    QVERIFY(pool.view(StringPool::kNone).empty());
    const std::string withZero("a\0b", 3);
    QVERIFY(pool.view(pool.intern(withZero)) == withZero);
    QVERIFY(pool.intern("a") != pool.intern(withZero));
}

void BaseStringPoolTest::emptyTextComesFirst() {
    StringPool pool; // nothing was stored before
    QCOMPARE(pool.find(""), StringPool::kNone);
    const auto empty = pool.intern("");
    QVERIFY(empty != StringPool::kNone); // "no value" is another thing
    QCOMPARE(pool.intern({}), empty);
    QVERIFY(pool.view(empty).empty());
    QVERIFY(pool.view(pool.intern("x")) == "x");
}

void BaseStringPoolTest::longTexts() {
    StringPool pool;
    std::vector<std::pair<StringPool::Code, std::string>> all;
    for (std::size_t size :
         {1'000'000U, 5U, 65'536U, 65'537U, 3U, 262'144U, 262'145U, 40'000U, 65'535U, 60'000U, 2'000'000U})
        for (char c : {'a', 'b'}) all.emplace_back(pool.intern(std::string(size, c)), std::string(size, c));
    for (const auto& [code, text] : all) {
        QVERIFY(pool.view(code) == text);
        QCOMPARE(pool.intern(text), code);
    }
}

void BaseStringPoolTest::aMillion() {
    StringPool pool;
    const std::string_view early = pool.view(pool.intern("early"));
    for (std::uint32_t i = 0; i < 1'000'000; ++i) QCOMPARE(pool.intern("value " + std::to_string(i)), i + 2);
    QCOMPARE(pool.size(), 1'000'002U);
    for (std::uint32_t i = 0; i < 1'000'000; i += 997) {
        QCOMPARE(pool.find("value " + std::to_string(i)), i + 2);
        QVERIFY(pool.view(i + 2) == "value " + std::to_string(i));
    }
    QVERIFY(pool.view(1).data() == early.data()); // stored text never moves
    QVERIFY(early == "early");
}

QTEST_APPLESS_MAIN(BaseStringPoolTest)
#include "base_string_pool_test.moc"
