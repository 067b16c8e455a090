// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/json_fields.h"

#include "core/gatewaylog/json_tokens.h"
#include "core/llm/json_text.h"
#include "core/llm/padded_buffer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <simdjson.h>
#include <vector>

namespace gatescope::gatewaylog {

namespace {

using Index = LogFields::Index;
using Kind = LogFields::Kind;

/// Texts of one record that turn out to be JSON: columns of a row, and what they hold.
constexpr std::size_t kMaxExpansions = 32;

/// Values in one text: 64 MiB of fields. Real records have hundreds, and exports of many spans some thousands.
constexpr std::size_t kMaxMembers = 1U << 20;

/// The first stage of simdjson, which finds tokens, brackets and damaged UTF-8 many octets at a time. Its second stage
/// builds a document that would have to be read once more to fill fields from.
class TokenFinder {
public:
    /// False when the text is not UTF-8 or ends inside a string.
    bool find(std::string_view text) {
        if (text.empty() || text.size() > simdjson::SIMDJSON_MAXSIZE_BYTES) return false;
        // Room for what comes next; of a very long text just as much as it needs.
        constexpr std::size_t kSpare = 1U << 20;
        if (m_parser.capacity() < text.size() && m_parser.allocate(text.size() + std::min(text.size(), kSpare), 1))
            return false;
        const auto* octets = reinterpret_cast<const std::uint8_t*>(text.data());
        return !m_parser.implementation->stage1(octets, text.size(), simdjson::stage1_mode::regular);
    }
    std::span<const std::uint32_t> places() const {
        const auto& found = *m_parser.implementation;
        return {found.structural_indexes.get(), found.n_structural_indexes};
    }

private:
    simdjson::dom::parser m_parser;
};

/// One text and its fields.
class Walker {
public:
    Walker(JsonTokens tokens, std::string& unescaped, LogFields& fields)
        : m_tokens(tokens), m_unescaped(unescaped), m_fields(fields) {}

    /// Puts the members of the text's one value into `root`, which becomes an object or a list. False when it is none.
    bool fill(Index root) {
        const char c = m_tokens.first();
        if (c != '{' && c != '[') return false;
        m_fields.edit(root).kind = c == '{' ? Kind::Object : Kind::List;
        open(root);
        while (m_depth != 0)
            if (!step()) return false;
        return m_tokens.atEnd();
    }

private:
    struct Open {
        Index at;   ///< the object or list
        Index last; ///< its last member so far
        bool isObject;
    };

    bool open(Index at) {
        if (m_depth == m_open.size()) return false;
        m_open[m_depth++] = {at, LogFields::kNone, m_fields[at].kind == Kind::Object};
        m_tokens.advance();
        return true;
    }

    /// A member and what stands before it, or the end of the innermost object or list.
    bool step() {
        Open& inner = m_open[m_depth - 1];
        char c = m_tokens.first();
        if (c == (inner.isObject ? '}' : ']')) {
            --m_depth;
            m_tokens.advance();
            return true;
        }
        if (inner.last != LogFields::kNone) {
            if (c != ',') return false;
            m_tokens.advance();
            c = m_tokens.first();
        }
        if (++m_members > kMaxMembers) return false;
        LogFields::Member member;
        if (inner.isObject) {
            if (c != '"' || !m_tokens.text(m_unescaped, member.name)) return false;
            m_tokens.advance();
            if (m_tokens.first() != ':') return false;
            m_tokens.advance();
            c = m_tokens.first();
        }
        if (c == '{' || c == '[') {
            member.kind = c == '{' ? Kind::Object : Kind::List;
            inner.last = m_fields.add(inner.at, inner.last, member);
            return open(inner.last);
        }
        if (!readScalar(c, member)) return false;
        m_tokens.advance();
        inner.last = m_fields.add(inner.at, inner.last, member);
        return true;
    }

    bool readScalar(char c, LogFields::Member& member) {
        if (c == '"') {
            member.kind = Kind::Text;
            return m_tokens.text(m_unescaped, member.text);
        }
        const std::string_view word = m_tokens.word();
        if (word == "null") return true;
        if (word == "true" || word == "false") {
            member.kind = Kind::Boolean;
            member.integer = word == "true" ? 1 : 0;
            return true;
        }
        return readJsonNumber(word, member);
    }

