// SPDX-License-Identifier: Apache-2.0
#include "core/capture/unwrapping_source.h"

#include <algorithm>
#include <limits>
#include <zlib.h>

namespace gatescope::capture {

namespace {

/// RFC 1952: members one after the other. Zeros behind the last one are padding.
class GzipDecompressor final : public Decompressor {
public:
    GzipDecompressor() { m_ready = inflateInit2(&m_stream, kGzipOnly + MAX_WBITS) == Z_OK; }
    ~GzipDecompressor() override {
        if (m_ready) inflateEnd(&m_stream);
    }
    bool ready() const { return m_ready; }

    Step step(Bytes in, std::span<std::uint8_t> out) override {
        Step done;
        if (m_memberEnded) {
            const auto padding = std::ranges::find_if(in, [](std::uint8_t byte) { return byte != 0; });
            done.consumed = static_cast<std::size_t>(padding - in.begin());
            done.betweenFrames = true;
            if (done.consumed == in.size()) return done;
            in = in.subspan(done.consumed);
            inflateReset(&m_stream);
            m_memberEnded = false;
            m_first = false;
        }
        inflateInto(in, out, done);
        return done;
    }

private:
    static constexpr int kGzipOnly = 16; ///< added to the window bits: see inflateInit2 in zlib.h

    void inflateInto(Bytes in, std::span<std::uint8_t> out, Step& done) {
        constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
        const auto inCount = static_cast<uInt>(std::min(in.size(), kMost));
        const auto outCount = static_cast<uInt>(std::min(out.size(), kMost));
        m_stream.next_in = const_cast<Bytef*>(in.data()); // zlib does not write there
        m_stream.avail_in = inCount;
        m_stream.next_out = out.data();
        m_stream.avail_out = outCount;
        const int result = inflate(&m_stream, Z_NO_FLUSH);
        done.consumed += inCount - m_stream.avail_in;
        done.produced = outCount - m_stream.avail_out;
        m_memberEnded = result == Z_STREAM_END;
        done.betweenFrames = m_memberEnded;
        if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return;
        const bool atStart = m_stream.total_out == 0 && !m_first;
        done.problem = atStart ? "what follows the last member is not gzip"
                               : (m_stream.msg != nullptr ? m_stream.msg : "cannot be decompressed");
    }

    z_stream m_stream{};
    bool m_ready = false;
    bool m_memberEnded = false;
    bool m_first = true;
};

} // namespace

std::unique_ptr<Decompressor> makeGzipDecompressor() {
    auto made = std::make_unique<GzipDecompressor>();
    if (!made->ready()) return nullptr;
    return made;
}

} // namespace gatescope::capture
