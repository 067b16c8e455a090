// SPDX-License-Identifier: Apache-2.0
#include "ui/models/tls_sign.h"

#include "ui/bridge/text.h"
#include "ui/bridge/tls_text.h"

namespace gatescope::ui {
using namespace tls;
namespace {

QString alertMeaning(const QString& name) {
    static const std::pair<const char*, const char*> kMeanings[] = {
        {"unknown_ca", "it does not know the authority that issued the certificate"},
        {"bad_certificate", "the certificate is broken or its signature does not fit"},
        {"certificate_expired", "the certificate has expired, or is not valid yet"},
        {"certificate_revoked", "the certificate was revoked"},
        {"certificate_unknown", "something about the certificate is not acceptable to it"},
        {"certificate_required", "a client certificate is required and none was sent"},
        {"unsupported_certificate", "the certificate is of a kind that it does not support"},
        {"handshake_failure", "the two have no parameters in common, or a certificate that was asked for is missing"},
        {"protocol_version", "the two have no version of TLS in common"},
        {"insufficient_security", "what the other end offers is not secure enough for it"},
        {"unrecognized_name", "it does not serve the name that was asked for"},
        {"no_application_protocol", "the two have no application protocol (ALPN) in common"},
        {"decrypt_error", "a signature or a check of the handshake did not verify"},
        {"access_denied", "the certificate is valid, and access was refused"},
    };
    for (const auto& [alert, meaning] : kMeanings) {
        if (name == QLatin1String(alert)) return QLatin1String(meaning);
    }
    return {};
}

QString stageWords(const QString& stage) {
    if (stage == QStringLiteral("client-hello")) return QStringLiteral("after the Client Hello");
    if (stage == QStringLiteral("server-hello")) return QStringLiteral("after the Server Hello");
    if (stage == QStringLiteral("server-flight"))
        return QStringLiteral("after the server had shown its certificate: often because it does not trust it");
    if (stage == QStringLiteral("finished"))
        return QStringLiteral("once the handshake was over, without any application data");
    return QStringLiteral("before the handshake was over");
}

/// Of `client-alert:NAME`, `server-reset-after-STAGE` and their like.
QString failureWords(const QString& ended) {
    const bool client = ended.startsWith(QStringLiteral("client-"));
    const QString who = client ? QStringLiteral("The client") : QStringLiteral("The server");
    const QString what = ended.mid(7);
    if (what == QStringLiteral("alert:encrypted"))
        return who + QStringLiteral(" gave up with an alert that is encrypted, so its reason cannot be read.");
    if (what.startsWith(QStringLiteral("alert:"))) {
        const QString name = what.mid(6);
        const QString meaning = alertMeaning(name);
        return who + QStringLiteral(" gave up with the alert %1").arg(name) +
               (meaning.isEmpty() ? QString() : QStringLiteral(": ") + meaning) + QChar('.');
    }
    const QString way = what.startsWith(QStringLiteral("reset")) ? QStringLiteral(" reset the connection ")
                                                                 : QStringLiteral(" closed the connection ");
    const auto after = what.indexOf(QStringLiteral("-after-"));
    return who + way + stageWords(after < 0 ? QString() : what.mid(after + 7)) + QChar('.');
}

QString endedWords(const QString& ended) {
    if (ended == QStringLiteral("complete")) return QStringLiteral("Both ends finished the handshake.");
    if (ended == QStringLiteral("resumed"))
        return QStringLiteral("Both ends finished the handshake, on the secrets of an earlier session.");
    if (ended == QStringLiteral("no-answer")) return QStringLiteral("The server sent nothing.");
    if (ended == QStringLiteral("not-tls"))
        return QStringLiteral("The other side answered with something that is no TLS.");
    if (ended == QStringLiteral("began-before-capture"))
        return QStringLiteral("The handshake was not captured: the capture began later.");
    if (ended == QStringLiteral("cut")) return QStringLiteral("The capture ended before one could tell.");
    if (ended.startsWith(QStringLiteral("client-")) || ended.startsWith(QStringLiteral("server-")))
        return failureWords(ended);
    return {};
}

} // namespace

Sign endedSign(const SessionFacts& facts) {
    const QString ended = toText(facts.ended);
    const QString words = endedWords(ended);
    switch (facts.outcome) {
    case Outcome::Complete:
        // Closed at once without any data is no failure of TLS, and yet worth a look.
        if (ended != QStringLiteral("complete")) return {Glyph::Warning, Tone::Warning, words};
        return {Glyph::Check, Tone::Good, words};
    case Outcome::Resumed:
        if (ended != QStringLiteral("resumed")) return {Glyph::Warning, Tone::Warning, words};
        return {Glyph::Reload, Tone::Good, words};
    case Outcome::Failed:
        return {Glyph::Cross, Tone::Bad, words};
    case Outcome::Cut:
        return {Glyph::NoAnswer, Tone::Muted, words};
    case Outcome::Unknown:
        break;
    }
    return {Glyph::Info, Tone::Muted, words};
}

Sign readableSign(const SessionFacts& facts) {
    const QString reason = toText(facts.notDecryptedBecause);
    switch (readableOf(facts)) {
    case TlsReadable::Yes:
        if (!facts.decrypted) return {Glyph::Minus, Tone::Muted, QStringLiteral("nothing was encrypted")};
        return {Glyph::LockOpen, Tone::Good, QStringLiteral("decrypted")};
    case TlsReadable::Partly:
        return {Glyph::LockOpen, Tone::Warning, reason};
    case TlsReadable::No:
        break;
    }
    return {Glyph::Lock, Tone::Muted, reason};
}

} // namespace gatescope::ui
