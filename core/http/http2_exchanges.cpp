// SPDX-License-Identifier: Apache-2.0
#include "core/http/http2_exchanges.h"

#include "core/http/http2_findings.h"
#include "core/http/http_findings.h"

#include <algorithm>
#include <utility>

namespace gatescope::http {

namespace {

constexpr Http2Side kClient = Http2Side::Client;
constexpr Http2Side kServer = Http2Side::Server;

/// 101 has no place in HTTP/2 (RFC 9113, 8.6), so that every 1xx is one before the final response.
bool isInterim(int status) {
    return status >= 100 && status < 200;
}

/// Octets may come in another order than their packets did: the message is as late as its latest packet.
void touch(MessageTrace& trace, const PiecePlace& now) {
    trace.lastByte = std::max(trace.lastByte, now.time);
    trace.lastPacket = std::max(trace.lastPacket, now.packet);
}

void noteExchange(ActiveExchange& active, const FindingKind& kind, std::string_view evidence) {
    Finding finding{&kind, {}, {}, {}, {}};
    if (!evidence.empty()) finding.evidence.emplace_back(evidence);
    active.exchange.findings.push_back(std::move(finding));
}

std::string errorText(std::uint32_t code) {
    const std::string_view name = http2ErrorName(code);
    return name.empty() ? "error " + std::to_string(code) : std::string(name);
}

} // namespace

Http2Exchanges::Http2Exchanges(ExchangeListener& listener, Version version, std::uint32_t firstIndex)
    : m_listener(listener), m_version(version), m_opened(firstIndex) {}

void Http2Exchanges::adopt(std::unique_ptr<ActiveExchange> exchange) {
    ActiveExchange& active = *insert(1, std::move(exchange)).active;
    m_highestRequest = 1;
    // The 101 that agreed to the upgrade was not the response.
    active.exchange.response = {};
    active.exchange.responseTrace = {};
    active.responseBegan = active.responseEnded = active.responseCut = false;
    if (active.requestEnded) return;
    active.requestEnded = true;
    m_listener.onRequestEnd(active);
}

Http2Exchanges::Stream* Http2Exchanges::find(Http2Side from, std::uint32_t id) {
    Stream*& last = m_last[static_cast<std::size_t>(from)];
    if (last != nullptr && last->id == id) return last;
    const auto found = m_byId.find(id);
    if (found == m_byId.end()) return nullptr;
    last = &*found->second;
    return last;
}

Http2Exchanges::Stream& Http2Exchanges::open(std::uint32_t id) {
    if (m_streams.size() >= kMaxStreams) {
        noteExchange(*m_streams.front().active, kTooManyStreams, std::to_string(kMaxStreams));
        finish(m_streams.front(), false);
    }
    auto active = m_listener.make();
    active->exchange.indexInConnection = m_opened++;
    for (Finding& finding : m_pending) active->exchange.findings.push_back(std::move(finding));
    m_pending.clear();
    return insert(id, std::move(active));
}

Http2Exchanges::Stream& Http2Exchanges::insert(std::uint32_t id, std::unique_ptr<ActiveExchange> active) {
    active->exchange.streamId = id;
    m_streams.push_back({id, std::move(active), {}, {}, false});
    m_byId[id] = std::prev(m_streams.end());
    return m_streams.back();
}

void Http2Exchanges::head(Http2Side from, const Http2Block& block, Http2Head& head, const PiecePlace& now) {
    const bool isHead = from == kClient ? requestHead(block, head, now) : responseHead(block, head, now);
    if (head.damaged && !isHead) note(kHpackError, {});
}

bool Http2Exchanges::opensRequest(const Http2Block& block, const Http2Head& head) const {
    if (block.stream % 2 == 0 || block.stream <= m_highestRequest) return false;
    // Trailers of a request that was not seen have END_STREAM and no pseudo-field.
    return head.isRequest() || (!block.endStream && !head.beginsRegular());
}

bool Http2Exchanges::requestHead(const Http2Block& block, Http2Head& head, const PiecePlace& now) {
    if (Stream* stream = find(kClient, block.stream)) {
        trailers(*stream, kClient, block, now);
        return false;
    }
    if (!opensRequest(block, head)) return false;
    m_highestRequest = block.stream;
    Stream& stream = open(block.stream);
    begin(stream, kClient, block.first, now);
    takeRequest(stream, head);
    m_listener.onRequestHead(*stream.active);
    if (block.endStream) {
        endMessage(stream, kClient, true);
        handOverIfDone(stream);
    }
    return true;
}

void Http2Exchanges::promise(const Http2Block& block, Http2Head& head, const PiecePlace& now) {
    if (block.promised == 0 || find(kServer, block.promised) != nullptr) {
        if (head.damaged) note(kHpackError, {});
        return;
    }
    Stream& stream = open(block.promised);
    begin(stream, kClient, block.first, now);
    takeRequest(stream, head);
    m_listener.onRequestHead(*stream.active);
    endMessage(stream, kClient, true);
}

void Http2Exchanges::takeRequest(Stream& stream, Http2Head& head) {
    RequestHead& request = stream.active->exchange.request;
    stream.active->exchange.requestTrace.seen = true;
    stream.isConnect = head.method == "CONNECT";
    if (stream.isConnect) stream.protocol = head.protocol.empty() ? "tunnel" : head.protocol;
    stream.half(kClient).counted = stream.isConnect;
    head.settleHost();
    request.version = m_version;
    request.target = head.path.empty() && stream.isConnect ? head.authority : head.path;
    std::swap(request.method, head.method);
    std::swap(request.headers, head.headers);
    request.unknownFields = head.unknown;
    stream.half(kClient).length = contentLength(request.headers);
    if (head.unknown == 0 && (request.method.empty() || request.target.empty())) head.malformed = true;
    noteHead(stream, head, "request");
}

bool Http2Exchanges::opensResponse(const Http2Block& block, const Http2Head& head) const {
    if (block.stream == 0 || isInterim(head.status) || isRemembered(block.stream)) return false;
    // Without a status that is known it may be the trailers of a response that was not seen.
    return head.status != 0 || (!block.endStream && head.unknown != 0 && !head.beginsRegular());
}

bool Http2Exchanges::responseHead(const Http2Block& block, Http2Head& head, const PiecePlace& now) {
    Stream* stream = find(kServer, block.stream);
    if (stream == nullptr) {
        if (!opensResponse(block, head)) return false;
        stream = &open(block.stream);
        stream->active->requestEnded = true;
        noteExchange(*stream->active, kRequestMissing, {});
    }
    ActiveExchange& active = *stream->active;
    if (active.responseEnded) return false;
    const MessageTrace& trace = active.exchange.responseTrace;
    const bool begun = stream->half(kServer).underWay;
    if (begun && trace.seen) {
        // What had an unknown status may have been 1xx.
        const bool wasInterim = active.exchange.response.status == 0 && head.status != 0 && !isInterim(head.status);
        if (wasInterim) takeResponse(*stream, head);
        trailers(*stream, kServer, block, now);
        return wasInterim;
    }
    active.responseBegan = true;
    if (head.status == 0 && (begun || head.beginsRegular())) { // trailers of a response whose head was not read
        if (!begun) beginUnseen(*stream, kServer, block.first, now);
        trailers(*stream, kServer, block, now);
        return false;
    }
    if (isInterim(head.status)) return false;
    const bool gap = trace.gap; // a block that was lost before was 1xx
    begin(*stream, kServer, block.first, now);
    stream->trace(kServer).gap = gap;
    takeResponse(*stream, head);
    m_listener.onResponseHead(active);
    if (block.endStream) {
        endMessage(*stream, kServer, true);
        handOverIfDone(*stream);
    }
    return true;
}

void Http2Exchanges::takeResponse(Stream& stream, Http2Head& head) {
    ActiveExchange& active = *stream.active;
    ResponseHead& response = active.exchange.response;
    active.exchange.responseTrace.seen = true;
    response.version = m_version;
    response.status = head.status;
    std::swap(response.headers, head.headers);
    response.unknownFields = head.unknown;
    stream.half(kServer).length = contentLength(response.headers);
    if (head.unknown == 0 && head.status == 0) head.malformed = true;
    noteHead(stream, head, "response");
    if (stream.isConnect && response.status / 100 == 2) {
        stream.half(kServer).counted = true;
        noteExchange(active, kStreamTunnel, stream.protocol);
    }
}

void Http2Exchanges::noteHead(Stream& stream, const Http2Head& head, std::string_view message) {
    ActiveExchange& active = *stream.active;
    if (head.unknown != 0)
        noteExchange(active, kHpackUnknown,
                     std::string(message) + ": " + std::to_string(head.unknown) +
                         (head.unknown == 1 ? " field" : " fields"));
    if (head.damaged) noteExchange(active, kHpackError, message);
    if (head.malformed) noteExchange(active, kMalformedHead, message);
    if (head.tooLong) noteExchange(active, kHeadersTooLong, std::to_string(Http2Head::kMaxBytes) + " octets");
}

/// Their fields are not kept.
void Http2Exchanges::trailers(Stream& stream, Http2Side from, const Http2Block& block, const PiecePlace& now) {
    if (!stream.half(from).underWay) return;
    touch(stream.trace(from), now);
    if (!block.endStream) return;
    endMessage(stream, from, true);
    handOverIfDone(stream);
}

void Http2Exchanges::begin(Stream& stream, Http2Side from, const PiecePlace& first, const PiecePlace& now) {
    stream.half(from).underWay = true;
    MessageTrace& trace = stream.trace(from);
    trace = {};
    trace.firstByte = trace.lastByte = first.time;
    trace.firstPacket = trace.lastPacket = first.packet;
    touch(trace, now);
}

void Http2Exchanges::beginUnseen(Stream& stream, Http2Side from, const PiecePlace& first, const PiecePlace& now) {
    begin(stream, from, first, now);
    if (from == kServer) stream.active->responseBegan = true;
    markGap(stream, from, {});
}

void Http2Exchanges::headLost(Http2Side from, const Http2Block& block, Http2BlockLoss why, const PiecePlace& now) {
    Stream* stream = find(from, block.stream);
    if (stream == nullptr && from == kClient && block.promised == 0 && block.stream % 2 == 1 &&
        block.stream > m_highestRequest) {
        m_highestRequest = block.stream;
        stream = &open(block.stream);
    }
    if (why == Http2BlockLoss::Flood) {
        if (stream != nullptr)
            noteExchange(*stream->active, kContinuationFlood, {});
        else
            note(kContinuationFlood, {});
    }
    if (stream == nullptr || block.promised != 0 || stream->ended(from)) return;
    if (!stream->half(from).underWay) {
        begin(*stream, from, block.first, now);
        if (from == kServer) stream->active->responseBegan = true;
        if (why == Http2BlockLoss::Gap) markGap(*stream, from, "header fields");
    }
    if (!block.endStream) return;
    endMessage(*stream, from, true);
    handOverIfDone(*stream);
}

void Http2Exchanges::data(Http2Side from, std::uint32_t id, Bytes piece, const PiecePlace& now) {
    Stream* const stream = find(from, id);
    if (stream == nullptr) return; // opened before the capture, or over
    Half& half = stream->half(from);
    if (!half.underWay) {
        if (!half.lossy || stream->ended(from)) return;
        beginUnseen(*stream, from, now, now);
    }
    MessageTrace& trace = stream->trace(from);
    touch(trace, now);
    if (!trace.seen) return;
    trace.bodyBytes += piece.size();
    if (half.counted) return;
    if (from == kClient)
        m_listener.onRequestBody(*stream->active, piece);
    else
        m_listener.onResponseBody(*stream->active, piece, trace.lastByte);
}

void Http2Exchanges::dataGap(Http2Side from, std::uint32_t id, std::uint64_t length) {
    Stream* const stream = find(from, id);
    if (stream != nullptr && stream->half(from).underWay) markGap(*stream, from, std::to_string(length) + " octets");
}

void Http2Exchanges::dataEnd(Http2Side from, std::uint32_t id, const PiecePlace& now) {
    Stream* const stream = find(from, id);
    if (stream == nullptr) return;
    if (!stream->half(from).underWay) {
        if (!stream->half(from).lossy || stream->ended(from)) return;
        beginUnseen(*stream, from, now, now);
    }
    touch(stream->trace(from), now);
    endMessage(*stream, from, true);
    handOverIfDone(*stream);
}

void Http2Exchanges::stepLost(Http2Side from) {
    for (Stream& stream : m_streams) {
        if (stream.ended(from)) continue;
        stream.half(from).lossy = true;
        if (stream.half(from).underWay) markGap(stream, from, {});
    }
}

void Http2Exchanges::markGap(Stream& stream, Http2Side from, std::string_view evidence) {
    MessageTrace& trace = stream.trace(from);
    if (!trace.gap) noteExchange(*stream.active, kBodyGap, evidence);
    trace.gap = true;
    if (!trace.seen) return;
    if (from == kClient)
        m_listener.onRequestGap(*stream.active);
    else
        m_listener.onResponseGap(*stream.active);
}

void Http2Exchanges::checkLength(Stream& stream, Http2Side from) {
    const MessageTrace& trace = stream.trace(from);
    const auto& length = stream.half(from).length;
    if (!length || *length == trace.bodyBytes || trace.gap || stream.half(from).counted) return;
    // RFC 9110, 8.6: what answers HEAD or is 304 says how long the body would be.
    const Exchange& exchange = stream.active->exchange;
    const bool mayBeEmpty = exchange.request.method == "HEAD" || exchange.request.method.empty() ||
                            exchange.response.status == 304 || exchange.response.status == 204;
    if (from == kServer && trace.bodyBytes == 0 && mayBeEmpty) return;
    noteExchange(*stream.active, kContentLength,
                 std::to_string(trace.bodyBytes) + " octets, " + std::to_string(*length) + " announced");
}

void Http2Exchanges::endMessage(Stream& stream, Http2Side from, bool whole) {
    ActiveExchange& active = *stream.active;
    MessageTrace& trace = stream.trace(from);
    stream.half(from).underWay = false;
    trace.complete = whole && trace.seen && !trace.gap;
    if (trace.complete) checkLength(stream, from);
    if (from == kClient) {
        active.requestEnded = true;
        m_listener.onRequestEnd(active);
    } else {
        active.responseEnded = true;
        active.responseCut = !whole;
        m_listener.onResponseEnd(active);
    }
}

void Http2Exchanges::handOverIfDone(Stream& stream) {
    ActiveExchange& active = *stream.active;
    if (!active.responseEnded) return;
    // The end of a request may be among the frames that were lost.
    if (!active.requestEnded && stream.half(kClient).lossy) {
        if (stream.half(kClient).underWay) endMessage(stream, kClient, false);
        active.requestEnded = true;
    }
    if (active.requestEnded) handOver(stream);
}

void Http2Exchanges::finish(Stream& stream, bool connectionEnds) {
    ActiveExchange& active = *stream.active;
    if (stream.half(kClient).underWay) endMessage(stream, kClient, false);
    if (stream.half(kServer).underWay) {
        if (connectionEnds && !active.exchange.responseTrace.gap) noteExchange(active, kResponseCut, {});
        endMessage(stream, kServer, false);
    } else if (!active.responseBegan && stream.half(kServer).lossy) {
        noteExchange(active, kResponseLost, {});
        active.exchange.responseTrace.gap = true;
    }
    if (!connectionEnds) remember(stream.id);
    handOver(stream);
}

void Http2Exchanges::handOver(Stream& stream) {
    for (Stream*& last : m_last)
        if (last == &stream) last = nullptr;
    const auto found = m_byId.find(stream.id);
    auto done = std::move(stream.active);
    m_streams.erase(found->second);
    m_byId.erase(found);
    m_listener.onDone(std::move(done));
}

void Http2Exchanges::reset(Http2Side from, std::uint32_t id, std::optional<std::uint32_t> code) {
    Stream* const stream = find(from, id);
    if (stream == nullptr) return;
    ActiveExchange& active = *stream->active;
    // A server that has answered may so say that it does not want the rest of the request (RFC 9113, 8.1).
    if (!active.responseEnded || code != 0U) {
        active.closedBy = from == kClient ? "client-rst-stream" : "server-rst-stream";
        noteExchange(active, kStreamReset,
                     std::string(from == kClient ? "client: " : "server: ") +
                         (code ? errorText(*code) : "not captured"));
    }
    finish(*stream, false);
}

void Http2Exchanges::goAway(Http2Side from, std::uint32_t lastStream, std::uint32_t code) {
    const std::string evidence = std::string(from == kClient ? "client: " : "server: ") + errorText(code);
    bool said = code == 0;
    if (from == kServer) {
        for (auto next = m_streams.begin(); next != m_streams.end();) {
            Stream& stream = *next++;
            if (stream.id % 2 == 0 || stream.id <= lastStream || stream.active->responseBegan) continue;
            stream.active->closedBy = "server-goaway";
            if (code != 0) noteExchange(*stream.active, kGoAway, evidence);
            said = true;
            finish(stream, false);
        }
    }
    if (!said) note(kGoAway, evidence);
}

void Http2Exchanges::sideEnded(Http2Side from) {
    for (auto next = m_streams.begin(); next != m_streams.end();) {
        Stream& stream = *next++;
        if (!stream.half(from).underWay) continue;
        if (from == kServer && !stream.active->exchange.responseTrace.gap)
            noteExchange(*stream.active, kResponseCut, {});
        endMessage(stream, from, false);
        handOverIfDone(stream);
    }
}

void Http2Exchanges::close() {
    while (!m_streams.empty()) finish(m_streams.front(), true);
}

void Http2Exchanges::remember(std::uint32_t id) {
    m_remembered[m_rememberedAt++ % kMaxRemembered] = id;
}

bool Http2Exchanges::isRemembered(std::uint32_t id) const {
    return std::find(m_remembered.begin(), m_remembered.end(), id) != m_remembered.end();
}

void Http2Exchanges::note(const FindingKind& kind, std::string_view evidence) {
    if (std::find(m_noted.begin(), m_noted.end(), &kind) != m_noted.end()) return;
    m_noted.push_back(&kind);
    if (!m_streams.empty()) {
        noteExchange(*m_streams.back().active, kind, evidence);
        return;
    }
    Finding finding{&kind, {}, {}, {}, {}};
    if (!evidence.empty()) finding.evidence.emplace_back(evidence);
    m_pending.push_back(std::move(finding));
}

} // namespace gatescope::http
