// SPDX-License-Identifier: Apache-2.0
#include "core/tls/hello_facts.h"

#include "core/tls/fingerprints.h"

namespace gatescope::tls {

void noteClientHello(SessionFacts& facts, const ClientHello& hello) {
    facts.clientHelloSeen = true;
    facts.clientRandom = hello.random;
    facts.serverName = hello.serverName.value_or("");
    facts.alpnOffered = hello.alpn;
    facts.encryptedClientHello = hello.encryptedClientHello;
    facts.versionsOffered = hello.versions;
    facts.keyShares = hello.keyShares;
    facts.ja3 = ja3(hello);
    facts.ja4 = ja4(hello, facts.overQuic);
    if (hello.offersEarlyData) facts.earlyData = EarlyData::Offered;
}

void noteServerHello(SessionFacts& facts, const ServerHello& hello) {
    facts.version = hello.version;
    facts.cipherSuite = hello.cipherSuite;
    facts.group = hello.keyShare.value_or(0);
    if (hello.alpn) facts.alpn = *hello.alpn;
    if (hello.isRetryRequest) {
        facts.helloRetried = true;
        if (facts.earlyData == EarlyData::Offered) facts.earlyData = EarlyData::Rejected; // RFC 8446, 4.2.10
        return;
    }
    facts.ja3s = ja3s(hello);
    if (!isTls13(hello.version)) return;
    facts.resumed = hello.psk.has_value();
    if (facts.resumed) facts.clientCertificate = ClientCertificate::NotAsked;
    if (!facts.resumed && facts.earlyData == EarlyData::Offered) facts.earlyData = EarlyData::Rejected;
}

} // namespace gatescope::tls
