// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::http {

/// How long a message's body is, by its Content-Length and Transfer-Encoding fields (RFC 9112, 6.3), and whether two
/// readers may come to different answers: that is what request smuggling lives on. Fields are given as they pass.
class Http1Framing {
public:
    enum class Body : std::uint8_t { Unstated, Length, Chunked, UntilClose };
    struct Odd {
        const FindingKind* kind;
        std::string evidence;
    };
    /// Of a field that is quoted as evidence.
    static constexpr std::size_t kMaxEvidenceBytes = 80;
    /// A signed 64-bit number ends there: one reader's length is another's -1.
    static constexpr std::uint64_t kMaxAgreedLength = 0x7fff'ffff'ffff'ffff;

    void clear();
    /// One Content-Length field whose value is that number.
    void addLength(std::uint64_t length);
    void addTransferEncoding(std::string_view value);
    /// One of these fields had a blank behind its name.
    void noteBlankBehind(std::string_view name);

    /// `isRequest`, `isHttp10`: of the message. Call once, when the head has ended.
    Body decide(bool isRequest, bool isHttp10);
    std::uint64_t length() const { return m_length; }
    /// Why another reader may see another body; empty: none will.
    const std::vector<Odd>& odd() const { return m_odd; }

private:
    void decideCodings(bool isRequest, bool isHttp10, Body& body);
    void note(const FindingKind& kind, std::string evidence);

    std::uint64_t m_length = 0;      ///< the first
    std::uint64_t m_otherLength = 0; ///< one that differs
    unsigned m_lengths = 0;
    bool m_lengthsDiffer = false;
    bool m_hasCodings = false;
    std::string m_codings; ///< fields joined by commas (RFC 9110, 5.3)
    std::vector<Odd> m_odd;
};

} // namespace gatescope::http
