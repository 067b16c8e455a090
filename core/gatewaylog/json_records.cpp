// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/json_records.h"

#include "core/llm/json_text.h"

#include <algorithm>

namespace gatescope::gatewaylog {

namespace {

/// Octets that end a run inside a string, and those that matter outside.
constexpr std::array<bool, 256> kInString = [] {
    std::array<bool, 256> marks{};
    for (const char c : {'"', '\\', '\n'}) marks[static_cast<unsigned char>(c)] = true;
    return marks;
}();
constexpr std::array<bool, 256> kInRecord = [] {
    std::array<bool, 256> marks{};
    for (const char c : {'"', '{', '}', '[', ']', ':', '\n'}) marks[static_cast<unsigned char>(c)] = true;
    return marks;
}();

std::size_t findMark(std::string_view text, std::size_t at, const std::array<bool, 256>& marks) {
    while (at < text.size() && !marks[static_cast<unsigned char>(text[at])]) ++at;
    return at;
}

} // namespace

JsonRecordScanner::Key JsonRecordScanner::keyRead() const {
    const std::string_view word(m_word.data(), std::min(m_wordLength, m_word.size()));
    if (m_depth == base() + 1) {
        if (word == "records" || word == "value") return Key::Records;
        if (word == "log") return Key::Log;
    } else if (m_inLog && word == "entries") {
        return Key::Entries;
    }
    return Key::Other;
}

void JsonRecordScanner::newLine() {
    ++m_line;
    m_column = 0;
    m_atLineStart = true;
}

void JsonRecordScanner::begin(JsonRecordSink& sink) {
    m_inRecord = true;
    m_recordColumn = m_column;
    m_ledLine = m_atLineStart;
    m_key = Key::Other;
    m_inLog = m_listOpened = m_strayTold = m_resync = false;
    m_last = '{';
    ++m_depth;
    sink.onBegin(m_line);
}

void JsonRecordScanner::end(JsonRecordSink& sink, std::string_view text, std::size_t upTo) {
    sink.onText(text.substr(m_from, upTo - m_from));
    sink.onEnd();
    m_inRecord = false;
}

/// Brackets cannot be followed any further: the next line that can begin a record is waited for.
void JsonRecordScanner::giveUp() {
    m_inString = m_escaped = m_skipping = false;
    m_depth = base();
    m_resync = true;
}

std::size_t JsonRecordScanner::passString(std::string_view text, std::size_t at, JsonRecordSink& sink) {
    const std::size_t from = at;
    const bool word = keysMatter();
    while (at < text.size()) {
        if (m_escaped) {
            m_escaped = false;
            ++at;
            continue;
        }
        at = findMark(text, at, kInString);
        if (at == text.size()) break;
        if (text[at] == '\\') {
            m_escaped = true;
            ++at;
            continue;
        }
        break;
    }
    if (word)
        for (std::size_t i = from; i < at; ++i, ++m_wordLength)
            if (m_wordLength < m_word.size()) m_word[m_wordLength] = text[i];
    m_column += at - from;
    if (at == text.size()) return at;
    if (text[at] == '"') {
        m_inString = false;
        m_last = '"';
        ++m_column;
        return at + 1;
    }
    if (m_inRecord) end(sink, text, at);
    giveUp();
    newLine();
    return at + 1;
}

/// Between records.
void JsonRecordScanner::passBetween(char c, JsonRecordSink& sink) {
    if (llm::isJsonBlank(c) || c == ',') return;
    const bool topLevel = m_layers.size() == 1;
    if (c == '[' && topLevel) {
        m_layers.push_back({++m_depth, true});
    } else if (c == '{' || c == '[') {
        begin(sink);
    } else if (c == ']' && m_layers.back().isList) {
        m_layers.pop_back();
        --m_depth;
        m_skipping = m_depth > base();
    } else if (!m_strayTold) {
        m_strayTold = true;
        sink.onStray(m_line);
    }
}

/// Behind the list of an envelope: nothing but its end matters.
void JsonRecordScanner::passTail(char c) {
    if (c == '{' || c == '[')
        ++m_depth;
    else if (c == '}' || c == ']')
        --m_depth;
    if (m_depth <= base()) m_skipping = false;
}

void JsonRecordScanner::passInside(char c, JsonRecordSink& sink) {
    if (c == '{' || c == '[') {
        if (m_listOpened && c == '{') { // the first record of an envelope
            sink.onEnvelope();
            m_layers.push_back({m_depth, true});
            begin(sink);
            return;
        }
        const bool wanted = keysMatter();
        m_listOpened = wanted && c == '[' && (m_key == Key::Records || m_key == Key::Entries);
        if (wanted && c == '{' && m_key == Key::Log) m_inLog = true;
        m_key = Key::Other;
        ++m_depth;
    } else if (c == '}' || c == ']') {
        m_listOpened = false;
        if (m_inLog && m_depth == base() + 2) m_inLog = false;
        --m_depth;
    } else if (c == ':') {
        if (keysMatter()) m_key = keyRead();
    } else if (!llm::isJsonBlank(c)) {
        m_listOpened = false;
    }
}

/// True when `c`, the first of its line, begins a record at the indentation of the one under way, where no value may
/// stand: that one was cut off.
bool JsonRecordScanner::cutsRecordOff(char c) const {
    return m_inRecord && c == '{' && m_ledLine && m_column <= m_recordColumn && m_last != ':' && m_last != '[';
}

bool JsonRecordScanner::endsResync(char c) const {
    return m_atLineStart && m_column <= m_recordColumn && (c == '{' || c == '[' || c == ']');
}

/// Inside a record: straight to the next octet that matters.
std::size_t JsonRecordScanner::passPlain(std::string_view text, std::size_t at) {
    const std::size_t mark = findMark(text, at, kInRecord);
    for (std::size_t i = mark; i > at; --i)
        if (!llm::isJsonBlank(text[i - 1])) {
            m_last = text[i - 1];
            break;
        }
    m_column += mark - at;
    return mark;
}

/// One octet outside of strings, and no line feed.
void JsonRecordScanner::pass(std::string_view text, std::size_t at, JsonRecordSink& sink) {
    const char c = text[at];
    const bool blank = llm::isJsonBlank(c);
    if (!blank && m_atLineStart && cutsRecordOff(c)) {
        end(sink, text, at);
        giveUp();
    }
    if (m_resync && endsResync(c)) m_resync = false;
    if (!m_resync) {
        if (c == '"' && (m_inRecord || m_skipping)) {
            m_inString = true;
            m_listOpened = false;
            m_wordLength = 0;
        } else if (m_skipping) {
            passTail(c);
        } else if (m_inRecord) {
            const std::size_t layers = m_layers.size();
            passInside(c, sink);
            if (m_layers.size() != layers) m_from = at; // an envelope was opened, and its first record begins here
            if (m_depth == base()) end(sink, text, at + 1);
        } else {
            passBetween(c, sink);
            if (m_inRecord) m_from = at;
        }
        if (!blank) m_last = c;
    }
    m_atLineStart = m_atLineStart && blank;
    ++m_column;
}

void JsonRecordScanner::feed(std::string_view text, JsonRecordSink& sink) {
    m_from = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        if (m_inString) {
            at = passString(text, at, sink);
            continue;
        }
        if (m_inRecord && !m_atLineStart && !m_listOpened) at = passPlain(text, at);
        if (at == text.size()) break;
        if (text[at] == '\n')
            newLine();
        else
            pass(text, at, sink);
        ++at;
    }
    if (m_inRecord) sink.onText(text.substr(m_from));
}

