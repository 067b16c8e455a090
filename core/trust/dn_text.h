// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::trust {

/// A distinguished name as people and programs write it. Understood are RFC 4514 and RFC 2253 (`CN=a,O=b\, Inc.`), the
/// older way with quotes (`O="b, Inc."`, a quote inside escaped or doubled), OpenSSL's one line (`/C=US/O=b,
/// Inc./CN=a`, octets as `\xC3`), and lists whose `, ` became `;`, in which a `;` may stand inside of a value. `S=` is
/// `ST=`. A separator counts only where another attribute follows it, because names of companies hold commas.
struct DnText {
    static constexpr std::size_t kMaxOctets = 8U << 10;
    static constexpr std::size_t kMaxAttributes = 64;

    struct Attribute {
        std::string type;   ///< `CN`, `O`, ...: the nine of RFC 4514, 3; others as numbers: `2.5.4.5`
        std::string value;  ///< without escapes and quotes
        bool joins = false; ///< of one set with the attribute before it (`+`)
    };
    std::vector<Attribute> attributes; ///< most specific first, as RFC 4514 has it, whatever the order was

    /// Value of the first attribute of this type; empty: none.
    std::string_view value(std::string_view type) const;
};

/// Nothing: empty, longer than the limits, or it does not begin with an attribute.
std::optional<DnText> readDnText(std::string_view text);

/// As RFC 4514 writes it, the way tables and certificates are told: `CN=a,O=DigiCert\, Inc.,C=US`.
std::string toRfc4514(const DnText& name);

/// Two names that are the same give the same key: order, case, blanks, and the way of writing do not count.
std::string comparableKey(const DnText& name);

} // namespace gatescope::trust
