// SPDX-License-Identifier: Apache-2.0
#include "core/http/http2_connection.h"

#include "core/http/hpack_decoder.h"
#include "core/http/http2_exchanges.h"
#include "core/http/http2_findings.h"
#include "core/http/http2_frame_reader.h"

#include <utility>

namespace gatescope::http {

namespace {
constexpr std::uint16_t kSettingMaxFrameSize = 5; // RFC 9113, 6.5.2
} // namespace

/// One direction: its frames and its table of header fields.
class Http2Connection::Direction final : public Http2FrameReader::Events {
public:
    Direction(State& state, unsigned index, bool inStep)
        : m_state(state), m_index(index), m_reader(*this, inStep), m_hpack(inStep), m_inStep(inStep) {}

    Http2FrameReader& reader() { return m_reader; }
    std::optional<Http2Side> side();

    void preface() override;
    void data(std::uint32_t stream, Bytes piece) override;
    void dataGap(std::uint32_t stream, std::uint64_t length) override;
    void dataEnd(std::uint32_t stream) override;
    void headerBlock(const Http2Block& block) override;
    void headerBlockLost(const Http2Block& block, Http2BlockLoss why) override;
    void control(const Http2FrameHeader& header, Bytes payload) override;
    void frameError(std::string_view what) override;
    void stepLost() override;

private:
    void settings(Bytes payload);

    State& m_state;
    unsigned m_index;
    Http2FrameReader m_reader;
    HpackDecoder m_hpack;
    bool m_inStep; ///< from the first octet on
};

struct Http2Connection::State {
    State(ExchangeListener& listener, const Http2Options& options)
        : exchanges(listener, options.version, options.firstIndex), client(options.client),
          protocol(toString(options.version)),
          directions{Direction(*this, 0, !options.middle), Direction(*this, 1, !options.middle)} {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Http2Exchanges exchanges;
    Http2Head head; ///< of the block that is being read
    std::optional<unsigned> client;
    std::string protocol;
    std::array<Direction, 2> directions;
};

std::optional<Http2Side> Http2Connection::Direction::side() {
    // A client begins with its preface: what has none, from the first octet on, is the server's.
    if (!m_state.client && m_inStep) m_state.client = 1 - m_index;
    if (!m_state.client) return std::nullopt;
    return *m_state.client == m_index ? Http2Side::Client : Http2Side::Server;
}

void Http2Connection::Direction::preface() {
    if (!m_state.client) m_state.client = m_index;
}

void Http2Connection::Direction::data(std::uint32_t stream, Bytes piece) {
    if (const auto from = side()) m_state.exchanges.data(*from, stream, piece, m_reader.place());
}

void Http2Connection::Direction::dataGap(std::uint32_t stream, std::uint64_t length) {
    if (const auto from = side()) m_state.exchanges.dataGap(*from, stream, length);
}

void Http2Connection::Direction::dataEnd(std::uint32_t stream) {
    if (const auto from = side()) m_state.exchanges.dataEnd(*from, stream, m_reader.place());
}

void Http2Connection::Direction::headerBlock(const Http2Block& block) {
    if (!side()) {
        // Only servers promise; else the pseudo-fields tell.
        const std::optional<bool> request = block.promised != 0 ? false : hpackTellsRequest(block.fragment);
        if (request) m_state.client = *request ? m_index : 1 - m_index;
    }
    Http2Head& head = m_state.head;
    head.clear();
    head.damaged = !m_hpack.decode(block.fragment, head);
    if (head.damaged) ++head.unknown;
    const auto from = side();
    if (!from) return;
    if (block.promised == 0)
        m_state.exchanges.head(*from, block, head, m_reader.place());
    else if (*from == Http2Side::Server)
        m_state.exchanges.promise(block, head, m_reader.place());
}

void Http2Connection::Direction::headerBlockLost(const Http2Block& block, Http2BlockLoss why) {
    m_hpack.forget();
    if (const auto from = side()) m_state.exchanges.headLost(*from, block, why, m_reader.place());
}

void Http2Connection::Direction::control(const Http2FrameHeader& header, Bytes payload) {
    const auto from = side();
    ByteReader reader(payload);
    switch (header.type) {
    case Http2FrameType::Settings:
        settings(payload);
        break;
    case Http2FrameType::RstStream: {
        const std::uint32_t code = reader.u32();
        if (from) m_state.exchanges.reset(*from, header.stream, reader.failed() ? std::nullopt : std::optional(code));
        break;
    }
    case Http2FrameType::GoAway: {
        const std::uint32_t last = reader.u32() & 0x7fff'ffff;
        const std::uint32_t code = reader.u32();
        if (from && !reader.failed()) m_state.exchanges.goAway(*from, last, code);
        break;
    }
    default:
        break;
    }
}

void Http2Connection::Direction::settings(Bytes payload) {
    ByteReader reader(payload);
    while (reader.remaining() >= 6) {
        const std::uint16_t setting = reader.u16();
        const std::uint32_t value = reader.u32();
        if (setting == kSettingMaxFrameSize) m_state.directions[1 - m_index].reader().allow(value);
    }
}

void Http2Connection::Direction::frameError(std::string_view what) {
    m_state.exchanges.note(kFrameError, what);
}

void Http2Connection::Direction::stepLost() {
    m_inStep = false;
    m_hpack.forget();
    if (const auto from = side()) m_state.exchanges.stepLost(*from);
}

Http2Connection::Http2Connection(ExchangeListener& listener, Http2Options options)
    : m_state(std::make_unique<State>(listener, options)) {
    if (options.upgraded) m_state->exchanges.adopt(std::move(options.upgraded));
}

Http2Connection::~Http2Connection() = default;

std::size_t Http2Connection::feed(unsigned direction, Bytes bytes, const PiecePlace& place) {
    m_state->directions[direction].reader().feed(bytes, place);
    return bytes.size();
}

void Http2Connection::gap(unsigned direction, std::uint64_t length, const PiecePlace& place) {
    m_state->directions[direction].reader().gap(length, place);
}

void Http2Connection::fin(unsigned direction, const PiecePlace&) {
    Direction& ending = m_state->directions[direction];
    ending.reader().finish();
    // One that never spoke says nothing about who is the client.
    if (m_state->client) m_state->exchanges.sideEnded(*ending.side());
}

void Http2Connection::close() {
    for (Direction& direction : m_state->directions) direction.reader().finish();
    m_state->exchanges.close();
}

std::optional<unsigned> Http2Connection::clientDirection() const {
    return m_state->client;
}

const std::string& Http2Connection::protocol() const {
    return m_state->protocol;
}

std::uint32_t Http2Connection::opened() const {
    return m_state->exchanges.opened();
}

std::vector<Finding> Http2Connection::takeFindings() {
    return m_state->exchanges.takeFindings();
}

} // namespace gatescope::http
