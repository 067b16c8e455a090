// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/capture_feed.h"

#include <memory>
#include <string>

namespace gatescope::capture {

/// Follows a capture that another program still writes:
/// - a file: read to its end, then as it grows, until stopped. A file that was cut or replaced ends with an error of
///   kind Damaged that says so. An empty or half-written head is waited for.
/// - a folder: its captures in the natural order of their names, the last one as it grows, and those that appear after
///   it (a ring buffer of another program).
/// - `-`: standard input, to its end.
/// - `tcp://HOST:PORT`: PCAP-over-IP: connects and reads the pcap or pcapng stream that the other end sends, to its
///   end. `tcp://[::1]:57012` for IPv6. Nothing is sent. Connecting gives up after 10 s.
/// Errors: CannotOpen (with the system's reason), Usage (an address that cannot be read).
std::expected<std::unique_ptr<CaptureFeed>, Error> followInput(const std::string& input);

/// True for what `followInput` takes and `openInput` does not: `tcp://...`.
bool isStreamAddress(const std::string& input);

} // namespace gatescope::capture
