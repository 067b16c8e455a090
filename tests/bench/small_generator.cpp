// SPDX-License-Identifier: Apache-2.0
// Writes a capture of chat requests through an AI gateway and a truth file beside it, for ./dev bench where no larger
// generator is at hand. Same seed and size: same bytes.
//   small_generator SIZE-MB SEED CAPTURE TRUTH
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kSegment = 1448;
constexpr std::uint64_t kStartNs = 1'767'225'600'000'000'000ULL;
constexpr int kConnections = 50;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

void put16(std::string& out, unsigned value) {
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value & 0xff);
}
void put32(std::string& out, std::uint32_t value) {
    put16(out, value >> 16);
    put16(out, value & 0xffff);
}

/// pcap with nanoseconds, link type Ethernet, in the byte order of this machine.
class CaptureWriter {
public:
    explicit CaptureWriter(const char* path) : m_file(std::fopen(path, "wb")) {
        const std::uint32_t header[] = {0xa1b23c4d, 0x00040002, 0, 0, 262144, 1};
        if (m_file) std::fwrite(header, sizeof header, 1, m_file.get());
    }
    bool isOpen() const { return m_file != nullptr; }
    std::uint64_t bytes() const { return m_bytes; }

    void write(std::uint64_t timeNs, std::string_view frame) {
        const auto length = static_cast<std::uint32_t>(frame.size());
        const std::uint32_t header[] = {static_cast<std::uint32_t>(timeNs / 1'000'000'000),
                                        static_cast<std::uint32_t>(timeNs % 1'000'000'000), length, length};
        std::fwrite(header, sizeof header, 1, m_file.get());
        std::fwrite(frame.data(), frame.size(), 1, m_file.get());
        m_bytes += sizeof header + frame.size();
    }

private:
    File m_file;
    std::uint64_t m_bytes = 24;
};

/// One direction's state of a TCP connection.
struct End {
    std::uint32_t address;
    std::uint16_t port;
    std::uint32_t sequence;
};

enum Flag : unsigned { kFin = 1, kSyn = 2, kPush = 8, kAck = 16 };

unsigned internetChecksum(std::string_view bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        sum += static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]) << 8 |
                                          static_cast<unsigned char>(bytes[i + 1]));
    }
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

std::string frameOf(const End& from, const End& to, unsigned flags, std::string_view payload) {
    std::string frame("\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x08\x00", 14);
    std::string ip("\x45\x00", 2);
    put16(ip, static_cast<unsigned>(40 + payload.size()));
    ip += std::string("\x00\x01\x40\x00\x40\x06\x00\x00", 8);
    put32(ip, from.address);
    put32(ip, to.address);
    const unsigned sum = internetChecksum(ip);
    ip[10] = static_cast<char>(sum >> 8);
    ip[11] = static_cast<char>(sum & 0xff);
    frame += ip;
    put16(frame, from.port);
    put16(frame, to.port);
    put32(frame, from.sequence);
    put32(frame, flags & kAck ? to.sequence : 0);
    put16(frame, 0x5000 | flags);
    put16(frame, 0xffff);
    put32(frame, 0); // TCP checksum and urgent pointer: a capture on the sender shows no checksum either
    frame += payload;
    return frame;
}

class Connection {
public:
    Connection(int number, std::mt19937_64& random)
        : m_client{0x0a001410U + static_cast<std::uint32_t>(number % 16), static_cast<std::uint16_t>(20000 + number),
                   static_cast<std::uint32_t>(random())},
          m_server{0x0a001464U, 8080, static_cast<std::uint32_t>(random())} {}

    void open(CaptureWriter& out, std::uint64_t& clock) {
        emit(out, clock, m_client, m_server, kSyn, {});
        ++m_client.sequence;
        emit(out, clock, m_server, m_client, kSyn | kAck, {});
        ++m_server.sequence;
        emit(out, clock, m_client, m_server, kAck, {});
    }
    void fromClient(CaptureWriter& out, std::uint64_t& clock, std::string_view data) {
        send(out, clock, m_client, m_server, data);
    }
    void fromServer(CaptureWriter& out, std::uint64_t& clock, std::string_view data) {
        send(out, clock, m_server, m_client, data);
    }

private:
    void emit(CaptureWriter& out, std::uint64_t& clock, const End& from, const End& to, unsigned flags,
              std::string_view payload) {
        clock += 3'000;
        out.write(clock, frameOf(from, to, flags, payload));
    }
    void send(CaptureWriter& out, std::uint64_t& clock, End& from, End& to, std::string_view data) {
        for (std::size_t at = 0; at < data.size(); at += kSegment) {
            const auto piece = data.substr(at, kSegment);
            emit(out, clock, from, to, kAck | (at + kSegment >= data.size() ? kPush : 0U), piece);
            from.sequence += static_cast<std::uint32_t>(piece.size());
        }
        emit(out, clock, to, from, kAck, {});
    }

    End m_client;
    End m_server;
};

struct Call {
    std::string id, project, agent, model;
    bool stream = false;
    int status = 200;
    int promptTokens = 0, completionTokens = 0;
};

constexpr const char* kModels[] = {"gpt-4o", "gpt-4o-mini", "gpt-4.1", "o4-mini"};
constexpr std::string_view kUri = "/chat/completions?api-version=2025-03-01-preview";

Call drawCall(std::mt19937_64& random) {
    Call call;
    char id[64];
    std::snprintf(id, sizeof id, "%08x-0000-4000-8000-%012llx", static_cast<unsigned>(random()),
                  static_cast<unsigned long long>(random() & 0xffffffffffffULL));
    call.id = id;
    call.project = "project" + std::to_string(random() % 6);
    call.agent = "agent" + std::to_string(random() % 4) + ":" + std::to_string(1 + random() % 3);
    call.model = kModels[random() % std::size(kModels)];
    call.stream = random() % 100 < 45;
    call.status = !call.stream && random() % 100 < 6 ? 429 : 200;
    call.promptTokens = static_cast<int>(100 + random() % 2000);
    call.completionTokens = static_cast<int>(20 + random() % 400);
    return call;
}

