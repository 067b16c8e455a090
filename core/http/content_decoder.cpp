// SPDX-License-Identifier: Apache-2.0
#include "core/http/content_decoder.h"

#include "core/http/message.h"

#include <algorithm>
#include <array>
#include <brotli/decode.h>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace gatescope::http {

namespace {

using Status = ContentDecoder::Status;
/// Gives false when no more is wanted: a few octets of brotli can stand for gigabytes, so a stage must stop at once.
using Output = std::function<bool(Bytes)>;

constexpr std::size_t kOutputPiece = 32 * 1024;
/// Nobody sends more; each one costs a window of memory.
constexpr std::size_t kMaxCodings = 4;
/// RFC 9659: a window over 8 MiB must not be used for the content coding.
constexpr int kZstdWindowLogMax = 23;

using Buffer = std::array<std::uint8_t, kOutputPiece>;

/// One content coding. After anything but Ok it is not called again.
class Coding {
public:
    virtual ~Coding() = default;
    virtual Status decode(Bytes input, Buffer& buffer, const Output& output) = 0;
    virtual bool finished() const = 0;

protected:
    Coding() = default;
    Coding(const Coding&) = delete;
    Coding& operator=(const Coding&) = delete;
};

/// zlib's inflate over one piece.
class Inflater {
public:
    explicit Inflater(int windowBits) { m_ready = inflateInit2(&m_stream, windowBits) == Z_OK; }
    ~Inflater() {
        if (m_ready) inflateEnd(&m_stream);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    bool ended() const { return m_ended; }
    void restart() {
        inflateReset(&m_stream);
        m_ended = false;
    }
    /// Takes from `input` what belongs to the stream.
    Status run(Bytes& input, Buffer& buffer, const Output& output) {
        if (!m_ready) return Status::Malformed;
        while (!m_ended) {
            const uInt offered = static_cast<uInt>(std::min<std::size_t>(input.size(), 1U << 30));
            m_stream.next_in = const_cast<Bytef*>(input.data()); // zlib reads it only
            m_stream.avail_in = offered;
            m_stream.next_out = buffer.data();
            m_stream.avail_out = static_cast<uInt>(buffer.size());
            const int result = inflate(&m_stream, Z_NO_FLUSH);
            input = input.subspan(offered - m_stream.avail_in);
            const std::size_t made = buffer.size() - m_stream.avail_out;
            if (made != 0 && !output(Bytes(buffer.data(), made))) return Status::LimitReached;
            if (result == Z_STREAM_END)
                m_ended = true;
            else if (result != Z_OK && result != Z_BUF_ERROR)
                return Status::Malformed;
            else if (input.empty() && made < buffer.size())
                break;
        }
        return Status::Ok;
    }

private:
    z_stream m_stream{};
    bool m_ready = false;
    bool m_ended = false;
};

/// RFC 1952: members follow one another; zeros after the last are padding, as gzip itself takes them.
class GzipCoding final : public Coding {
public:
    Status decode(Bytes input, Buffer& buffer, const Output& output) override {
        while (!input.empty()) {
            if (m_inflater.ended()) {
                if (input.front() == 0) m_padding = true;
                if (m_padding) return onlyZeros(input) ? Status::Ok : Status::Malformed;
                m_inflater.restart();
            }
            const Status status = m_inflater.run(input, buffer, output);
            if (status != Status::Ok) return status;
        }
        return Status::Ok;
    }
    bool finished() const override { return m_inflater.ended(); }

private:
    static bool onlyZeros(Bytes bytes) {
        return std::ranges::all_of(bytes, [](std::uint8_t octet) { return octet == 0; });
    }
    Inflater m_inflater{MAX_WBITS + 16};
    bool m_padding = false;
};

/// RFC 9110 means the zlib format; some senders leave its header out, so the first two octets decide.
class DeflateCoding final : public Coding {
public:
    Status decode(Bytes input, Buffer& buffer, const Output& output) override {
        if (!m_inflater) {
            while (m_held < 2 && !input.empty()) {
                m_head[m_held++] = input.front();
                input = input.subspan(1);
            }
            if (m_held < 2) return Status::Ok;
            m_inflater = std::make_unique<Inflater>(looksLikeZlib() ? MAX_WBITS : -MAX_WBITS);
            Bytes head(m_head);
            const Status status = m_inflater->run(head, buffer, output);
            if (status != Status::Ok || !head.empty()) return Status::Malformed;
        }
        const Status status = m_inflater->run(input, buffer, output);
        return status == Status::Ok && !input.empty() ? Status::Malformed : status;
    }
    bool finished() const override { return m_inflater && m_inflater->ended(); }

private:
    /// RFC 1950, 2.2.
    bool looksLikeZlib() const {
        return (m_head[0] & 0x0f) == 8 && (m_head[0] >> 4) <= 7 && (m_head[0] * 256 + m_head[1]) % 31 == 0;
    }
    std::array<std::uint8_t, 2> m_head{};
    std::size_t m_held = 0;
    std::unique_ptr<Inflater> m_inflater;
};

class BrotliCoding final : public Coding {
public:
    BrotliCoding() : m_state(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}
    ~BrotliCoding() override { BrotliDecoderDestroyInstance(m_state); }

