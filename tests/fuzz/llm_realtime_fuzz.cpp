// SPDX-License-Identifier: Apache-2.0
// Each line is a message; its first octet says from whom, whether it was cut, or that messages were lost before it. No
// crash, no more calls under way than the limit, and every call that was begun is handed over in the end.
#include "core/llm/realtime_session.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace gatescope;

namespace {

constexpr std::array<std::string_view, 4> kTargets{"/openai/v1/realtime?model=m", "/v1/responses", "/other", ""};

std::shared_ptr<const http::Exchange> handshakeOf(std::string_view target) {
    if (target.empty()) return nullptr;
    auto exchange = std::make_shared<http::Exchange>();
    exchange->request.method = "GET";
    exchange->request.target.assign(target);
    return exchange;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    llm::RealtimeSession session(handshakeOf(kTargets[data[0] % kTargets.size()]));
    std::string_view text = asText(Bytes{data + 1, size - 1});
    std::uint64_t number = 0;
    std::size_t messages = 0;
    std::size_t calls = 0;
    const auto take = [&] {
        for (const llm::RealtimeCall& call : session.takeDone()) {
            ++calls;
            if (call.facts.api.empty()) std::abort();
            if (call.exchange.responseTrace.complete && !call.exchange.responseTrace.seen) std::abort();
        }
    };
    while (!text.empty()) {
        const std::string line(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.empty()) continue;
        const auto how = static_cast<unsigned char>(line[0]);
        if ((how & 4) != 0) session.onLost((how & 8) != 0);
        const http::PiecePlace place{++number, static_cast<TimeNs>(number)};
        session.onMessage(
            {(how & 1) != 0, true, (how & 2) != 0, std::string_view(line).substr(1), line.size(), place, place});
        ++messages;
        take();
    }
    session.onEnded();
    take();
    if (calls > messages) std::abort();
    session.onEnded();
    if (!session.takeDone().empty()) std::abort();
    return 0;
}
