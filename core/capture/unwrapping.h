// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/capture/byte_source.h"

#include <memory>
#include <string_view>

namespace gatescope::capture {

enum class Wrapper : std::uint8_t { None, Gzip, Zstd, Lz4 };

std::string_view toString(Wrapper wrapper);

/// By the magic number at the start of `head`.
Wrapper findWrapper(Bytes head);

/// What comes out of the wrapper whose bytes are `begun` and then the rest of `below`. Several members or frames one
/// after the other are one stream. Cut or damaged data ends the stream with error(), after all that came out before.
/// Error: Internal, if the decompressor cannot be set up.
std::expected<std::unique_ptr<ByteSource>, Error> unwrap(Wrapper wrapper, std::unique_ptr<ByteSource> below,
                                                         Bytes begun);

} // namespace gatescope::capture
