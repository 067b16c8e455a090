// SPDX-License-Identifier: Apache-2.0
#include "core/http/http2_frame_reader.h"

#include <algorithm>

namespace gatescope::http {

using Type = Http2FrameType;

namespace {
constexpr std::string_view kTooLong = "a frame longer than any receiver allows";
constexpr std::string_view kWrongShape = "a frame with the wrong length or stream for its type";
} // namespace

Http2FrameReader::Http2FrameReader(Events& events, bool inStep)
    : m_events(events), m_state(inStep ? State::Preface : State::Searching) {}

void Http2FrameReader::allow(std::uint32_t frameBytes) {
    m_allowed = std::max(m_allowed, frameBytes);
}

void Http2FrameReader::feed(Bytes bytes, const PiecePlace& place) {
    if (m_state == State::Alone || bytes.empty()) return;
    if (m_state != State::Searching) {
        bytes = bytes.subspan(readInStep(bytes, place));
        if (m_state != State::Searching) return;
    }
    if (!m_everInStep) {
        m_searched += bytes.size();
        if (m_searched > kMaxSearchBytes) {
            m_state = State::Alone;
            m_search.clear();
            return;
        }
    }
    m_search.add(bytes, place);
    readFound(false);
}

void Http2FrameReader::readFound(bool nothingFollows) {
    while (m_state == State::Searching && m_search.find(nothingFollows)) {
        m_found = m_everInStep = true;
        m_state = State::Preface;
        while (m_state != State::Searching && !m_search.empty()) {
            const Http2FrameSearch::Piece piece = m_search.front();
            m_search.take(readInStep(piece.octets, piece.place));
        }
    }
    if (m_state != State::Searching) m_search.clear();
}

std::size_t Http2FrameReader::readInStep(Bytes bytes, const PiecePlace& place) {
    m_place = place;
    std::size_t taken = 0;
    if (m_state == State::Preface) taken = readPreface(bytes);
    if (m_state == State::InStep) taken += readFrames(bytes.subspan(taken));
    return taken;
}

std::size_t Http2FrameReader::readPreface(Bytes bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && m_headBytes < kHttp2Preface.size() &&
           bytes[taken] == static_cast<std::uint8_t>(kHttp2Preface[m_headBytes])) {
        ++taken;
        ++m_headBytes;
    }
    const bool whole = m_headBytes == kHttp2Preface.size();
    if (whole) m_events.preface();
    if (whole || (m_headBytes == 0 && taken < bytes.size())) { // a server begins with frames
        m_headBytes = 0;
        m_state = State::InStep;
        m_everInStep = true;
    } else if (taken < bytes.size()) {
        m_events.frameError("the connection preface is broken off");
        loseStep();
    }
    return taken;
}

std::size_t Http2FrameReader::readFrames(Bytes bytes) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (m_inFrame) {
            at += payload(bytes.subspan(at));
            continue;
        }
        if (m_headBytes == 0) m_frameStart = m_place;
        const std::size_t begin = at;
        bool going = false;
        if (m_headBytes == 0 && bytes.size() - at >= kHttp2HeaderBytes) {
            at += kHttp2HeaderBytes;
            going = beginFrame(readHttp2FrameHeader(bytes.data() + begin));
        } else {
            const std::size_t count = std::min(kHttp2HeaderBytes - m_headBytes, bytes.size() - at);
            std::copy_n(bytes.data() + at, count, m_head.data() + m_headBytes);
            at += count;
            m_headBytes += count;
            if (m_headBytes < kHttp2HeaderBytes) return at;
            m_headBytes = 0;
            going = beginFrame(readHttp2FrameHeader(m_head.data()));
        }
        if (!going) return begin + 1; // what was taken for a header may hold the beginning of one
    }
    return at;
}

bool Http2FrameReader::isBlockFrame() const {
    return m_frame.type == Type::Headers || m_frame.type == Type::PushPromise || m_frame.type == Type::Continuation;
}