    JsonTokens m_tokens;
    std::string& m_unescaped;
    LogFields& m_fields;
    std::array<Open, JsonFields::kMaxDepth> m_open;
    std::size_t m_depth = 0;
    std::size_t m_members = 0;
};

/// One text under way: its tokens, and what its escapes stand for.
struct Text {
    TokenFinder tokens;
    std::string unescaped;

    bool read(std::string_view text, LogFields& fields, Index root) {
        if (!tokens.find(text)) return false;
        unescaped.clear();
        unescaped.reserve(text.size()); // views into it must stay, and no escape is shorter than what it stands for
        return Walker({text, tokens.places()}, unescaped, fields).fill(root);
    }
};

bool isList(const LogFields& fields, Index index) {
    return index != LogFields::kNone && fields[index].kind == Kind::List;
}

/// A list of objects, or an empty one.
bool holdsRecords(const LogFields& fields, Index index) {
    if (!isList(fields, index)) return false;
    const Index first = fields[index].first;
    return first == LogFields::kNone || fields[first].kind == Kind::Object;
}

/// The list of records in an envelope; kNone: it is none.
Index recordsIn(const LogFields& fields, Index object) {
    for (Index at = fields[object].first; at != LogFields::kNone; at = fields[at].next) {
        const LogFields::Member& member = fields[at];
        if (member.kind == Kind::List && (member.name == "records" || member.name == "value") &&
            holdsRecords(fields, at))
            return at;
        if (member.kind != Kind::Object || member.name != "log") continue;
        const Index entries = fields.find("entries", at);
        if (holdsRecords(fields, entries)) return entries;
    }
    return LogFields::kNone;
}

/// Makes each record in turn the root, and says so.
void visitRecords(LogFields& fields, unsigned depth, const std::function<void()>& record) {
    constexpr unsigned kMaxEnvelopes = 4;
    Index list = LogFields::kRoot;
    if (!isList(fields, list)) {
        list = recordsIn(fields, LogFields::kRoot);
        if (list == LogFields::kNone) return record();
    }
    if (depth == kMaxEnvelopes) return;
    for (Index at = fields[list].first; at != LogFields::kNone;) {
        const LogFields::Member element = fields[at];
        at = element.next;
        if (element.kind != Kind::Object && element.kind != Kind::List) continue;
        LogFields::Member& root = fields.edit(LogFields::kRoot);
        root.kind = element.kind;
        root.first = element.first;
        visitRecords(fields, depth + 1, record);
    }
}

} // namespace

struct JsonFields::State {
    struct Nested {
        Text text;
        llm::PaddedBuffer copy;
    };
    Text text;
    std::vector<std::unique_ptr<Nested>> nested;
    std::size_t used = 0; ///< of `nested`, in this record
};

JsonFields::JsonFields() : m_state(std::make_unique<State>()) {}
JsonFields::~JsonFields() = default;
JsonFields::JsonFields(JsonFields&&) noexcept = default;
JsonFields& JsonFields::operator=(JsonFields&&) noexcept = default;

bool JsonFields::read(std::string_view text, LogFields& fields) {
    static_assert(llm::PaddedBuffer::kPadding >= simdjson::SIMDJSON_PADDING);
    beginRecord();
    fields.clear();
    return m_state->text.read(text, fields, LogFields::kRoot);
}

bool JsonFields::readRecords(std::string_view text, LogFields& fields, const std::function<void()>& record) {
    if (!read(text, fields)) return false;
    visitRecords(fields, 0, [&] {
        beginRecord();
        record();
    });
    return true;
}

void JsonFields::beginRecord() {
    m_state->used = 0;
}

bool JsonFields::expand(LogFields& fields, Index index) {
    if (index == LogFields::kNone) return false;
    if (fields[index].kind == Kind::Object || fields[index].kind == Kind::List) return true;
    const auto text = fields.text(index);
    if (!text || m_state->used == kMaxExpansions) return false;
    const std::size_t begin = llm::skipBlanks(*text, 0);
    if (begin == text->size() || ((*text)[begin] != '{' && (*text)[begin] != '[')) return false;
    if (m_state->used == m_state->nested.size()) m_state->nested.push_back(std::make_unique<State::Nested>());
    State::Nested& nested = *m_state->nested[m_state->used];
    nested.copy.assign(*text);
    if (!nested.text.read(nested.copy.view(), fields, index)) {
        fields.edit(index).kind = Kind::Text;
        fields.edit(index).first = LogFields::kNone;
        return false;
    }
    ++m_state->used;
    return true;
}

} // namespace gatescope::gatewaylog
