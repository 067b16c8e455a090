// SPDX-License-Identifier: Apache-2.0
#include "core/http/hpack_decoder.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gatescope::http {

namespace {

constexpr std::uint32_t kStaticEntries = 61;     // RFC 7541, appendix A
constexpr std::uint32_t kLastRequestEntry = 7;   // :authority, :method, :path, :scheme
constexpr std::uint32_t kLastResponseEntry = 14; // :status

/// Name of entries whose name is unknown. No field has it: octets below 0x21 are forbidden in names (RFC 9113, 8.2.1).
/// One octet, so that such an entry is never larger than the sender's, and is never evicted before it.
constexpr std::string_view kUnknownName("\0", 1);

/// RFC 7541, 5.1. The bytes begin with the octet that holds the prefix; `at` moves behind the integer. Values that
/// need more than 32 bits are damage.
std::optional<std::uint32_t> readInteger(Bytes bytes, std::size_t& at, unsigned prefixBits) {
    if (at >= bytes.size()) return std::nullopt;
    const std::uint32_t mask = (1U << prefixBits) - 1;
    std::uint64_t value = bytes[at++] & mask;
    if (value < mask) return static_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift <= 28; shift += 7) {
        if (at >= bytes.size()) return std::nullopt;
        const std::uint8_t octet = bytes[at++];
        value += static_cast<std::uint64_t>(octet & 0x7f) << shift;
        if (value > 0xffff'ffff) return std::nullopt;
        if ((octet & 0x80) == 0) return static_cast<std::uint32_t>(value);
    }
    return std::nullopt;
}

/// RFC 7541, 5.2.
bool skipString(Bytes bytes, std::size_t& at) {
    const auto length = readInteger(bytes, at, 7);
    if (!length || *length > bytes.size() - at) return false;
    at += *length;
    return true;
}

} // namespace

struct HpackDecoder::Representation {
    enum class Kind : std::uint8_t { Indexed, Adding, Plain, Resize };
    Kind kind = Kind::Plain;
    std::uint32_t number = 0; ///< index, 0: a name of its own; of Resize the size
    std::size_t valueAt = 0;  ///< of literals
    Bytes bytes;
};

/// RFC 7541, 6. Nothing: damage.
std::optional<HpackDecoder::Representation> HpackDecoder::next(Bytes block) {
    using Kind = Representation::Kind;
    Representation one;
    unsigned prefixBits = 4; // without indexing, and never indexed
    const std::uint8_t first = block.front();
    if ((first & 0x80) != 0) {
        one.kind = Kind::Indexed;
        prefixBits = 7;
    } else if ((first & 0x40) != 0) {
        one.kind = Kind::Adding;
        prefixBits = 6;
    } else if ((first & 0x20) != 0) {
        one.kind = Kind::Resize;
        prefixBits = 5;
    }
    std::size_t at = 0;
    const auto number = readInteger(block, at, prefixBits);
    if (!number || (one.kind == Kind::Indexed && *number == 0)) return std::nullopt;
    one.number = *number;
    if (one.kind == Kind::Adding || one.kind == Kind::Plain) {
        if (one.number == 0 && !skipString(block, at)) return std::nullopt;
        one.valueAt = at;
        if (!skipString(block, at)) return std::nullopt;
    }
    one.bytes = block.first(at);
    return one;
}

