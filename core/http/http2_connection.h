// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/protocol_decoder.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::http {

struct Http2Options {
    /// The beginning was not captured: table entries sent before are unknown, and frames are looked for.
    bool middle = false;
    std::uint32_t firstIndex = 0;   ///< of the first exchange in the connection
    Version version = Version::H2c; ///< H2 under TLS
    /// Requests whose first stream was opened by an upgrade of HTTP/1 (RFC 7540, 3.2); answered by stream 1.
    std::unique_ptr<ActiveExchange> upgraded;
    std::optional<unsigned> client; ///< direction, where it is known already
};

/// Both directions of an HTTP/2 connection (RFC 9113), matched into exchanges by stream. Header fields by libnghttp2's
/// HPACK inflater (RFC 7541); everything else is ours. Streams are independent: the order of the exchanges is that of
/// their requests. After a loss, or in the middle of a connection, fields that refer to unknown table entries are left
/// out and counted (`RequestHead::unknownFields`), frames are found again, and nothing is guessed.
class Http2Connection final : public ProtocolDecoder {
public:
    Http2Connection(ExchangeListener& listener, Http2Options options);
    ~Http2Connection() override;

    std::size_t feed(unsigned direction, Bytes bytes, const PiecePlace& place) override;
    void gap(unsigned direction, std::uint64_t length, const PiecePlace& place) override;
    void fin(unsigned direction, const PiecePlace& place) override;
    void close() override;
    std::optional<unsigned> clientDirection() const override;
    const std::string& protocol() const override;
    std::uint32_t opened() const override;
    std::vector<Finding> takeFindings() override;

private:
    class Direction;
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::http
