// SPDX-License-Identifier: Apache-2.0
// Both directions of a TLS session, with secrets that open what the seeds hold: any split of the octets gives the same
// content, and the facts stay within their limits. Where records have to be looked for, in the middle and after a loss,
// the end of a piece is a hint, so that splits may differ there.
#include "core/tls/secret_store.h"
#include "core/tls/session.h"

#include <array>
#include <cstdlib>
#include <string>

using namespace gatescope;
using namespace gatescope::tls;

namespace {

struct Recorder final : SessionListener {
    std::array<std::string, 2> content;
    void onApplicationStart(std::string_view) override {}
    void onApplicationData(Peer from, Bytes data, const Place&) override { content[indexOf(from)] += asText(data); }
    void onApplicationGap(Peer from, std::uint64_t, const Place&) override { content[indexOf(from)] += '?'; }
    void onApplicationEnd(Peer, const Place&) override {}
    void onFinding(Finding&&) override {}
};

/// Chunks: one octet of control (bit 0: direction; bit 1: a loss of that length; bit 2: FIN, bit 3: RST), two of
/// length.
bool run(Bytes input, const std::shared_ptr<SecretStore>& secrets, bool middle, std::size_t split, Recorder& recorder,
         std::string& ended) {
    SessionOptions options;
    options.secrets = secrets;
    options.middle = middle;
    Session session(recorder, options);
    ByteReader reader(input);
    PacketRef packet = 0;
    bool isWhole = !middle;
    while (reader.remaining() >= 3) {
        const unsigned control = reader.u8();
        const std::size_t length = std::min<std::size_t>(reader.u16(), reader.remaining());
        const Place place{++packet, static_cast<TimeNs>(packet)};
        if (control & 4) session.fin(control & 1, place);
        if (control & 8) session.reset(control & 1, place);
        if (control & 2) {
            if (length != 0) session.gap(control & 1, length, place);
            isWhole = false;
            continue;
        }
        Bytes part = reader.take(length);
        while (!part.empty()) {
            const std::size_t piece = std::min(part.size(), split);
            session.feed(control & 1, part.first(piece), place);
            part = part.subspan(piece);
        }
    }
    session.close(true);
    if (session.facts().steps.size() > SessionFacts::kMaxSteps) std::abort();
    ended = session.facts().ended;
    return isWhole;
}

} // namespace

/// The input: its first octet says whether the beginning is missing, two octets the length of a key log, the key log,
/// then chunks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteReader reader({data, size});
    const bool middle = (reader.u8() & 1) != 0;
    const Bytes keyLog = reader.take(reader.u16());
    if (reader.failed()) return 0;
    const Bytes chunks = reader.take(reader.remaining());
    const auto secrets = std::make_shared<SecretStore>();
    secrets->addKeyLog(asText(keyLog));
    Recorder whole;
    Recorder pieces;
    std::string endedWhole;
    std::string endedPieces;
    const bool isWhole = run(chunks, secrets, middle, 1U << 20, whole, endedWhole);
    run(chunks, secrets, middle, 1 + size % 7, pieces, endedPieces);
    if (isWhole && (whole.content != pieces.content || endedWhole != endedPieces)) std::abort();
    return 0;
}
