// SPDX-License-Identifier: Apache-2.0
// Writes the log of an AI gateway as Azure Monitor puts it into storage, one JSON object a line (category GatewayLogs,
// with --llm also GatewayLlmLogs), and a truth file beside it. Same options: same octets.
//   apim_log_generator SIZE-MB SEED LOG TRUTH [--llm] [--damaged LINES]
// The truth has one JSON object a line: first the counts of lines, then the totals of each agent, model and status as
// `gscope groups --by FIELD --format jsonl` names them. A sum to which no call of the group adds is not there.
#include "tests/bench/apim_log_parts.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatescope::bench {
namespace {

constexpr std::uint64_t kStart = 1'768'435'200'0000000ULL; // 2026-01-15T00:00:00Z, in units of 100 ns
constexpr std::size_t kBodyCap = 8192;                     // what the gateway keeps of a body at most
constexpr std::size_t kChunk = 32 * 1024;                  // what one row of the model log holds of messages
constexpr std::size_t kLlmLag = 40;                        // the model log comes that many lines later

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

struct Options {
    std::uint64_t bytes = 0;
    std::uint64_t seed = 0;
    const char* log = nullptr;
    const char* truth = nullptr;
    bool llm = false;
    std::uint64_t damaged = 0;
};

/// Sums of a group; what nobody knows stays absent.
struct Totals {
    std::uint64_t exchanges = 0, errors = 0, throttled = 0;
    std::array<std::optional<std::uint64_t>, 5> tokens; // input, output, total, cached, reasoning
};
constexpr std::array<std::string_view, 5> kTokenNames{"input_tokens", "output_tokens", "total_tokens", "cached_tokens",
                                                      "reasoning_tokens"};

class Truth {
public:
    void add(const Call& call, bool usageLogged) {
        addTo(m_agents[std::string(call.agent.name)], call, usageLogged);
        addTo(m_models[std::string(modelOf(call, usageLogged))], call, usageLogged);
        addTo(m_statuses[std::to_string(call.status)], call, usageLogged);
    }
    bool write(const char* path) const {
        std::string out = "{\"by\":\"lines\",\"lines\":" + std::to_string(lines) +
                          ",\"gateway_rows\":" + std::to_string(gatewayRows) +
                          ",\"llm_rows\":" + std::to_string(llmRows) + ",\"damaged\":" + std::to_string(damaged) +
                          ",\"cut_bodies\":" + std::to_string(cutBodies) + "}\n";
        append(out, "agent", m_agents, true);
        append(out, "model", m_models, true);
        append(out, "status", m_statuses, false);
        const File file(std::fopen(path, "wb"));
        return file && std::fwrite(out.data(), 1, out.size(), file.get()) == out.size();
    }

    std::uint64_t lines = 0, gatewayRows = 0, llmRows = 0, damaged = 0, cutBodies = 0;

private:
    using Groups = std::map<std::string, Totals>;

    static void addTo(Totals& totals, const Call& call, bool usageLogged) {
        ++totals.exchanges;
        totals.errors += call.status >= 400;
        totals.throttled += call.status == 429;
        if (call.status != 200) return;
        const auto add = [&](std::size_t which, std::uint64_t count) {
            totals.tokens[which] = totals.tokens[which].value_or(0) + count;
        };
        if (usageLogged || call.hasBodies) {
            add(0, call.input);
            if (!call.isEmbeddings()) add(1, call.output);
            add(2, call.total());
            if (!call.isEmbeddings()) add(3, call.cached);
            if (call.hasBodies && !call.isEmbeddings()) add(4, call.reasoning);
        } else if (call.hasConsumedHeader) {
            add(2, call.total());
        }
    }
    /// The header names it, else the path, else a body or the model log.
    static std::string_view modelOf(const Call& call, bool usageLogged) {
        const bool known = call.isFoundry() || call.isClassic() || call.hasBodies || usageLogged;
        return known ? call.model.name : std::string_view();
    }
    static void append(std::string& out, std::string_view by, const Groups& groups, bool isText) {
        for (const auto& [name, totals] : groups) {
            out += "{\"by\":\"" + std::string(by) + "\"";
            if (!name.empty()) out += ",\"" + std::string(by) + "\":" + (isText ? "\"" + name + "\"" : name);
            out += ",\"exchanges\":" + std::to_string(totals.exchanges) +
                   ",\"errors\":" + std::to_string(totals.errors) +
                   ",\"throttled\":" + std::to_string(totals.throttled);
            for (std::size_t i = 0; i < kTokenNames.size(); ++i)
                if (totals.tokens[i])
                    out += ",\"" + std::string(kTokenNames[i]) + "\":" + std::to_string(*totals.tokens[i]);
            out += "}\n";
        }
    }

