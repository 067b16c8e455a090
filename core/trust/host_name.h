// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/ip_address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::trust {

/// A host as a user or a client names it, made comparable.
struct HostName {
    std::string text;                 ///< lower case, without brackets and last dot, labels in ASCII (`xn--...`)
    std::optional<IpAddress> address; ///< it is one
    bool trailingDot = false;
    bool converted = false;  ///< written with letters outside of ASCII
    bool unreadable = false; ///< such letters that cannot be converted
};

/// `[::1]`, `gw.example.`, `bücher.example` are understood; a port is not. Longer ones than a DNS name are cut.
HostName readHostName(std::string_view host);

/// How a DNS name of a certificate stands to a host (RFC 9525, 6.3).
enum class NameMatch : std::uint8_t {
    Match,
    Different,
    WildcardTooHigh,   ///< `*.example` for `a.b.example`: it stands for one label
    WildcardForNone,   ///< `*.example` for `example`
    WildcardPartial,   ///< `gw*.example` would match if parts of a label could be wild
    WildcardElsewhere, ///< `a.*.example` would match if it could stand there
    WildcardTopLevel,  ///< `*.com`: would match, and programs refuse it
    LastDot,           ///< the same but for the dot at the end of the certificate's name
    NotAscii,          ///< the certificate writes the name with letters outside of ASCII, where A-labels belong
    ControlOctet       ///< the certificate's name holds a NUL or another octet that no name has
};

/// `name`: the octets of a dNSName; `host`: no address.
NameMatch matchName(std::string_view name, const HostName& host);

/// How many labels are the same, from the right, and where it stopped: higher is nearer.
std::size_t sharedLabels(std::string_view name, std::string_view host);

} // namespace gatescope::trust
