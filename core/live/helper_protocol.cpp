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

enum class Type : std::uint8_t { Start = 1, File, Stop, Hello = 65, Running, Report, Ended };

class Writer {
public:
    explicit Writer(Type type) { m_bytes += static_cast<char>(type); }
    template <std::unsigned_integral T>
    Writer& number(T value) {
        for (std::size_t i = 0; i < sizeof value; ++i) m_bytes += static_cast<char>(value >> (8 * i) & 0xff);
        return *this;
    }
    Writer& time(TimeNs value) { return number(static_cast<std::uint64_t>(value)); }
    Writer& flag(bool value) { return number(static_cast<std::uint8_t>(value ? 1 : 0)); }
    Writer& text(const std::string& value, std::size_t most) {
        const std::size_t length = std::min(value.size(), most);
        number(static_cast<std::uint16_t>(length));
        m_bytes.append(value, 0, length);
        return *this;
    }
    Writer& introduction() { return number(kProtocolMagic).number(kProtocolVersion); }
    std::string take() { return std::move(m_bytes); }

private:
    std::string m_bytes;
};

/// A read behind the end, or of a value that cannot be, makes it fail for good.
class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> bytes) : m_rest(bytes) {}
    template <std::unsigned_integral T>
    void number(T& value) {
        value = 0;
        if (m_rest.size() < sizeof value) return fail();
        for (std::size_t i = 0; i < sizeof value; ++i) value |= static_cast<T>(T{m_rest[i]} << (8 * i));
        m_rest = m_rest.subspan(sizeof value);
    }
    void time(TimeNs& value) {
        std::uint64_t number_ = 0;
        number(number_);
        value = static_cast<TimeNs>(number_);
        if (value < 0) fail();
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
        if (value.find('\0') != std::string::npos) fail();
        m_rest = m_rest.subspan(length);
    }
    std::size_t count() {
        std::uint8_t items = 0;
        number(items);
        if (items > CaptureRequest::kMaxInterfaces) fail();
        return m_failed ? 0 : items;
    }
    void introduction() {
        std::uint32_t magic = 0;
        std::uint16_t version = 0;
        number(magic);
        number(version);
        if (magic != kProtocolMagic || version != kProtocolVersion) fail();
    }
    bool isGood() const { return !m_failed && m_rest.empty(); }

private:
    void fail() { m_failed = true, m_rest = {}; }
    std::span<const std::uint8_t> m_rest;
    bool m_failed = false;
};

std::string encoded(const StartMessage& m) {
    Writer to(Type::Start);
    const std::size_t interfaces = std::min(m.request.interfaces.size(), CaptureRequest::kMaxInterfaces);
    to.introduction().number(static_cast<std::uint8_t>(interfaces));
    for (std::size_t i = 0; i < interfaces; ++i) to.text(m.request.interfaces[i], kMaxNameBytes);
    to.text(m.request.filter, kMaxFilterBytes).number(m.request.snapLength).number(m.request.bufferBytes);
    to.flag(m.request.headersOnly).flag(m.request.promiscuous).flag(m.request.playInTime).flag(m.playsFile);
    to.number(m.ring.fileBytes).time(m.ring.fileTime).number(m.ring.filePackets);
    return to.time(m.stop.time).number(m.stop.packets).number(m.stop.bytes).number(m.stop.files).take();
}
void read(Reader& from, StartMessage& m) {
    from.introduction();
    m.request.interfaces.resize(from.count());
    for (std::string& name : m.request.interfaces) from.text(name, kMaxNameBytes);
    from.text(m.request.filter, kMaxFilterBytes);
    from.number(m.request.snapLength), from.number(m.request.bufferBytes);
    from.flag(m.request.headersOnly), from.flag(m.request.promiscuous), from.flag(m.request.playInTime);
    from.flag(m.playsFile);
    from.number(m.ring.fileBytes), from.time(m.ring.fileTime), from.number(m.ring.filePackets);
    from.time(m.stop.time), from.number(m.stop.packets), from.number(m.stop.bytes), from.number(m.stop.files);
}

std::string encoded(const FileMessage& m) {
    return Writer(Type::File).number(m.number).take();
}
void read(Reader& from, FileMessage& m) {
    from.number(m.number);
}

