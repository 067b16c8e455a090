// SPDX-License-Identifier: Apache-2.0
// Input: one octet that says what follows. Even: datagrams of a QUIC connection, each a direction, a length of 16 bits
// and its octets. Odd: the frames of Initial packets, each a length of 16 bits and its octets, as if they had been
// decrypted: no fuzzer could seal them.
#include "core/tls/handshake_reader.h"
#include "core/tls/hello.h"
#include "core/tls/quic_crypto_stream.h"
#include "core/tls/quic_frames.h"
#include "core/tls/quic_initial.h"
#include "core/tls/quic_packet.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

using namespace gatescope;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

/// A copy of exactly that size, gone after the call.
std::vector<std::uint8_t> take(Bytes& bytes) {
    ByteReader reader(bytes);
    const std::size_t stated = reader.u16();
    const Bytes piece = reader.take(std::min(stated, reader.remaining()));
    bytes = bytes.subspan(reader.failed() ? bytes.size() : reader.position());
    return {piece.begin(), piece.end()};
}

void checkPackets(Bytes datagram) {
    std::size_t packets = 0;
    const std::size_t size = datagram.size();
    while (const auto packet = tls::takeQuicPacket(datagram)) {
        require(!packet->whole.empty() && packet->numberAt <= packet->whole.size());
        require(packet->destination.size() <= 20 && packet->source.size() <= 20);
        require(++packets <= size);
    }
}

void playConnection(Bytes input) {
    tls::QuicConnection connection;
    std::uint64_t datagrams = 0;
    while (input.size() > 3) {
        const unsigned direction = input.front() & 1;
        input = input.subspan(1);
        const std::vector<std::uint8_t> datagram = take(input);
        checkPackets(datagram);
        connection.isOfAnother(datagram);
        ++datagrams;
        connection.feed(direction, datagram, {datagrams, static_cast<TimeNs>(datagrams)});
    }
    connection.close(datagrams % 2 == 0);
    const tls::SessionFacts facts = connection.takeFacts();
    require(facts.steps.size() <= tls::SessionFacts::kMaxSteps && !facts.ended.empty());
    std::uint64_t counted = 0;
    for (const tls::Step& step : facts.steps) counted += step.count;
    require(counted == datagrams);
    require(!tls::quicVersionName(facts.quicVersion).empty());
}

/// What comes out of a stream is what went in, in order.
class Stream final : public tls::QuicFrameSink, private tls::HandshakeSink {
public:
    void onCrypto(std::uint64_t offset, Bytes data) override {
        if (offset < kLimit) {
            const std::size_t end = std::min<std::size_t>(kLimit, offset + data.size());
            std::fill(m_sent.begin() + static_cast<std::ptrdiff_t>(offset),
                      m_sent.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(end, offset)), true);
        }
        m_crypto.add(offset, data, [&](Bytes piece) {
            require(!piece.empty());
            m_taken += piece.size();
            m_handshakes.feed(piece, {1, 1}, *this);
        });
        ++m_frames;
        const auto missing = std::find(m_sent.begin(), m_sent.end(), false) - m_sent.begin();
        require(m_taken <= static_cast<std::size_t>(missing));
        // Nothing is let go before that many pieces could wait.
        if (m_frames <= tls::QuicCryptoStream::kMaxPieces / 2) require(m_taken == static_cast<std::size_t>(missing));
    }
    void onConnectionClose(std::uint64_t error) override { require(error < std::uint64_t{1} << 62); }

private:
    static constexpr std::size_t kLimit = 8192;

    void onMessage(const tls::HandshakeMessage& message) override {
        tls::parseClientHello(message.body);
        tls::parseServerHello(message.body);
    }
    void onTooLong(const tls::LongHandshakeMessage&) override {}

    tls::QuicCryptoStream m_crypto{kLimit};
    tls::HandshakeReader m_handshakes;
    std::vector<bool> m_sent = std::vector<bool>(kLimit, false);
    std::size_t m_taken = 0;
    std::size_t m_frames = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Bytes input(data + 1, size - 1);
    if (data[0] % 2 == 0) {
        playConnection(input);
        return 0;
    }
    Stream stream;
    while (!input.empty()) tls::readQuicFrames(take(input), stream);
    return 0;
}
