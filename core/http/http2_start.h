// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gatescope::http {

/// Whether a piece of a connection that was captured from its middle begins with HTTP/2 frames beyond doubt: headers of
/// frames (RFC 9113, 4.1) whose type, flags, stream and length agree, up to the piece's end. For choosing a decoder
/// only.
bool looksLikeHttp2(std::string_view text);

/// Whether a direction begins with the server's connection preface, a SETTINGS frame (RFC 9113, 3.4). The server may
/// send it before the client's preface. Undecided while there are too few octets is told by `false` and `undecided`.
bool isServerPreface(std::string_view text, bool& undecided);

} // namespace gatescope::http