bool Http2FrameReader::beginFrame(const Http2FrameHeader& header) {
    m_frame = header;
    m_inFrame = true;
    m_left = m_body = header.length;
    m_prefixWanted = 0;
    m_skip = false;
    // Most frames carry a piece of a stream of events: they take the short way.
    const bool isPlainData =
        header.type == Type::Data && header.stream != 0 && !header.has(kHttp2Padded) && !m_blockOpen;
    if ((!isPlainData || header.length > m_allowed) && !checkFrame()) return false;
    if (m_left == 0) endFrame();
    return true;
}

bool Http2FrameReader::checkFrame() {
    const bool valid = isValidHttp2Frame(m_frame);
    if (m_frame.length > m_allowed || (m_found && !valid)) {
        // Where frames had to be found, the fault is rather in what was found.
        if (!m_found) m_events.frameError(kTooLong);
        loseStep();
        return false;
    }
    m_skip = !valid;
    if (!valid) m_events.frameError(kWrongShape);
    if (m_blockOpen && (m_frame.type != Type::Continuation || m_frame.stream != m_block.stream)) {
        m_events.frameError("another frame inside a header block");
        loseBlock(Http2BlockLoss::Invalid);
    }
    if (isBlockFrame())
        beginBlockFrame();
    else
        m_collected.clear();
    if (valid) m_prefixWanted = http2PrefixBytes(m_frame);
    return true;
}

void Http2FrameReader::beginBlockFrame() {
    if (m_frame.type != Type::Continuation) {
        m_block = {m_frame.stream, 0, m_frame.type == Type::Headers && m_frame.has(kHttp2EndStream), m_frameStart, {}};
        m_collected.clear();
        m_continuations = 0;
        m_blockLost = false;
    } else if (!m_blockOpen) { // it began before the reader did, or was given up
        m_block = {m_frame.stream, 0, false, m_frameStart, {}};
        m_continuations = 0;
        markBlockLost(m_found ? Http2BlockLoss::Gap : Http2BlockLoss::Invalid);
    } else if (++m_continuations > kMaxContinuations) {
        markBlockLost(Http2BlockLoss::Flood);
    }
    if (m_skip) markBlockLost(Http2BlockLoss::Invalid);
    m_blockOpen = true;
}

std::size_t Http2FrameReader::payload(Bytes bytes) {
    bytes = bytes.first(std::min<std::size_t>(bytes.size(), m_left));
    std::size_t taken = 0;
    if (m_headBytes < m_prefixWanted) {
        taken = prefix(bytes);
        bytes = bytes.subspan(taken);
    }
    const Bytes part = bytes.first(std::min<std::size_t>(bytes.size(), m_body));
    m_left -= static_cast<std::uint32_t>(bytes.size()); // what is behind the part is padding
    m_body -= static_cast<std::uint32_t>(part.size());
    if (!part.empty() && !m_skip) body(part);
    if (m_left == 0) endFrame();
    return taken + bytes.size();
}

/// The octets before what the frame carries.
std::size_t Http2FrameReader::prefix(Bytes bytes) {
    const std::size_t count = std::min(bytes.size(), m_prefixWanted - m_headBytes);
    std::copy_n(bytes.data(), count, m_head.data() + m_headBytes);
    m_headBytes += count;
    m_left -= static_cast<std::uint32_t>(count);
    m_body -= static_cast<std::uint32_t>(count);
    if (m_headBytes < m_prefixWanted) return count;
    const std::uint32_t padding = m_frame.has(kHttp2Padded) ? m_head[0] : 0;
    if (m_frame.type == Type::PushPromise)
        m_block.promised =
            loadBigEndian<std::uint32_t>(m_head.data() + (m_frame.has(kHttp2Padded) ? 1 : 0)) & 0x7fff'ffff;
    if (padding > m_body) {
        m_events.frameError("padding longer than its frame");
        m_skip = true;
        if (isBlockFrame()) markBlockLost(Http2BlockLoss::Invalid);
        m_body = 0;
    } else {
        m_body -= padding;
    }
    return count;
}

