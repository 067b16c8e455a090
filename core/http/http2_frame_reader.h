// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/exchange_listener.h"
#include "core/http/http2_frame.h"
#include "core/http/http2_frame_search.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatescope::http {

/// A header block with the frames that carried it: HEADERS or PUSH_PROMISE, and CONTINUATION (RFC 9113, 4.3).
struct Http2Block {
    std::uint32_t stream = 0;
    std::uint32_t promised = 0; ///< of PUSH_PROMISE; 0: it is none
    bool endStream = false;
    PiecePlace first; ///< of its first frame's first octet
    Bytes fragment;   ///< whole; valid during the call only
};

/// Why a header block cannot be read.
enum class Http2BlockLoss : std::uint8_t {
    Gap,    ///< octets of it were never captured
    Cut,    ///< the direction ended in it
    Flood,  ///< longer than the limits
    Invalid ///< its frames break the rules
};

/// Frames of one direction of an HTTP/2 connection (RFC 9113, 4). Octets may come in any split; the events are the
/// same. DATA is passed through as it comes. What lies between an octet that is lost and the next frame that is found
/// again is skipped.
class Http2FrameReader {
public:
    /// Told as frames pass. `place()` is the piece that is being read.
    class Events {
    public:
        virtual ~Events() = default;
        /// The client's connection preface.
        virtual void preface() = 0;
        virtual void data(std::uint32_t stream, Bytes piece) = 0;
        /// `length` octets of a DATA frame were never captured; padding may have been among them.
        virtual void dataGap(std::uint32_t stream, std::uint64_t length) = 0;
        /// A DATA frame with END_STREAM is over.
        virtual void dataEnd(std::uint32_t stream) = 0;
        virtual void headerBlock(const Http2Block& block) = 0;
        virtual void headerBlockLost(const Http2Block& block, Http2BlockLoss why) = 0;
        /// RST_STREAM, SETTINGS or GOAWAY. The payload may be cut at kMaxControlBytes.
        virtual void control(const Http2FrameHeader& header, Bytes payload) = 0;
        /// Something that the protocol forbids.
        virtual void frameError(std::string_view what) = 0;
        /// Frames may have been lost, with all that they carried.
        virtual void stepLost() = 0;
    };

    /// A payload that is taken from anybody; more than a receiver announces by default, because the announcement may
    /// not have been captured. A larger one shows that this is no frame, unless `allow` said otherwise.
    static constexpr std::uint32_t kMaxFrameBytes = 1U << 20;
    /// Of one header block, as transferred; servers allow 8 to 64 KiB.
    static constexpr std::size_t kMaxBlockBytes = 256 * 1024;
    /// CONTINUATION frames of one block: enough for the largest block in frames of 2 KiB.
    static constexpr unsigned kMaxContinuations = 128;
    /// Of SETTINGS and GOAWAY; longer ones are looked at so far only.
    static constexpr std::size_t kMaxControlBytes = 6 * 64;
    /// Octets that are searched for frames where none was ever found, before the direction is left alone.
    static constexpr std::uint64_t kMaxSearchBytes = 4U << 20;

    /// `inStep`: the direction's first octet comes first.
    Http2FrameReader(Events& events, bool inStep);

    void feed(Bytes bytes, const PiecePlace& place);
    void gap(std::uint64_t length, const PiecePlace& place);
    /// Nothing follows.
    void finish();
    /// The other end takes payloads of that size (SETTINGS_MAX_FRAME_SIZE).
    void allow(std::uint32_t frameBytes);
    const PiecePlace& place() const { return m_place; }

private:
    enum class State : std::uint8_t { Preface, InStep, Searching, Alone };

    /// In step. These take octets and say how many; fewer than there are, or a state of Searching: out of step.
    std::size_t readInStep(Bytes bytes, const PiecePlace& place);
    std::size_t readPreface(Bytes bytes);
    std::size_t readFrames(Bytes bytes);
    bool beginFrame(const Http2FrameHeader& header);
    bool checkFrame();
    void beginBlockFrame();
    std::size_t payload(Bytes bytes);
    std::size_t prefix(Bytes bytes);
    void body(Bytes piece);
    void endFrame();
    void endBlock();
    void markBlockLost(Http2BlockLoss why);
    void loseBlock(Http2BlockLoss why);
    void loseStep();
    bool isBlockFrame() const;

    void readFound(bool nothingFollows);

    Events& m_events;
    State m_state;
    bool m_found = false; ///< the first frame was not the direction's first octets but was found
    bool m_everInStep = false;
    PiecePlace m_place;
    std::uint32_t m_allowed = kMaxFrameBytes;

    std::array<std::uint8_t, 24> m_head{}; ///< of the preface or a frame's header, then of its payload
    std::size_t m_headBytes = 0;
    bool m_inFrame = false;
    Http2FrameHeader m_frame;
    PiecePlace m_frameStart;
    std::uint32_t m_left = 0; ///< of the payload, all parts
    std::uint32_t m_body = 0; ///< of what the frame carries, before the padding
    std::size_t m_prefixWanted = 0;
    bool m_skip = false; ///< the rest of the frame means nothing

    Http2Block m_block;
    bool m_blockOpen = false; ///< CONTINUATION must follow
    bool m_blockLost = false;
    Http2BlockLoss m_blockLoss = Http2BlockLoss::Gap;
    unsigned m_continuations = 0;
    std::string m_collected; ///< a block or payload that came in pieces
    Bytes m_whole;           ///< one that came whole

    Http2FrameSearch m_search;
    std::uint64_t m_searched = 0;
};

} // namespace gatescope::http
