// SPDX-License-Identifier: Apache-2.0
#include "core/trust/signature_texts.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace gatescope::trust {

namespace {

struct Text {
    Signature signature;
    std::string_view name;
    std::string_view meaning;
    std::array<std::string_view, 3> alternatives;
};

constexpr std::array kTexts{
    Text{Signature::S1, "S1", "The client refused the certificate and said why in a readable alert.", {}},
    Text{Signature::S1b,
         "S1b",
         "The client refused the handshake with an alert that some stacks use for certificates.",
         {"a key, signature or cipher that the client does not accept", "an internal error of the client"}},
    Text{Signature::S2,
         "S2",
         "The client answered the server's certificate with an encrypted alert instead of its Finished.",
         {"a signature or key that does not verify", "the client cancelled and said goodbye"}},
    Text{Signature::S3,
         "S3",
         "The client closed without a word when it had seen the server's certificate.",
         {"the client was stopped or cancelled at this moment", "a time limit of the client ran out",
          "a probe that sends only a ClientHello"}},
    Text{Signature::S4,
         "S4",
         "The client completed the handshake, sent no request and closed without a word.",
         {"a health probe that only opens connections", "a spare connection that was not needed",
          "the client was stopped or cancelled at this moment"}},
    Text{Signature::S5,
         "S5",
         "The client completed the handshake, sent no request and said goodbye.",
         {"a health probe that closes politely", "a spare connection that was not needed",
          "the client was stopped or cancelled at this moment"}},
    Text{Signature::S6,
         "S6",
         "The client completed the handshake and closed after the time limit for fetching a missing certificate.",
         {"an idle connection that was closed after a round time", "a time limit of the client ran out"}},
    Text{Signature::S7,
         "S7",
         "The server wanted a client certificate and ended the session when it got none that it takes.",
         {"the server refused for another reason at this moment"}},
    Text{Signature::S8,
         "S8",
         "The server refused the ClientHello: version, cipher, protocol or name. No certificate was shown.",
         {}},
    Text{Signature::S9,
         "S9",
         "The client completed the handshake and sent data: it accepted the certificate.",
         {"the client does not check certificates"}},
    Text{Signature::S10, "S10", "The session was resumed; no certificate was shown. Its first handshake tells.", {}},
    Text{Signature::S11,
         "S11",
         "The client completed the handshake, idled and closed: no verdict.",
         {"a spare connection that was not needed", "a rejection after a long wait for a network"}},
};

const Text* textOf(Signature signature) {
    const auto at = std::ranges::find(kTexts, signature, &Text::signature);
    return at == kTexts.end() ? nullptr : &*at;
}

} // namespace

std::string_view toString(TrustOutcome outcome) {
    switch (outcome) {
    case TrustOutcome::Accepted:
        return "accepted";
    case TrustOutcome::Rejected:
        return "rejected";
    case TrustOutcome::ClientCertificateRequired:
        return "client-certificate-required";
    case TrustOutcome::NegotiationFailed:
        return "negotiation-failed";
    case TrustOutcome::NotEvaluated:
        return "not-evaluated";
    case TrustOutcome::Undecided:
        return "undecided";
    }
    return "undecided";
}

std::string_view toString(Signature signature) {
    const Text* text = textOf(signature);
    return text ? text->name : std::string_view();
}

std::string_view meaningOf(Signature signature) {
    const Text* text = textOf(signature);
    return text ? text->meaning : "The records fit no known behaviour, or too few of them were captured.";
}

std::vector<std::string> alternativesTo(Signature signature) {
    std::vector<std::string> words;
    if (const Text* text = textOf(signature))
        for (const std::string_view alternative : text->alternatives)
            if (!alternative.empty()) words.emplace_back(alternative);
    return words;
}

std::vector<std::string> whatSettles(Signature signature) {
    switch (signature) {
    case Signature::S1:
    case Signature::S8:
    case Signature::S9:
        return {};
    case Signature::S10:
        return {"the first handshake of this session"};
    case Signature::S7:
        return {"a key log of the client", "the log of the server"};
    case Signature::S1b:
        return {"the log of the client", "the server's certificates as PEM, to be verified"};
    case Signature::S6:
        return {"the log of the client", "lookups of, and connections to, the issuer's address in a capture",
                "the server's certificates as PEM, to be verified"};
    default:
        return {"a key log of the client", "the log of the client", "the server's certificates as PEM, to be verified"};
    }
}

} // namespace gatescope::trust