std::string requestOf(const Call& call) {
    std::string body = R"({"messages":[{"role":"user","content":")";
    // Decoys inside a string: a reader that searches for them instead of parsing gets wrong numbers.
    body += R"(data: [DONE] \"usage\":{\"prompt_tokens\":1} )";
    body.append(static_cast<std::size_t>(call.promptTokens) * 4, 'w');
    body +=
        std::string(R"("}],"stream":)") + (call.stream ? R"(true,"stream_options":{"include_usage":true}})" : "false}");
    return "POST /openai/deployments/" + call.model + std::string(kUri) +
           " HTTP/1.1\r\nHost: apimlab.azure-api.net\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\nX-Request-ID: " + call.id + "\r\nopenai-project: " + call.project +
           "\r\nx-ms-foundry-agent-id: " + call.agent + "\r\nx-ms-foundry-model-id: conn1/" + call.model +
           "\r\nx-forwarded-for: 100.64.9.87;10.0.9.213:10095\r\n\r\n" + body;
}

std::string usageOf(const Call& call) {
    return R"("usage":{"prompt_tokens":)" + std::to_string(call.promptTokens) + R"(,"completion_tokens":)" +
           std::to_string(call.completionTokens) + R"(,"total_tokens":)" +
           std::to_string(call.promptTokens + call.completionTokens) + "}";
}

/// The response, in the pieces in which the server writes it.
std::vector<std::string> responseOf(const Call& call) {
    const std::string common = R"("id":"chatcmpl-lab","model":")" + call.model + R"(",)";
    if (!call.stream) {
        std::string body = R"({"error":{"code":"429","message":"Please retry after 7 seconds."}})";
        if (call.status == 200) {
            body = "{" + common +
                   R"("choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":")" +
                   std::string(static_cast<std::size_t>(call.completionTokens) * 4, 'a') + R"("}}],)" + usageOf(call) +
                   "}";
        }
        return {"HTTP/1.1 " + std::string(call.status == 200 ? "200 OK" : "429 Too Many Requests\r\nRetry-After: 7") +
                "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body};
    }
    std::vector<std::string> pieces{
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"};
    const auto event = [&](const std::string& data) {
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", data.size() + 8);
        pieces.push_back(size + ("data: " + data) + "\n\n\r\n");
    };
    for (int i = 0; i < call.completionTokens; ++i) {
        event("{" + common +
              R"("object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" word"}}]})");
    }
    event("{" + common + R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
    event("{" + common + R"("choices":[],)" + usageOf(call) + "}");
    event("[DONE]");
    pieces.push_back("0\r\n\r\n");
    return pieces;
}

void writeTruth(std::FILE* file, const Call& call) {
    const bool known = call.status == 200;
    const auto number = [&](int value) { return known ? std::to_string(value) : std::string("null"); };
    std::fprintf(
        file,
        R"({"request_id":"%s","method":"POST","uri":"/openai/deployments/%s%s","host":"apimlab.azure-api.net",)"
        R"("project":"%s","agent":"%s","model":"conn1/%s","xff":"100.64.9.87;10.0.9.213:10095","status":%d,)"
        R"("stream":%s,"complete":true,"api":"chat","finish_reason":%s,"prompt_tokens":%s,)"
        R"("completion_tokens":%s,"total_tokens":%s})"
        "\n",
        call.id.c_str(), call.model.c_str(), kUri.data(), call.project.c_str(), call.agent.c_str(), call.model.c_str(),
        call.status, call.stream ? "true" : "false", known ? "\"stop\"" : "null", number(call.promptTokens).c_str(),
        number(call.completionTokens).c_str(), number(call.promptTokens + call.completionTokens).c_str());
}

/// Connections take turns after each piece, so that their packets are mixed as on a real wire.
void generate(CaptureWriter& capture, std::FILE* truth, std::uint64_t wantedBytes, std::uint64_t seed) {
    struct Turn {
        Connection connection;
        std::vector<std::string> pieces; ///< what the server still has to send, the next one last
    };
    std::mt19937_64 random(seed);
    std::uint64_t clock = kStartNs;
    std::vector<Turn> turns;
    for (int i = 0; i < kConnections; ++i) {
        turns.push_back({Connection(i, random), {}});
        turns.back().connection.open(capture, clock);
    }
    bool busy = true;
    while (busy) {
        busy = false;
        for (Turn& turn : turns) {
            if (turn.pieces.empty()) {
                if (capture.bytes() >= wantedBytes) continue;
                const Call call = drawCall(random);
                turn.connection.fromClient(capture, clock, requestOf(call));
                turn.pieces = responseOf(call);
                std::reverse(turn.pieces.begin(), turn.pieces.end());
                writeTruth(truth, call);
            }
            turn.connection.fromServer(capture, clock, turn.pieces.back());
            turn.pieces.pop_back();
            busy = true;
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fputs("usage: small_generator SIZE-MB SEED CAPTURE TRUTH\n", stderr);
        return 2;
    }
    CaptureWriter capture(argv[3]);
    const File truth(std::fopen(argv[4], "w"));
    if (!capture.isOpen() || !truth) {
        std::fputs("small_generator: cannot write the capture or the truth\n", stderr);
        return 1;
    }
    generate(capture, truth.get(), std::strtoull(argv[1], nullptr, 10) * 1'000'000,
             std::strtoull(argv[2], nullptr, 10));
    return 0;
}
