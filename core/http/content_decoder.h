// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace gatescope::http {

/// Undoes `Content-Encoding` (RFC 9110, 8.4): gzip, x-gzip, deflate (zlib or raw), br, zstd, identity, and chains of
/// them, in pieces. Several gzip members or zstd frames in a row are one body.
class ContentDecoder {
public:
    enum class Status : std::uint8_t {
        Ok,
        Unsupported, ///< a coding that we do not know; nothing is delivered
        Malformed,   ///< the coded data broke the format; what came before it was delivered
        LimitReached ///< more output than allowed (a bomb); what came before it was delivered
    };
    using Sink = std::function<void(Bytes)>;

    /// `encoding` is the header's value. `maxOutput` counts decoded octets of the whole body.
    ContentDecoder(std::string_view encoding, std::uint64_t maxOutput);
    ~ContentDecoder();
    ContentDecoder(ContentDecoder&&) noexcept;
    ContentDecoder& operator=(ContentDecoder&&) noexcept;

    /// True when pieces pass unchanged, so that a caller may skip the decoder.
    bool isIdentity() const;
    Status status() const;
    /// Decodes one piece; `sink` is called zero or more times with decoded octets, valid during the call only.
    /// After a status other than Ok further pieces are ignored.
    Status feed(Bytes piece, const Sink& sink);
    /// True when the coded data came to its proper end.
    bool finished() const;

private:
    struct Stage;
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::http
