// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/byte_order.h"
#include "core/capture/record_parser.h"

#include <expected>
#include <memory>

namespace gatescope::capture {

/// True if `head` starts with a magic number of the pcap family, the modified ones included.
bool looksLikePcap(Bytes head);

/// A parser for the pcap file that starts with `head` (24 octets, fewer if the file is cut there). `notes` outlives
/// it. Error: UnknownFormat for a modified layout or an unknown version.
///
/// Source: draft-ietf-opsawg-pcap. Of the link type field only the lower 16 bits are the link type. The upper bits may
/// say that a frame check sequence ends each packet: it stays in `Packet::data`, as the length fields count it and as
/// every network layer names its own length.
std::expected<std::unique_ptr<RecordParser>, Error> makePcapParser(Bytes head, CaptureNotes& notes,
                                                                   const ReaderLimits& limits);

} // namespace gatescope::capture