std::string encoded(const StopMessage&) {
    return Writer(Type::Stop).take();
}
void read(Reader&, StopMessage&) {}

std::string encoded(const HelloMessage&) {
    return Writer(Type::Hello).introduction().take();
}
void read(Reader& from, HelloMessage&) {
    from.introduction();
}

std::string encoded(const RunningMessage& m) {
    Writer to(Type::Running);
    const std::size_t interfaces = std::min(m.linkTypes.size(), CaptureRequest::kMaxInterfaces);
    to.number(static_cast<std::uint8_t>(interfaces));
    for (std::size_t i = 0; i < interfaces; ++i) to.number(m.linkTypes[i]);
    return to.take();
}
void read(Reader& from, RunningMessage& m) {
    m.linkTypes.resize(from.count());
    for (std::uint16_t& type : m.linkTypes) from.number(type);
}

std::string encoded(const ReportMessage& m) {
    Writer to(Type::Report);
    to.number(m.file).number(m.fileBytes).number(m.packets).number(m.bytes).number(m.ownDropped);
    const std::size_t interfaces = std::min(m.interfaces.size(), CaptureRequest::kMaxInterfaces);
    to.number(m.copies).number(m.trimmedBytes).number(static_cast<std::uint8_t>(interfaces));
    for (std::size_t i = 0; i < interfaces; ++i)
        to.number(m.interfaces[i].packets).number(m.interfaces[i].kernelDropped).flag(m.interfaces[i].isGone);
    return to.take();
}
void read(Reader& from, ReportMessage& m) {
    from.number(m.file), from.number(m.fileBytes), from.number(m.packets), from.number(m.bytes);
    from.number(m.ownDropped), from.number(m.copies), from.number(m.trimmedBytes);
    m.interfaces.resize(from.count());
    for (InterfaceReport& one : m.interfaces)
        from.number(one.packets), from.number(one.kernelDropped), from.flag(one.isGone);
}

std::string encoded(const EndedMessage& m) {
    return Writer(Type::Ended).number(static_cast<std::uint8_t>(m.reason)).text(m.text, kMaxTextBytes).take();
}
void read(Reader& from, EndedMessage& m) {
    std::uint8_t reason = 0xff;
    from.number(reason);
    from.text(m.text, kMaxTextBytes);
    m.reason = static_cast<EndReason>(reason);
}

template <typename Message, typename Any>
std::optional<Any> parsed(std::span<const std::uint8_t> fields) {
    Reader from(fields);
    Message message;
    read(from, message);
    if (!from.isGood()) return std::nullopt;
    return message;
}

} // namespace

std::string encode(const ParentMessage& message) {
    return std::visit([](const auto& one) { return encoded(one); }, message);
}
std::string encode(const HelperMessage& message) {
    return std::visit([](const auto& one) { return encoded(one); }, message);
}

std::optional<ParentMessage> parseParentMessage(std::span<const std::uint8_t> bytes) {
    if (bytes.empty() || bytes.size() > kMaxMessageBytes) return std::nullopt;
    switch (static_cast<Type>(bytes[0])) {
    case Type::Start:
        return parsed<StartMessage, ParentMessage>(bytes.subspan(1));
    case Type::File:
        return parsed<FileMessage, ParentMessage>(bytes.subspan(1));
    case Type::Stop:
        return parsed<StopMessage, ParentMessage>(bytes.subspan(1));
    default:
        return std::nullopt;
    }
}

std::optional<HelperMessage> parseHelperMessage(std::span<const std::uint8_t> bytes) {
    if (bytes.empty() || bytes.size() > kMaxMessageBytes) return std::nullopt;
    switch (static_cast<Type>(bytes[0])) {
    case Type::Hello:
        return parsed<HelloMessage, HelperMessage>(bytes.subspan(1));
    case Type::Running:
        return parsed<RunningMessage, HelperMessage>(bytes.subspan(1));
    case Type::Report:
        return parsed<ReportMessage, HelperMessage>(bytes.subspan(1));
    case Type::Ended:
        if (bytes.size() > 1 && bytes[1] > static_cast<std::uint8_t>(EndReason::CannotWrite)) return std::nullopt;
        return parsed<EndedMessage, HelperMessage>(bytes.subspan(1));
    default:
        return std::nullopt;
    }
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