    Groups m_agents, m_models, m_statuses;
};

class Generator {
public:
    Generator(const Options& options, std::FILE* log)
        : m_options(options), m_log(log), m_random{options.seed}, m_clock(kStart) {}

    bool run() {
        const std::uint64_t step = m_options.damaged ? m_options.bytes / (m_options.damaged + 1) : ~std::uint64_t{0};
        while (m_written + m_out.size() < m_options.bytes) {
            writeCall();
            if (m_truth.damaged < m_options.damaged && m_written + m_out.size() > step * (m_truth.damaged + 1))
                writeDamaged();
            flushLlm(kLlmLag);
            if (m_out.size() > 1U << 20 && !flush()) return false;
        }
        flushLlm(0);
        return flush();
    }
    const Truth& truth() const { return m_truth; }

private:
    void writeCall() {
        m_clock += 200'000 + m_random.below(1'800'000); // 20 to 200 ms
        const Call call = drawCall(m_random, m_clock, ++m_calls);
        const std::size_t start = m_out.size();
        appendGatewayRow(call);
        m_last.assign(m_out, start, m_out.size() - start - 1);
        ++m_truth.gatewayRows;
        ++m_truth.lines;
        const bool usage = m_options.llm && call.status == 200;
        m_truth.add(call, usage);
        if (usage) queueLlmRows(call);
    }

    void appendGatewayRow(const Call& call) {
        m_out += "{\"DeploymentVersion\":\"0.48.2706.0\",\"Level\":4,\"Sku\":\"StandardV2\",\"callerIpAddress\":\"";
        appendClient(m_out, call, false);
        m_out += "\",\"category\":\"GatewayLogs\",\"correlationId\":\"";
        appendUuid(m_out, call.id);
        m_out += "\",\"durationMs\":";
        appendNumber(m_out, call.totalMs);
        m_out += call.status < 400 ? ",\"isRequestSuccess\":true" : ",\"isRequestSuccess\":false";
        m_out +=
            ",\"location\":\"East US 2\",\"operationName\":\"Microsoft.ApiManagement/GatewayLogs\",\"properties\":{";
        appendProperties(m_out, call);
        if (call.hasBodies) appendBodies(call);
        m_out += "},\"resourceId\":\"/SUBSCRIPTIONS/455CBEBF-0000-4000-8000-000000000000/RESOURCEGROUPS/RG-AI-GATEWAY/"
                 "PROVIDERS/MICROSOFT.APIMANAGEMENT/SERVICE/APIMX\",\"resultType\":\"";
        m_out += call.status < 400 ? "Succeeded" : "Failed";
        m_out += "\",\"serviceName\":\"apimx\",\"time\":\"";
        appendTime(m_out, call.time);
        m_out += "\",\"truncated\":0}\n";
    }

    void appendBodies(const Call& call) {
        m_body.clear();
        appendRequestBody(m_body, call);
        if (m_body.size() > kBodyCap) {
            m_body.resize(kBodyCap);
            ++m_truth.cutBodies;
        }
        const auto member = [&](std::string_view name) {
            m_out += ",\"";
            m_out += name;
            m_out += "\":\"";
            appendEscaped(m_out, m_body);
            m_out += '"';
        };
        member("requestBody");
        if (call.reachesBackend()) member("backendRequestBody");
        m_body.clear();
        appendResponseBody(m_body, call);
        member("responseBody");
        if (call.reachesBackend()) member("backendResponseBody");
    }

