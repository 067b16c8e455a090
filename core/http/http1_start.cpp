// SPDX-License-Identifier: Apache-2.0
#include "core/http/http1_start.h"

#include <algorithm>
#include <array>

namespace gatescope::http {

namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::string_view kStatusLine = "HTTP/1.";

// The methods that llhttp reads in HTTP/1, the common ones first.
constexpr std::array<std::string_view, 34> kMethods{
    "POST ",        "GET ",        "PUT ",        "DELETE ", "HEAD ",     "OPTIONS ", "CONNECT ",
    "PATCH ",       "TRACE ",      "COPY ",       "LOCK ",   "MKCOL ",    "MOVE ",    "PROPFIND ",
    "PROPPATCH ",   "SEARCH ",     "UNLOCK ",     "BIND ",   "REBIND ",   "UNBIND ",  "ACL ",
    "REPORT ",      "MKACTIVITY ", "CHECKOUT ",   "MERGE ",  "M-SEARCH ", "NOTIFY ",  "SUBSCRIBE ",
    "UNSUBSCRIBE ", "PURGE ",      "MKCALENDAR ", "LINK ",   "UNLINK ",   "SOURCE "};

bool couldBecome(std::string_view text, std::string_view whole) {
    return text.size() < whole.size() && whole.starts_with(text);
}

bool isTargetStart(char c) {
    return c > ' ' && c != 0x7f;
}

/// Length of the method with its space when the text begins with one.
std::size_t methodAt(std::string_view text) {
    for (const std::string_view method : kMethods)
        if (text.starts_with(method)) return method.size();
    return 0;
}

/// Length of a word that may be a method which is not known: in capitals, as all registered ones are. 0: none.
std::size_t unknownMethodAt(std::string_view text) {
    const auto isCapital = [](char c) { return c >= 'A' && c <= 'Z'; };
    std::size_t length = 0;
    while (length < text.size() && length <= kMaxStartMethod &&
           (isCapital(text[length]) || (length > 0 && ((text[length] >= '0' && text[length] <= '9') ||
                                                       text[length] == '_' || text[length] == '-'))))
        ++length;
    return length <= kMaxStartMethod ? length : 0;
}

bool endsInVersion(std::string_view line) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    constexpr std::string_view kVersion = " HTTP/1.";
    return line.size() > kVersion.size() && line.back() >= '0' && line.back() <= '9' &&
           line.substr(0, line.size() - 1).ends_with(kVersion);
}

/// A line with a method that is not known, a target, and the version at its end.
StartKind classifyUnknownMethod(std::string_view text) {
    const std::size_t method = unknownMethodAt(text);
    if (method == 0) return StartKind::Other;
    if (method == text.size()) return StartKind::Undecided;
    if (text[method] != ' ') return StartKind::Other;
    const std::size_t end = text.find('\n');
    if (end != std::string_view::npos)
        return endsInVersion(text.substr(0, end)) && end > method + 1 && isTargetStart(text[method + 1])
                   ? StartKind::Request
                   : StartKind::Other;
    const auto isText = [](char c) { return isTargetStart(c) || c == ' ' || c == '\r'; };
    return text.size() < kMaxStartLine && std::all_of(text.begin(), text.end(), isText) ? StartKind::Undecided
                                                                                        : StartKind::Other;
}

/// `HTTP/1.x NNN`, and then a space or the line's end.
bool isStatusLine(std::string_view text) {
    const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    return text.size() >= 13 && text.starts_with(kStatusLine) && digit(7) && text[8] == ' ' && digit(9) && digit(10) &&
           digit(11) && (text[12] == ' ' || text[12] == '\r' || text[12] == '\n');
}

/// A request line up to its line end.
bool isRequestLine(std::string_view text, bool wholeStart) {
    const std::size_t method = methodAt(text);
    if (method == 0) return wholeStart && classifyUnknownMethod(text) == StartKind::Request;
    if (method >= text.size() || !isTargetStart(text[method])) return false;
    const std::size_t end = text.find('\n');
    return end != std::string_view::npos && text.substr(0, end).find(" HTTP/1.", method) != std::string_view::npos;
}

bool mayBecomeRequestLine(std::string_view line) {
    if (line.size() >= kMaxStartLine) return false;
    const std::size_t method = methodAt(line);
    if (method == 0) return classifyUnknownMethod(line) == StartKind::Undecided;
    return method == line.size() || isTargetStart(line[method]);
}