std::size_t jsonValueEnd(std::string_view text, std::size_t from, bool* inString) {
    if (inString != nullptr) *inString = false;
    std::uint64_t depth = 0;
    for (std::size_t at = from; at < text.size();) {
        const char c = text[at];
        if (c == '"') {
            at = llm::closingQuote(text, at + 1);
            if (at == std::string_view::npos) {
                if (inString != nullptr) *inString = true;
                return at;
            }
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return at + 1;
        }
        if (depth == 0) return std::string_view::npos;
        at = findMark(text, at + 1, kInRecord);
    }
    return std::string_view::npos;
}

std::string closedJson(std::string_view cut) {
    std::string open;       // brackets that are open
    std::string openAtKeep; // likewise, where the text is cut
    std::size_t keep = 0;
    for (std::size_t at = 0; at < cut.size(); ++at) {
        const char c = cut[at];
        if (c == '"') {
            at = llm::closingQuote(cut, at + 1);
            if (at == std::string_view::npos) break;
        } else if (c == '{' || c == '[') {
            open += c;
            keep = at + 1;
            openAtKeep = open;
        } else if (c == '}' || c == ']') {
            if (!open.empty()) open.pop_back();
            keep = at + 1;
            openAtKeep = open;
        } else if (c == ',') {
            keep = at;
            openAtKeep = open;
        }
    }
    std::string closed(cut.substr(0, keep));
    for (auto bracket = openAtKeep.rbegin(); bracket != openAtKeep.rend(); ++bracket)
        closed += *bracket == '{' ? '}' : ']';
    return closed;
}

} // namespace gatescope::gatewaylog