    Status decode(Bytes input, Buffer& buffer, const Output& output) override {
        if (!m_state || (finished() && !input.empty())) return Status::Malformed;
        const std::uint8_t* next = input.data();
        std::size_t left = input.size();
        while (true) {
            std::uint8_t* out = buffer.data();
            std::size_t space = buffer.size();
            const auto result = BrotliDecoderDecompressStream(m_state, &left, &next, &space, &out, nullptr);
            if (space != buffer.size() && !output(Bytes(buffer.data(), buffer.size() - space)))
                return Status::LimitReached;
            if (result == BROTLI_DECODER_RESULT_ERROR) return Status::Malformed;
            if (result == BROTLI_DECODER_RESULT_SUCCESS) return left == 0 ? Status::Ok : Status::Malformed;
            if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) return Status::Ok;
        }
    }
    bool finished() const override { return m_state && BrotliDecoderIsFinished(m_state) == BROTLI_TRUE; }

private:
    BrotliDecoderState* m_state;
};

class ZstdCoding final : public Coding {
public:
    ZstdCoding() : m_stream(ZSTD_createDStream()) {
        if (m_stream) ZSTD_DCtx_setParameter(m_stream, ZSTD_d_windowLogMax, kZstdWindowLogMax);
    }
    ~ZstdCoding() override { ZSTD_freeDStream(m_stream); }

    Status decode(Bytes input, Buffer& buffer, const Output& output) override {
        if (!m_stream) return Status::Malformed;
        while (!input.empty()) {
            if (m_betweenFrames) {
                m_magic[m_held++] = input.front();
                input = input.subspan(1);
                if (m_held < m_magic.size()) continue;
                if (!isFrame()) return Status::Malformed;
                m_held = 0;
                m_betweenFrames = false;
                Bytes magic(m_magic);
                if (const Status status = run(magic, buffer, output); status != Status::Ok) return status;
            }
            if (const Status status = run(input, buffer, output); status != Status::Ok) return status;
        }
        return Status::Ok;
    }
    bool finished() const override { return m_anyFrame && m_betweenFrames && m_held == 0; }

private:
    /// RFC 8878, 3.1: frames and skippable frames. The library also takes formats from before the standard.
    bool isFrame() const {
        const auto magic = loadLittleEndian<std::uint32_t>(m_magic.data());
        return magic == 0xFD2FB528U || (magic & 0xFFFFFFF0U) == 0x184D2A50U;
    }
    /// Decodes up to the end of the frame or of the input.
    Status run(Bytes& input, Buffer& buffer, const Output& output) {
        ZSTD_inBuffer in{input.data(), input.size(), 0};
        while (true) {
            ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
            const std::size_t result = ZSTD_decompressStream(m_stream, &out, &in);
            input = Bytes(static_cast<const std::uint8_t*>(in.src) + in.pos, in.size - in.pos);
            if (out.pos != 0 && !output(Bytes(buffer.data(), out.pos))) return Status::LimitReached;
            if (ZSTD_isError(result)) return Status::Malformed;
            m_betweenFrames = m_anyFrame = result == 0;
            if (m_betweenFrames || (input.empty() && out.pos < out.size)) return Status::Ok;
        }
    }

