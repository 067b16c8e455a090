// SPDX-License-Identifier: Apache-2.0
// Input: one octet of settings (1: the beginning was not captured), one that seeds the second split, then pieces: an
// octet that says what (octets, gap), one that gives the length, then the octets. As long as headers are captured, what
// the reader tells is what a plain walk over the octets finds, however they are split.
#include "core/tls/record_reader.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

/// Octets of the stream; none: lost.
using Stream = std::vector<std::optional<std::uint8_t>>;

std::string recordLine(unsigned type, unsigned version, std::string_view fragment) {
    return "record " + std::to_string(type) + ' ' + std::to_string(version) + ' ' + std::string(fragment);
}
std::string lostLine(unsigned type, std::size_t length) {
    return "lost " + std::to_string(type) + ' ' + std::to_string(length);
}

class Sink final : public tls::RecordSink {
public:
    std::vector<std::string> lines;
    std::uint64_t octets = 0; ///< accounted for
    bool notTls = false;

private:
    void onRecord(const tls::Record& record) override {
        require(!notTls && record.fragment.size() <= tls::RecordReader::kMaxFragment);
        require(record.type >= 20 && record.type <= 24 && record.version >> 8 == 3);
        require(record.first.packet != 0 && record.first.packet <= record.last.packet);
        octets += record.size();
        lines.push_back(recordLine(record.type, record.version, asText(record.fragment)));
    }
    void onLost(const tls::LostRecords& lost) override {
        require(!notTls && lost.octets != 0 && lost.place.packet != 0);
        require(!lost.oneRecord || lost.octets == tls::Record::kHeaderBytes + std::uint64_t{lost.length});
        if (!lost.oneRecord) octets += lost.octets; // the rest of that record may never come
        lines.push_back(lost.oneRecord ? lostLine(lost.type, lost.length) : "lost");
    }
    void onNotTls(Bytes beginning, const tls::Place& place) override {
        require(!notTls && !beginning.empty() && place.packet != 0);
        notTls = true;
    }
};

/// Plays the input; pieces are cut again by the lengths that `random` gives, if it is not 0.
Sink played(const std::uint8_t* data, std::size_t size, std::uint32_t random, Stream& stream) {
    Sink sink;
    tls::RecordReader reader(sink, (data[0] & 1) != 0);
    std::uint64_t packet = 0;
    stream.clear();
    for (std::size_t at = 2; at + 2 <= size;) {
        const bool isGap = data[at] % 8 == 7;
        const std::size_t length = data[at + 1] + std::size_t{isGap};
        at += 2;
        const tls::Place place{++packet, static_cast<TimeNs>(packet)};
        if (isGap) {
            reader.gap(length, place);
            stream.resize(stream.size() + length);
            continue;
        }
        const std::size_t end = at + std::min(length, size - at);
        stream.insert(stream.end(), data + at, data + end);
        while (at < end) {
            if (random != 0) random = random * 1'664'525 + 1'013'904'223;
            const std::size_t part = random == 0 ? end - at : std::min<std::size_t>(end - at, 1 + (random >> 24) % 40);
            // A copy of exactly that size, gone after the call.
            const std::vector<std::uint8_t> bytes(data + at, data + at + part);
            reader.feed(bytes, place);
            at += part;
        }
    }
    require(sink.octets + reader.unfinished() <= stream.size());
    return sink;
}

/// What there is up to the first header that was lost, is cut, or is none.
std::vector<std::string> expected(const Stream& stream) {
    std::vector<std::string> lines;
    std::size_t at = 0;
    const auto octet = [&](std::size_t offset) { return *stream[at + offset]; };
    for (;;) {
        constexpr std::size_t kHeader = tls::Record::kHeaderBytes;
        if (stream.size() - at < kHeader) return lines;
        for (std::size_t i = 0; i < kHeader; ++i)
            if (!stream[at + i]) return lines;
        const std::size_t length = std::size_t{octet(3)} << 8 | octet(4);
        const bool isHeader = octet(0) >= 20 && octet(0) <= 24 && octet(1) == 3 && octet(2) <= 4;
        if (!isHeader || length > tls::RecordReader::kMaxFragment) return lines;
        const std::size_t end = std::min(at + kHeader + length, stream.size());
        std::string fragment;
        bool isWhole = true;
        for (std::size_t i = at + kHeader; i < end; ++i) {
            if (stream[i])
                fragment += static_cast<char>(*stream[i]);
            else
                isWhole = false;
        }
        if (!isWhole) lines.push_back(lostLine(octet(0), length));
        if (end - at < kHeader + length) return lines;
        if (isWhole) lines.push_back(recordLine(octet(0), 0x300U | octet(2), fragment));
        at = end;
    }
}

bool beginsWith(const std::vector<std::string>& lines, const std::vector<std::string>& beginning) {
    return lines.size() >= beginning.size() && std::equal(beginning.begin(), beginning.end(), lines.begin());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    Stream stream;
    const Sink whole = played(data, size, 0, stream);
    const Sink parts = played(data, size, data[1] + 1U, stream);
    if ((data[0] & 1) != 0) return 0; // what is found first depends on where pieces end
    const std::vector<std::string> lines = expected(stream);
    require(beginsWith(whole.lines, lines) && beginsWith(parts.lines, lines));
    return 0;
}
