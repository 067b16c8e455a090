// SPDX-License-Identifier: Apache-2.0
#include "core/live/helper_protocol.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <concepts>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>

namespace gatescope::live {

namespace {

class Writer {
public:
    explicit Writer(std::uint8_t type) : m_bytes(1, static_cast<char>(type)) {}
    template <std::integral T>
    void number(T value) {
        for (std::size_t i = 0; i < sizeof value; ++i) m_bytes += static_cast<char>(value >> (8 * i) & 0xff);
    }
    void flag(bool value) { number(static_cast<std::uint8_t>(value ? 1 : 0)); }
    void text(const std::string& value, std::size_t most) {
        const std::size_t length = std::min(value.size(), most);
        number(static_cast<std::uint16_t>(length));
        m_bytes.append(value, 0, length);
    }
    template <typename T>
    void size(std::vector<T>& list) {
        if (list.size() > CaptureRequest::kMaxInterfaces) list.resize(CaptureRequest::kMaxInterfaces);
        number(static_cast<std::uint8_t>(list.size()));
    }
    void introduction() { number(kProtocolMagic), number(kProtocolVersion); }
    std::string take() { return std::move(m_bytes); }

private:
    std::string m_bytes;
};

/// A read behind the end, or of a value that cannot be, makes it fail for good.
class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> bytes) : m_rest(bytes) {}
    template <std::integral T>
    void number(T& value) {
        value = 0;
        if (m_rest.size() < sizeof value) return fail();
        for (std::size_t i = 0; i < sizeof value; ++i) value |= static_cast<T>(T{m_rest[i]} << (8 * i));
        m_rest = m_rest.subspan(sizeof value);
        if (value < T{0}) fail(); // nothing here is negative
    }
    void flag(bool& value) {
        std::uint8_t octet = 0;
        number(octet);
        value = octet == 1;
        if (octet > 1) fail();
    }
    void text(std::string& value, std::size_t most) {
        std::uint16_t length = 0;
        number(length);
        if (length > most || m_rest.size() < length) return fail();
        value.assign(reinterpret_cast<const char*>(m_rest.data()), length);
        m_rest = m_rest.subspan(length);
        if (value.find('\0') != std::string::npos) fail();
    }
    template <typename T>
    void size(std::vector<T>& list) {
        std::uint8_t items = 0;
        number(items);
        if (items > CaptureRequest::kMaxInterfaces) fail();
        list.resize(m_failed ? 0 : items);
    }
    void introduction() {
        std::uint32_t magic = 0;
        std::uint16_t version = 0;
        number(magic), number(version);
        if (magic != kProtocolMagic || version != kProtocolVersion) fail();
    }
    bool isGood() const { return !m_failed && m_rest.empty(); }

private:
    void fail() { m_failed = true, m_rest = {}; }
    std::span<const std::uint8_t> m_rest;
    bool m_failed = false;
};

// The fields of each message, in their order, to be written or read.

void pass(auto& to, StartMessage& m) {
    to.introduction();
    to.size(m.request.interfaces);
    for (std::string& name : m.request.interfaces) to.text(name, kMaxNameBytes);
    to.text(m.request.filter, kMaxFilterBytes);
    to.number(m.request.snapLength), to.number(m.request.bufferBytes);
    to.flag(m.request.headersOnly), to.flag(m.request.promiscuous), to.flag(m.request.playInTime), to.flag(m.playsFile);
    to.number(m.ring.fileBytes), to.number(m.ring.fileTime), to.number(m.ring.filePackets);
    to.number(m.stop.time), to.number(m.stop.packets), to.number(m.stop.bytes), to.number(m.stop.files);
}
void pass(auto& to, FileMessage& m) {
    to.number(m.number);
}
void pass(auto&, StopMessage&) {}
void pass(auto& to, HelloMessage&) {
    to.introduction();
}
void pass(auto& to, RunningMessage& m) {
    to.size(m.linkTypes);
    for (std::uint16_t& type : m.linkTypes) to.number(type);
}
void pass(auto& to, ReportMessage& m) {
    to.number(m.file), to.number(m.fileBytes), to.number(m.packets), to.number(m.bytes);
    to.number(m.ownDropped), to.number(m.copies), to.number(m.trimmedBytes);
    to.size(m.interfaces);
    for (InterfaceReport& one : m.interfaces) to.number(one.packets), to.number(one.kernelDropped), to.flag(one.isGone);
}
void pass(auto& to, EndedMessage& m) {
    auto reason = static_cast<std::uint8_t>(m.reason);
    to.number(reason);
    to.text(m.text, kMaxTextBytes);
    m.reason = static_cast<EndReason>(reason);
}

