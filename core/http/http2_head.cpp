// SPDX-License-Identifier: Apache-2.0
#include "core/http/http2_head.h"

#include <charconv>

namespace gatescope::http {

namespace {
constexpr std::size_t kFieldOverhead = 32;
}

void Http2Head::clear() {
    method.clear();
    authority.clear();
    path.clear();
    protocol.clear();
    status = 0;
    headers.clear();
    unknown = 0;
    malformed = tooLong = damaged = false;
    m_first = First::None;
    m_bytes = 0;
    m_scheme = false;
}

void Http2Head::field(std::string_view name, std::string_view value) {
    const bool pseudo = name.starts_with(':');
    if (m_first == First::None) m_first = pseudo ? First::Pseudo : First::Regular;
    m_bytes += name.size() + value.size() + kFieldOverhead;
    if (m_bytes > kMaxBytes) {
        tooLong = true;
    } else if (pseudo) {
        if (headers.size() != 0) malformed = true;
        pseudoField(name, value);
    } else {
        headers.add(name, value);
    }
}

void Http2Head::unknownField() {
    if (m_first == First::None) m_first = First::Unknown;
    ++unknown;
}

void Http2Head::set(std::string& place, std::string_view value) {
    if (place.empty())
        place = value;
    else
        malformed = true;
}

void Http2Head::pseudoField(std::string_view name, std::string_view value) {
    if (name == ":method") {
        set(method, value);
    } else if (name == ":path") {
        set(path, value);
    } else if (name == ":authority") {
        set(authority, value);
    } else if (name == ":scheme") {
        if (m_scheme) malformed = true;
        m_scheme = true;
    } else if (name == ":protocol") {
        set(protocol, value);
    } else if (name == ":status") {
        int number = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
        const bool good = error == std::errc{} && value.size() == 3 && end == value.data() + 3 && number >= 100;
        if (!good || status != 0)
            malformed = true;
        else
            status = number;
    } else {
        malformed = true;
    }
}

void Http2Head::settleHost() {
    if (!authority.empty() && !headers.find("host")) headers.add("host", authority);
}

std::optional<std::uint64_t> contentLength(const HeaderList& headers) {
    const auto text = headers.find("content-length");
    if (!text) return std::nullopt;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    return number;
}

} // namespace gatescope::http
