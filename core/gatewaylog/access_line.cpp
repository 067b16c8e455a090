// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/access_line.h"

#include <algorithm>

namespace gatescope::gatewaylog {

namespace {

/// Reads a line from its beginning. What was expected and is not there makes everything after it fail.
class LineCursor {
public:
    explicit LineCursor(std::string_view line) : m_rest(line) {}

    bool failed() const { return m_failed; }
    bool atEnd() const { return m_rest.empty(); }
    bool sees(std::string_view text) const { return !m_failed && m_rest.starts_with(text); }

    void expect(std::string_view text) {
        if (!sees(text)) return fail();
        m_rest.remove_prefix(text.size());
    }
    /// Up to `end`, which is taken too.
    std::string_view until(char end) {
        const std::size_t length = m_rest.find(end);
        if (m_failed || length == std::string_view::npos) {
            fail();
            return {};
        }
        const std::string_view part = m_rest.substr(0, length);
        m_rest.remove_prefix(length + 1);
        return part;
    }
    /// Up to the next space or the end of the line; at least one character.
    std::string_view word() {
        const std::string_view part = m_rest.substr(0, m_rest.find(' '));
        if (m_failed || part.empty() || part.find('"') != std::string_view::npos) {
            fail();
            return {};
        }
        m_rest.remove_prefix(part.size());
        return part;
    }
    std::string_view number() {
        const std::string_view part = word();
        const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
        if (part != "-" && !std::ranges::all_of(part, isDigit)) fail();
        return part;
    }
    std::string_view quoted() {
        expect("\"");
        return until('"');
    }
    /// A quote behind a backslash is part of the value.
    std::string_view quotedWithEscapes() {
        expect("\"");
        if (m_failed) return {};
        for (std::size_t at = 0; at < m_rest.size(); ++at) {
            if (m_rest[at] == '\\') {
                ++at;
            } else if (m_rest[at] == '"') {
                const std::string_view part = m_rest.substr(0, at);
                m_rest.remove_prefix(at + 1);
                return part;
            }
        }
        fail();
        return {};
    }

private:
    void fail() {
        m_failed = true;
        m_rest = {};
    }

    std::string_view m_rest;
    bool m_failed = false;
};

std::string_view numberAndSpace(LineCursor& line) {
    const std::string_view number = line.number();
    line.expect(" ");
    return number;
}

std::string_view wordAndSpace(LineCursor& line) {
    const std::string_view word = line.word();
    line.expect(" ");
    return word;
}

std::string_view quotedAndSpace(LineCursor& line) {
    const std::string_view value = line.quoted();
    line.expect(" ");
    return value;
}

/// The columns from the received octets to the upstream host, which both forms have.
void readSharedColumns(LineCursor& line, EnvoyLine& out) {
    out.bytesReceived = numberAndSpace(line);
    out.bytesSent = numberAndSpace(line);
    out.durationMs = numberAndSpace(line);
    out.upstreamMs = wordAndSpace(line);
    out.forwardedFor = quotedAndSpace(line);
    out.userAgent = quotedAndSpace(line);
    out.requestId = quotedAndSpace(line);
    out.authority = quotedAndSpace(line);
    out.upstreamHost = line.quoted();
}

/// Versions of Istio differ in how many there are.
void readLastColumns(LineCursor& line, EnvoyLine& out) {
    for (std::string_view* column :
         {&out.cluster, &out.upstreamLocal, &out.downstreamLocal, &out.downstreamRemote, &out.serverName, &out.route}) {
        if (!line.sees(" ")) return;
        line.expect(" ");
        *column = line.word();
    }
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

std::optional<EnvoyLine> parseEnvoyLine(std::string_view text) {
    LineCursor line(text);
    EnvoyLine out;
    line.expect("[");
    out.time = line.until(']');
    line.expect(" \"");
    out.method = wordAndSpace(line);
    out.path = wordAndSpace(line);
    out.protocol = line.until('"');
    line.expect(" ");
    out.code = numberAndSpace(line);
    out.flags = wordAndSpace(line);
    if (line.failed()) return {};

    const LineCursor afterFlags = line;
    readSharedColumns(line, out);
    if (!line.failed()) return out;
    line = afterFlags;
    out.details = wordAndSpace(line);
    out.termination = wordAndSpace(line);
    out.failure = quotedAndSpace(line);
    readSharedColumns(line, out);
    if (line.failed()) return {};
    readLastColumns(line, out);
    return out;
}

std::optional<NginxLine> parseNginxLine(std::string_view text) {
    LineCursor line(text);
    NginxLine out;
    out.address = wordAndSpace(line);
    line.expect("- ");
    out.user = wordAndSpace(line);
    line.expect("[");
    out.time = line.until(']');
    line.expect(" ");
    out.request = line.quotedWithEscapes();
    line.expect(" ");
    out.code = line.word();
    line.expect(" ");
    out.bodyBytesSent = line.number();
    line.expect(" ");
    out.referer = line.quotedWithEscapes();
    line.expect(" ");
    out.userAgent = line.quotedWithEscapes();
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (line.failed() || out.code.size() != 3 || !std::ranges::all_of(out.code, isDigit)) return {};
    if (line.sees(" \"")) {
        line.expect(" ");
        const std::string_view value = line.quotedWithEscapes();
        if (line.failed()) return {}; // the line was cut
        out.forwardedFor = value;
    }
    return out;
}

std::string withoutEscapes(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    for (std::size_t at = 0; at < value.size(); ++at) {
        const std::string_view rest = value.substr(at);
        if (rest.size() >= 4 && rest.starts_with("\\x") && hexDigit(rest[2]) >= 0 && hexDigit(rest[3]) >= 0) {
            out.push_back(static_cast<char>(hexDigit(rest[2]) * 16 + hexDigit(rest[3])));
            at += 3;
        } else if (rest.starts_with("\\\"") || rest.starts_with("\\\\")) {
            out.push_back(rest[1]);
            ++at;
        } else {
            out.push_back(rest[0]);
        }
    }
    return out;
}

std::optional<RequestLine> parseRequestLine(std::string_view text) {
    const std::size_t first = text.find(' ');
    const std::size_t last = text.rfind(' ');
    if (first == std::string_view::npos || first == 0 || last <= first + 1) return {};
    const RequestLine line{text.substr(0, first), text.substr(first + 1, last - first - 1), text.substr(last + 1)};
    const auto isMethodCharacter = [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; };
    if (!std::ranges::all_of(line.method, isMethodCharacter) || !line.protocol.starts_with("HTTP/")) return {};
    return line;
}

} // namespace gatescope::gatewaylog
