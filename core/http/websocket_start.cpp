// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket_start.h"

#include "core/http/websocket_frame.h"
#include "core/http/websocket_inflater.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace gatescope::http {

namespace {

/// Valid UTF-8 without control characters; a character may be cut at the end.
bool isPlainText(std::string_view text) {
    unsigned continuing = 0;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (continuing != 0) {
            if ((octet & 0xc0) != 0x80) return false;
            --continuing;
        } else if (octet < 0x80) {
            if (octet == 0x7f || (octet < 0x20 && octet != '\t' && octet != '\n' && octet != '\r')) return false;
        } else if (octet >= 0xc2 && octet <= 0xf4) {
            continuing = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
        } else {
            return false;
        }
    }
    return true;
}

/// The beginning of an object, or of an array of objects.
bool startsLikeJson(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    if (!isPlainText(text)) return false;
    std::size_t at = text.find_first_not_of(kBlanks);
    if (at == std::string_view::npos) return false;
    if (text[at] == '[') at = text.find_first_not_of(kBlanks, at + 1);
    if (at == std::string_view::npos || text[at] != '{') return false;
    at = text.find_first_not_of(kBlanks, at + 1);
    return at != std::string_view::npos && text[at] == '"';
}

/// Its last character that is no blank ends an object or an array.
bool endsLikeJson(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    return last != std::string_view::npos && (text[last] == '}' || text[last] == ']');
}

std::string payloadOf(const WebSocketFrame& frame, Bytes payload) {
    std::string text(payload.size(), '\0');
    auto* output = reinterpret_cast<std::uint8_t*>(text.data());
    if (frame.isMasked)
        unmask(payload, frame.key, 0, output);
    else
        std::ranges::copy(payload, output);
    return text;
}

} // namespace

WebSocketSearch::Verdict WebSocketSearch::isMessage(Bytes bytes) {
    if (bytes.empty()) return Verdict::TooFew;
    // FIN or not, RSV1 or not, text.
    if ((bytes[0] & 0x3f) != WebSocketFrame::Text) return Verdict::No;
    if ((bytes[0] & 0x40) != 0 && (!m_compressed || m_tries >= kMaxInflateTries)) return Verdict::No;
    if (bytes.size() < 2) return Verdict::TooFew;
    if (((bytes[1] & 0x80) != 0) != m_masked) return Verdict::No;
    WebSocketFrame frame;
    const std::size_t header = readFrame(bytes, frame);
    if (header == 0) return Verdict::TooFew;
    if (!frame.isShortest || frame.length > kMaxLength || frame.length < kProofBytes) return Verdict::No;
    const bool compressed = frame.reserved != 0;
    // A short length is one octet that may well be a letter, so a short message is looked at as a whole.
    const bool isShort = frame.length <= WebSocketFrame::kMaxShortLength;
    const std::size_t most = compressed ? kCompressedProofBytes : kProofBytes;
    const auto wanted =
        static_cast<std::size_t>(isShort && !compressed ? frame.length : std::min<std::uint64_t>(frame.length, most));
    if (bytes.size() - header < wanted) return Verdict::TooFew;
    std::string text = payloadOf(frame, bytes.subspan(header, wanted));
    if (compressed) {
        ++m_tries;
        WebSocketInflater inflater(false);
        std::string inflated;
        inflater.beginMessage();
        if (inflater.add(asBytes(text), inflated, kCompressedProofBytes) == WebSocketInflater::Status::Damaged)
            return Verdict::No;
        text = std::move(inflated);
    }
    if (text.size() < kProofBytes || !startsLikeJson(text)) return Verdict::No;
    const bool ends = compressed || !isShort || !frame.isFinal || endsLikeJson(text);
    return ends ? Verdict::Yes : Verdict::No;
}

std::size_t WebSocketSearch::find(Bytes bytes, Verdict& verdict) {
    verdict = Verdict::No;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        verdict = isMessage(bytes.subspan(at));
        if (verdict != Verdict::No) return at;
    }
    return bytes.size();
}

bool looksLikeWebSocket(Bytes bytes, bool& fromClient) {
    if (bytes.size() < 2) return false;
    fromClient = (bytes[1] & 0x80) != 0;
    WebSocketSearch search(fromClient, false);
    bool found = false;
    while (!bytes.empty()) {
        WebSocketFrame frame;
        const std::size_t header = readFrame(bytes, frame);
        if (bytes.size() >= 2 &&
            (frame.isMasked != fromClient || !frame.isShortest || frame.length > WebSocketSearch::kMaxLength ||
             !violationOf(frame, WebSocketFrame::kReserved1).empty()))
            return false;
        if (header == 0) break; // cut by the end of the piece
        found = found || search.isMessage(bytes) == WebSocketSearch::Verdict::Yes;
        if (frame.length >= bytes.size() - header) break;
        bytes = bytes.subspan(header + static_cast<std::size_t>(frame.length));
    }
    return found;
}

} // namespace gatescope::http
