// SPDX-License-Identifier: Apache-2.0
#include "core/gatewaylog/json_text_of.h"

#include <fmt/format.h>
#include <iterator>

namespace gatescope::gatewaylog {

namespace {

void appendString(std::string_view text, std::string& out) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += c;
        }
    }
    out += '"';
}

void appendValue(const LogFields& fields, LogFields::Index index, std::string& out);

void appendMembers(const LogFields& fields, LogFields::Index index, bool named, std::string& out) {
    bool first = true;
    fields.forEach(index, [&](LogFields::Index member) {
        if (!first) out += ',';
        first = false;
        if (named) {
            appendString(fields[member].name, out);
            out += ':';
        }
        appendValue(fields, member, out);
    });
}

void appendValue(const LogFields& fields, LogFields::Index index, std::string& out) {
    const LogFields::Member& value = fields[index];
    switch (value.kind) {
    case LogFields::Kind::Null:
        out += "null";
        break;
    case LogFields::Kind::Boolean:
        out += value.integer != 0 ? "true" : "false";
        break;
    case LogFields::Kind::Integer:
        fmt::format_to(std::back_inserter(out), "{}", value.integer);
        break;
    case LogFields::Kind::Real:
        fmt::format_to(std::back_inserter(out), "{}", value.real);
        break;
    case LogFields::Kind::Text:
        appendString(value.text, out);
        break;
    case LogFields::Kind::Object:
        out += '{';
        appendMembers(fields, index, true, out);
        out += '}';
        break;
    case LogFields::Kind::List:
        out += '[';
        appendMembers(fields, index, false, out);
        out += ']';
        break;
    }
}

} // namespace

std::string jsonTextOf(const LogFields& fields, LogFields::Index index) {
    if (index == LogFields::kNone) return {};
    std::string text;
    const LogFields::Kind kind = fields[index].kind;
    if (kind == LogFields::Kind::Text)
        text.assign(fields[index].text);
    else if (kind == LogFields::Kind::Object || kind == LogFields::Kind::List)
        appendValue(fields, index, text);
    return text;
}

} // namespace gatescope::gatewaylog
