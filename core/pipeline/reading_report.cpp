// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/reading_report.h"

#include "core/tcp/tcp_findings.h"

#include <algorithm>
#include <utility>

namespace gatescope::pipeline {

namespace {

constexpr FindingKind kLateSecrets{
    "tls.secrets-came-late", Severity::Medium, "Secrets stand behind the packets that they open",
    "The capture holds secrets of sessions whose packets came before them, so that these sessions were not decrypted.",
    "Save the capture as a file and open that: it is read a second time then, with all of its secrets."};

/// Sessions whose secrets came only after their packets.
void noteLateSecrets(const analysis::Dataset& dataset, const tls::SecretStore& secrets, analysis::Batch& batch,
                     RunResult& result) {
    const analysis::Snapshot snapshot = dataset.snapshot();
    for (const analysis::TlsSession& session : snapshot.tlsSessions()) {
        const tls::SessionFacts& facts = session.record->facts;
        if (facts.decrypted || facts.notDecryptedBecause.empty()) continue;
        const bool isKnown =
            secrets.knows(facts.clientRandom, secrets.generation()) ||
            std::ranges::any_of(facts.resumedFrom, [&](const auto& id) { return secrets.findSession(id).has_value(); });
        if (!isKnown) continue;
        if (result.sessionsWithLateSecrets++ != 0) continue;
        Finding finding{&kLateSecrets, {"session " + std::to_string(session.number)}, {}, {}, {}};
        finding.input = session.record->input;
        finding.packet = session.record->packet;
        batch.findings.push_back(std::move(finding));
    }
}

} // namespace

void reportReading(analysis::Dataset& dataset, std::vector<Finding> odd, const packet::PacketDecoder& decoder,
                   const tcp::CopyCount& copies, const tls::SecretStore& secrets, RunResult& result) {
    analysis::Batch batch;
    batch.findings = std::move(odd);
    noteLateSecrets(dataset, secrets, batch, result);
    for (Finding& finding : decoder.findings()) batch.findings.push_back(std::move(finding));
    if (copies.packets != 0) {
        Finding finding{&tcp::kCopies, {std::to_string(copies.packets) + " packets"}, {}, {}, {}};
        finding.input = inputOf(copies.first);
        finding.packet = numberOf(copies.first);
        batch.findings.push_back(std::move(finding));
    }
    if (!batch.empty()) dataset.append(std::move(batch));
}

} // namespace gatescope::pipeline
