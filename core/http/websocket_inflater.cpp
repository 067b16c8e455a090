// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket_inflater.h"

#include <algorithm>
#include <array>
#include <zlib.h>

namespace gatescope::http {

namespace {
constexpr std::size_t kOutputPiece = 16 * 1024;
} // namespace

struct WebSocketInflater::Stream {
    Stream() { isReady = inflateInit2(&z, -MAX_WBITS) == Z_OK; }
    ~Stream() {
        if (isReady) inflateEnd(&z);
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    z_stream z{};
    bool isReady = false;
};

WebSocketInflater::WebSocketInflater(bool takesOver) : m_takesOver(takesOver) {}
WebSocketInflater::~WebSocketInflater() = default;
WebSocketInflater::WebSocketInflater(WebSocketInflater&&) noexcept = default;
WebSocketInflater& WebSocketInflater::operator=(WebSocketInflater&&) noexcept = default;

void WebSocketInflater::beginMessage() {
    if (!m_stream)
        m_stream = std::make_unique<Stream>();
    else if (!m_takesOver || m_status != Status::Ok)
        reset();
    m_status = m_stream->isReady ? Status::Ok : Status::Damaged;
    m_consumed = m_produced = 0;
}

void WebSocketInflater::reset() {
    if (m_stream && m_stream->isReady) inflateReset(&m_stream->z);
    m_status = Status::Ok;
}

WebSocketInflater::Status WebSocketInflater::add(Bytes piece, std::string& output, std::size_t limit) {
    std::array<Bytef, kOutputPiece> buffer;
    while (m_status == Status::Ok) {
        z_stream& z = m_stream->z;
        const auto offered = static_cast<uInt>(std::min<std::size_t>(piece.size(), 1U << 30));
        z.next_in = const_cast<Bytef*>(piece.data()); // zlib reads it only
        z.avail_in = offered;
        z.next_out = buffer.data();
        z.avail_out = static_cast<uInt>(buffer.size());
        const int result = inflate(&z, Z_SYNC_FLUSH);
        const std::size_t taken = offered - z.avail_in;
        const std::size_t made = buffer.size() - z.avail_out;
        piece = piece.subspan(taken);
        m_consumed += taken;
        m_produced += made;
        if (output.size() < limit)
            output.append(reinterpret_cast<const char*>(buffer.data()), std::min(made, limit - output.size()));
        else if (m_produced / kMaxRatio > m_consumed)
            m_status = Status::TooLarge;
        if (result == Z_STREAM_END) {
            // A block with BFINAL may end within a message (RFC 7692, 7.2.3.4); what follows refers to the same window.
            if (inflateResetKeep(&z) != Z_OK) m_status = Status::Damaged;
            if (piece.empty()) break;
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            m_status = Status::Damaged;
        } else if (piece.empty() && made < buffer.size()) {
            break;
        }
    }
    return m_status;
}

WebSocketInflater::Status WebSocketInflater::endMessage(std::string& output, std::size_t limit) {
    constexpr std::array<std::uint8_t, 4> kTail{0, 0, 0xff, 0xff};
    return add(kTail, output, limit);
}

} // namespace gatescope::http
