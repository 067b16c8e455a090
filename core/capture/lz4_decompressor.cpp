// SPDX-License-Identifier: Apache-2.0
#include "core/capture/unwrapping_source.h"

#include <algorithm>
#include <lz4frame.h>

namespace gatescope::capture {

namespace {

struct Freer {
    void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};

/// LZ4 frame format 1.6. The library itself goes on to the next frame and leaves skippable ones out.
class Lz4Decompressor final : public Decompressor {
public:
    Lz4Decompressor() {
        LZ4F_dctx* context = nullptr;
        if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) == 0) m_context.reset(context);
    }
    bool ready() const { return m_context != nullptr; }

    Step step(Bytes in, std::span<std::uint8_t> out) override {
        std::size_t consumed = std::min(in.size(), m_inputHint);
        std::size_t produced = out.size();
        const std::size_t result =
            LZ4F_decompress(m_context.get(), out.data(), &produced, in.data(), &consumed, nullptr);
        if (LZ4F_isError(result) != 0)
            return {.consumed = 0, .produced = 0, .betweenFrames = false, .problem = LZ4F_getErrorName(result)};
        m_inputHint = result == 0 ? kFirstInput : result;
        return {.consumed = consumed, .produced = produced, .betweenFrames = result == 0, .problem = {}};
    }

private:
    static constexpr std::size_t kFirstInput = LZ4F_HEADER_SIZE_MAX;

    std::unique_ptr<LZ4F_dctx, Freer> m_context;
    /// What the library wants next, about one block: an error loses the output of its own call, so calls are kept
    /// short.
    std::size_t m_inputHint = kFirstInput;
};

} // namespace

std::unique_ptr<Decompressor> makeLz4Decompressor() {
    auto made = std::make_unique<Lz4Decompressor>();
    if (!made->ready()) return nullptr;
    return made;
}

} // namespace gatescope::capture
