// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// What a synthetic gateway log is made of. Everything is drawn from one seed; nothing is captured data.
namespace gatescope::bench {

/// SplitMix64 (Steele, Lea, Flood 2014): small and quick, and the same everywhere.
struct Random {
    std::uint64_t state;
    std::uint64_t next() {
        std::uint64_t z = state += 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>((next() >> 32) * limit >> 32); }
};

struct Agent {
    std::string_view name; ///< empty: an application outside Foundry, without any of its headers
    std::string_view version;
    std::string_view project;
    std::string_view projectId;
};

struct Model {
    std::string_view name;   ///< of the deployment
    std::string_view served; ///< what answers
    std::string_view connection;
};

enum class Route : std::uint8_t { ClassicChat, V1Chat, V1Responses, V1Embeddings };

/// One call through the gateway.
struct Call {
    std::uint64_t id = 0;   ///< ids of the log are made of it
    std::uint64_t time = 0; ///< units of 100 ns since 1970
    Agent agent;
    Model model;
    Route route = Route::ClassicChat;
    int status = 200;
    bool refusedByGateway = false; ///< the backend never saw it
    bool hasBodies = false;        ///< bodies are logged
    bool hasConsumedHeader = false;
    bool isStream = false;
    std::uint32_t clientHost = 0, clientPort = 0;
    std::uint32_t totalMs = 0, backendMs = 0, clientMs = 0;
    std::uint32_t input = 0, output = 0, cached = 0, reasoning = 0;
    std::uint32_t promptWords = 0;

    bool isFoundry() const { return !agent.name.empty(); }
    bool isClassic() const { return route == Route::ClassicChat; }
    bool isEmbeddings() const { return route == Route::V1Embeddings; }
    bool reachesBackend() const { return !refusedByGateway; }
    std::uint32_t total() const { return isEmbeddings() ? input : input + output; }
};

Call drawCall(Random& random, std::uint64_t time, std::uint64_t number);

// Each appends one piece of a row.
void appendNumber(std::string& out, std::uint64_t number);
void appendUuid(std::string& out, std::uint64_t id);
void appendTime(std::string& out, std::uint64_t time);
void appendClient(std::string& out, const Call& call, bool withPort);
void appendEscaped(std::string& out, std::string_view text);
/// Members of `properties` without the bodies.
void appendProperties(std::string& out, const Call& call);
void appendRequestBody(std::string& out, const Call& call);
void appendResponseBody(std::string& out, const Call& call);
/// Messages of the request as the model log keeps them, as JSON text.
void appendMessages(std::string& out, const Call& call);
/// Whole lines of the model log. The last chunk holds the answer as well.
void appendLlmHead(std::string& out, const Call& call);
void appendLlmChunk(std::string& out, const Call& call, std::uint32_t sequence, std::string_view messages, bool last);

} // namespace gatescope::bench
