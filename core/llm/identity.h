// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/message.h"
#include "core/llm/call_facts.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gatescope::llm {

/// Reads the claims of bearer tokens. A token is decoded, never verified (RFC 7519; nothing here proves who called).
/// Agents send the same token for an hour, so the last ones are remembered by the hash of their text: the text itself
/// is not kept. One worker owns it.
class TokenClaims {
public:
    TokenClaims();
    ~TokenClaims();
    TokenClaims(const TokenClaims&) = delete;
    TokenClaims& operator=(const TokenClaims&) = delete;

    /// `appid` (version 1 tokens) or else `azp` (version 2) of a JSON Web Token; empty when there is none, when the
    /// text is no such token or is over the limit. Valid until the next call.
    std::string_view caller(std::string_view token);
    /// Tokens that were decoded and not remembered.
    std::uint64_t decoded() const { return m_decoded; }

private:
    static constexpr std::size_t kMaxToken = 16 * 1024;
    static constexpr std::size_t kMaxCaller = 256;
    static constexpr std::size_t kRemembered = 256;
    struct Entry {
        std::uint64_t hash = 0;
        std::size_t length = 0; ///< 0: free
        std::string caller;
    };
    struct Parser;

    std::string decode(std::string_view token);

    std::array<Entry, kRemembered> m_entries;
    std::unique_ptr<Parser> m_parser;
    std::uint64_t m_decoded = 0;
};

/// What the request's headers say of the caller. Masked values (`X` in ids) are taken as they are.
Identity readIdentity(const http::HeaderList& headers, TokenClaims& claims);

} // namespace gatescope::llm
