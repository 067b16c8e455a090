// SPDX-License-Identifier: Apache-2.0
#include "core/trust/chain_size.h"

#include "core/trust/handshake_reading.h"
#include "core/trust/inference.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatescope::trust {

namespace {

constexpr std::uint32_t kHeader = 4; ///< of a handshake message
/// Empty context, length of the list (RFC 8446, 4.4.2); then each certificate has a length and that of its extensions.
constexpr std::uint32_t kListOverhead = 1 + 3;
constexpr std::uint32_t kEntryOverhead = 3 + 2;
/// A stapled response with what surrounds it has at least that (the signature and digests alone), and no more than
/// servers send.
constexpr std::uint32_t kLeastStaple = 250, kMostStaple = 8'192;
/// Extensions in EncryptedExtensions that cannot be known add up to less.
constexpr std::uint32_t kUnknownExtensions = 64;

struct Range {
    std::uint32_t least = 0, most = 0;
};

/// Length of CertificateVerify as a message, by the key. DER of an ECDSA signature varies with leading zeros: its two
/// numbers lose an octet each with a chance of 1:256 for each further one.
std::optional<Range> certificateVerifyLength(const Certificate& leaf) {
    constexpr std::uint32_t kOverhead = kHeader + 2 + 2;
    const auto exactly = [](std::uint32_t signature) { return Range{kOverhead + signature, kOverhead + signature}; };
    switch (leaf.key) {
    case KeyKind::Rsa:
    case KeyKind::RsaPss:
        return exactly((leaf.keyBits + 7) / 8);
    case KeyKind::Ed25519:
        return exactly(64);
    case KeyKind::Ed448:
        return exactly(114);
    case KeyKind::Ec:
        if (leaf.keyBits == 256) return Range{kOverhead + 68, kOverhead + 72};
        if (leaf.keyBits == 384) return Range{kOverhead + 100, kOverhead + 104};
        if (leaf.keyBits == 521) return Range{kOverhead + 135, kOverhead + 139};
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

std::uint32_t messageLength(std::span<const CertificatePtr> chain) {
    return certificateRecordLength(chain) - kSealing;
}

/// The chain as given, and what servers that are set up wrongly or well leave out of it; the better match first.
struct Candidate {
    std::span<const CertificatePtr> chain;
    SizeMatch match;
};
std::vector<Candidate> candidatesOf(std::span<const CertificatePtr> chain) {
    std::vector<Candidate> candidates{{chain, SizeMatch::Exact}};
    if (chain.size() > 1 && chain.back()->selfSigned)
        candidates.push_back({chain.first(chain.size() - 1), SizeMatch::WithoutRoot});
    if (chain.size() > 1) candidates.push_back({chain.first(1), SizeMatch::LeafOnly});
    return candidates;
}

bool mayBeStapled(std::uint32_t seen, std::uint32_t expected) {
    return seen >= expected + kLeastStaple && seen <= expected + kMostStaple;
}

/// Each message has a record of its own: one of them must have the very length. The first is EncryptedExtensions.
SizeMatch matchSeparate(const ServerFlight& flight, std::span<const Candidate> candidates) {
    const auto records = std::span(flight.lengths).subspan(1, *flight.finished - 1);
    for (const Candidate& candidate : candidates) {
        const std::uint32_t expected = certificateRecordLength(candidate.chain) + flight.padding;
        if (std::ranges::find(records, expected) != records.end()) return candidate.match;
    }
    // A server that has a response to staple has the issuer's certificate as well, so a leaf alone is not considered.
    const std::uint32_t largest = *std::ranges::max_element(records);
    for (const Candidate& candidate : candidates)
        if (candidate.match != SizeMatch::LeafOnly &&
            mayBeStapled(largest, certificateRecordLength(candidate.chain) + flight.padding))
            return SizeMatch::Unknown;
    return SizeMatch::Different;
}

/// Lengths that EncryptedExtensions may have: nothing in it, or the protocol that was chosen (RFC 7301), or an empty
/// answer to the server name (RFC 6066), or both.
std::vector<std::uint32_t> extensionsLengths(const tls::SessionFacts& facts) {
    constexpr std::uint32_t kEmpty = kHeader + 2, kServerName = 4, kAlpn = 4 + 2 + 1;
    std::vector<std::uint32_t> lengths{kEmpty};
    if (!facts.alpn.empty()) {
        lengths = {kEmpty + kAlpn + static_cast<std::uint32_t>(facts.alpn.size())};
    } else {
        for (const std::string& protocol : facts.alpnOffered)
            lengths.push_back(kEmpty + kAlpn + static_cast<std::uint32_t>(protocol.size()));
    }
    if (!facts.serverName.empty()) {
        const std::size_t count = lengths.size();
        for (std::size_t i = 0; i < count; ++i) lengths.push_back(lengths[i] + kServerName);
    }
    return lengths;
}

/// The flight in one record, or cut where it pleased the server: sums of content up to each record.
std::vector<std::uint32_t> contentSums(const ServerFlight& flight) {
    std::vector<std::uint32_t> sums;
    std::uint64_t sum = 0;
    for (const std::uint32_t length : flight.lengths) {
        sum += length > kSealing ? length - kSealing : 0;
        if (sum > ~std::uint32_t{0}) break;
        sums.push_back(static_cast<std::uint32_t>(sum));
    }
    return sums;
}

SizeMatch matchCoalesced(const tls::SessionFacts& facts, const ServerFlight& flight,
                         std::span<const Candidate> candidates) {
    const auto verify = certificateVerifyLength(*candidates.front().chain.front());
    if (!verify) return SizeMatch::Unknown;
    const std::vector<std::uint32_t> sums = contentSums(flight);
    const std::uint32_t finished = finishedRecordLength(facts.cipherSuite) - kSealing;
    std::vector<SizeMatch> fitting;
    bool isNear = false;
    for (const Candidate& candidate : candidates) {
        const std::uint32_t rest = messageLength(candidate.chain) + finished;
        bool fits = false;
        for (const std::uint32_t extensions : extensionsLengths(facts))
            for (const std::uint32_t sum : sums)
                fits = fits || (sum >= rest + extensions + verify->least && sum <= rest + extensions + verify->most);
        if (fits) fitting.push_back(candidate.match);
        const std::uint32_t least = rest + kHeader + 2 + verify->least;
        for (const std::uint32_t sum : sums)
            isNear = isNear || (sum >= least && sum <= least + kUnknownExtensions) ||
                     (candidate.match != SizeMatch::LeafOnly && mayBeStapled(sum, least));
    }
    if (fitting.size() == 1) return fitting.front();
    return fitting.empty() && !isNear ? SizeMatch::Different : SizeMatch::Unknown;
}

SizeMatch matchRead(const tls::CertificatesSeen& seen, std::span<const Candidate> candidates) {
    for (const Candidate& candidate : candidates)
        if (std::ranges::equal(seen.der, candidate.chain, {}, {},
                               [](const CertificatePtr& certificate) { return certificate->der; }))
            return candidate.match;
    return seen.cut ? SizeMatch::Unknown : SizeMatch::Different;
}

/// Browsers may get their certificates compressed (RFC 8879): then a length says nothing.
bool mayBeCompressed(const tls::SessionFacts& facts) {
    const ClientStack* stack = stackOf(facts.ja4);
    return stack && stack->name == "Chromium";
}

} // namespace

std::uint32_t certificateRecordLength(std::span<const CertificatePtr> chain) {
    std::uint64_t length = kSealing + kHeader + kListOverhead;
    for (const CertificatePtr& certificate : chain) length += kEntryOverhead + certificate->der.size();
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(length, ~std::uint32_t{0}));
}

std::string_view toString(SizeMatch match) {
    switch (match) {
    case SizeMatch::Exact:
        return "exact";
    case SizeMatch::LeafOnly:
        return "leaf-only";
    case SizeMatch::WithoutRoot:
        return "without-root";
    case SizeMatch::Different:
        return "different";
    case SizeMatch::Unknown:
        return "unknown";
    }
    return "unknown";
}

SizeMatch matchChainSize(const tls::SessionFacts& facts, std::span<const CertificatePtr> chain) {
    if (chain.empty()) return SizeMatch::Unknown;
    const std::vector<Candidate> candidates = candidatesOf(chain);
    if (facts.serverCertificates) return matchRead(*facts.serverCertificates, candidates);
    if (facts.overQuic || facts.resumed) return SizeMatch::Unknown;
    const ServerFlight flight = serverFlight(facts);
    if (flight.lost || flight.lengths.empty()) return SizeMatch::Unknown;
    const SizeMatch match =
        flight.finished ? matchSeparate(flight, candidates) : matchCoalesced(facts, flight, candidates);
    return match == SizeMatch::Different && mayBeCompressed(facts) ? SizeMatch::Unknown : match;
}

std::optional<std::string> leafKeyBySize(const tls::SessionFacts& facts) {
    if (facts.resumed) return std::nullopt;
    const ServerFlight flight = serverFlight(facts);
    // EncryptedExtensions, Certificate, CertificateVerify, Finished.
    if (flight.lost || !flight.finished || *flight.finished < 3) return std::nullopt;
    struct Row {
        std::uint32_t least, most; ///< of the signature
        const char* key;
    };
    static constexpr std::array kRows{Row{64, 64, "Ed25519"},    Row{68, 72, "EC P-256"},   Row{100, 104, "EC P-384"},
                                      Row{114, 114, "Ed448"},    Row{128, 128, "RSA 1024"}, Row{135, 139, "EC P-521"},
                                      Row{256, 256, "RSA 2048"}, Row{384, 384, "RSA 3072"}, Row{512, 512, "RSA 4096"}};
    const std::uint32_t record = flight.lengths[*flight.finished - 1];
    const std::uint32_t overhead = kHeader + 2 + 2 + kSealing + flight.padding;
    const auto row = std::ranges::find_if(
        kRows, [&](const Row& each) { return record >= overhead + each.least && record <= overhead + each.most; });
    return row == kRows.end() ? std::nullopt : std::optional<std::string>(row->key);
}

} // namespace gatescope::trust
