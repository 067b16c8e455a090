// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace gatescope::http {

/// Told the fields of a header block in their order. Views are valid during the call only.
class HpackFields {
public:
    virtual ~HpackFields() = default;
    virtual void field(std::string_view name, std::string_view value) = 0;
    /// A field was here whose name or value stands in a table entry that was never seen.
    virtual void unknownField() = 0;
};

/// Header blocks of one direction in the order in which they were sent (RFC 7541). Strings, Huffman code and the table
/// are libnghttp2's; the representations are looked at here first, so that a table of which only the newest entries
/// are known gives what it can and nothing else: an entry is found by how many were added after it, so those that were
/// added before the reader's time are told apart by their index alone.
class HpackDecoder {
public:
    /// The table is never larger, whatever the encoder says; what it then looks up in vain is unknown. Browsers allow
    /// 64 KiB, most others 4 KiB. What the other end allowed (SETTINGS_HEADER_TABLE_SIZE) is not asked: the encoder
    /// says in the block what it uses (RFC 7541, 6.3), and a lower limit would only refuse what the two ends
    /// understood.
    static constexpr std::size_t kMaxTableBytes = 256 * 1024;

    /// `complete`: the table is empty, because the connection begins here. Otherwise nothing is known of it.
    explicit HpackDecoder(bool complete);
    ~HpackDecoder();
    HpackDecoder(HpackDecoder&&) noexcept;
    HpackDecoder& operator=(HpackDecoder&&) noexcept;

    /// One whole block. False: it is damaged; the fields before the damage were told, and the table is forgotten.
    bool decode(Bytes block, HpackFields& fields);
    /// A block was lost: nobody knows how many entries it added, so none of the older ones can be found any more.
    void forget();

private:
    struct Representation;
    static std::optional<Representation> next(Bytes block);
    friend std::optional<bool> hpackTellsRequest(Bytes block);

    bool apply(const Representation& representation, HpackFields& fields);
    bool resize(std::uint32_t bytes);
    bool unknownName(const Representation& representation, HpackFields& fields);
    bool inflate(Bytes bytes, HpackFields& fields);

    struct Inflater;
    std::unique_ptr<Inflater> m_inflater;
    bool m_complete; ///< every entry that the encoder can refer to is in the table
};

/// Whether a block holds a request's or a response's pseudo-fields (RFC 9113, 8.3), by the entries of the static table
/// that it refers to; nothing: it does not show.
std::optional<bool> hpackTellsRequest(Bytes block);

} // namespace gatescope::http
