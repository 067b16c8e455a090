// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/padded_buffer.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatescope::llm {

/// Reading of one JSON value, for the files of this room that read bodies. Templates over the parser's types, because
/// the parser's header stays in .cpp files. A value of another type than asked for gives nothing and is no error.

/// Longest text that is taken for a name, a code or a reason.
inline constexpr std::size_t kMaxText = 256;

/// Text of a string value; false for another type, for an empty text and for one over the limit.
template <typename Value>
bool readText(Value value, std::string& out) {
    std::string_view text;
    if (value.get_string().get(text) || text.empty() || text.size() > kMaxText) return false;
    out.assign(text);
    return true;
}

template <typename Value>
void readTextOnce(Value value, std::string& out) {
    if (out.empty()) readText(value, out);
}

/// Larger numbers are no counts; below, a number that is written as a fraction is still exact.
inline constexpr std::int64_t kMaxCount = 9'000'000'000'000'000;

/// A count: a whole number, not negative. Some gateways write it as `12.0`.
template <typename Value>
std::optional<std::int64_t> readCount(Value value) {
    std::int64_t whole = 0;
    if (!value.get_int64().get(whole)) return whole < 0 || whole > kMaxCount ? std::nullopt : std::optional(whole);
    double number = 0;
    if (value.get_double().get(number) || !(number >= 0) || number > static_cast<double>(kMaxCount) ||
        number != std::floor(number))
        return {};
    return static_cast<std::int64_t>(number);
}

template <typename Value>
void readCountInto(Value value, std::optional<std::int64_t>& out) {
    if (const auto count = readCount(value)) out = count;
}

template <typename Value>
bool isString(Value value) {
    return value.raw_json_token().starts_with('"');
}

template <typename Value>
bool isTrue(Value value) {
    bool truth = false;
    return !value.get_bool().get(truth) && truth;
}

/// True for one of `names`. Escapes in a name are not undone: no provider writes them.
template <typename Key>
bool isAny(Key key, std::initializer_list<std::string_view> names) {
    // The first letter tells nearly all names apart. Reading behind a short key is safe: the padding is longer.
    for (const std::string_view name : names)
        if (key.raw()[0] == name[0] && key.unsafe_is_equal(name)) return true;
    return false;
}

/// A name as it is written, up to `Limit` octets. `Limit` is below the padding behind every document.
template <std::size_t Limit, typename Key>
std::string_view rawName(Key key) {
    static_assert(Limit < PaddedBuffer::kPadding);
    const std::string_view text(key.raw(), Limit);
    return text.substr(0, text.find('"'));
}

/// Calls `member(key, value)` for each member. False when the text is not valid JSON; what came before was told.
template <typename Object, typename Member>
bool forEachMemberOf(Object object, Member&& member) {
    for (auto field : object) {
        if (field.error()) return false;
        auto parts = std::move(field).value_unsafe();
        member(parts.key(), parts.value());
    }
    return true;
}

/// The same for a value that should be an object.
template <typename Value, typename Member>
void forEachMember(Value value, Member&& member) {
    auto object = value.get_object();
    if (!object.error()) forEachMemberOf(std::move(object).value_unsafe(), std::forward<Member>(member));
}

/// Calls `element(value)` for each element of a value that should be a list.
template <typename Value, typename Element>
void forEachElement(Value value, Element&& element) {
    auto list = value.get_array();
    if (list.error()) return;
    for (auto item : std::move(list).value_unsafe()) {
        if (item.error()) return;
        element(std::move(item).value_unsafe());
    }
}

/// Calls `object(element)` for each object in a list; an element of another type is passed over.
template <typename Value, typename Member>
void forEachObject(Value value, Member&& member) {
    forEachElement(value, [&](auto element) { forEachMember(element, member); });
}

} // namespace gatescope::llm
