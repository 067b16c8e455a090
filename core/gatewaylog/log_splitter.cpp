// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/cutter.h"
#include "core/gatewaylog/log_reader.h"
#include "core/gatewaylog/log_text.h"

#include <utility>

namespace gatescope::gatewaylog {

namespace {

constexpr std::size_t kMarkBytes = 3; // of UTF-8's byte order mark

std::unique_ptr<Cutter> cutterFor(Container container, const LogLimits& limits) {
    switch (container) {
    case Container::JsonValues:
        return std::make_unique<AnyJsonCutter>(limits);
    case Container::Csv:
        return std::make_unique<CsvCutter>(limits);
    case Container::Lines:
        return std::make_unique<LineCutter>(limits, false);
    case Container::Document:
        break;
    }
    return std::make_unique<DocumentCutter>(limits);
}

} // namespace

struct LogSplitter::State {
    std::unique_ptr<Cutter> cutter;
    std::string beginning; ///< until a byte order mark would be whole
    bool begun = false;

    void begin(std::vector<LogPiece>& pieces) {
        begun = true;
        cutter->feed(withoutMark(beginning), pieces);
    }
};

LogSplitter::LogSplitter(const LogShape& shape, const LogLimits& limits)
    : m_state(std::make_unique<State>(State{cutterFor(shape.container, limits), {}, false})) {}
LogSplitter::~LogSplitter() = default;
LogSplitter::LogSplitter(LogSplitter&&) noexcept = default;
LogSplitter& LogSplitter::operator=(LogSplitter&&) noexcept = default;

void LogSplitter::feed(Bytes bytes, std::vector<LogPiece>& pieces) {
    std::string_view text = asText(bytes);
    State& state = *m_state;
    if (!state.begun) {
        const std::size_t wanted = std::min(kMarkBytes - state.beginning.size(), text.size());
        state.beginning.append(text.substr(0, wanted));
        text.remove_prefix(wanted);
        if (state.beginning.size() < kMarkBytes) return;
        state.begin(pieces);
    }
    state.cutter->feed(text, pieces);
}

void LogSplitter::finish(std::vector<LogPiece>& pieces) {
    if (!m_state->begun) m_state->begin(pieces);
    m_state->cutter->finish(pieces);
}

std::vector<Finding> LogSplitter::takeFindings() {
    return std::exchange(m_state->cutter->findings, {});
}

} // namespace gatescope::gatewaylog
