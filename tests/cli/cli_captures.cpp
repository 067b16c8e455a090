// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/cli_captures.h"

#include "tests/support/capture_builder.h"

namespace gatescope::test {

namespace {

constexpr std::string_view kToken = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9."
                                    "eyJhdWQiOiJodHRwczovL2FpLmF6dXJlLmNvbSIsImFwcGlkIjoiMTExMTExMTEtMjIyMi0zMzMzLTQ0"
                                    "NDQtNTU1NTU1NTU1NTU1In0.c2lnbmF0dXJlLW9mLW5vdGhpbmc";

std::string withBody(const std::string& head, const std::string& body) {
    return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunk(const std::string& data) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string size;
    for (std::size_t left = data.size(); left != 0; left /= 16) size.insert(0, 1, kDigits[left % 16]);
    return size + "\r\n" + data + "\r\n";
}

std::string chatRequest(const std::string& query, const std::string& identity, const std::string& body) {
    return withBody("POST /openai/deployments/gpt-4o/chat/completions?" + query + " HTTP/1.1\r\n" +
                        "Host: gateway.example\r\nContent-Type: application/json\r\n" + identity,
                    body);
}

void chatAndStream(CaptureBuilder& capture) {
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80"); // packets 1 to 3, +0 to +2 ms
    const std::string alpha = "openai-project: alpha\r\nx-ms-foundry-model-id: conn1/gpt-4o\r\n"
                              "x-forwarded-for: 100.64.9.87;10.0.9.213:10095\r\nAuthorization: Bearer " +
                              std::string(kToken) + "\r\n";
    flow.client(chatRequest("api-version=2025-03-01-preview", // packet 4, +3 ms
                            alpha + "x-ms-foundry-agent-id: Planner:5\r\n",
                            R"({"model":"gpt-4o","messages":[{"role":"user","content":"Plan a day"}]})"));
    capture.now = kBuilderStart + 103 * kMillisecond;
    flow.server(withBody("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: sid=SetCookieSecret4713\r\n"
                         "x-ms-served-model: gpt-4o-2024-11-20\r\n", // packet 5, +103 ms
                         R"({"id":"c1","object":"chat.completion","model":"gpt-4o-2024-11-20","choices":[{"index":0,)"
                         R"("message":{"role":"assistant","content":"Sleep."},"finish_reason":"stop"}],"usage":{)"
                         R"("prompt_tokens":100,"completion_tokens":20,"total_tokens":120,)"
                         R"("prompt_tokens_details":{"cached_tokens":64}}})"));

    capture.now = kBuilderStart + 300 * kMillisecond;
    flow.client(chatRequest("api-version=2025-03-01-preview", // packet 6, +300 ms
                            alpha + "x-ms-foundry-agent-id: Writer:2\r\n",
                            R"({"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},)"
                            R"("messages":[{"role":"user","content":"Write"}]})"));
    capture.now = kBuilderStart + 400 * kMillisecond;
    capture.step = 50 * kMillisecond;
    const auto event = [](const std::string& choices, const std::string& more) {
        return chunk(R"(data: {"id":"c2","object":"chat.completion.chunk","model":"gpt-4o-2024-11-20","choices":)" +
                     choices + more + "}\n\n");
    };
    flow.server("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n", // +400 ms
                event(R"([{"index":0,"delta":{"role":"assistant","content":""}}])", ""),                    // +450 ms
                event(R"([{"index":0,"delta":{"content":"Once "}}])", ""),                                  // +500 ms
                event(R"([{"index":0,"delta":{"content":"upon"},"finish_reason":"stop"}])", ""),            // +550 ms
                event("[]", R"(,"usage":{"prompt_tokens":40,"completion_tokens":3,"total_tokens":43})"),    // +600 ms
                chunk("data: [DONE]\n\n") + "0\r\n\r\n");                                                   // +650 ms
    capture.step = kMillisecond;
    flow.close(); // packets 13 to 15
}

void throttled(CaptureBuilder& capture) {
    capture.now = kBuilderStart + 997 * kMillisecond;
    capture.clientSequence += 777'000;                                 // no two connections begin with the same numbers
    auto flow = capture.connect("100.64.9.88:40001", "10.0.9.213:80"); // packets 16 to 18
    flow.client(chatRequest("api-version=2025-03-01-preview&api-key=QuerySecret4711", // packet 19, +1 s
                            "openai-project: beta\r\nx-ms-foundry-agent-id: Planner:5\r\n"
                            "x-ms-foundry-model-id: conn2/gpt-4.1\r\n"
                            "api-key: 0f1e2d3c4b5a69788796a5b4c3d2e1f0\r\n",
                            R"({"model":"gpt-4.1","messages":[]})"));
    flow.server(withBody("HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nretry-after: 17\r\n",
                         R"({"error":{"code":"429","message":"Token limit is exceeded."}})")); // +1.001 s
    flow.reset(false);
}

