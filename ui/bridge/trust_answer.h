// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/trust_answer.h"

#include <QString>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace gatescope::ui {

/// Who judges; tests put their own in its place.
struct TrustEngine {
    std::function<std::optional<analysis::TrustAnswer>(const analysis::Snapshot&, const analysis::TrustSettings&,
                                                       std::stop_token)>
        answer = analysis::trustAnswer;
    std::function<trust::ChainAnswer(const trust::ChainQuestion&)> judge = trust::judgeChain;
};

/// A file of certificates or headers that the user gave, judged.
struct JudgedFile {
    static constexpr qint64 kMaxHeaderBytes = 64 << 20;

    QString path;
    QString error; ///< for people, with the file's name; empty: it was judged
    /// Neither certificates nor headers: perhaps a capture or a key log, for others to read.
    bool foreign = false;
    std::vector<analysis::TrustChain> chains;
    QStringList remarks;
};

/// `host`: empty: names are not judged.
JudgedFile judgeFile(const QString& path, const QString& host, const analysis::TrustSettings& settings,
                     const TrustEngine& engine, std::stop_token stop);

/// Whether a file is for judging rather than for decrypting or opening: it holds certificates and no private key. Looks
/// at its beginning only.
bool looksLikeCertificates(const QString& path);

/// One line of the list of chains: a chain, or a name whose chain nobody could read.
struct ChainLine {
    const analysis::TrustChain* chain = nullptr; ///< null: hidden; lives as long as the answer
    QString host;                                ///< empty: none was asked for
    QString from;                                ///< `handshake`, `header x-arr-ssl`, `chain.pem`, `hidden`
    bool isFile = false;
    std::size_t handshakes = 0, rejected = 0;
    trust::Verdict worst = trust::Verdict::Undecided; ///< of all profiles
    std::vector<std::size_t> groups;                  ///< indices into `TrustAnswer::groups`
    std::vector<std::size_t> sessions;                ///< indices into `TrustAnswer::sessions`
};

/// What the page of certificates wants to know. Without a snapshot only files are judged.
struct TrustQuestion {
    std::optional<analysis::Snapshot> snapshot;
    analysis::TrustSettings settings;
    QStringList files;
    QString host; ///< to judge files against
};

/// Everything the page shows, worked out off the GUI thread. Never copied: its lines point into it.
struct CertificatesAnswer {
    CertificatesAnswer() = default;
    CertificatesAnswer(const CertificatesAnswer&) = delete;
    CertificatesAnswer& operator=(const CertificatesAnswer&) = delete;

    std::optional<analysis::Snapshot> snapshot;
    analysis::TrustSettings settings;
    analysis::TrustAnswer trust;
    std::vector<JudgedFile> files;
    std::vector<ChainLine> lines; ///< files first, then what clients rejected, then what is not trusted
    std::size_t hidden = 0;       ///< handshakes whose certificates could not be read, and are not known otherwise

    /// The line of the chain that a header of this exchange names; nothing: none.
    std::optional<std::size_t> lineOfRow(analysis::Row row) const;
    /// The line of a session, by its number.
    std::optional<std::size_t> lineOfSession(std::uint64_t number) const;
    const analysis::TlsSession& sessionAt(std::size_t index) const {
        return snapshot->tlsSessions()[trust.sessions[index].session];
    }
};

/// Null when stopped.
std::shared_ptr<const CertificatesAnswer> answerTrust(const TrustQuestion& question, const TrustEngine& engine,
                                                      std::stop_token stop);

} // namespace gatescope::ui
