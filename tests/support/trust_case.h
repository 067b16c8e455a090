// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/chain.h"

#include <nlohmann/json.hpp>

#include <QByteArray>
#include <QDateTime>
#include <QFile>
#include <QProcess>
#include <QString>

#include <string>
#include <vector>

namespace gatescope::test {

/// DER of each block of that name in a PEM text.
inline std::vector<std::string> pemBlocks(const QByteArray& pem, const QByteArray& name = "CERTIFICATE") {
    std::vector<std::string> blocks;
    const QByteArray begin = "-----BEGIN " + name + "-----";
    const QByteArray end = "-----END " + name + "-----";
    for (qsizetype at = pem.indexOf(begin); at >= 0; at = pem.indexOf(begin, at)) {
        at += begin.size();
        const qsizetype stop = pem.indexOf(end, at);
        if (stop < 0) break;
        blocks.push_back(QByteArray::fromBase64(pem.mid(at, stop - at)).toStdString());
    }
    return blocks;
}

/// What an `.xz` file holds; empty: not there, or no xz installed.
inline QByteArray unpackedFile(const QString& path) {
    if (!QFile::exists(path)) return {};
    QProcess xz;
    xz.start(QStringLiteral("xz"), {QStringLiteral("-dc"), path});
    if (!xz.waitForFinished(60'000) || xz.exitCode() != 0) return {};
    return xz.readAllStandardOutput();
}

/// A case in the JSON of x509-limbo.
struct TrustCase {
    std::string id;
    bool expectsTrust = false;
    bool unreadable = false; ///< a certificate of the case is none for readCertificate
    trust::ChainQuestion question;
    int maxIntermediates = -1; ///< the case's own limit; -1: none
    trust::RevocationLists revocations;
    std::shared_ptr<trust::TrustProfile> profile = std::make_shared<trust::TrustProfile>();
    nlohmann::json json;
};

inline std::string textOr(const nlohmann::json& value, const char* key) {
    const auto found = value.find(key);
    return found != value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// `now` stands for a time that the case leaves open. The question points into the case: it must not move.
inline void fillCase(TrustCase& made, const nlohmann::json& json, TimeNs now) {
    made.json = json;
    made.id = textOr(json, "id");
    made.expectsTrust = textOr(json, "expected_result") == "SUCCESS";
    const auto read = [&](const std::string& pem, auto take) {
        for (const std::string& der : pemBlocks(QByteArray::fromStdString(pem))) {
            const auto certificate = trust::readCertificate(der);
            if (certificate)
                take(*certificate);
            else
                made.unreadable = true;
        }
    };
    read(textOr(json, "peer_certificate"), [&](const auto& each) { made.question.sent.push_back(each); });
    for (const auto& pem : json.at("untrusted_intermediates"))
        read(pem.get<std::string>(), [&](const auto& each) { made.question.sent.push_back(each); });
    for (const auto& pem : json.at("trusted_certs"))
        read(pem.get<std::string>(),
             [&](const auto& each) { made.profile->certificates.add(each, trust::Origin::User); });
    for (const auto& pem : json.at("crls"))
        for (std::string& der : pemBlocks(QByteArray::fromStdString(pem.get<std::string>()), "X509 CRL"))
            made.revocations.der.push_back(std::move(der));
    if (!made.revocations.der.empty()) made.question.revocations = &made.revocations;
    if (const auto& name = json.at("expected_peer_name"); name.is_object()) made.question.host = textOr(name, "value");
    const std::string time = textOr(json, "validation_time");
    made.question.at = now;
    if (!time.empty())
        made.question.at =
            QDateTime::fromString(QString::fromStdString(time), Qt::ISODate).toSecsSinceEpoch() * 1'000'000'000;
    if (const auto& depth = json.at("max_chain_depth"); depth.is_number()) made.maxIntermediates = depth.get<int>();
    made.profile->id = "custom";
    made.profile->title = "the case's roots";
    made.question.profiles = {made.profile};
}

} // namespace gatescope::test
