// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/json_fields.h"

#include "core/llm/json_text.h"
#include "core/llm/padded_buffer.h"

#include <cstddef>
#include <simdjson.h>
#include <vector>

namespace gatescope::gatewaylog {

namespace {

namespace dom = simdjson::dom;
using Index = LogFields::Index;
using Kind = LogFields::Kind;

/// Texts of one record that turn out to be JSON: columns of a row, and what they hold.
constexpr std::size_t kMaxExpansions = 32;

void fillMembers(LogFields& fields, Index index, const dom::element& value);

LogFields::Member memberOf(std::string_view name, const dom::element& value) {
    LogFields::Member member;
    member.name = name;
    switch (value.type()) {
    case dom::element_type::OBJECT:
        member.kind = Kind::Object;
        break;
    case dom::element_type::ARRAY:
        member.kind = Kind::List;
        break;
    case dom::element_type::STRING:
        member.kind = Kind::Text;
        member.text = std::string_view(value);
        break;
    case dom::element_type::INT64:
        member.kind = Kind::Integer;
        member.integer = std::int64_t(value);
        member.real = static_cast<double>(member.integer);
        break;
    case dom::element_type::UINT64: // beyond the range of an Integer
        member.kind = Kind::Real;
        member.real = static_cast<double>(std::uint64_t(value));
        break;
    case dom::element_type::DOUBLE:
        member.kind = Kind::Real;
        member.real = double(value);
        break;
    case dom::element_type::BOOL:
        member.kind = Kind::Boolean;
        member.integer = bool(value) ? 1 : 0;
        break;
    case dom::element_type::NULL_VALUE:
        break;
    }
    return member;
}

Index addMember(LogFields& fields, Index object, Index last, std::string_view name, const dom::element& value) {
    const Index index = fields.add(object, last, memberOf(name, value));
    fillMembers(fields, index, value);
    return index;
}

void fillMembers(LogFields& fields, Index index, const dom::element& value) {
    Index last = LogFields::kNone;
    if (value.type() == dom::element_type::OBJECT) {
        for (const auto field : dom::object(value)) last = addMember(fields, index, last, field.key, field.value);
    } else if (value.type() == dom::element_type::ARRAY) {
        for (const auto element : dom::array(value)) last = addMember(fields, index, last, {}, element);
    }
}

void fillRoot(LogFields& fields, const dom::element& root) {
    fields.clear();
    fields.edit(LogFields::kRoot).kind = root.is_object() ? Kind::Object : Kind::List;
    fillMembers(fields, LogFields::kRoot, root);
}

/// A list of objects, or an empty one.
bool holdsRecords(const dom::element& value) {
    if (!value.is_array()) return false;
    const dom::array list(value);
    return list.begin() == list.end() || (*list.begin()).is_object();
}

/// The list of records in an envelope; the element itself when it is none.
dom::element recordsIn(const dom::element& value) {
    if (!value.is_object()) return value;
    for (const auto field : dom::object(value)) {
        if ((field.key == "records" || field.key == "value") && holdsRecords(field.value)) return field.value;
        if (field.key != "log" || !field.value.is_object()) continue;
        dom::element entries;
        if (!field.value["entries"].get(entries) && holdsRecords(entries)) return entries;
    }
    return value;
}

void visitRecords(LogFields& fields, const dom::element& value, unsigned depth, const std::function<void()>& record) {
    constexpr unsigned kMaxEnvelopes = 4;
    const dom::element found = recordsIn(value);
    if (found.is_object()) {
        fillRoot(fields, found);
        record();
    } else if (found.is_array() && depth < kMaxEnvelopes) {
        for (const auto element : dom::array(found)) visitRecords(fields, element, depth + 1, record);
    }
}

/// Kept when the parser grows.
void limitDepth(dom::parser& parser) {
    [[maybe_unused]] const simdjson::error_code outOfMemory = parser.allocate(4096, JsonFields::kMaxDepth);
}

} // namespace

struct JsonFields::State {
    struct Nested {
        dom::parser parser;
        llm::PaddedBuffer text;
    };
    dom::parser parser;
    std::vector<std::unique_ptr<Nested>> nested;
    std::size_t used = 0; ///< of `nested`, in this record
};

JsonFields::JsonFields() : m_state(std::make_unique<State>()) {
    limitDepth(m_state->parser);
}
JsonFields::~JsonFields() = default;
JsonFields::JsonFields(JsonFields&&) noexcept = default;
JsonFields& JsonFields::operator=(JsonFields&&) noexcept = default;

bool JsonFields::read(std::string_view text, LogFields& fields) {
    static_assert(llm::PaddedBuffer::kPadding >= simdjson::SIMDJSON_PADDING);
    m_state->used = 0;
    dom::element root;
    if (m_state->parser.parse(text.data(), text.size(), false).get(root)) return false;
    if (!root.is_object() && !root.is_array()) return false;
    fillRoot(fields, root);
    return true;
}

bool JsonFields::readRecords(std::string_view text, LogFields& fields, const std::function<void()>& record) {
    dom::element root;
    if (m_state->parser.parse(text.data(), text.size(), false).get(root)) return false;
    if (!root.is_object() && !root.is_array()) return false;
    visitRecords(fields, root, 0, [&] {
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
    if (m_state->used == m_state->nested.size()) {
        m_state->nested.push_back(std::make_unique<State::Nested>());
        limitDepth(m_state->nested.back()->parser);
    }
    State::Nested& nested = *m_state->nested[m_state->used];
    nested.text.assign(*text);
    dom::element root;
    if (nested.parser.parse(nested.text.data(), nested.text.size(), false).get(root)) return false;
    if (!root.is_object() && !root.is_array()) return false;
    ++m_state->used;
    fields.edit(index).kind = root.is_object() ? Kind::Object : Kind::List;
    fillMembers(fields, index, root);
    return true;
}

} // namespace gatescope::gatewaylog