struct HpackDecoder::Inflater {
    Inflater() {
        // Without memory there is no table: then every block is damaged.
        if (nghttp2_hd_inflate_new(&handle) != 0) handle = nullptr;
        if (handle != nullptr) nghttp2_hd_inflate_change_table_size(handle, kMaxTableBytes);
    }
    ~Inflater() {
        if (handle != nullptr) nghttp2_hd_inflate_del(handle);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    nghttp2_hd_inflater* handle = nullptr;
};

HpackDecoder::HpackDecoder(bool complete) : m_complete(complete) {
    if (complete)
        m_inflater = std::make_unique<Inflater>();
    else
        forget();
}

HpackDecoder::~HpackDecoder() = default;
HpackDecoder::HpackDecoder(HpackDecoder&&) noexcept = default;
HpackDecoder& HpackDecoder::operator=(HpackDecoder&&) noexcept = default;

void HpackDecoder::forget() {
    m_complete = false;
    m_inflater = nullptr; // made again by the next block
}

bool HpackDecoder::decode(Bytes block, HpackFields& fields) {
    const bool fresh = m_inflater == nullptr;
    if (fresh) m_inflater = std::make_unique<Inflater>();
    nghttp2_hd_inflater* const handle = m_inflater->handle;
    // How large the sender's table is nobody knows: one that is larger finds the same entries.
    bool good = handle != nullptr && (!fresh || resize(kMaxTableBytes));
    while (good && !block.empty()) {
        const auto one = next(block);
        good = one && apply(*one, fields);
        if (good) block = block.subspan(one->bytes.size());
    }
    if (good) {
        nghttp2_nv field{};
        int flags = 0;
        good = nghttp2_hd_inflate_hd2(handle, &field, &flags, nullptr, 0, 1) == 0 &&
               (flags & NGHTTP2_HD_INFLATE_FINAL) != 0 && nghttp2_hd_inflate_end_headers(handle) == 0;
    }
    if (!good) forget();
    return good;
}

bool HpackDecoder::apply(const Representation& one, HpackFields& fields) {
    using Kind = Representation::Kind;
    if (one.kind == Kind::Resize) return resize(one.number);
    const bool known =
        one.number <= kStaticEntries || one.number <= nghttp2_hd_inflate_get_num_table_entries(m_inflater->handle);
    if (known) return inflate(one.bytes, fields);
    if (m_complete) return false;
    if (one.kind == Kind::Adding) return unknownName(one, fields);
    fields.unknownField();
    return true;
}

bool HpackDecoder::resize(std::uint32_t bytes) {
    const std::uint32_t size = std::min<std::uint32_t>(bytes, kMaxTableBytes);
    if (size < bytes) m_complete = false;
    // RFC 7541, 6.3 and 5.1, with a five-bit prefix.
    std::array<std::uint8_t, 6> text{};
    std::size_t length = 0;
    if (size < 31) {
        text[length++] = static_cast<std::uint8_t>(0x20 | size);
    } else {
        text[length++] = 0x3f;
        std::uint32_t rest = size - 31;
        for (; rest >= 0x80; rest >>= 7) text[length++] = static_cast<std::uint8_t>(0x80 | (rest & 0x7f));
        text[length++] = static_cast<std::uint8_t>(rest);
    }
    nghttp2_nv field{};
    int flags = 0;
    return nghttp2_hd_inflate_hd2(m_inflater->handle, &field, &flags, text.data(), length, 0) ==
           static_cast<ssize_t>(length);
}

bool HpackDecoder::unknownName(const Representation& one, HpackFields& fields) {
    // The entry that the sender adds is added here too, so that the places of the others stay right.
    constexpr std::array<std::uint8_t, 3> kName{0x40, 1, static_cast<std::uint8_t>(kUnknownName[0])};
    return inflate(kName, fields) && inflate(one.bytes.subspan(one.valueAt), fields);
}

bool HpackDecoder::inflate(Bytes bytes, HpackFields& fields) {
    while (!bytes.empty()) {
        nghttp2_nv field{};
        int flags = 0;
        const ssize_t taken = nghttp2_hd_inflate_hd2(m_inflater->handle, &field, &flags, bytes.data(), bytes.size(), 0);
        if (taken < 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(taken));
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0) return bytes.empty();
        const std::string_view name = asText({field.name, field.namelen});
        if (name == kUnknownName)
            fields.unknownField();
        else
            fields.field(name, asText({field.value, field.valuelen}));
    }
    return true;
}

std::optional<bool> hpackTellsRequest(Bytes block) {
    using Kind = HpackDecoder::Representation::Kind;
    while (!block.empty()) {
        const auto one = HpackDecoder::next(block);
        if (!one) return std::nullopt;
        if (one->kind != Kind::Resize && one->number != 0) {
            if (one->number <= kLastRequestEntry) return true;
            if (one->number <= kLastResponseEntry) return false;
        }
        block = block.subspan(one->bytes.size());
    }
    return std::nullopt;
}

} // namespace gatescope::http
