// SPDX-License-Identifier: Apache-2.0
// Any octets as a log, in every container: no crash, and the same records for any split. The first octet chooses the
// container, the second the length of the pieces.
#include "core/base/hash.h"
#include "core/gatewaylog/log_reader.h"
#include "core/gatewaylog/record_format.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace gatescope;
using namespace gatescope::gatewaylog;

namespace {

struct Digest final : LogSink {
    std::uint64_t value = 0;
    std::uint64_t findings = 0; ///< in any order: the splitter tells its own ones last
    void add(std::string_view text) { value = mix64(value, hashBytes(text)); }
    void add(std::uint64_t number) { value = mix64(value, number); }
    void onRecord(LogRecord&& record) override {
        add(record.format);
        add(record.facts.line);
        add(record.facts.correlationId);
        add(record.http.request.target);
        add(record.http.request.headers.size());
        add(static_cast<std::uint64_t>(record.http.requestTrace.firstByte));
        add(record.call.model);
        add(record.http.findings.size());
    }
    void onLlmPart(LlmPart&& part) override {
        add(part.correlationId);
        add(part.requestMessages);
        add(part.line);
    }
    void onFlow(LogFlow&& flow) override {
        add(flow.action);
        add(flow.line);
    }
    void onMetric(LogMetric&& metric) override {
        add(metric.name);
        add(metric.dimensions.size());
    }
    void onFinding(Finding&& finding) override {
        findings += mix64(hashBytes(finding.kind->id), finding.packet.value_or(0));
    }
    bool operator==(const Digest& other) const { return value == other.value && findings == other.findings; }
};

Digest readLog(const LogShape& shape, Bytes text, std::size_t step, const LogLimits& limits) {
    LogSplitter splitter(shape, limits);
    PieceReader reader(shape);
    std::vector<LogPiece> pieces;
    Digest digest;
    const auto readPieces = [&] {
        for (const LogPiece& piece : pieces) reader.read(piece, digest);
        pieces.clear();
    };
    while (!text.empty()) {
        const std::vector<std::uint8_t> part(text.begin(), text.begin() + std::min(step, text.size()));
        splitter.feed(part, pieces);
        readPieces();
        text = text.subspan(part.size());
    }
    splitter.finish(pieces);
    readPieces();
    for (Finding& finding : splitter.takeFindings()) digest.onFinding(std::move(finding));
    return digest;
}

LogShape shapeFor(std::uint8_t choice) {
    switch (choice % 4) {
    case 0:
        return {Container::JsonValues, {}, {}};
    case 1:
        return {Container::Csv, {}, {}};
    case 2: {
        const auto formats = lineFormats();
        const auto& format = formats[(choice / 4) % formats.size()];
        return {Container::Lines, format.name, format.title};
    }
    default: {
        const auto formats = documentFormats();
        const auto& format = formats[(choice / 4) % formats.size()];
        return {Container::Document, format.name, format.title};
    }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Bytes text{data + 2, size - 2};
    LogLimits small;
    small.pieceBytes = 256;
    small.maxRecordBytes = 2048;
    small.maxDocumentBytes = 8192;
    for (const bool isWhole : {true, false}) {
        const auto known = recognise(text, isWhole);
        const LogShape shape = known && isWhole ? *known : shapeFor(data[0]);
        for (const LogLimits& limits : {LogLimits{}, small}) {
            const Digest whole = readLog(shape, text, text.size() + 1, limits);
            if (!(readLog(shape, text, 1 + data[1], limits) == whole)) std::abort();
        }
    }
    return 0;
}
