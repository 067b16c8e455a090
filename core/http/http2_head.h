// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/hpack_decoder.h"
#include "core/http/message.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::http {

/// The fields of one header block, with the pseudo-fields apart (RFC 9113, 8.3). Names are as sent, in lower case.
class Http2Head final : public HpackFields {
public:
    /// Names and values of one message, with 32 octets for each field as SETTINGS_MAX_HEADER_LIST_SIZE counts them.
    static constexpr std::size_t kMaxBytes = 256 * 1024;

    void clear();
    void field(std::string_view name, std::string_view value) override;
    void unknownField() override;
    /// Puts `:authority` among the headers as `host` when there is none, so that a host is found as in HTTP/1 (RFC
    /// 9113, 8.3.1).
    void settleHost();

    /// A pseudo-field of requests is there.
    bool isRequest() const { return !method.empty() || !path.empty() || !authority.empty() || m_scheme; }
    /// It begins with a field that is no pseudo-field, as trailers do.
    bool beginsRegular() const { return m_first == First::Regular; }

    std::string method;
    std::string authority;
    std::string path;
    std::string protocol; ///< of extended CONNECT (RFC 8441)
    int status = 0;       ///< 0: none, or unknown
    HeaderList headers;
    std::uint32_t unknown = 0;
    bool malformed = false;
    bool tooLong = false;
    bool damaged = false; ///< the block could not be read to its end; set by who reads it

private:
    enum class First : std::uint8_t { None, Pseudo, Regular, Unknown };
    void pseudoField(std::string_view name, std::string_view value);
    void set(std::string& place, std::string_view value);

    First m_first = First::None;
    std::size_t m_bytes = 0;
    bool m_scheme = false;
};

/// Value of Content-Length; nothing when there is none or it is no number.
std::optional<std::uint64_t> contentLength(const HeaderList& headers);

} // namespace gatescope::http