void Http2FrameReader::body(Bytes piece) {
    switch (m_frame.type) {
    case Type::Data:
        m_events.data(m_frame.stream, piece);
        break;
    case Type::Headers:
    case Type::PushPromise:
    case Type::Continuation:
        if (m_blockLost) break;
        if (m_collected.size() + piece.size() > kMaxBlockBytes)
            markBlockLost(Http2BlockLoss::Flood);
        else if (m_left == 0 && m_collected.empty() && m_frame.has(kHttp2EndHeaders))
            m_whole = piece; // read where it is
        else
            m_collected.append(asText(piece));
        break;
    case Type::RstStream:
    case Type::Settings:
    case Type::GoAway:
        piece = piece.first(std::min(piece.size(), kMaxControlBytes - m_collected.size()));
        if (m_left == 0 && m_collected.empty())
            m_whole = piece;
        else
            m_collected.append(asText(piece));
        break;
    default:
        break;
    }
}

void Http2FrameReader::endFrame() {
    m_inFrame = false;
    m_headBytes = 0;
    switch (m_frame.type) {
    case Type::Data:
        if (m_frame.has(kHttp2EndStream) && m_frame.stream != 0) m_events.dataEnd(m_frame.stream);
        break;
    case Type::Headers:
    case Type::PushPromise:
    case Type::Continuation:
        if (m_frame.has(kHttp2EndHeaders)) endBlock();
        break;
    case Type::RstStream:
    case Type::Settings:
    case Type::GoAway:
        if (!m_skip) m_events.control(m_frame, m_whole.empty() ? asBytes(m_collected) : m_whole);
        m_whole = {};
        break;
    default:
        break;
    }
}

void Http2FrameReader::endBlock() {
    if (m_blockLost) {
        loseBlock(m_blockLoss);
        return;
    }
    m_blockOpen = false;
    m_block.fragment = m_whole.empty() ? asBytes(m_collected) : m_whole;
    m_whole = {};
    m_events.headerBlock(m_block);
    m_block.fragment = {};
}

void Http2FrameReader::markBlockLost(Http2BlockLoss why) {
    if (!m_blockLost) m_blockLoss = why;
    m_blockLost = true;
    m_collected.clear();
}

void Http2FrameReader::loseBlock(Http2BlockLoss why) {
    m_blockOpen = false;
    m_blockLost = false;
    m_collected.clear();
    m_events.headerBlockLost(m_block, why);
}

void Http2FrameReader::gap(std::uint64_t length, const PiecePlace& place) {
    if (m_state == State::Alone || length == 0) return;
    readFound(true);
    m_place = place;
    if (m_state == State::Searching) return;
    if (m_state == State::Preface || !m_inFrame || length > m_left) {
        if (m_inFrame && m_frame.type == Type::Data) m_events.dataGap(m_frame.stream, m_left);
        if (m_blockOpen) loseBlock(Http2BlockLoss::Gap);
        loseStep();
        return;
    }
    const auto lost = static_cast<std::uint32_t>(length);
    m_left -= lost;
    if (m_frame.type != Type::Data) { // what is left of it means nothing
        if (isBlockFrame()) markBlockLost(Http2BlockLoss::Gap);
        m_collected.clear();
        m_prefixWanted = m_headBytes;
        m_body = 0;
    } else {
        if (m_headBytes < m_prefixWanted) { // how much is padding was lost
            m_prefixWanted = m_headBytes;
            m_body = 0;
        }
        m_body -= std::min(m_body, lost);
        m_events.dataGap(m_frame.stream, lost);
    }
    if (m_left == 0) endFrame();
}

void Http2FrameReader::finish() {
    readFound(true);
    if (m_state == State::InStep && m_blockOpen) loseBlock(m_blockLost ? m_blockLoss : Http2BlockLoss::Cut);
}

void Http2FrameReader::loseStep() {
    m_state = State::Searching;
    m_inFrame = false;
    m_blockOpen = m_blockLost = false;
    m_headBytes = 0;
    m_events.stepLost();
}

} // namespace gatescope::http
