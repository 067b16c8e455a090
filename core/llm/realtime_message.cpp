// SPDX-License-Identifier: Apache-2.0
#include "core/llm/realtime_message.h"

#include "core/llm/json_access.h"
#include "core/llm/padded_buffer.h"

#include <simdjson.h>

namespace gatescope::llm {

namespace {

namespace json = simdjson::ondemand;
using Key = json::raw_json_string;

/// `transcription`, with the model inside.
void readTranscription(json::value value, RealtimeMessage& message) {
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"model"})) readText(member, message.transcriptionModel);
    });
}

void readSession(json::value value, RealtimeMessage& message) {
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"id"}))
            readText(member, message.sessionId);
        else if (isAny(key, {"object"}))
            readText(member, message.object);
        else if (isAny(key, {"model"}))
            readText(member, message.sessionModel);
        else if (isAny(key, {"input_audio_transcription"})) // of the preview
            readTranscription(member, message);
        else if (isAny(key, {"audio"}))
            forEachMember(member, [&](Key side, json::value format) {
                if (!isAny(side, {"input"})) return;
                forEachMember(format, [&](Key part, json::value transcription) {
                    if (isAny(part, {"transcription"})) readTranscription(transcription, message);
                });
            });
    });
}

bool isOutputLimit(Key key) {
    return isAny(key, {"max_output_tokens", "max_response_output_tokens"});
}

void readResponse(json::value value, RealtimeMessage& message) {
    forEachMember(value, [&](Key key, json::value member) {
        if (isAny(key, {"id"}))
            readText(member, message.responseId);
        else if (isAny(key, {"object"}))
            readText(member, message.object);
        else if (isOutputLimit(key))
            readCountInto(member, message.maxTokens);
    });
}

void readLimits(json::value value, RealtimeMessage& message) {
    forEachElement(value, [&](json::value entry) {
        std::string name;
        std::optional<std::int64_t> limit;
        std::optional<std::int64_t> remaining;
        forEachMember(entry, [&](Key key, json::value member) {
            if (isAny(key, {"name"})) readText(member, name);
            if (isAny(key, {"limit"})) readCountInto(member, limit);
            if (isAny(key, {"remaining"})) readCountInto(member, remaining);
        });
        if (name != "tokens") return;
        message.limitTokens = limit;
        message.remainingTokens = remaining;
    });
}

void readMember(Key key, json::value value, RealtimeMessage& message) {
    if (isAny(key, {"type"}))
        readText(value, message.type);
    else if (isAny(key, {"event_id"}))
        readText(value, message.eventId);
    else if (isAny(key, {"response_id"}))
        readText(value, message.responseId);
    else if (isAny(key, {"response"}))
        readResponse(value, message);
    else if (isAny(key, {"session"}))
        readSession(value, message);
    else if (isAny(key, {"rate_limits"}))
        readLimits(value, message);
    else if (isAny(key, {"error"}))
        forEachMember(value, [&](Key part, json::value member) {
            if (isAny(part, {"event_id"})) readText(member, message.errorEventId);
        });
}

} // namespace

struct RealtimeMessageReader::State {
    json::parser parser;
    PaddedBuffer buffer;
    RealtimeMessage message;
};

RealtimeMessageReader::RealtimeMessageReader() : m_state(std::make_unique<State>()) {}
RealtimeMessageReader::~RealtimeMessageReader() = default;

const RealtimeMessage* RealtimeMessageReader::read(std::string_view text) {
    State& state = *m_state;
    state.message = {};
    if (text.empty()) return nullptr;
    state.buffer.assign(text);
    json::document document;
    json::object object;
    const std::size_t room = state.buffer.size() + PaddedBuffer::kPadding;
    if (state.parser.iterate(state.buffer.data(), state.buffer.size(), room).get(document)) return nullptr;
    if (document.get_object().get(object)) return nullptr;
    const bool valid =
        forEachMemberOf(object, [&](Key key, json::value value) { readMember(key, value, state.message); });
    return valid && !state.message.type.empty() ? &state.message : nullptr;
}

} // namespace gatescope::llm
