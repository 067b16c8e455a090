// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/trust_answer.h"
#include "ui/bridge/trust_roots.h"

#include <QByteArray>

namespace gatescope::ui::test {

/// A private CA with one intermediate and a leaf for gw.example, made once; valid 2024 to 2030.
struct MadeChain {
    trust::CertificatePtr leaf, intermediate, root;
    QByteArray leafPem, intermediatePem, rootPem;
};
const MadeChain& madeChain();

/// Answers as a judge would over the sessions of tls_traffic.h: session 3 sent the private chain without its
/// intermediate and was refused, session 1 was accepted with a public chain (session 2 is of the same name, hidden and
/// undecided), session 6 ended S3 with its certificates hidden; one call names a certificate in x-arr-ssl.
std::optional<analysis::TrustAnswer> madeAnswer(const analysis::Snapshot& snapshot,
                                                const analysis::TrustSettings& settings, std::stop_token stop);

/// What every profile says of any chain: the private one is trusted by none.
trust::ChainAnswer madeJudgement(const trust::ChainQuestion& question);

/// Three lists: one of today, one older than a year, one of the user.
RootsRead madeRoots(const RootChoice& choice);

/// Calls of which the first has x-arr-ssl, and TLS sessions.
analysis::Batch callsWithArrSsl();

} // namespace gatescope::ui::test
