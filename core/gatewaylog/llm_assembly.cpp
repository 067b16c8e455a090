// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/llm_assembly.h"

#include "core/gatewaylog/call_reading.h"
#include "core/gatewaylog/llm_messages.h"
#include "core/gatewaylog/log_findings.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

namespace gatescope::gatewaylog {

namespace {

/// More rows than the gateway writes of one call (2 MB of each direction in entries of 32 KB).
constexpr std::size_t kMaxRows = 1024;

/// Rows of one call, as they came.
struct Call {
    std::uint32_t input = 0;
    LlmPart head;         ///< without messages; until a head comes, what the first row says
    bool hasHead = false; ///< a row with a deployment or with token counts
    std::vector<std::int64_t> numbers;
    MessageText request, response;
    std::size_t bytes = 0;   ///< of messages held
    bool settled = false;    ///< its messages were read and let go
    MessageFacts messages;   ///< what they say, when settled
    bool incomplete = false; ///< rows were left out for a limit
};

bool isHead(const LlmPart& part) {
    return !part.deployment.empty() || part.promptTokens || part.completionTokens || part.totalTokens;
}

bool isZeroOrAbsent(std::optional<std::int64_t> count) {
    return count.value_or(0) == 0;
}

/// The platform looks whether its own pipeline works.
bool isProbe(const LlmPart& head) {
    return head.requestId.empty() && head.model.empty() && isZeroOrAbsent(head.promptTokens) &&
           isZeroOrAbsent(head.completionTokens) && isZeroOrAbsent(head.totalTokens);
}

void fill(std::string& held, std::string& other) {
    if (held.empty()) held = std::move(other);
}

/// Which API answered, by the form of the answer's id.
std::string_view apiOf(std::string_view responseId) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kForms{{{"chatcmpl-", "openai.chat"},
                                                                                   {"cmpl-", "openai.completions"},
                                                                                   {"resp_", "openai.responses"},
                                                                                   {"msg_", "anthropic.messages"}}};
    for (const auto& [prefix, api] : kForms)
        if (responseId.starts_with(prefix)) return api;
    return {};
}

} // namespace

struct LlmAssembly::State {
    AssemblyLimits limits;
    std::vector<Call> calls; ///< in the order of their first rows
    std::unordered_map<std::string, std::size_t> byId;
    std::size_t held = 0;      ///< octets of messages
    std::size_t unsettled = 0; ///< the first call that may hold messages
    LlmMessages messages;

    Call& callOf(std::uint32_t input, const LlmPart& part);
    void takeHead(Call& call, LlmPart& part);
    void takeText(Call& call, MessageText& direction, std::int64_t number, std::string& text);
    void settle(Call& call);
    LogRecord recordOf(Call& call);
};

LlmAssembly::LlmAssembly(AssemblyLimits limits) : m_state(std::make_unique<State>()) {
    m_state->limits = limits;
}
LlmAssembly::~LlmAssembly() = default;

Call& LlmAssembly::State::callOf(std::uint32_t input, const LlmPart& part) {
    const auto found = part.correlationId.empty() ? byId.end() : byId.find(part.correlationId);
    if (found != byId.end()) return calls[found->second];
    if (!part.correlationId.empty()) byId.emplace(part.correlationId, calls.size());
    Call& call = calls.emplace_back();
    call.input = input;
    call.head.line = part.line;
    call.head.correlationId = part.correlationId;
    return call;
}

void LlmAssembly::State::takeHead(Call& call, LlmPart& part) {
    LlmPart& head = call.head;
    fill(head.requestId, part.requestId);
    fill(head.model, part.model);
    if (!head.stream) head.stream = part.stream;
    if (head.time == kNoTime) head.time = part.time;
    if (call.hasHead || !isHead(part)) return;
    call.hasHead = true;
    head.line = part.line;
    if (part.time != kNoTime) head.time = part.time;
    head.deployment = std::move(part.deployment);
    head.promptTokens = part.promptTokens;
    head.completionTokens = part.completionTokens;
    head.totalTokens = part.totalTokens;
    head.cachedTokens = part.cachedTokens;
}

void LlmAssembly::State::takeText(Call& call, MessageText& direction, std::int64_t number, std::string& text) {
    if (text.empty()) return;
    if (call.settled || call.bytes + text.size() > limits.maxCallBytes) {
        call.incomplete = true;
        return;
    }
    const std::size_t size = text.size();
    if (!direction.add(number, std::move(text))) return;
    call.bytes += size;
    held += size;
}

/// Reads the messages of a call with what is there, and lets them go.
void LlmAssembly::State::settle(Call& call) {
    if (std::exchange(call.settled, true)) return;
    std::ranges::sort(call.numbers);
    call.numbers.erase(std::ranges::unique(call.numbers).begin(), call.numbers.end());
    call.messages = messages.read(call.request, call.response, call.numbers);
    held -= call.bytes;
    call.bytes = 0;
    call.request = {};
    call.response = {};
}

void LlmAssembly::add(std::uint32_t input, LlmPart&& part) {
    State& state = *m_state;
    Call& call = state.callOf(input, part);
    const bool callIsHead = !call.hasHead && isHead(part);
    if (callIsHead) call.input = input;
    if (call.numbers.size() < kMaxRows) {
        call.numbers.push_back(part.sequence);
        state.takeText(call, call.request, part.sequence, part.requestMessages);
        state.takeText(call, call.response, part.sequence, part.responseMessages);
    } else {
        call.incomplete = true;
    }
    state.takeHead(call, part);
    while (state.held > state.limits.maxHeldBytes && state.unsettled < state.calls.size())
        state.settle(state.calls[state.unsettled++]);
}

LogRecord LlmAssembly::State::recordOf(Call& call) {
    settle(call);
    LlmPart& head = call.head;
    LogRecord record;
    record.format = "apim-llm";
    record.facts.line = head.line;
    record.facts.correlationId = std::move(head.correlationId);
    record.http.requestTrace.firstByte = head.time;
    record.http.requestTrace.seen = call.messages.hasRequest || head.promptTokens;
    record.http.responseTrace.seen = call.messages.hasResponse || head.completionTokens;
    llm::CallFacts& facts = record.call;
    facts.api.assign(apiOf(head.requestId));
    facts.promptBytes = call.messages.promptBytes;
    facts.images = call.messages.images;
    facts.contentBytes = call.messages.contentBytes;
    facts.toolCalls = call.messages.toolCalls;
    facts.tools = std::move(call.messages.tools);
    if (head.stream) facts.stream = facts.streamRequested = *head.stream;
    stateUsage(facts, {head.promptTokens, head.completionTokens, head.totalTokens, head.cachedTokens, {}, {}});
    stateNames(facts, {head.deployment, {}, head.model, head.requestId});
    if (call.messages.requestIsCut) note(record, kTruncated, "request messages");
    if (call.messages.responseIsCut) note(record, kTruncated, "response messages");
    if (call.incomplete && !call.messages.requestIsCut && !call.messages.responseIsCut)
        note(record, kTruncated, "messages");
    return record;
}

std::vector<LlmAssembly::Whole> LlmAssembly::finish() {
    std::vector<Whole> whole;
    for (Call& call : m_state->calls)
        if (!isProbe(call.head)) whole.push_back({call.input, m_state->recordOf(call)});
    const AssemblyLimits limits = m_state->limits;
    m_state = std::make_unique<State>();
    m_state->limits = limits;
    return whole;
}

} // namespace gatescope::gatewaylog
