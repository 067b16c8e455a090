// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/record_parser.h"

#include <expected>
#include <memory>

namespace gatescope::capture {

/// True if `head` starts with the type of a section header block.
bool looksLikePcapng(Bytes head);

/// A parser for pcapng. `head`: the first octets, at least 4. `notes` outlives the parser. Error: UnknownFormat if the
/// first section is of a version that is not known.
///
/// Source: draft-ietf-opsawg-pcapng. A frame check sequence (if_fcslen) stays in `Packet::data`, as in pcap. A packet
/// without a time of its own (simple packet block) has kNoTime. Custom blocks, systemd journal entries
/// and sysdig events are no packets, but frames to Wireshark (4.0): they are skipped and counted, so that the numbers
/// are the same.
std::expected<std::unique_ptr<RecordParser>, Error> makePcapngParser(Bytes head, CaptureNotes& notes,
                                                                     const ReaderLimits& limits);

} // namespace gatescope::capture
