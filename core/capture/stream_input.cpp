// SPDX-License-Identifier: Apache-2.0
#include "core/capture/stream_input.h"

#include "core/capture/capture_feed.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gatescope::capture {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kScheme = "tcp://";
constexpr std::chrono::seconds kConnectWithin{10};

std::string systemReason(int code) {
    return std::generic_category().message(code);
}

int millisecondsUntil(Clock::time_point end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

/// 0: connected.
int finishConnecting(int socket, Clock::time_point until) {
    pollfd wait{socket, POLLOUT, 0};
    int ready = 0;
    do {
        ready = ::poll(&wait, 1, millisecondsUntil(until));
    } while (ready < 0 && errno == EINTR);
    if (ready < 0) return errno;
    if (ready == 0) return ETIMEDOUT;
    int reason = 0;
    socklen_t size = sizeof reason;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &reason, &size) == 0 ? reason : errno;
}

class StreamSource final : public ByteSource {
public:
    StreamSource(int descriptor, OwnedDescriptor owned, std::stop_token stop)
        : m_descriptor(descriptor), m_owned(std::move(owned)), m_stop(std::move(stop)) {}

    std::size_t read(std::uint8_t* to, std::size_t count) override {
        m_idle = false;
        while (!m_ended) {
            if (m_stop.stop_requested()) return stopped();
            pollfd wait{m_descriptor, POLLIN, 0};
            const int ready = ::poll(&wait, 1, static_cast<int>(CaptureFeed::kPatience.count()));
            if (ready == 0) return sayIdle();
            if (ready < 0 && errno == EINTR) continue;
            const ssize_t got = ::read(m_descriptor, to, count); // trouble of poll shows here, too
            if (got > 0) {
                m_taken += static_cast<std::uint64_t>(got);
                return static_cast<std::size_t>(got);
            }
            if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
            m_ended = true;
            if (got < 0) m_error = trouble(errno);
        }
        return 0;
    }
    const std::optional<Error>& error() const override { return m_error; }
    bool idle() const override { return m_idle; }
    std::uint64_t bytesTaken() const override { return m_taken; }
    std::uint64_t totalBytes() const override { return 0; }

private:
    std::size_t sayIdle() {
        m_idle = true;
        return 0;
    }
    std::size_t stopped() {
        m_ended = true;
        m_error = Error{ErrorKind::Stopped, "stopped; everything before is kept"};
        return 0;
    }
    Error trouble(int code) const {
        if (m_taken == 0) return {ErrorKind::CannotOpen, fmt::format("nothing could be read: {}", systemReason(code))};
        return {ErrorKind::Damaged, fmt::format("the stream broke off at byte {}: {}", m_taken, systemReason(code))};
    }

    int m_descriptor;
    OwnedDescriptor m_owned;
    std::stop_token m_stop;
    std::uint64_t m_taken = 0;
    bool m_idle = false;
    bool m_ended = false;
    std::optional<Error> m_error;
};

} // namespace

OwnedDescriptor::OwnedDescriptor(OwnedDescriptor&& other) noexcept : m_descriptor(other.release()) {}

OwnedDescriptor& OwnedDescriptor::operator=(OwnedDescriptor&& other) noexcept {
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

OwnedDescriptor::~OwnedDescriptor() {
    if (m_descriptor >= 0) ::close(m_descriptor);
}

int OwnedDescriptor::release() {
    return std::exchange(m_descriptor, -1);
}

std::expected<StreamAddress, Error> StreamAddress::parse(const std::string& input) {
    const auto wrong = [&](std::string_view what) {
        return std::unexpected(
            Error{ErrorKind::Usage, fmt::format("{}: {}; wanted is tcp://HOST:PORT, as in tcp://127.0.0.1:57012 or "
                                                "tcp://[::1]:57012",
                                                input, what)});
    };
    std::string_view rest = input;
    if (!rest.starts_with(kScheme)) return wrong("no address of a stream");
    rest.remove_prefix(kScheme.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    std::string_view host;
    if (rest.starts_with('[')) {
        const std::size_t end = rest.find(']');
        if (end == std::string_view::npos) return wrong("the bracket is not closed");
        host = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
    } else {
        host = rest.substr(0, rest.find(':'));
        rest.remove_prefix(host.size());
        if (rest.find(':', 1) != std::string_view::npos) return wrong("an IPv6 address stands in brackets");
    }
    if (host.empty()) return wrong("no host");
    if (!rest.starts_with(':')) return wrong("no port");
    rest.remove_prefix(1);
    std::uint16_t port = 0;
    const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
    if (code != std::errc() || end != rest.data() + rest.size() || port == 0)
        return wrong("a port is a number from 1 to 65535");
    return StreamAddress{std::string(host), std::to_string(port)};
}

std::expected<OwnedDescriptor, Error> connectTo(const StreamAddress& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found); code != 0)
        return std::unexpected(
            Error{ErrorKind::CannotOpen, fmt::format("the name cannot be found: {}",
                                                     code == EAI_SYSTEM ? systemReason(errno) : ::gai_strerror(code))});
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    const auto until = Clock::now() + kConnectWithin;
    int reason = EADDRNOTAVAIL;
    for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
        OwnedDescriptor socket(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (socket.get() < 0) {
            reason = errno;
            continue;
        }
        reason = ::connect(socket.get(), at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
        if (reason == EINPROGRESS) reason = finishConnecting(socket.get(), until);
        if (reason == 0) return socket;
    }
    return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("cannot connect: {}", systemReason(reason))});
}

std::unique_ptr<ByteSource> openStream(OwnedDescriptor descriptor, std::stop_token stop) {
    const int number = descriptor.get();
    return std::make_unique<StreamSource>(number, std::move(descriptor), std::move(stop));
}

std::unique_ptr<ByteSource> openStandardInput(std::stop_token stop) {
    return std::make_unique<StreamSource>(STDIN_FILENO, OwnedDescriptor(), std::move(stop));
}

} // namespace gatescope::capture
