// SPDX-License-Identifier: Apache-2.0
#include "core/http/http1_parser.h"

#include <llhttp.h>
#include <new>

namespace gatescope::http {

namespace {

llhttp_t* parserIn(std::array<std::byte, 128>& storage) {
    static_assert(sizeof(llhttp_t) <= 128);
    return std::launder(reinterpret_cast<llhttp_t*>(storage.data()));
}
const llhttp_t* parserIn(const std::array<std::byte, 128>& storage) {
    return std::launder(reinterpret_cast<const llhttp_t*>(storage.data()));
}

/// RFC 9110, 5.6.2.
bool isTokenCharacter(char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
}

/// Value of a hexadecimal digit; negative: it is none.
int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Blanks after a value are not part of it (RFC 9112, 5.1); llhttp leaves out those before it only.
std::string_view trimmed(std::string_view value) {
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    return value;
}

} // namespace

/// llhttp's callbacks. Its `data` points back to the parser.
struct Http1Callbacks {
    static Http1Parser& self(llhttp_t* parser) { return *static_cast<Http1Parser*>(parser->data); }

    static int messageBegin(llhttp_t* parser) {
        Http1Parser& p = self(parser);
        if (p.m_standsInForMethod) return 0;
        p.resetHead();
        p.m_inMessage = true;
        p.m_events->messageBegan();
        return 0;
    }
    static int method(llhttp_t* parser, const char* at, std::size_t length) {
        if (!self(parser).m_standsInForMethod) self(parser).m_method.append(at, length);
        return 0;
    }
    static int methodEnd(llhttp_t* parser) {
        // Those of RTSP would be refused in HTTP.
        if (parser->method >= HTTP_DESCRIBE && parser->method <= HTTP_FLUSH) parser->method = HTTP_GET;
        return 0;
    }
    static int url(llhttp_t* parser, const char* at, std::size_t length) {
        self(parser).m_target.append(at, length);
        return within(parser, length);
    }
    static int status(llhttp_t* parser, const char* at, std::size_t length) {
        self(parser).m_reason.append(at, length);
        return within(parser, length);
    }
    static int headerName(llhttp_t* parser, const char* at, std::size_t length) {
        self(parser).m_name.add(at, length);
        return within(parser, length);
    }
    static int headerValue(llhttp_t* parser, const char* at, std::size_t length) {
        self(parser).m_value.add(at, length);
        return within(parser, length);
    }
    static int headerEnd(llhttp_t* parser) {
        Http1Parser& p = self(parser);
        if (!p.m_headDone) { // trailers are not header fields
            const std::string_view value = trimmed(p.m_value.text());
            noteFraming(parser, p.m_name.text(), value);
            p.m_headers.add(p.m_name.text(), value);
        }
        p.m_name.clear();
        p.m_value.clear();
        return 0;
    }
    static bool isFraming(std::string_view name) {
        return equalsIgnoreCase(name, "content-length") || equalsIgnoreCase(name, "transfer-encoding");
    }
    /// llhttp would refuse a second length, and reads other codings than chunked in its own way: it is told at the
    /// head's end what to go by.
    static void noteFraming(llhttp_t* parser, std::string_view name, std::string_view value) {
        Http1Parser& p = self(parser);
        if (name.ends_with(' ') || name.ends_with('\t')) {
            const std::string_view plain = trimmed(name);
            if (!isFraming(plain)) return;
            p.m_framing.noteBlankBehind(plain);
            name = plain;
        }
        if (name.size() == 14 && equalsIgnoreCase(name, "content-length")) {
            p.m_framing.addLength(parser->content_length);
            parser->flags = static_cast<std::uint16_t>(parser->flags & ~F_CONTENT_LENGTH);
            parser->content_length = 0;
        } else if (name.size() == 17 && equalsIgnoreCase(name, "transfer-encoding")) {
            p.m_framing.addTransferEncoding(value);
        }
    }
    static int headersComplete(llhttp_t* parser) {
        Http1Parser& p = self(parser);
        p.m_headDone = true;
        p.applyFraming();
        const auto rule = p.m_events->headEnded();
        p.m_inCountedData = rule == Http1Parser::BodyRule::AsHeadersSay && (parser->flags & F_CHUNKED) == 0 &&
                            parser->content_length > 0 && (parser->flags & F_CONTENT_LENGTH) != 0;
        return static_cast<int>(rule);
    }
    static int body(llhttp_t* parser, const char* at, std::size_t length) {
        self(parser).m_dataEnd = at + length;
        self(parser).m_events->bodyPiece({reinterpret_cast<const std::uint8_t*>(at), length});
        return 0;
    }
    static int chunkHeader(llhttp_t* parser) {
        self(parser).m_inCountedData = parser->content_length > 0;
        return 0;
    }
    static int chunkComplete(llhttp_t* parser) {
        self(parser).m_inCountedData = false;
        self(parser).m_atChunk = true;
        return 0;
    }
    static int messageComplete(llhttp_t* parser) {
        Http1Parser& p = self(parser);
        p.m_inMessage = false;
        p.m_inCountedData = false;
        p.m_events->messageEnded();
        return 0;
    }
    static int within(llhttp_t* parser, std::size_t length) {
        Http1Parser& p = self(parser);
        p.m_headBytes += length;
        p.m_tooLarge = p.m_headBytes > Http1Parser::kMaxHeadBytes;
        return p.m_tooLarge ? HPE_USER : 0;
    }
    static llhttp_settings_t makeSettings() {
        llhttp_settings_t s;
        llhttp_settings_init(&s);
        s.on_message_begin = messageBegin;
        s.on_method = method;
        s.on_method_complete = methodEnd;
        s.on_url = url;
        s.on_status = status;
        s.on_header_field = headerName;
        s.on_header_value = headerValue;
        s.on_header_value_complete = headerEnd;
        s.on_headers_complete = headersComplete;
        s.on_body = body;
        s.on_chunk_header = chunkHeader;
        s.on_chunk_complete = chunkComplete;
        s.on_message_complete = messageComplete;
        return s;
    }
};

void Http1Parser::Span::add(const char* at, std::size_t length) {
    if (length == 0) return;
    if (view.empty() && copy.empty()) {
        view = {at, length};
        return;
    }
    settle();
    copy.append(at, length);
}

void Http1Parser::Span::settle() {
    if (view.empty()) return;
    copy.assign(view);
    view = {};
}

void Http1Parser::Span::clear() {
    view = {};
    copy.clear();
}

void Http1Parser::start(Kind kind, Events& events) {
    m_events = &events;
    initParser(kind == Kind::Request);
    m_inMessage = false;
    m_readsMethod = false;
    resetHead();
}

void Http1Parser::initParser(bool isRequest) {
    static const llhttp_settings_t kSettings = Http1Callbacks::makeSettings();
    auto* parser = new (m_storage.data()) llhttp_t;
    // llhttp takes a mutable pointer and never writes through it.
    llhttp_init(parser, isRequest ? HTTP_REQUEST : HTTP_RESPONSE, const_cast<llhttp_settings_t*>(&kSettings));
    parser->data = this;
    llhttp_set_lenient_headers(parser, 1);
    llhttp_set_lenient_chunked_length(parser, 1);
    llhttp_set_lenient_keep_alive(parser, 1);
    llhttp_set_lenient_transfer_encoding(parser, 1);
}

void Http1Parser::resetHead() {
    m_headers.clear();
    m_framing.clear();
    m_isUnknownMethod = false;
    m_method.clear();
    m_target.clear();
    m_reason.clear();
    m_name.clear();
    m_value.clear();
    m_headBytes = 0;
    m_headDone = false;
    m_inCountedData = false;
    m_tooLarge = false;
    m_atChunk = false;
}

void Http1Parser::applyFraming() {
    llhttp_t* parser = parserIn(m_storage);
    const auto body = m_framing.decide(parser->type == HTTP_REQUEST, version() == Version::Http10);
    unsigned flags = parser->flags & ~static_cast<unsigned>(F_CHUNKED | F_CONTENT_LENGTH | F_TRANSFER_ENCODING);
    if (body == Http1Framing::Body::Length) {
        flags |= F_CONTENT_LENGTH;
        parser->content_length = m_framing.length();
    } else if (body == Http1Framing::Body::Chunked) {
        flags |= F_TRANSFER_ENCODING | F_CHUNKED;
    } else if (body == Http1Framing::Body::UntilClose) {
        flags |= F_TRANSFER_ENCODING;
    }
    parser->flags = static_cast<std::uint16_t>(flags);
}

Http1Parser::Result Http1Parser::feed(Bytes bytes, std::size_t& consumed) {
    if (m_readsMethod) return readUnknownMethod(bytes, consumed);
    const std::size_t taken = m_atChunk ? takeChunks(bytes) : 0;
    if (taken == bytes.size()) {
        consumed = taken;
        return Result::Consumed;
    }
    const Result result = run(bytes.subspan(taken), consumed);
    consumed += taken;
    return result;
}

/// Whole chunks without extensions, which most of a stream is made of. llhttp stays where it is, before a chunk.
std::size_t Http1Parser::takeChunks(Bytes bytes) {
    constexpr unsigned kMaxDigits = 7;
    const std::string_view text = asText(bytes);
    const auto isLineEnd = [&](std::size_t at) { return text[at] == '\r' && text[at + 1] == '\n'; };
    std::size_t begin = 0;
    while (begin < text.size()) {
        std::size_t size = 0;
        std::size_t at = begin;
        for (unsigned digits = 0; at < text.size() && digits < kMaxDigits; ++at, ++digits) {
            const int digit = hexDigit(text[at]);
            if (digit < 0) break;
            size = size * 16 + static_cast<std::size_t>(digit);
        }
        // The last chunk, and whatever is not plain or not whole, is left to llhttp.
        if (size == 0 || text.size() - at < size + 4) break;
        const std::size_t data = at + 2;
        if (!isLineEnd(at) || !isLineEnd(data + size)) break;
        m_events->bodyPiece(bytes.subspan(data, size));
        begin = data + size + 2;
    }
    return begin;
}

Http1Parser::Result Http1Parser::run(Bytes bytes, std::size_t& consumed) {
    llhttp_t* parser = parserIn(m_storage);
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    m_atChunk = false;
    m_dataEnd = nullptr;
    const llhttp_errno_t error = llhttp_execute(parser, text, bytes.size());
    // Only when the piece ends with the line end behind the chunk's data does nothing of the next chunk stand in it.
    m_atChunk = m_atChunk && m_dataEnd != nullptr && m_dataEnd + 2 == text + bytes.size() && m_inMessage;
    m_name.settle();
    m_value.settle();
    consumed = bytes.size();
    if (error == HPE_OK) return Result::Consumed;
    const char* at = llhttp_get_error_pos(parser);
    const auto isInside = [&](const char* place) { return place >= text && place <= text + bytes.size(); };
    if (at != nullptr && isInside(at)) consumed = static_cast<std::size_t>(at - text);
    if (error == HPE_PAUSED_UPGRADE) {
        llhttp_resume_after_upgrade(parser);
        return Result::Upgraded;
    }
    if (error == HPE_INVALID_METHOD && m_inMessage && !m_isUnknownMethod) {
        // Where the method begins in this piece: the span that llhttp has open, or here when it has closed it.
        const char* begin = static_cast<const char*>(parser->_span_pos0);
        if (begin == nullptr || !isInside(begin)) begin = text + consumed;
        m_readsMethod = true;
        const auto before = static_cast<std::size_t>(begin - text);
        const Result result = readUnknownMethod(bytes.subspan(before), consumed);
        consumed += before;
        return result;
    }
    return Result::Failed;
}

Http1Parser::Result Http1Parser::readUnknownMethod(Bytes bytes, std::size_t& consumed) {
    const std::string_view text = asText(bytes);
    consumed = 0;
    while (consumed < text.size() && isTokenCharacter(text[consumed]) && m_method.size() < kMaxMethodBytes)
        m_method += text[consumed++];
    if (consumed == text.size()) return Result::Consumed;
    m_readsMethod = false;
    m_isUnknownMethod = true;
    if (text[consumed] != ' ' || m_method.empty()) return Result::Failed;
    initParser(true);
    m_standsInForMethod = true;
    constexpr std::string_view kKnown = "GET";
    llhttp_execute(parserIn(m_storage), kKnown.data(), kKnown.size());
    m_standsInForMethod = false;
    const std::size_t before = consumed;
    const Result result = run(bytes.subspan(before), consumed);
    consumed += before;
    return result;
}

bool Http1Parser::gap(std::uint64_t length) {
    llhttp_t* parser = parserIn(m_storage);
    if (!m_inMessage || !m_headDone) return false;
    if (m_inCountedData) {
        const bool chunked = (parser->flags & F_CHUNKED) != 0;
        // llhttp counts the octets that are still to come in this field; at its end an uncounted end follows for a
        // chunk (CRLF), but nothing more for a body with Content-Length.
        if (length < parser->content_length || (chunked && length == parser->content_length)) {
            parser->content_length -= length;
            return true;
        }
        if (length == parser->content_length) {
            Http1Callbacks::messageComplete(parser);
            const auto kind = parser->type == HTTP_REQUEST ? Kind::Request : Kind::Response;
            start(kind, *m_events);
            return true;
        }
        return false;
    }
    // A body that lasts until the close has no place to lose.
    return llhttp_message_needs_eof(parser) != 0;
}

bool Http1Parser::finish() {
    if (!m_inMessage) return true;
    if (!m_headDone) return false;
    return llhttp_finish(parserIn(m_storage)) == HPE_OK && !m_inMessage;
}

std::string_view Http1Parser::failure() const {
    if (m_tooLarge) return "head too large";
    if (llhttp_get_errno(parserIn(m_storage)) == HPE_OK) return {};
    const char* reason = llhttp_get_error_reason(parserIn(m_storage));
    return reason != nullptr && *reason != '\0' ? reason : "not HTTP";
}

int Http1Parser::status() const {
    return parserIn(m_storage)->status_code;
}

bool Http1Parser::lacksVersion() const {
    const llhttp_t* parser = parserIn(m_storage);
    return parser->http_major == 0 && parser->http_minor == 9;
}

bool Http1Parser::asksForUpgrade() const {
    return parserIn(m_storage)->upgrade != 0;
}

Version Http1Parser::version() const {
    const llhttp_t* parser = parserIn(m_storage);
    return parser->http_major == 1 && parser->http_minor == 0 ? Version::Http10 : Version::Http11;
}

} // namespace gatescope::http
