// SPDX-License-Identifier: Apache-2.0
#include "core/capture/unwrapping_source.h"

#include <algorithm>
#include <zstd.h>

namespace gatescope::capture {

namespace {

struct Freer {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

/// RFC 8878. The library itself goes on to the next frame and leaves skippable ones out. Windows above its default
/// limit of 128 MiB are refused: they decide how much memory is needed.
class ZstdDecompressor final : public Decompressor {
public:
    bool ready() const { return m_stream != nullptr; }

    Step step(Bytes in, std::span<std::uint8_t> out) override {
        ZSTD_inBuffer from{in.data(), std::min(in.size(), m_inputHint), 0};
        ZSTD_outBuffer to{out.data(), out.size(), 0};
        const std::size_t result = ZSTD_decompressStream(m_stream.get(), &to, &from);
        Step done{.consumed = from.pos, .produced = to.pos, .betweenFrames = result == 0, .problem = {}};
        if (ZSTD_isError(result) != 0)
            done.problem = ZSTD_getErrorName(result);
        else
            m_inputHint = result > kBlockHeaderBytes ? result - kBlockHeaderBytes : kBlockHeaderBytes;
        return done;
    }

private:
    static constexpr std::size_t kFirstInput = 5; ///< magic number and frame header descriptor
    static constexpr std::size_t kBlockHeaderBytes = 3;

    std::unique_ptr<ZSTD_DStream, Freer> m_stream{ZSTD_createDStream()};
    /// The rest of the current block: what the library wants next, less the header of the block after it. An error
    /// loses all output of its call, so a call must not go beyond a block.
    std::size_t m_inputHint = kFirstInput;
};

} // namespace

std::unique_ptr<Decompressor> makeZstdDecompressor() {
    auto made = std::make_unique<ZstdDecompressor>();
    if (!made->ready()) return nullptr;
    return made;
}

} // namespace gatescope::capture
