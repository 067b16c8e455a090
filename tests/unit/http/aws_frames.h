// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <zlib.h>

namespace gatescope::http::test {

/// Frames of Amazon's event stream, made by hand.

inline void addNumber(std::string& text, std::size_t number, int octets = 4) {
    for (int i = octets - 1; i >= 0; --i) text += static_cast<char>((number >> (8 * i)) & 0xff);
}

inline void addCrc(std::string& text) {
    addNumber(text, crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

inline std::string header(std::string_view name, std::string_view value) {
    std::string text(1, static_cast<char>(name.size()));
    text += name;
    text += '\x07';
    addNumber(text, value.size(), 2);
    return text += value;
}

inline std::string frame(std::string_view headers, std::string_view payload) {
    std::string text;
    addNumber(text, 16 + headers.size() + payload.size());
    addNumber(text, headers.size());
    addCrc(text);
    text += headers;
    text += payload;
    addCrc(text);
    return text;
}

inline std::string eventFrame(std::string_view type, std::string_view payload) {
    return frame(header(":event-type", type) + header(":content-type", "application/json") +
                     header(":message-type", "event"),
                 payload);
}

} // namespace gatescope::http::test
