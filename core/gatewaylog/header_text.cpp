// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/header_text.h"

#include "core/gatewaylog/access_line.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace gatescope::gatewaylog {

namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(kBlanks);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

/// RFC 9110, 5.6.2.
bool isTokenCharacter(char c) {
    const bool isAlphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return isAlphanumeric || (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

struct Field {
    std::string_view name; ///< empty: the line is no field
    std::string_view value;
};

Field fieldOf(std::string_view line) {
    const std::size_t colon = line.find(':', line.starts_with(':') ? 1 : 0);
    if (colon == std::string_view::npos) return {};
    const std::string_view name = line.substr(0, colon);
    const std::string_view letters = name.substr(name.starts_with(':') ? 1 : 0);
    if (letters.empty() || !std::ranges::all_of(letters, isTokenCharacter)) return {};
    return {name, trimmed(line.substr(colon + 1))};
}

/// `HTTP/1.1 429 Too Many Requests`; 0: no such line.
int statusOf(std::string_view line, std::string& reason) {
    if (!line.starts_with("HTTP/")) return 0;
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return 0;
    const std::string_view rest = line.substr(space + 1);
    int status = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), status);
    if (error != std::errc{} || status < 100 || status > 999) return 0;
    reason.assign(trimmed(rest.substr(static_cast<std::size_t>(end - rest.data()))));
    return status;
}

/// Collects the fields of one head; a folded line belongs to the one before it.
class FieldLines {
public:
    void add(const Field& field) {
        flush();
        m_name.assign(field.name);
        m_value.assign(field.value);
        ++m_count;
    }
    bool fold(std::string_view line) {
        if (m_name.empty()) return false;
        m_value += ' ';
        m_value += trimmed(line);
        return true;
    }
    /// What was collected goes to another list from here on.
    void writeTo(http::HeaderList& list) {
        flush();
        m_list = &list;
    }
    void flush() {
        if (!m_name.empty()) m_list->add(m_name, m_value);
        m_name.clear();
    }
    std::size_t count() const { return m_count; }

private:
    http::HeaderList* m_list = nullptr;
    std::string m_name, m_value;
    std::size_t m_count = 0;
};

/// Names that are in nearly every request or answer, in lower case.
constexpr std::array<std::string_view, 20> kCommonNames{
    "host",          "user-agent",    "accept",       "accept-encoding", "authorization", "api-key",
    "cache-control", "client-ip",     "connection",   "content-length",  "content-type",  "cookie",
    "date",          "forwarded",     "max-forwards", "server",          "traceparent",   "transfer-encoding",
    "via",           "disguised-host"};

class HeadReader {
public:
    explicit HeadReader(HeaderText& out) : m_out(out) { m_fields.writeTo(out.request); }

    /// False: the line has no place in a head.
    bool takeLine(std::string_view line) {
        if (m_atStart && takeStart(line)) return true;
        if (kBlanks.find(line.front()) != std::string_view::npos) return m_fields.fold(line);
        const Field field = fieldOf(line);
        if (field.name.empty()) return false;
        m_atStart = false;
        m_fields.add(field);
        return true;
    }
    /// An empty line: a start line may follow.
    void endHead() { m_atStart = true; }
    bool hasHead() const { return m_fields.count() != 0; }
    bool isAnswer() const { return m_out.status != 0; }
    std::size_t finish() {
        m_fields.flush();
        return m_fields.count();
    }

private:
    bool takeStart(std::string_view line) {
        if (const auto request = parseRequestLine(line); request && !isAnswer() && !hasHead()) {
            m_out.method.assign(request->method);
            m_out.target.assign(request->target);
            m_out.protocol.assign(request->protocol);
        } else if (const int status = statusOf(line, m_out.reason); status != 0) {
            m_out.status = status;
            m_fields.writeTo(m_out.response);
        } else {
            return false;
        }
        m_atStart = false;
        return true;
    }

    HeaderText& m_out;
    FieldLines m_fields;
    bool m_atStart = true;
};

std::string_view nextLine(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

bool isCurlLine(std::string_view line) {
    return line == ">" || line.starts_with("> ") || line == "<" || line.starts_with("< ");
}

bool isFromCurl(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = nextLine(text);
        if (isCurlLine(line)) return true;
        // What curl says of the connection, and its meter of progress.
        if (!line.empty() && std::string_view("* {}").find(line.front()) == std::string_view::npos) return false;
    }
    return false;
}

std::size_t readCurlLines(std::string_view text, HeadReader& head) {
    while (!text.empty()) {
        const std::string_view line = nextLine(text);
        if (!isCurlLine(line)) continue;
        if (head.isAnswer() && line.front() == '>') break; // the next request, as after a redirect
        const std::string_view content = line.substr(std::min<std::size_t>(2, line.size()));
        if (content.empty())
            head.endHead();
        else
            head.takeLine(content);
    }
    return head.finish();
}

/// Behind an empty line: the head of an answer, or a body, which nobody asked for.
bool isStartOfAnswer(std::string_view rest) {
    std::string reason;
    return statusOf(nextLine(rest), reason) != 0;
}

} // namespace

bool isUsualHeaderName(std::string_view name) {
    if (name.size() > 2 && (name[0] == 'x' || name[0] == 'X') && name[1] == '-') return true;
    return name.starts_with(':') || std::ranges::any_of(kCommonNames, [&](std::string_view usual) {
               return http::equalsIgnoreCase(name, usual);
           });
}

bool readHeaderText(std::string_view text, HeaderText& out) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
    HeadReader head(out);
    if (isFromCurl(text)) return readCurlLines(text, head) >= 2;
    while (!text.empty()) {
        const std::string_view line = nextLine(text);
        if (!line.empty()) {
            if (!head.takeLine(line)) return false;
        } else if (head.hasHead()) {
            if (head.isAnswer() || !isStartOfAnswer(text)) break;
            head.endHead();
        }
    }
    return head.finish() >= 2;
}

bool looksLikeHeaderText(std::string_view head, bool whole) {
    // The last line may be cut.
    if (!whole) head = head.substr(0, head.rfind('\n') + 1);
    HeaderText found;
    if (!readHeaderText(head, found)) return false;
    if (!found.method.empty() || found.status != 0) return true;
    for (std::size_t i = 0; i < found.request.size(); ++i)
        if (isUsualHeaderName(found.request[i].name)) return true;
    return false;
}

} // namespace gatescope::gatewaylog
