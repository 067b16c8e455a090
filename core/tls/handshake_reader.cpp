// SPDX-License-Identifier: Apache-2.0
#include "core/tls/handshake_reader.h"

#include <algorithm>
#include <utility>

namespace gatescope::tls {

namespace {

constexpr std::size_t kHeader = HandshakeMessage::kHeaderBytes;

std::size_t bodySize(Bytes header) {
    return loadBigEndian<std::uint32_t>(header.data()) & 0xffffff;
}

HandshakeMessage messageOf(Bytes whole, const Place& first, const Place& last) {
    return {static_cast<HandshakeType>(whole[0]), whole.subspan(kHeader), whole, first, last};
}

} // namespace

void HandshakeReader::feed(Bytes fragment, const Place& place, HandshakeSink& sink) {
    while (!fragment.empty()) {
        if (m_skip != 0) {
            const std::size_t part = std::min(fragment.size(), m_skip);
            m_skip -= part;
            fragment = fragment.subspan(part);
        } else if (m_held.empty()) {
            fragment = takeWhole(fragment, place, sink);
        } else {
            fragment = fillHeld(fragment, place, sink);
        }
    }
}

void HandshakeReader::reset() {
    m_held.clear();
    m_skip = 0;
}

Bytes HandshakeReader::takeWhole(Bytes bytes, const Place& place, HandshakeSink& sink) {
    while (bytes.size() >= kHeader) {
        const std::size_t size = kHeader + bodySize(bytes);
        if (bytes.size() < size) break;
        if (size - kHeader > kMaxMessageBytes) break;
        sink.onMessage(messageOf(bytes.first(size), place, place));
        bytes = bytes.subspan(size);
    }
    // The rest is the beginning of a message; its header decides what becomes of it.
    m_heldPlace = place;
    const std::size_t part = std::min(bytes.size(), kHeader);
    m_held.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(part));
    if (part == kHeader) checkHeld(sink);
    return bytes.subspan(part);
}

Bytes HandshakeReader::fillHeld(Bytes bytes, const Place& place, HandshakeSink& sink) {
    const auto takeUpTo = [&](std::size_t size) {
        const std::size_t part = std::min(bytes.size(), size - m_held.size());
        m_held.insert(m_held.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(part));
        bytes = bytes.subspan(part);
    };
    if (m_held.size() < kHeader) {
        takeUpTo(kHeader);
        if (m_held.size() == kHeader) checkHeld(sink);
        if (m_held.size() < kHeader) return bytes;
    }
    const std::size_t size = kHeader + bodySize(m_held);
    takeUpTo(size);
    if (m_held.size() < size) return bytes;
    const std::vector<std::uint8_t> held = std::exchange(m_held, {}); // the sink may reset
    sink.onMessage(messageOf(held, m_heldPlace, place));
    return bytes;
}

void HandshakeReader::checkHeld(HandshakeSink& sink) {
    const std::size_t size = bodySize(m_held);
    if (size <= kMaxMessageBytes) return;
    const LongHandshakeMessage message{static_cast<HandshakeType>(m_held[0]), static_cast<std::uint32_t>(size),
                                       m_heldPlace};
    m_held.clear();
    sink.onTooLong(message);
    m_skip = size;
}

} // namespace gatescope::tls
