// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/capture/byte_source.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <stop_token>
#include <string>

namespace gatescope::capture {

/// A descriptor that closes itself.
class OwnedDescriptor {
public:
    OwnedDescriptor() = default;
    explicit OwnedDescriptor(int descriptor) : m_descriptor(descriptor) {}
    OwnedDescriptor(OwnedDescriptor&& other) noexcept;
    OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept;
    ~OwnedDescriptor();

    int get() const { return m_descriptor; }
    /// The caller closes it.
    int release();

private:
    int m_descriptor = -1;
};

/// `tcp://HOST:PORT` in its parts; HOST without the brackets of an IPv6 address.
struct StreamAddress {
    std::string host;
    std::string port;

    /// Error: Usage.
    static std::expected<StreamAddress, Error> parse(const std::string& input);
};

/// Connects to the first address that answers. Gives up 10 s after the name was looked up. Error: CannotOpen.
std::expected<OwnedDescriptor, Error> connectTo(const StreamAddress& address);

/// A pipe or a socket, to its end; idle while nothing comes. A stop ends it within that time, with an error of kind
/// Stopped.
std::unique_ptr<ByteSource> openStream(OwnedDescriptor descriptor, std::stop_token stop);
/// The same for standard input, which is not closed.
std::unique_ptr<ByteSource> openStandardInput(std::stop_token stop);

} // namespace gatescope::capture