/// The first whole status line. Text that quotes one goes on with the end of the quotation, so that a line with a
/// quotation mark or an escape after the status is none.
std::optional<FoundStart> findStatusLine(std::string_view text, std::size_t fresh) {
    std::size_t end = 0;       // of the line under way; looked for once for each line
    std::size_t lastQuote = 0; // in that line, as a position in the text; 0: none
    for (std::size_t at = text.find(kStatusLine); at != std::string_view::npos; at = text.find(kStatusLine, at + 1)) {
        if (!isStatusLine(text.substr(at))) continue;
        if (at >= end) {
            end = std::min(text.find('\n', at), text.size());
            const std::size_t quote = text.substr(at, end - at).find_last_of("\"\\");
            lastQuote = quote == std::string_view::npos ? 0 : at + quote;
        }
        const bool whole = end < text.size() && text[end - 1] == '\r';
        if (lastQuote <= at && (whole || at == fresh)) return FoundStart{at, StartKind::Response};
    }
    return std::nullopt;
}

} // namespace

StartKind classifyStart(std::string_view text, bool wholeStart) {
    if (text.empty()) return StartKind::Undecided;
    // RFC 8446, 5.1: type 20 to 24, then the legacy version 3.0 to 3.4.
    if (text[0] >= 20 && text[0] <= 24) {
        if (text.size() < 3) return StartKind::Undecided;
        return text[1] == 3 && text[2] >= 0 && text[2] <= 4 ? StartKind::Tls : StartKind::Other;
    }
    if (text.starts_with(kPreface.substr(0, 16))) return StartKind::Http2Preface;
    if (isStatusLine(text)) return StartKind::Response;
    if (const std::size_t method = methodAt(text); method != 0) {
        if (method == text.size()) return StartKind::Undecided;
        return isTargetStart(text[method]) ? StartKind::Request : StartKind::Other;
    }
    const bool undecided = couldBecome(text, kPreface) || couldBecome(text, kStatusLine) ||
                           (text.starts_with(kStatusLine) && text.size() < 13) ||
                           std::any_of(kMethods.begin(), kMethods.end(),
                                       [&](std::string_view method) { return couldBecome(text, method); });
    // An empty line before a request is to be ignored (RFC 9112, 2.2); llhttp does so.
    if (text[0] == '\r' || text[0] == '\n') {
        const std::size_t first = text.find_first_not_of("\r\n");
        if (first == std::string_view::npos) return text.size() < kStartBytes ? StartKind::Undecided : StartKind::Other;
        return first <= 4 ? classifyStart(text.substr(first), wholeStart) : StartKind::Other;
    }
    if (undecided) return StartKind::Undecided;
    return wholeStart ? classifyUnknownMethod(text) : StartKind::Other;
}

StartKind classifyClaim(std::string_view text) {
    const auto isText = [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return (octet >= 0x20 && octet != 0x7f) || c == '\t' || c == '\r';
    };
    text = text.substr(0, kMaxClaimLine);
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (!std::all_of(line.begin(), line.end(), isText)) return StartKind::Other;
    if (end == std::string_view::npos && text.size() < kMaxClaimLine) return StartKind::Undecided;
    return line.find(kStatusLine) != std::string_view::npos ? StartKind::Request : StartKind::Other;
}

std::optional<FoundStart> findStart(std::string_view text, bool requests, bool responses, std::size_t fresh) {
    std::optional<FoundStart> found;
    if (responses) found = findStatusLine(text, fresh);
    for (std::size_t at = 0; requests && at < text.size() && (!found || at < found->offset);) {
        if (isRequestLine(text.substr(at), at > 0 && text[at - 1] == '\n')) return FoundStart{at, StartKind::Request};
        const std::size_t end = text.find('\n', at);
        const std::size_t next = end == std::string_view::npos ? text.size() : end + 1;
        at = at < fresh && fresh < next ? fresh : next;
    }
    return found;
}

std::size_t findUnfinishedStart(std::string_view text, bool requests, bool responses) {
    const std::size_t lineEnd = text.rfind('\n');
    const std::size_t line = lineEnd == std::string_view::npos ? 0 : lineEnd + 1;
    if (line == text.size()) return text.size();
    if (requests && mayBecomeRequestLine(text.substr(line))) return line;
    if (!responses) return text.size();
    // A status line may stand right behind the body of another message.
    const std::string_view last = text.substr(std::max(line, text.size() - std::min(text.size(), kMaxStartLine)));
    if (const std::size_t at = last.find(kStatusLine); at != std::string_view::npos)
        return text.size() - last.size() + at;
    for (std::size_t length = std::min(last.size(), kStatusLine.size() - 1); length > 0; --length)
        if (last.ends_with(kStatusLine.substr(0, length))) return text.size() - length;
    return text.size();
}

} // namespace gatescope::http
