// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/hello.h"

#include <string>

namespace gatescope::tls {

/// MD5 of version, suites, extensions, groups and point formats without GREASE (salesforce/ja3), in hexadecimal.
std::string ja3(const ClientHello& hello);
/// The same of version, suite and extensions of the answer.
std::string ja3s(const ServerHello& hello);
/// JA4 of the TLS client (FoxIO, technical_details/JA4.md): `t13d1516h2_8daaf6152771_02713d6af862`.
/// `overQuic`: begins with `q` instead of `t`.
std::string ja4(const ClientHello& hello, bool overQuic = false);

} // namespace gatescope::tls