/// Types are the places in the variant, from `first`.
template <typename Any>
std::string encodeAny(Any message, std::uint8_t first) {
    Writer to(static_cast<std::uint8_t>(first + message.index()));
    std::visit([&](auto& one) { pass(to, one); }, message);
    return to.take();
}

template <typename Any, std::size_t Place = 0>
std::optional<Any> parseAny(std::span<const std::uint8_t> bytes, std::uint8_t first) {
    if constexpr (Place < std::variant_size_v<Any>) {
        if (bytes.empty() || bytes.size() > kMaxMessageBytes) return std::nullopt;
        if (bytes[0] != first + Place) return parseAny<Any, Place + 1>(bytes, first);
        std::variant_alternative_t<Place, Any> message;
        Reader from(bytes.subspan(1));
        pass(from, message);
        if (from.isGood()) return message;
    }
    return std::nullopt;
}

constexpr std::uint8_t kFirstOfParent = 1, kFirstOfHelper = 65;

} // namespace

std::string encode(const ParentMessage& message) {
    return encodeAny(message, kFirstOfParent);
}
std::string encode(const HelperMessage& message) {
    return encodeAny(message, kFirstOfHelper);
}

std::optional<ParentMessage> parseParentMessage(std::span<const std::uint8_t> bytes) {
    return parseAny<ParentMessage>(bytes, kFirstOfParent);
}
std::optional<HelperMessage> parseHelperMessage(std::span<const std::uint8_t> bytes) {
    auto message = parseAny<HelperMessage>(bytes, kFirstOfHelper);
    const auto* ended = message ? std::get_if<EndedMessage>(&*message) : nullptr;
    if (ended != nullptr && ended->reason > EndReason::CannotWrite) return std::nullopt;
    return message;
}

bool sendMessage(int socket, const std::string& message, int descriptor) {
    iovec part{const_cast<char*>(message.data()), message.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptor)> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (descriptor >= 0) {
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        cmsghdr* attached = CMSG_FIRSTHDR(&header);
        attached->cmsg_level = SOL_SOCKET;
        attached->cmsg_type = SCM_RIGHTS;
        attached->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(attached), &descriptor, sizeof descriptor);
    }
    ssize_t sent = 0;
    do sent = ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(message.size());
}

Received receiveMessage(int socket) {
    Received received;
    received.bytes.resize(kMaxMessageBytes);
    iovec part{received.bytes.data(), received.bytes.size()};
    constexpr std::size_t kMostDescriptors = 4; // more are closed by the kernel
    alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    ssize_t length = 0;
    do length = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (length < 0 && errno == EINTR);
    received.bytes.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    if (length <= 0) {
        if (length == 0 || errno != EAGAIN) received.kind = Received::Kind::Closed;
        return received;
    }
    received.kind = Received::Kind::Message;
    std::size_t descriptors = 0;
    for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
        if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS) continue;
        for (std::size_t at = 0; at + sizeof(int) <= one->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
            if (received.descriptor >= 0) ::close(received.descriptor);
            std::memcpy(&received.descriptor, CMSG_DATA(one) + at, sizeof(int));
            ++descriptors;
        }
    }
    if (descriptors > 1 || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) received.bytes.clear();
    return received;
}

} // namespace gatescope::live
