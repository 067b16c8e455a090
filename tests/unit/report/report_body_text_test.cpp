// SPDX-License-Identifier: Apache-2.0
#include "core/report/body_text.h"
#include "core/report/wire_text.h"

#include <QtTest>

using namespace gatescope::report;

class ReportBodyTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void jsonIsLaidOut() {
        const std::string sent = "{\"a\":1.50,\"b\":[],\"c\":[\"x\",{\"d\":\"{,}\\\"\"}],\"e\":{}}";
        const std::string wanted = "{\n  \"a\": 1.50,\n  \"b\": [],\n  \"c\": [\n    \"x\",\n    {\n"
                                   "      \"d\": \"{,}\\\"\"\n    }\n  ],\n  \"e\": {}\n}";
        QCOMPARE(prettyJson(sent).value(), wanted);
        QCOMPARE(prettyJson(" \"text\" ").value(), std::string("\"text\""));
        QVERIFY(!prettyJson("{\"a\":"));
        QVERIFY(!prettyJson("plain"));
    }
    void deepNestingStaysSmall() {
        const std::size_t depth = 100'000;
        const std::string text = std::string(depth, '[') + std::string(depth, ']');
        const auto pretty = prettyJson(text);
        QVERIFY(pretty && pretty->size() < 200 * depth);
    }
    void binaryIsNoText() {
        QVERIFY(!readableBody("\x89PNG\xff"));
        QCOMPARE(readableBody("plain").value(), std::string("plain"));
    }
    /// Events as the providers' documents show them.
    void streams() {
        StreamText chat;
        for (const char* data :
             {"{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
              "{\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}", "{\"choices\":[{\"delta\":{\"content\":\"lo\"}}]}",
              "{\"choices\":[],\"usage\":{}}", "[DONE]", "{\"choices\":7}",
              "{\"choices\":[{\"delta\":{\"content\":5}}]}", "null", ""})
            chat.add(data);
        QCOMPARE(chat.text(), std::string("Hello"));

        StreamText tool;
        tool.add(
            "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"name\":\"find\",\"arguments\":\"\"}}]}}]}");
        tool.add("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"q\\\"\"}}]}}]}");
        tool.add("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\":1}\"}}]}}]}");
        QCOMPARE(tool.text(), std::string("[tool call find]  {\"q\":1}"));

        StreamText messages;
        messages.add("{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"Good \"}}");
        messages.add("{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"day\"}}");
        QCOMPARE(messages.text(), std::string("Good day"));

        StreamText responses;
        responses.add("{\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}");
        responses.add("{\"type\":\"response.output_text.done\",\"text\":\"Hi\"}");
        QCOMPARE(responses.text(), std::string("Hi"));
    }
    void wireText() {
        const std::string text = "GET /a?api-key=s3cr3t HTTP/1.1\r\nHost: h\r\napi-key: 0123456789\r\n\r\nbody";
        const std::string masked = maskWireText(text, false);
        QCOMPARE(masked, std::string("GET /a?api-key=*** HTTP/1.1\r\nHost: h\r\napi-key: ***\r\n\r\nbody"));
        QCOMPARE(maskWireText("3456789\r\nHost: h\r\n", true), std::string("***\nHost: h\r\n"));
        QCOMPARE(maskWireText("3456789", true), std::string("***"));
        QCOMPARE(maskWireText("", true), std::string());
    }
};

QTEST_APPLESS_MAIN(ReportBodyTextTest)
#include "report_body_text_test.moc"
