// SPDX-License-Identifier: Apache-2.0
#include "core/http/http2_frame.h"

#include <array>

namespace gatescope::http {

namespace {

using Type = Http2FrameType;

/// More settings than are defined, twice over and with those that only test whether unknown ones are skipped.
constexpr std::uint32_t kPlausibleSettingsBytes = 6 * 64;

constexpr std::array<std::string_view, 14> kErrorNames{"NO_ERROR",
                                                       "PROTOCOL_ERROR",
                                                       "INTERNAL_ERROR",
                                                       "FLOW_CONTROL_ERROR",
                                                       "SETTINGS_TIMEOUT",
                                                       "STREAM_CLOSED",
                                                       "FRAME_SIZE_ERROR",
                                                       "REFUSED_STREAM",
                                                       "CANCEL",
                                                       "COMPRESSION_ERROR",
                                                       "CONNECT_ERROR",
                                                       "ENHANCE_YOUR_CALM",
                                                       "INADEQUATE_SECURITY",
                                                       "HTTP_1_1_REQUIRED"};

enum class OnStream : std::uint8_t { Always, Never, Either };

struct TypeRule {
    bool known = false;
    std::uint8_t flags = 0; ///< that the type defines
    OnStream onStream = OnStream::Either;
    std::uint32_t least = 0, most = 0xff'ffff;
};

constexpr std::array<TypeRule, 17> kRules = [] {
    std::array<TypeRule, 17> rules{};
    const auto set = [&](Type type, TypeRule rule) { rules[static_cast<std::size_t>(type)] = rule; };
    constexpr std::uint32_t kAny = 0xff'ffff;
    set(Type::Data, {true, kHttp2EndStream | kHttp2Padded, OnStream::Always, 0, kAny});
    set(Type::Headers,
        {true, kHttp2EndStream | kHttp2EndHeaders | kHttp2Padded | kHttp2HasPriority, OnStream::Always, 0, kAny});
    set(Type::Priority, {true, 0, OnStream::Always, 5, 5});
    set(Type::RstStream, {true, 0, OnStream::Always, 4, 4});
    set(Type::Settings, {true, kHttp2Ack, OnStream::Never, 0, kAny});
    set(Type::PushPromise, {true, kHttp2EndHeaders | kHttp2Padded, OnStream::Always, 4, kAny});
    set(Type::Ping, {true, kHttp2Ack, OnStream::Never, 8, 8});
    set(Type::GoAway, {true, 0, OnStream::Never, 8, kAny});
    set(Type::WindowUpdate, {true, 0, OnStream::Either, 4, 4});
    set(Type::Continuation, {true, kHttp2EndHeaders, OnStream::Always, 0, kAny});
    set(Type::AltSvc, {true, 0, OnStream::Either, 2, kAny});
    set(Type::Origin, {true, 0, OnStream::Never, 0, kAny});
    set(Type::PriorityUpdate, {true, 0, OnStream::Never, 4, kAny});
    return rules;
}();

constexpr TypeRule ruleOf(Type type) {
    const auto number = static_cast<std::size_t>(type);
    return number < kRules.size() ? kRules[number] : TypeRule{};
}

} // namespace

bool isValidHttp2Frame(const Http2FrameHeader& header) {
    const TypeRule rule = ruleOf(header.type);
    if (header.length < rule.least || header.length > rule.most) return false;
    if (rule.onStream != OnStream::Either && (rule.onStream == OnStream::Always) != (header.stream != 0)) return false;
    if (header.type == Type::Settings) return header.length % 6 == 0 && (!header.has(kHttp2Ack) || header.length == 0);
    return header.length >= http2PrefixBytes(header);
}

std::uint32_t http2PrefixBytes(const Http2FrameHeader& header) {
    std::uint32_t bytes = 0;
    const bool hasPadding =
        header.type == Type::Data || header.type == Type::Headers || header.type == Type::PushPromise;
    if (hasPadding && header.has(kHttp2Padded)) bytes += 1;
    if (header.type == Type::Headers && header.has(kHttp2HasPriority)) bytes += 5;
    if (header.type == Type::PushPromise) bytes += 4;
    return bytes;
}

bool isPlausibleHttp2Frame(const Http2FrameHeader& header) {
    const TypeRule rule = ruleOf(header.type);
    if (!rule.known || header.reservedBit || header.length > kHttp2DefaultFrameBytes) return false;
    if ((header.flags & ~rule.flags) != 0 || !isValidHttp2Frame(header)) return false;
    switch (header.type) {
    case Type::Data:
        return header.length != 0 || header.has(kHttp2EndStream); // an empty one that ends nothing has no use
    case Type::Headers:
    case Type::PushPromise:
        return header.length > http2PrefixBytes(header);
    case Type::Settings:
        return header.length <= kPlausibleSettingsBytes;
    default:
        return true;
    }
}

Http2Run followHttp2Frames(Bytes text, unsigned limit) {
    Http2Run run;
    while (run.headers < limit && text.size() >= kHttp2HeaderBytes) {
        const Http2FrameHeader header = readHttp2FrameHeader(text.data());
        if (!isPlausibleHttp2Frame(header)) {
            run.broken = true;
            return run;
        }
        ++run.headers;
        const std::size_t whole = kHttp2HeaderBytes + header.length;
        run.exact = text.size() == whole;
        if (text.size() <= whole) return run;
        text = text.subspan(whole);
    }
    return run;
}

std::string_view http2ErrorName(std::uint32_t code) {
    return code < kErrorNames.size() ? kErrorNames[code] : std::string_view{};
}

} // namespace gatescope::http
