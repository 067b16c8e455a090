// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/byte_source.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gatescope::capture {

/// One decompression library, fed piece by piece.
class Decompressor {
public:
    struct Step {
        std::size_t consumed = 0;
        std::size_t produced = 0;
        bool betweenFrames = false; ///< the input may end here
        std::string problem;        ///< not empty: damaged; nothing more comes out
    };

    Decompressor() = default;
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;
    virtual ~Decompressor() = default;

    /// Takes from `in` and gives to `out` as far as it can. No progress at all: it needs more input.
    virtual Step step(Bytes in, std::span<std::uint8_t> out) = 0;
};

/// Null: no memory.
std::unique_ptr<Decompressor> makeGzipDecompressor();
std::unique_ptr<Decompressor> makeZstdDecompressor();
std::unique_ptr<Decompressor> makeLz4Decompressor();

/// The bytes that come out of a compressed source.
class UnwrappingSource final : public ByteSource {
public:
    UnwrappingSource(std::string name, std::unique_ptr<Decompressor> decompressor, std::unique_ptr<ByteSource> below,
                     Bytes begun);

    std::size_t read(std::uint8_t* to, std::size_t count) override;
    const std::optional<Error>& error() const override { return m_error; }
    bool idle() const override { return !m_ended && m_below->idle(); }
    std::uint64_t bytesTaken() const override { return m_below->bytesTaken(); }
    std::uint64_t totalBytes() const override { return m_below->totalBytes(); }

private:
    bool refill();
    void end();

    static constexpr std::size_t kInputBytes = 256 * 1024;

    std::string m_name;
    std::unique_ptr<Decompressor> m_decompressor;
    std::unique_ptr<ByteSource> m_below;
    std::vector<std::uint8_t> m_room;
    Bytes m_input; ///< in m_room, not yet taken
    bool m_betweenFrames = false;
    bool m_outputPending = false; ///< the last call ran out of room, so there may be more
    bool m_ended = false;
    std::optional<Error> m_error;
};

} // namespace gatescope::capture
