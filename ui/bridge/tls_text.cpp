// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/tls_text.h"

#include "core/tls/names.h"
#include "ui/bridge/text.h"

#include <QStringList>

namespace gatescope::ui {
using namespace tls;

TlsReadable readableOf(const SessionFacts& facts) {
    if (facts.notDecryptedBecause.empty() && facts.recordsNotDecrypted == 0) return TlsReadable::Yes;
    return facts.decrypted || facts.recordsDecrypted > 0 ? TlsReadable::Partly : TlsReadable::No;
}

QString readableText(const SessionFacts& facts) {
    const QString reason = toText(facts.notDecryptedBecause);
    switch (readableOf(facts)) {
    case TlsReadable::Yes:
        return facts.decrypted ? QStringLiteral("yes") : QStringLiteral("nothing encrypted");
    case TlsReadable::Partly:
        return reason.isEmpty() ? QStringLiteral("in part") : QStringLiteral("in part: ") + reason;
    case TlsReadable::No:
        break;
    }
    return reason.isEmpty() ? QStringLiteral("no") : QStringLiteral("no: ") + reason;
}

bool wantsSecrets(const SessionFacts& facts) {
    return readableOf(facts) != TlsReadable::Yes && facts.notDecryptedBecause.find("secrets") != std::string::npos;
}

QString tlsVersionText(const SessionFacts& facts) {
    if (facts.version == 0) return facts.overQuic ? QStringLiteral("QUIC") : QString();
    const QString version = toText(versionName(facts.version));
    return facts.overQuic ? QStringLiteral("QUIC, ") + version : version;
}

QString tlsCipherText(const SessionFacts& facts) {
    return facts.version == 0 ? QString() : toText(cipherSuiteName(facts.cipherSuite));
}

QString titleWords(const std::string& name) {
    QStringList words = toText(name).split(QChar('_'), Qt::SkipEmptyParts);
    for (auto& word : words) word[0] = word[0].toUpper();
    return words.join(QChar(' '));
}

QString listText(const std::vector<std::string>& texts) {
    QStringList list;
    for (const auto& text : texts) list << toText(text);
    return list.join(QStringLiteral(", "));
}

} // namespace gatescope::ui
