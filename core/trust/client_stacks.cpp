// SPDX-License-Identifier: Apache-2.0
#include "core/trust/handshake_reading.h"
#include "core/trust/inference.h"

#include <algorithm>
#include <array>

namespace gatescope::trust {

namespace {

/// By the hash of the cipher list, which changes least between versions of a stack. Measured against servers whose
/// certificate they refuse; what many programs share is named as shared.
constexpr std::array kStacks{
    ClientStack{"d3731e0d3936", ".NET on Linux", "S4 S6", true, "mozilla"}, // without ChaCha20: FIPS builds
    ClientStack{"a538d02d76d5", ".NET on Linux", "S4 S6", true, "mozilla"},
    ClientStack{"e8f1e7e78f70", "OpenSSL 3.0 with its defaults (curl, Python ssl, HAProxy, nginx)", "S1 S5", false,
                "mozilla"},
    ClientStack{"c7886603b240", "Python urllib3 or requests", "S1 S4", false, "mozilla"},
    ClientStack{"a33745022dd6", "Node.js", "S3", false, "mozilla"},
    ClientStack{"9dc949149365", "Go", "S2", false, "mozilla"},
    ClientStack{"1d947a95fc68", "Java (JSSE)", "S2 S3", false, "openjdk"},
    ClientStack{"61a7ad8aa9b6", "rustls", "S2", false, "mozilla"},
    ClientStack{"723694b0fccc", "GnuTLS", "S2 S4", false, "mozilla"},
    ClientStack{"948423e5275c", "NSS", "S2", false, "mozilla"},
    ClientStack{"e8a523a41297", "BoringSSL", "S2", false, "mozilla"},
    ClientStack{"8daaf6152771", "Chromium", "S2", true, "mozilla"},
};

} // namespace

std::span<const ClientStack> clientStacks() {
    return kStacks;
}

const ClientStack* stackOf(std::string_view ja4) {
    const auto at = std::ranges::find(kStacks, middleOf(ja4), &ClientStack::ja4b);
    return at == kStacks.end() ? nullptr : &*at;
}

} // namespace gatescope::trust
