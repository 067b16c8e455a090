// SPDX-License-Identifier: Apache-2.0
#include "core/capture/unwrapping.h"

#include "core/capture/unwrapping_source.h"

#include <array>

namespace gatescope::capture {

std::string_view toString(Wrapper wrapper) {
    constexpr std::array<std::string_view, 4> kNames{"", "gzip", "zstd", "lz4"};
    return kNames[static_cast<std::size_t>(wrapper)];
}

Wrapper findWrapper(Bytes head) {
    constexpr std::uint32_t kZstd = 0xfd2fb528;
    constexpr std::uint32_t kLz4 = 0x184d2204;
    constexpr std::uint32_t kSkippable = 0x184d2a50; // to ..5f; zstd's tools start files with one, lz4's do not
    if (head.size() >= 2 && head[0] == 0x1f && head[1] == 0x8b) return Wrapper::Gzip;
    if (head.size() < 4) return Wrapper::None;
    const auto magic = loadLittleEndian<std::uint32_t>(head.data());
    if (magic == kLz4) return Wrapper::Lz4;
    if (magic == kZstd || (magic & 0xfffffff0U) == kSkippable) return Wrapper::Zstd;
    return Wrapper::None;
}

std::expected<std::unique_ptr<ByteSource>, Error> unwrap(Wrapper wrapper, std::unique_ptr<ByteSource> below,
                                                         Bytes begun) {
    std::unique_ptr<Decompressor> decompressor;
    switch (wrapper) {
    case Wrapper::Gzip:
        decompressor = makeGzipDecompressor();
        break;
    case Wrapper::Zstd:
        decompressor = makeZstdDecompressor();
        break;
    case Wrapper::Lz4:
        decompressor = makeLz4Decompressor();
        break;
    case Wrapper::None:
        return below;
    }
    if (!decompressor) return std::unexpected(Error{ErrorKind::Internal, "no memory for decompression"});
    return std::make_unique<UnwrappingSource>(std::string(toString(wrapper)), std::move(decompressor), std::move(below),
                                              begun);
}

} // namespace gatescope::capture
