// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatescope::path {

/// A JA4 fingerprint of a TLS client, as text (FoxIO, JA4 technical details).
struct Ja4Text {
    std::string_view transport;  ///< `tcp`, `quic`, `dtls`
    std::string_view tlsVersion; ///< `1.3`, ..., `ssl3`, `dtls1.2`; empty: `00`, none that FoxIO names
    bool hasServerName = false;
    unsigned ciphers = 0;
    unsigned extensions = 0;
    std::string_view alpn;   ///< first and last character of the first protocol: `h2`; empty: `00`, none
    bool isRedacted = false; ///< an X stands in one of the two hashes
};

/// Nothing when the text is no JA4. `X` is accepted for the digits of the two hashes. Views are constants or refer to
/// the text given.
std::optional<Ja4Text> readJa4(std::string_view text);

} // namespace gatescope::path
