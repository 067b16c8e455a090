// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/packet_ref.h"
#include "core/tls/session_facts.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::trust {

/// What came of a client's look at the server's certificate.
enum class TrustOutcome : std::uint8_t {
    Accepted,
    Rejected,
    ClientCertificateRequired,
    NegotiationFailed,
    NotEvaluated, ///< nobody looked: a session resumed, not TLS, ended before
    Undecided     ///< more than one reading is as likely, or too little was captured
};
/// `accepted`, `rejected`, `client-certificate-required`, `negotiation-failed`, `not-evaluated`, `undecided`
std::string_view toString(TrustOutcome outcome);

/// The shape of a handshake's end, read from records, their sizes, order and times alone (docs/trust.md).
enum class Signature : std::uint8_t { None, S1, S1b, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11 };
std::string_view toString(Signature signature); ///< `S1`, `S1b`, ...; None: empty
/// What it means, one sentence.
std::string_view meaningOf(Signature signature);

struct SessionVerdict {
    TrustOutcome outcome = TrustOutcome::Undecided;
    Signature signature = Signature::None;
    /// Name of the alert, or of what was found wrong with the chain; empty: cannot be read.
    std::string reason;
    double confidence = 0;                 ///< 0 to 1, of `outcome`; 0: no judgement
    std::vector<std::string> because;      ///< modifiers that applied, as short sentences
    std::vector<std::string> alternatives; ///< what else would look like this
    std::vector<std::string> wouldSettle;  ///< what would decide it: key log, log of the client, PEM
    std::vector<PacketRef> packets;        ///< that the judgement rests on: server's flight, client's answer, close
    TimeNs gap = kNoTime; ///< from the server's last record before the client's decision to that decision
    std::string stack;    ///< the client's, by JA4; empty: not known
};

/// The signature with its base confidence, from this session alone. Readable alerts (in clear, or decrypted) win.
SessionVerdict judgeSession(const tls::SessionFacts& facts);

/// What else is known of a session, beside its own records.
struct SessionContext {
    std::optional<bool>
        chainTrusted;        ///< the default profile's verdict on the chain that was sent or is known for this name
    std::string chainReason; ///< id of its worst problem
    bool chainSendsIntermediates =
        true;                 ///< false: an intermediate is missing, so the client may have tried to fetch it
    std::string caIssuers;    ///< address in the leaf where it could be fetched
    std::size_t siblings = 0; ///< sessions of the same client and name, this one included
    std::size_t siblingsAccepted = 0;
    std::size_t siblingsLikeThis = 0; ///< with the same signature
    std::size_t siblingsResumedUnused = 0;
    bool fixedPeriod = false;    ///< they begin at a fixed distance: a probe
    bool growingGaps = false;    ///< they begin at growing distances: retries
    bool closedTogether = false; ///< many connections closed at this very moment
    bool knownProbe = false;     ///< the client's address is a known health probe (168.63.129.16)
    bool issuerLookup = false;   ///< the capture has a lookup of, or a connection to, the host of `caIssuers`
};
/// Multiplies the odds of `verdict` and says why; the signature stays. Never turns S1, S8, S9 or S10 around.
void weigh(SessionVerdict& verdict, const SessionContext& context);

/// Known stack of a client by the middle part of its JA4, and how it behaves when it rejects.
struct ClientStack {
    std::string_view ja4b;
    std::string_view name;       ///< `.NET on Linux`
    std::string_view signatures; ///< `S4 S6`
    bool fetchesIssuers = false; ///< mends a missing intermediate by AIA
    std::string_view trusts;     ///< id of the profile it uses as a rule
};
std::span<const ClientStack> clientStacks();
const ClientStack* stackOf(std::string_view ja4);

} // namespace gatescope::trust
