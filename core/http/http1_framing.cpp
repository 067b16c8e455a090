// SPDX-License-Identifier: Apache-2.0
#include "core/http/http1_framing.h"

#include "core/http/http_findings.h"
#include "core/http/message.h"

#include <algorithm>

namespace gatescope::http {

namespace {

/// Longer lists of codings do not occur.
constexpr std::size_t kMaxCodingsBytes = 1'024;

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// As evidence: one line, without control characters.
std::string quoted(std::string_view text) {
    std::string result(text.substr(0, Http1Framing::kMaxEvidenceBytes));
    std::ranges::replace_if(result, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return result;
}

struct Codings {
    unsigned chunked = 0; ///< how often it is named
    bool chunkedIsLast = false;
    bool onlyIdentity = true;
    bool resembleChunked = false; ///< a name that is not it, but has it inside
};

Codings readCodings(std::string_view list) {
    Codings codings;
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        const std::string_view item = trimmed(list.substr(0, comma));
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
        if (item.empty()) continue;
        const std::string_view name = trimmed(item.substr(0, item.find(';')));
        codings.chunkedIsLast = equalsIgnoreCase(name, "chunked");
        if (codings.chunkedIsLast) ++codings.chunked;
        if (!equalsIgnoreCase(name, "identity")) codings.onlyIdentity = false;
        for (std::size_t at = 0; !codings.chunkedIsLast && at + 7 <= item.size(); ++at)
            codings.resembleChunked = codings.resembleChunked || equalsIgnoreCase(item.substr(at, 7), "chunked");
    }
    return codings;
}

} // namespace

void Http1Framing::clear() {
    if (m_lengths == 0 && !m_hasCodings && m_odd.empty()) return;
    *this = {};
}

void Http1Framing::addLength(std::uint64_t length) {
    if (m_lengths++ == 0) {
        m_length = length;
    } else if (length != m_length && !m_lengthsDiffer) {
        m_lengthsDiffer = true;
        m_otherLength = length;
    }
}

void Http1Framing::addTransferEncoding(std::string_view value) {
    if (m_hasCodings) m_codings += ',';
    m_hasCodings = true;
    m_codings.append(value.substr(0, kMaxCodingsBytes - std::min(kMaxCodingsBytes, m_codings.size())));
}

void Http1Framing::noteBlankBehind(std::string_view name) {
    note(kSmugglingName, quoted(name));
}

Http1Framing::Body Http1Framing::decide(bool isRequest, bool isHttp10) {
    if (m_lengthsDiffer) note(kSmugglingLengths, std::to_string(m_length) + " and " + std::to_string(m_otherLength));
    if (m_length > kMaxAgreedLength) note(kSmugglingLength, std::to_string(m_length));
    Body body = m_lengths != 0 ? Body::Length : Body::Unstated;
    if (m_hasCodings) decideCodings(isRequest, isHttp10, body);
    return body;
}

void Http1Framing::decideCodings(bool isRequest, bool isHttp10, Body& body) {
    const Codings codings = readCodings(m_codings);
    const bool chunked = codings.chunked != 0;
    if (m_lengths != 0 && (chunked || !codings.onlyIdentity))
        note(kSmugglingBoth, "length " + std::to_string(m_length) + ", " + quoted(m_codings));
    const bool isPlainChunked = codings.chunked == 1 && codings.chunkedIsLast && !codings.resembleChunked;
    // Without chunked as the last coding a request has no end (RFC 9112, 6.3); a response lasts until the close.
    if (!isPlainChunked && (chunked || codings.resembleChunked || (isRequest && !codings.onlyIdentity)))
        note(kSmugglingCodings, quoted(m_codings));
    if (chunked && isHttp10) note(kSmugglingCodings, "in HTTP/1.0: " + quoted(m_codings));
    if (isRequest ? chunked : codings.chunkedIsLast)
        body = Body::Chunked;
    else if (!isRequest && !codings.onlyIdentity)
        body = Body::UntilClose;
}

void Http1Framing::note(const FindingKind& kind, std::string evidence) {
    const auto same = [&](const Odd& odd) { return odd.kind == &kind; };
    if (std::ranges::none_of(m_odd, same)) m_odd.push_back({&kind, std::move(evidence)});
}

} // namespace gatescope::http