    /// Rows of the model log, as they come: after the row of the gateway, now and then in another order or twice.
    void queueLlmRows(const Call& call) {
        m_body.clear();
        appendMessages(m_body, call);
        std::uint32_t sequence = 0;
        const std::size_t first = m_waiting.size();
        m_waiting.emplace_back();
        appendLlmHead(m_waiting.back(), call);
        for (std::size_t at = 0; at < m_body.size(); at += kChunk) {
            m_waiting.emplace_back();
            appendLlmChunk(m_waiting.back(), call, ++sequence, std::string_view(m_body).substr(at, kChunk),
                           at + kChunk >= m_body.size());
        }
        if (m_random.below(20) == 0) std::swap(m_waiting[first], m_waiting.back());
        if (m_random.below(50) == 0) m_waiting.push_back(m_waiting.back());
    }

    void flushLlm(std::size_t keep) {
        while (m_waiting.size() > keep) {
            m_out += m_waiting.front();
            m_waiting.pop_front();
            ++m_truth.llmRows;
            ++m_truth.lines;
        }
    }

    /// A line that is none of the log's: cut as by a full disk, without its braces, or not text at all.
    void writeDamaged() {
        switch (m_truth.damaged++ % 4) {
        case 0:
            m_out.append(m_last, 0, m_last.size() / 2);
            break;
        case 1:
            m_out.append(m_last, 1, m_last.size() - 2);
            break;
        case 2:
            m_out += "{\"time\":\"2026-01-15T10:00:00Z\",\"category\":\"GatewayLogs\",\"properties\":{\"method\":]}";
            break;
        default:
            m_out += "\x01\xff\xfe{{{\x80 not JSON";
            break;
        }
        m_out += '\n';
        ++m_truth.lines;
    }

    bool flush() {
        const bool whole = std::fwrite(m_out.data(), 1, m_out.size(), m_log) == m_out.size();
        m_written += m_out.size();
        m_out.clear();
        return whole;
    }

    const Options& m_options;
    std::FILE* m_log;
    Random m_random;
    std::uint64_t m_clock;
    std::uint64_t m_written = 0, m_calls = 0;
    std::string m_out, m_body, m_last;
    std::deque<std::string> m_waiting;
    Truth m_truth;
};

std::optional<Options> optionsOf(int count, char** texts) {
    if (count < 5) return std::nullopt;
    Options options{std::strtoull(texts[1], nullptr, 10) * 1'000'000, std::strtoull(texts[2], nullptr, 10), texts[3],
                    texts[4]};
    for (int i = 5; i < count; ++i) {
        const std::string_view option = texts[i];
        if (option == "--llm")
            options.llm = true;
        else if (option == "--damaged" && i + 1 < count)
            options.damaged = std::strtoull(texts[++i], nullptr, 10);
        else
            return std::nullopt;
    }
    return options.bytes ? std::optional(options) : std::nullopt;
}

int generate(const Options& options) {
    const File log(std::fopen(options.log, "wb"));
    if (!log) {
        std::perror(options.log);
        return 1;
    }
    Generator generator(options, log.get());
    if (!generator.run() || std::fflush(log.get()) != 0 || !generator.truth().write(options.truth)) {
        std::perror("writing");
        return 1;
    }
    return 0;
}

} // namespace
} // namespace gatescope::bench

int main(int count, char** texts) {
    const auto options = gatescope::bench::optionsOf(count, texts);
    if (options) return gatescope::bench::generate(*options);
    std::fprintf(stderr, "usage: apim_log_generator SIZE-MB SEED LOG TRUTH [--llm] [--damaged LINES]\n");
    return 2;
}