    ZSTD_DStream* m_stream;
    std::array<std::uint8_t, 4> m_magic{};
    std::size_t m_held = 0;
    bool m_betweenFrames = true;
    bool m_anyFrame = false;
};

std::unique_ptr<Coding> makeCoding(std::string_view name) {
    if (equalsIgnoreCase(name, "gzip") || equalsIgnoreCase(name, "x-gzip")) return std::make_unique<GzipCoding>();
    if (equalsIgnoreCase(name, "deflate")) return std::make_unique<DeflateCoding>();
    if (equalsIgnoreCase(name, "br")) return std::make_unique<BrotliCoding>();
    if (equalsIgnoreCase(name, "zstd")) return std::make_unique<ZstdCoding>();
    return nullptr;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace

struct ContentDecoder::Stage {
    std::unique_ptr<Coding> coding;
    std::uint64_t made = 0; ///< octets that it gave
    Buffer buffer;
};

struct ContentDecoder::State {
    std::vector<std::unique_ptr<Stage>> stages; ///< in the order of decoding: the last coding of the header first
    std::uint64_t maxOutput = 0;
    Status status = Status::Ok;

    void decode(std::size_t index, Bytes input, const Sink& sink);
    bool deliver(std::size_t index, Bytes output, const Sink& sink);
};

void ContentDecoder::State::decode(std::size_t index, Bytes input, const Sink& sink) {
    if (index == stages.size()) {
        sink(input);
        return;
    }
    Stage& stage = *stages[index];
    // One reference in the closure, so that std::function needs no memory of its own.
    const auto next = [this, index, &sink](Bytes made) { return deliver(index, made, sink); };
    const Output output = [&next](Bytes made) { return next(made); };
    const Status own = stage.coding->decode(input, stage.buffer, output);
    if (status == Status::Ok) status = own;
}

bool ContentDecoder::State::deliver(std::size_t index, Bytes output, const Sink& sink) {
    // Every stage is held to the limit, or a small bomb inside a coding would be unpacked for nothing.
    const std::uint64_t room = maxOutput - stages[index]->made;
    const Bytes allowed = output.first(static_cast<std::size_t>(std::min<std::uint64_t>(room, output.size())));
    stages[index]->made += allowed.size();
    if (!allowed.empty()) decode(index + 1, allowed, sink);
    if (allowed.size() != output.size() && status == Status::Ok) status = Status::LimitReached;
    return status == Status::Ok;
}

ContentDecoder::ContentDecoder(std::string_view encoding, std::uint64_t maxOutput)
    : m_state(std::make_unique<State>()) {
    m_state->maxOutput = maxOutput;
    while (!encoding.empty()) {
        const std::size_t comma = encoding.find(',');
        const std::string_view name = trimmed(encoding.substr(0, comma));
        encoding = comma == std::string_view::npos ? std::string_view{} : encoding.substr(comma + 1);
        if (name.empty() || equalsIgnoreCase(name, "identity")) continue;
        auto stage = std::make_unique<Stage>();
        stage->coding = makeCoding(name);
        if (!stage->coding || m_state->stages.size() == kMaxCodings) {
            m_state->stages.clear();
            m_state->status = Status::Unsupported;
            return;
        }
        m_state->stages.insert(m_state->stages.begin(), std::move(stage));
    }
}

ContentDecoder::~ContentDecoder() = default;
ContentDecoder::ContentDecoder(ContentDecoder&&) noexcept = default;
ContentDecoder& ContentDecoder::operator=(ContentDecoder&&) noexcept = default;

bool ContentDecoder::isIdentity() const {
    return m_state->stages.empty() && m_state->status == Status::Ok;
}

ContentDecoder::Status ContentDecoder::status() const {
    return m_state->status;
}

ContentDecoder::Status ContentDecoder::feed(Bytes piece, const Sink& sink) {
    if (m_state->status == Status::Ok && !piece.empty()) m_state->decode(0, piece, sink);
    return m_state->status;
}

bool ContentDecoder::finished() const {
    return m_state->status == Status::Ok &&
           std::ranges::all_of(m_state->stages, [](const auto& stage) { return stage->coding->finished(); });
}

} // namespace gatescope::http