void anthropicAndHealth(CaptureBuilder& capture) {
    capture.now = kBuilderStart + 1997 * kMillisecond;
    capture.clientSequence += 777'000;
    auto flow = capture.connect("[2001:db8::9]:40002", "[2001:db8::1]:8080"); // packets 22 to 24
    flow.client(withBody("POST /v1/messages HTTP/1.1\r\nHost: models.example\r\nContent-Type: application/json\r\n"
                         "openai-project: beta\r\nanthropic-version: 2023-06-01\r\nCookie: sid=CookieSecret4712\r\n",
                         R"({"model":"claude-sonnet-4","max_tokens":9,"messages":[{"role":"user","content":)"
                         R"("my key is sk-ant-api03-BodySecret4714abcdef"}]})")); // packet 25, +2 s
    capture.now = kBuilderStart + 2500 * kMillisecond;
    flow.server(withBody("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", // +2.5 s
                         R"({"id":"m1","type":"message","role":"assistant","model":"claude-sonnet-4-20250514",)"
                         R"("content":[{"type":"text","text":"Change it."}],"stop_reason":"end_turn","usage":{)"
                         R"("input_tokens":50,"cache_read_input_tokens":8,"cache_creation_input_tokens":0,)"
                         R"("output_tokens":9}})"));
    capture.now = kBuilderStart + 3000 * kMillisecond;
    flow.client("GET /health HTTP/1.1\r\nHost: models.example\r\n\r\n"); // packet 27, +3 s
    flow.server("HTTP/1.1 204 No Content\r\n\r\n");                      // +3.001 s
    flow.close();
}

} // namespace

std::string gatewayCapture() {
    CaptureBuilder capture;
    chatAndStream(capture);
    throttled(capture);
    anthropicAndHealth(capture);
    return capture.pcapng();
}

std::string hostileCapture() {
    CaptureBuilder capture;
    auto flow = capture.connect("192.0.2.1:1000", "192.0.2.2:80");
    // A direction mark (U+202E) and an octet that is no UTF-8; control characters are refused by HTTP itself.
    flow.client("GET /a HTTP/1.1\r\nHost: evil.example\r\nx-note: =HYPERLINK(\"http://evil\")\r\n"
                "x-mark: a\xe2\x80\xae"
                "b\xff"
                "c\xc2\x9b"
                "31m\r\n\r\n");
    flow.server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    flow.close();
    return capture.pcap();
}

std::string gapCapture() {
    CaptureBuilder capture;
    auto flow = capture.connect("192.0.2.1:1000", "192.0.2.2:80");
    flow.client("GET /big HTTP/1.1\r\nHost: big.example\r\n\r\n");
    flow.server("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 30\r\n\r\n", "0123456789");
    flow.lostFromServer("0123456789");
    flow.server("0123456789");
    flow.close();
    return capture.pcap();
}

std::string proxyCapture() {
    const std::string request = "GET /health HTTP/1.1\r\nHost: gateway.example\r\n\r\n";
    const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    CaptureBuilder capture;
    auto line = capture.connect("10.0.9.4:41000", "10.0.9.213:80");
    line.client("PROXY TCP4 203.0.113.9 198.51.100.7 51000 443\r\n" + request).server(response).close();
    // proxy-protocol.txt, 2.2: signature, version 2 and PROXY, TCP over IPv4, 20 octets; the addresses and ports as
    // above; Azure's field with a link id of 305419896 (0x12345678, little-endian).
    const std::string binary = Octets()
                                   .text(std::string_view("\r\n\r\n\0\r\nQUIT\n", 12))
                                   .u8(0x21)
                                   .u8(0x11)
                                   .u16(20)
                                   .u32(0xcb007109)
                                   .u32(0xc6336407)
                                   .u16(51'000)
                                   .u16(443)
                                   .u8(0xee)
                                   .u16(5)
                                   .u8(1)
                                   .u32(0x78563412)
                                   .str();
    capture.clientSequence += 777'000;
    auto second = capture.connect("10.0.9.4:41001", "10.0.9.213:80");
    second.client(binary, request).server(response).close();
    return capture.pcap();
}

} // namespace gatescope::test
