// SPDX-License-Identifier: Apache-2.0
#include "core/tls/names.h"
#include "core/tls/session_state.h"
#include "core/tls/tls_findings.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <utility>

namespace gatescope::tls {

namespace {

/// Records of the beginning are told one by one, whatever they seem to be.
constexpr std::size_t kSingleSteps = 24;

bool isAlike(const Step& a, const Step& b) {
    return a.from == b.from && a.contentType == b.contentType && a.kind == b.kind && a.recordType == b.recordType &&
           a.encrypted == b.encrypted && a.opened == b.opened && b.messageCount == 0 && !b.alert;
}

bool isApplicationData(const Step& step) {
    return step.contentType == static_cast<std::uint8_t>(RecordType::ApplicationData);
}

bool isWeak(std::string_view suite) {
    for (const std::string_view word : {"_NULL_", "_RC4_", "_DES_", "_DES40_", "_EXPORT", "_anon_", "_RC2_"})
        if (suite.find(word) != suite.npos) return true;
    return suite.ends_with("_NULL");
}

} // namespace

void Session::State::note(const Place& place) {
    lastPlace = place;
    facts.lastTime = std::max(facts.lastTime, place.time);
    if (facts.firstTime == kNoTime) facts.firstTime = place.time;
}

void Session::State::addStep(const Step& step) {
    auto& steps = facts.steps;
    const bool merges =
        !steps.empty() && isAlike(steps.back(), step) && (isApplicationData(step) || steps.size() >= kSingleSteps);
    if (!merges && steps.size() < SessionFacts::kMaxSteps) {
        steps.push_back(step);
        return;
    }
    if (!merges && step.kind != Step::Kind::Record) { // how it closes must be told
        steps.back() = step;
        return;
    }
    ++steps.back().count;
    steps.back().octets += step.octets;
}

void Session::State::addClosing(Step::Kind kind, unsigned direction, const Place& place) {
    Step step;
    step.kind = kind;
    step.from = peerOf(direction);
    step.packet = place.packet;
    step.time = place.time;
    addStep(step);
}

void Session::State::noteClosed(ClosedReason why, const Place& place) {
    ++facts.recordsNotDecrypted;
    if (reason != ClosedReason::None) return;
    reason = why;
    if (why != ClosedReason::Lost) reasonPlace = place;
}

void Session::State::found(const FindingKind& kind, const Place& place, std::vector<std::string> evidence) {
    Finding finding;
    finding.kind = &kind;
    finding.evidence = std::move(evidence);
    if (!facts.serverName.empty()) finding.evidence.push_back("server name " + facts.serverName);
    if (place.packet != 0) finding.packet = place.packet;
    listener.onFinding(std::move(finding));
}

std::string Session::State::describe(ClosedReason why) const {
    switch (why) {
    case ClosedReason::None:
        return {};
    case ClosedReason::NoSecrets:
        return "no secrets for this client random";
    case ClosedReason::EphemeralKeys:
        return "no secrets for this client random; a private key does not open ephemeral key exchange";
    case ClosedReason::HandshakeOnly:
        return "secrets for handshake only";
    case ClosedReason::NoHandshake:
        return "handshake missing";
    case ClosedReason::UnknownCipher:
        return "cipher not supported: " + cipherSuiteName(facts.cipherSuite);
    case ClosedReason::OldTicket:
        return "ticket from before the capture";
    case ClosedReason::Lost:
        return fmt::format("packets lost at packet {}", numberOf(reasonPlace.packet));
    case ClosedReason::DoesNotVerify:
        return "records do not verify with these secrets";
    }
    return {};
}

void Session::State::reportAtEnd() {
    facts.decrypted = facts.recordsDecrypted != 0;
    if (facts.recordsNotDecrypted != 0) facts.notDecryptedBecause = describe(reason);
    facts.resumedFrom = keys.resumedFrom();
    if (facts.recordsDamaged != 0)
        found(kDoesNotVerify, reasonPlace, {std::to_string(facts.recordsDamaged) + " records"});
    if (facts.outcome == Outcome::Failed && !notTls) found(kHandshakeFailed, lastPlace, {facts.ended});
    if (facts.ended.find("-after-finished") != std::string::npos) found(kClosedUnused, lastPlace, {facts.ended});
    if (facts.version == 0) return;
    const Place first{facts.firstPacket, facts.firstTime};
    if (facts.version < kTls12 && facts.version >= kSsl3) found(kOldVersion, first, {versionName(facts.version)});
    if (const std::string suite = cipherSuiteName(facts.cipherSuite); isWeak(suite)) found(kWeakCipher, first, {suite});
}

} // namespace gatescope::tls
