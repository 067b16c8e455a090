// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_span.h"

#include "core/capture/byte_order.h"
#include "core/capture/capture_file.h"
#include "core/capture/pcap_parser.h"
#include "core/capture/pcapng_parser.h"
#include "core/capture/source_opening.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace gatescope::capture {

namespace {

/// The two ends of a file; for a small one both are all of it.
struct Ends {
    std::vector<std::uint8_t> head;
    std::vector<std::uint8_t> tail;
    std::uint64_t size = 0;
};

std::vector<std::uint8_t> readAt(int file, std::uint64_t offset, std::size_t count) {
    std::vector<std::uint8_t> bytes(count);
    std::size_t got = 0;
    while (got < count) {
        const ssize_t more = ::pread(file, bytes.data() + got, count - got, static_cast<off_t>(offset + got));
        if (more <= 0) break;
        got += static_cast<std::size_t>(more);
    }
    bytes.resize(got);
    return bytes;
}

std::optional<Ends> readEnds(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return std::nullopt;
    std::optional<Ends> ends;
    struct stat status{};
    if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode)) {
        ends.emplace();
        ends->size = static_cast<std::uint64_t>(status.st_size);
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(ends->size, kSpanBytes));
        ends->head = readAt(file, 0, count);
        ends->tail = readAt(file, ends->size - count, count);
    }
    ::close(file);
    return ends;
}

constexpr std::size_t kFileHeaderBytes = 24;
constexpr std::size_t kRecordHeaderBytes = 16;
constexpr std::size_t kBlockFrameBytes = 12;

/// Where the longest chain of records that ends with the file begins. A place inside of a packet may look like a record
/// as well, but hardly like several that end just there.
std::optional<std::size_t> lastPcapRecords(Bytes head, Bytes tail) {
    constexpr std::uint32_t kLongest = 262'144;
    const bool isBig = head[0] == 0xa1; // both magic numbers begin with it
    const ByteOrder order(isBig);
    std::vector<std::uint32_t> chain(tail.size() + 1); // records from here to the end; 0: none that fit
    std::optional<std::size_t> best;
    for (std::size_t at = tail.size(); at-- > 0;) {
        if (tail.size() - at < kRecordHeaderBytes) continue;
        const std::uint32_t captured = order.u32(tail.data() + at + 8);
        const std::size_t room = tail.size() - at - kRecordHeaderBytes;
        if (captured > kLongest || captured > room) continue;
        const std::size_t next = at + kRecordHeaderBytes + captured;
        if (next != tail.size() && chain[next] == 0) continue;
        chain[at] = chain[next] + 1;
        if (!best || chain[at] >= chain[*best]) best = at;
    }
    return best;
}

/// Each block has its length at its end, so that they can be walked from the last one on.
std::optional<std::size_t> lastBlocks(Bytes head, Bytes tail) {
    const ByteOrder order(loadBigEndian<std::uint32_t>(head.data() + 8) == 0x1a2b3c4d);
    std::size_t at = tail.size();
    while (at >= kBlockFrameBytes) {
        const std::size_t length = order.u32(tail.data() + at - 4);
        if (length < kBlockFrameBytes || length % 4 != 0 || length > at) break;
        if (order.u32(tail.data() + at - length + 4) != length) break;
        at -= length;
    }
    if (at == tail.size()) return std::nullopt;
    return at;
}

/// The whole blocks at the start: they describe the interfaces.
std::size_t firstBlocks(Bytes head) {
    const ByteOrder order(loadBigEndian<std::uint32_t>(head.data() + 8) == 0x1a2b3c4d);
    std::size_t at = 0;
    while (head.size() - at >= kBlockFrameBytes) {
        const std::size_t length = order.u32(head.data() + at + 4);
        if (length < kBlockFrameBytes || length > head.size() - at) break;
        at += length;
    }
    return at;
}

/// The beginning and the end of a capture as one that is only these.
std::optional<std::vector<std::uint8_t>> shortened(const Ends& ends) {
    if (ends.head.size() < kFileHeaderBytes) return std::nullopt;
    const std::uint64_t tailOffset = ends.size - ends.tail.size();
    std::optional<std::size_t> start;
    std::size_t headBytes = kFileHeaderBytes;
    if (looksLikePcap(ends.head)) {
        start = lastPcapRecords(ends.head, ends.tail);
    } else if (looksLikePcapng(ends.head)) {
        start = lastBlocks(ends.head, ends.tail);
        headBytes = firstBlocks(ends.head);
    }
    if (!start) return std::nullopt;
    // What the head holds already must not come twice.
    const std::uint64_t from = std::max<std::uint64_t>(tailOffset + *start, headBytes);
    std::vector<std::uint8_t> file(ends.head.begin(), ends.head.begin() + static_cast<std::ptrdiff_t>(headBytes));
    file.insert(file.end(), ends.tail.begin() + static_cast<std::ptrdiff_t>(from - tailOffset), ends.tail.end());
    return file;
}

/// The first and the last time.
CaptureSpan timesOf(PacketSource& source, bool firstOnly) {
    CaptureSpan span;
    PacketBlock block;
    for (auto more = source.read(block); more && *more; more = source.read(block)) {
        for (const Packet& packet : block.packets) {
            if (packet.time == kNoTime) continue;
            if (span.first == kNoTime) span.first = packet.time;
            span.last = packet.time;
        }
        if (firstOnly && span.first != kNoTime) break;
    }
    return span;
}

} // namespace

std::optional<CaptureSpan> spanOf(const std::string& path, const std::stop_token& stop) {
    const auto ends = path == "-" ? std::nullopt : readEnds(path);
    if (!ends) return std::nullopt;
    const ReaderLimits limits{.blockBytes = 16 * 1024};
    const auto source = openCapture(path, limits, stop);
    if (!source) return std::nullopt;
    CaptureSpan span{timesOf(**source, true).first, std::nullopt};
    if (span.first == kNoTime) return std::nullopt;
    if (const auto file = shortened(*ends)) {
        const auto both = openCaptureFrom(openMemory(*file));
        if (both) span.last = timesOf(**both, false).last;
    }
    return span;
}

} // namespace gatescope::capture
