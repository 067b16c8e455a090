// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/base/secret_bytes.h"
#include "core/tls/secret_store.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gatescope::tls {

/// One line of a key log (draft-ietf-tls-keylogfile, and what older tools write). Wiped when it goes away.
struct KeyLogLine {
    static constexpr std::size_t kMaxBytes = 1024; ///< the longest that is used has less than 230
    static constexpr std::size_t kMaxSecretBytes = 48;

    enum class Kind : std::uint8_t {
        Empty, ///< or a comment
        Secret,
        RsaPremaster, ///< RSA, the first 8 octets of the encrypted premaster secret (in `key`), premaster secret
        RsaSession,   ///< RSA Session-ID:..., Master-Key:...; `key` holds the id
        Ignored,      ///< of QUIC, ECH, or a label that is not known
        Damaged
    };
    Kind kind = Kind::Damaged;
    SecretLabel label = SecretLabel::ClientRandom;
    std::array<std::uint8_t, 32> key{};
    std::uint8_t keySize = 0;
    std::array<std::uint8_t, kMaxSecretBytes> secret{};
    std::uint8_t secretSize = 0;

    KeyLogLine() = default;
    ~KeyLogLine();
    KeyLogLine(const KeyLogLine&) = delete;
    KeyLogLine& operator=(const KeyLogLine&) = delete;

    Bytes keyBytes() const { return Bytes(key).first(keySize); }
    Bytes secretBytes() const { return Bytes(secret).first(secretSize); }
};

/// `line`: without its end.
void parseKeyLogLine(std::string_view line, KeyLogLine& parsed);

/// What comes next of a text: a line without its end, which may be LF or CR; between CR and LF there is an empty line
/// more, which means nothing here. `text` becomes what is behind it.
std::string_view takeLine(std::string_view& text);
/// Without the mark that some editors put before UTF-8.
std::string_view withoutByteOrderMark(std::string_view text);

/// Appends a line as NSS writes it.
void appendKeyLogLine(SecretText& to, SecretLabel label, const Random& client, Bytes secret);

} // namespace gatescope::tls
