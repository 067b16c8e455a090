// SPDX-License-Identifier: Apache-2.0
// Times the gatewaylog room alone, on one thread: splitting and reading apart, of rows made from the sample of the
// gateway log, or of a file.
//
//   gatewaylog_bench [MEGABYTES | FILE] [ROUNDS]
#include "core/gatewaylog/json_fields.h"
#include "core/gatewaylog/log_reader.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace gatescope;
using namespace gatescope::gatewaylog;

namespace {

double cpuSeconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Counting final : LogSink {
    std::size_t records = 0, parts = 0, others = 0, findings = 0;
    std::int64_t tokens = 0;
    void onRecord(LogRecord&& record) override {
        ++records;
        tokens += record.call.usage.total.value_or(0);
        findings += record.http.findings.size();
    }
    void onLlmPart(LlmPart&&) override { ++parts; }
    void onFlow(LogFlow&&) override { ++others; }
    void onMetric(LogMetric&&) override { ++others; }
    void onFinding(Finding&&) override { ++findings; }
};

std::string row(std::size_t number) {
    return fmt::format(
        R"({{"time":"2026-01-15T10:{:02}:{:02}.{:07}Z","resourceId":"/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000000/RESOURCEGROUPS/RG-GATEWAY/PROVIDERS/MICROSOFT.APIMANAGEMENT/SERVICE/APIMX","operationName":"Microsoft.ApiManagement/GatewayLogs","category":"GatewayLogs","durationMs":{},"callerIpAddress":"10.0.9.{}","correlationId":"b6f1c0de-0001-4a00-8000-{:012x}","location":"East US 2","isRequestSuccess":true,"properties":{{"method":"POST","url":"https://apimx.azure-api.net/openai/deployments/gpt-4o/chat/completions?api-version=2025-03-01-preview","clientProtocol":"HTTP/1.1","clientTlsVersion":"1.3","responseCode":200,"backendMethod":"POST","backendUrl":"https://fdry1.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2025-03-01-preview","backendProtocol":"HTTP/1.1","backendResponseCode":200,"requestSize":{},"responseSize":{},"cache":"none","backendTime":{},"clientTime":12,"apiId":"openai-original","apiRevision":"1","operationId":"ChatCompletions_Create","productId":"starter","userId":"1","apimSubscriptionId":"master","backendId":"foundry-1","requestHeaders":{{"Host":"apimx.azure-api.net","x-forwarded-for":"100.64.9.87, 10.0.9.213:10095","CLIENT-IP":"10.0.9.213:{}","x-ms-foundry-agent-id":"agent-{}:5","x-ms-foundry-project-id":"455cbebf-0000-4000-8000-{:012x}","openai-project":"sampleproject{}","x-ms-foundry-model-id":"conn1/gpt-4o","traceparent":"00-62ff160923b2c1724242c037{:08x}-4f1b40246{:07x}-01","User-Agent":"AzureOpenAI/Python 2.24.0"}},"responseHeaders":{{"x-apim-remaining-token":"{}","x-apim-tokens-consumed":"{}","x-ms-region":"East US 2"}},"backendResponseHeaders":{{"x-ms-region":"East US 2","x-envoy-upstream-service-time":"{}"}}}}}}
)",
        number / 60 % 60, number % 60, number % 10'000'000, 500 + number % 3000, number % 250, number,
        400 + number % 900, 2000 + number % 5000, 400 + number % 3000, 10'000 + number % 50'000, number % 40,
        number % 12, number % 12, number + 1, number + 1, number % 10'000, 100 + number % 2000, 300 + number % 3000);
}

std::string textOf(const char* what) {
    char* end = nullptr;
    const unsigned long megabytes = std::strtoul(what, &end, 10);
    std::string text;
    if (*end != '\0') {
        std::ifstream file(what, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    for (std::size_t number = 0; text.size() < megabytes * 1'000'000; ++number) text += row(number);
    return text;
}

std::vector<LogPiece> piecesOf(const LogShape& shape, const std::string& text) {
    std::vector<LogPiece> pieces;
    LogSplitter splitter(shape);
    splitter.feed(asBytes(text), pieces);
    splitter.finish(pieces);
    return pieces;
}

void tell(const char* what, std::size_t bytes, std::size_t records, double seconds) {
    const auto count = static_cast<double>(std::max<std::size_t>(1, records));
    std::printf("%-24s %8.1f ms CPU  %6.0f MB/s  %.2f us a record\n", what, seconds * 1e3,
                static_cast<double>(bytes) / 1e6 / seconds, seconds * 1e6 / count);
}

} // namespace

int main(int argc, char** argv) {
    const std::string text = textOf(argc > 1 ? argv[1] : "64");
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
    const auto head = asBytes(std::string_view(text).substr(0, kRecogniseBytes));
    const auto shape = recognise(head, head.size() == text.size());
    if (!shape) {
        std::fprintf(stderr, "no log\n");
        return 3;
    }
    double split = 1e9, fields = 1e9, read = 1e9;
    std::vector<LogPiece> pieces;
    Counting found;
    for (int round = 0; round < rounds; ++round) {
        pieces.clear();
        double start = cpuSeconds();
        LogSplitter splitter(*shape);
        constexpr std::size_t kBlock = 1U << 20;
        for (std::size_t at = 0; at < text.size(); at += kBlock) {
            pieces.clear(); // let go at once, as readers do
            splitter.feed(asBytes(std::string_view(text).substr(at, kBlock)), pieces);
        }
        pieces.clear();
        splitter.finish(pieces);
        split = std::min(split, cpuSeconds() - start);
        pieces = piecesOf(*shape, text);

        start = cpuSeconds();
        JsonFields json;
        LogFields values;
        std::size_t failed = 0;
        for (const LogPiece& piece : pieces)
            for (std::string_view rest = piece.text.view(); !rest.empty();) {
                const std::string_view line = rest.substr(0, rest.find('\n'));
                failed += json.read(line, values) ? 0 : 1;
                rest.remove_prefix(std::min(rest.size(), line.size() + 1));
            }
        fields = std::min(fields, cpuSeconds() - start);

        found = {};
        start = cpuSeconds();
        PieceReader reader(*shape);
        for (const LogPiece& piece : pieces) reader.read(piece, found);
        read = std::min(read, cpuSeconds() - start);
    }
    const std::size_t records = found.records + found.parts + found.others;
    std::printf("%s: %.1f MB, %zu records of %.0f octets, %zu findings, %zu pieces, %lld tokens\n",
                std::string(shape->title).c_str(), static_cast<double>(text.size()) / 1e6, records,
                static_cast<double>(text.size()) / static_cast<double>(std::max<std::size_t>(1, records)),
                found.findings, pieces.size(), static_cast<long long>(found.tokens));
    tell("split", text.size(), records, split);
    tell("lines to fields (JSON)", text.size(), records, fields);
    tell("read", text.size(), records, read);
    return 0;
}
