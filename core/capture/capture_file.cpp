// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_file.h"

#include "core/capture/capture_reader.h"
#include "core/capture/input_file.h"
#include "core/capture/pcap_parser.h"
#include "core/capture/pcapng_parser.h"
#include "core/capture/source_opening.h"
#include "core/capture/unwrapping.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace gatescope::capture {

namespace {

constexpr std::size_t kHeadBytes = 24; ///< a pcap file header; all other marks are shorter

/// The first bytes of a source: enough to know what it is, fewer if there are no more.
struct Head {
    std::array<std::uint8_t, kHeadBytes> room{};
    std::size_t size = 0;

    Bytes bytes() const { return {room.data(), size}; }
};

std::expected<Head, Error> readHead(ByteSource& source) {
    Head head;
    while (head.size < kHeadBytes) {
        const std::size_t got = source.read(head.room.data() + head.size, kHeadBytes - head.size);
        if (got == 0 && source.idle()) continue; // a file that is being written has no whole head yet
        if (got == 0) break;
        head.size += got;
    }
    if (head.size == 0 && source.error()) return std::unexpected(*source.error());
    return head;
}

struct Mark {
    std::string_view start;
    std::string_view name;
};
using namespace std::string_view_literals;
constexpr std::array<Mark, 9> kMarks{{
    {"BZh"sv, "bzip2: decompress it first"sv},
    {"\xfd"
     "7zXZ\0"sv,
     "xz: decompress it first"sv},
    {"\x02\x21\x4c\x18"sv, "lz4 of the legacy kind: compress it again with the frame format"sv},
    {"PK\x03\x04"sv, "a zip archive: unpack it first"sv},
    {"7z\xbc\xaf\x27\x1c"sv, "a 7z archive: unpack it first"sv},
    {"snoop\0\0\0"sv, "a snoop capture: convert it first with editcap -F pcapng OLD NEW"sv},
    {"XCP\0"sv, "a NetXray or Sniffer capture: convert it first with editcap -F pcapng OLD NEW"sv},
    {"GMBU"sv, "a Network Monitor capture: convert it first with editcap -F pcapng OLD NEW"sv},
    {"\x7f"
     "ELF"sv,
     "a program"sv},
}};

std::string describe(Bytes head) {
    if (head.empty()) return "the file is empty";
    const std::string_view text = asText(head);
    for (const Mark& mark : kMarks)
        if (text.starts_with(mark.start)) return fmt::format("not a capture, but {}", mark.name);
    const bool isText = std::ranges::all_of(head, [](std::uint8_t byte) {
        return (byte >= 0x20 && byte < 0x7f) || byte == '\t' || byte == '\r' || byte == '\n';
    });
    if (isText) return "not a capture, but text";
    std::string hex;
    for (const std::uint8_t byte : head.first(std::min<std::size_t>(head.size(), 8)))
        hex += fmt::format(" {:02x}", byte);
    return fmt::format("neither pcap nor pcapng: the first bytes are{}", hex);
}

std::expected<std::unique_ptr<PacketSource>, Error> makeReader(std::unique_ptr<ByteSource> source, const Head& head,
                                                               Wrapper wrapper, const ReaderLimits& limits) {
    auto notes = std::make_unique<CaptureNotes>();
    std::string_view format = "pcap";
    std::expected<std::unique_ptr<RecordParser>, Error> parser;
    if (looksLikePcap(head.bytes())) {
        parser = makePcapParser(head.bytes(), *notes, limits);
    } else if (looksLikePcapng(head.bytes())) {
        format = "pcapng";
        parser = makePcapngParser(head.bytes(), *notes, limits);
    } else {
        return std::unexpected(Error{ErrorKind::UnknownFormat, describe(head.bytes())});
    }
    if (!parser) return std::unexpected(std::move(parser).error());
    notes->info.format =
        wrapper == Wrapper::None ? std::string(format) : fmt::format("{} ({})", format, toString(wrapper));
    return std::make_unique<CaptureReader>(std::move(source), head.bytes(), std::move(notes), *std::move(parser),
                                           limits.blockBytes);
}

} // namespace

namespace {

/// A source out of its wrapper, with its first octets.
struct Unwrapped {
    std::unique_ptr<ByteSource> source;
    Head head;
    Wrapper wrapper = Wrapper::None;
};

std::expected<Unwrapped, Error> unwrapped(std::unique_ptr<ByteSource> source) {
    auto head = readHead(*source);
    if (!head) return std::unexpected(std::move(head).error());
    const Wrapper wrapper = findWrapper(head->bytes());
    if (wrapper == Wrapper::None) return Unwrapped{std::move(source), *head, wrapper};

    auto inner = unwrap(wrapper, std::move(source), head->bytes());
    if (!inner) return std::unexpected(std::move(inner).error());
    auto innerHead = readHead(**inner);
    if (!innerHead) {
        Error error = std::move(innerHead).error();
        // Nothing came out of it, so nothing can be read in part.
        if (error.kind == ErrorKind::Damaged) error.kind = ErrorKind::UnknownFormat;
        return std::unexpected(std::move(error));
    }
    if (const Wrapper nested = findWrapper(innerHead->bytes()); nested != Wrapper::None)
        return std::unexpected(Error{ErrorKind::UnknownFormat, fmt::format("{} inside {}: decompress it once first",
                                                                           toString(nested), toString(wrapper))});
    return Unwrapped{*std::move(inner), *innerHead, wrapper};
}

} // namespace

std::expected<std::unique_ptr<PacketSource>, Error> openCaptureFrom(std::unique_ptr<ByteSource> source,
                                                                    const ReaderLimits& limits) {
    auto opened = unwrapped(std::move(source));
    if (!opened) return std::unexpected(std::move(opened).error());
    return makeReader(std::move(opened->source), opened->head, opened->wrapper, limits);
}

std::expected<std::unique_ptr<PacketSource>, Error> openCapture(const std::string& path, ReaderLimits limits,
                                                                std::stop_token stop) {
    auto source = openFile(path, std::move(stop));
    if (!source) return std::unexpected(std::move(source).error());
    return openCaptureFrom(*std::move(source), limits);
}

std::expected<InputFile, Error> openInput(const std::string& path, std::size_t headBytes, ReaderLimits limits,
                                          std::stop_token stop) {
    auto source = openFile(path, std::move(stop));
    if (!source) return std::unexpected(std::move(source).error());
    auto opened = unwrapped(*std::move(source));
    if (!opened) return std::unexpected(std::move(opened).error());
    InputFile file;
    const Bytes head = opened->head.bytes();
    if (looksLikePcap(head) || looksLikePcapng(head)) {
        auto reader = makeReader(std::move(opened->source), opened->head, opened->wrapper, limits);
        if (!reader) return std::unexpected(std::move(reader).error());
        file.capture = *std::move(reader);
        return file;
    }
    file.notCapture = Error{ErrorKind::UnknownFormat, describe(head)};
    if (opened->wrapper != Wrapper::None) file.wrapper = toString(opened->wrapper);
    file.bytes = std::move(opened->source);
    file.head.assign(head.begin(), head.end());
    while (file.head.size() < headBytes) {
        const std::size_t before = file.head.size();
        file.head.resize(headBytes);
        const std::size_t got = file.bytes->read(file.head.data() + before, headBytes - before);
        file.head.resize(before + got);
        if (got != 0) continue;
        if (before == 0 && file.bytes->error()) return std::unexpected(*file.bytes->error());
        file.whole = !file.bytes->error();
        break;
    }
    return file;
}

} // namespace gatescope::capture
