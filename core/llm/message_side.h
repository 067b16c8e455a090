// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/content_decoder.h"
#include "core/llm/kept_body.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::llm {

/// Longest text of a message that goes into a finding.
inline constexpr std::size_t kMaxEvidence = 64;

/// The body of one message of an exchange, while it passes.
struct MessageSide {
    std::optional<http::ContentDecoder> decoder; ///< none when nothing is to be undone
    std::string coding;                          ///< for the evidence
    KeptBody body;
    bool wanted = false;
    bool declaredJson = false;
    bool started = false; ///< octets of the body were seen
    bool gap = false;
    bool ended = false;

    void clear(BufferPool& pool) {
        decoder.reset();
        coding.clear();
        body.release(pool);
        wanted = declaredJson = started = gap = ended = false;
    }
    void open(std::optional<std::string_view> encoding, std::uint64_t maxDecoded) {
        if (!encoding || encoding->empty()) return;
        decoder.emplace(*encoding, maxDecoded);
        if (decoder->isIdentity())
            decoder.reset();
        else
            coding.assign(encoding->substr(0, kMaxEvidence));
    }
    /// `take` gets what the piece says without its coding.
    template <typename Take>
    void decode(Bytes piece, Take&& take) {
        started = started || !piece.empty();
        if (!decoder) {
            take(piece);
        } else if (!gap) { // behind a gap nothing can be decoded
            decoder->feed(piece, [&take](Bytes decoded) { take(decoded); });
        }
    }
    /// True when the body came whole and its coding was undone to its end.
    bool whole(bool complete) const { return complete && !gap && (!decoder || decoder->finished()); }
};

} // namespace gatescope::llm
