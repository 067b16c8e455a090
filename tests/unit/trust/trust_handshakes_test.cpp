// SPDX-License-Identifier: Apache-2.0
// The corpus of handshakes: 23 client stacks against certificates that they take or refuse, and what looks the same.
// Expectations come from what the clients and servers said when the captures were made (`truth`, `alerts_decrypted`).
#include <QTest>

#include "capture_variants.h"
#include "core/pipeline/analysis_run.h"
#include "core/pipeline/secrets.h"
#include "core/tls/names.h"
#include "core/tls/record_line.h"
#include "core/trust/judgement.h"
#include "tests/support/corpus.h"

#include <QTemporaryDir>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

using namespace gatescope;
using namespace gatescope::trust;
using gatescope::test::CaptureVariants;

namespace {

constexpr double kSure = 0.8;

using FlowKey = std::pair<unsigned, unsigned>; ///< server port, client port

struct Flow {
    std::string truth, scenario, tls, client;
    std::vector<std::string> alerts;
    QByteArray name() const { return QByteArray::fromStdString(truth + ' ' + scenario + ' ' + tls + ' ' + client); }
};

struct Judged {
    tls::SessionFacts facts;
    SessionVerdict verdict;
    SessionContext context;
};

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::map<FlowKey, Flow> readManifest(const QString& path) {
    std::map<FlowKey, Flow> flows;
    for (const auto& row : nlohmann::json::parse(contentOf(path).toStdString()))
        flows[{row.at("server_port").get<unsigned>(), row.at("client_port").get<unsigned>()}] = {
            row.at("truth"), row.at("scenario"), row.at("tls"), row.at("client"),
            row.at("alerts_decrypted").get<std::vector<std::string>>()};
    return flows;
}

/// Judges all sessions of a capture, alone and among their siblings.
std::map<FlowKey, Judged> judge(const std::string& path, const std::string& keyLog = {}) {
    auto secrets = std::make_shared<pipeline::Secrets>();
    if (!keyLog.empty()) secrets->store()->addKeyLog(keyLog);
    analysis::Dataset dataset({path});
    pipeline::RunOptions options;
    options.threads = 1;
    options.secrets = secrets;
    pipeline::analyse({path}, dataset, options);
    std::map<FlowKey, Judged> judged;
    std::map<std::string, std::vector<FlowKey>> groups;
    const auto snapshot = dataset.snapshot();
    for (const auto& session : snapshot.tlsSessions()) {
        const analysis::TlsRecord& record = *session.record;
        const FlowKey key{record.server.port, record.client.port};
        const auto& facts = record.facts;
        judged[key] = {facts, judgeSession(facts), {}};
        groups[facts.serverName.empty() ? record.server.toString() : facts.serverName].push_back(key);
    }
    for (const auto& [name, keys] : groups) {
        std::vector<GroupMember> members;
        for (const FlowKey& key : keys) members.push_back({&judged[key].facts, judged[key].verdict, 0});
        const auto contexts = siblingContexts(members);
        for (std::size_t i = 0; i < keys.size(); ++i) judged[keys[i]].context = contexts[i];
    }
    return judged;
}

/// S1 to S6 as the families of the reference.
QByteArray familyOf(Signature signature) {
    switch (signature) {
    case Signature::S1:
    case Signature::S1b:
        return "readable alert";
    case Signature::S2:
        return "encrypted alert";
    case Signature::S3:
        return "silent";
    case Signature::S4:
    case Signature::S5:
    case Signature::S6:
        return "behind the handshake";
    case Signature::S10:
        return "resumed";
    default:
        return "none";
    }
}

/// The family that a rejection belongs to, from the records that were there: who sent what is in the manifest.
QByteArray trueFamily(const Flow& flow, const std::string& line) {
    const bool saysIt = std::ranges::any_of(flow.alerts, [](const std::string& alert) {
        return alert.starts_with("client:") && alert != "client:close_notify";
    });
    if (line.find("ALERT(plain") != line.npos && saysIt) return "readable alert";
    const bool isResumed12 = flow.tls == "1.2" && line.find("Cert") == line.npos;
    if (isResumed12) return "resumed";
    // Up to TLS 1.2 a client encrypts from its Finished on.
    return saysIt && flow.tls == "1.3" ? "encrypted alert" : QByteArray();
}

std::optional<std::string> clientAlert(const Flow& flow) {
    for (const std::string& alert : flow.alerts)
        if (alert.starts_with("client:") && alert != "client:close_notify") return alert.substr(7);
    return std::nullopt;
}

bool isConfuser(const Flow& flow) {
    return flow.truth.starts_with("OTHER:conf-") || flow.truth == "OTHER:browser-preconnect" ||
           flow.truth == "OTHER:sni-none";
}
/// Clients that do not check, or see nothing wrong, are accepting ones.
bool isAccepting(const Flow& flow) {
    return flow.truth == "ACCEPT" || flow.truth.starts_with("OTHER:conf-curl-k-ok") ||
           flow.truth.starts_with("OTHER:conf-curl-noALPN") || flow.truth == "OTHER:resumption-psk";
}
bool isNegotiation(const Flow& flow) {
    for (const char* name : {"OTHER:proto", "OTHER:cipher-mismatch", "OTHER:alpn-mismatch", "OTHER:sni-unrecognized"})
        if (flow.truth == name) return true;
    return false;
}
bool rejectsSurely(const SessionVerdict& verdict) {
    return verdict.outcome == TrustOutcome::Rejected && verdict.confidence >= kSure;
}

} // namespace

class TrustHandshakesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        const QString corpus = test::corpusFolder();
        const QDir folder(corpus + "/trust/handshakes");
        if (corpus.isEmpty() || !folder.exists()) QSKIP("no corpus");
        for (const QString& name : folder.entryList({"*.pcap"}, QDir::Files, QDir::Name)) {
            const QString base = folder.filePath(name.chopped(5));
            m_captures.push_back({base, readManifest(base + ".json"), judge((base + ".pcap").toStdString())});
        }
        QVERIFY(!m_captures.empty());
    }

    /// The table of confusion is printed, so that a run shows where the marks stand.
    void rejectionsAreFoundInTheRightFamily() {
        std::map<QByteArray, std::map<QByteArray, int>> confusion;
        int rejections = 0, right = 0;
        for (const Capture& capture : m_captures) {
            for (const auto& [key, flow] : capture.flows) {
                const auto at = capture.judged.find(key);
                const bool isThere = at != capture.judged.end();
                const Signature signature = isThere ? at->second.verdict.signature : Signature::None;
                const QByteArray word = isThere ? QByteArray(toString(signature).data()) : QByteArray("no session");
                confusion[QByteArray::fromStdString(flow.truth)][word.isEmpty() ? "none" : word]++;
                if (flow.truth != "REJECT") continue;
                ++rejections;
                const QByteArray family = familyOf(signature);
                const QByteArray expected =
                    isThere ? trueFamily(flow, tls::recordLine(at->second.facts.steps, at->second.facts.helloRetried))
                            : QByteArray("?");
                const bool isSilent = expected.isEmpty() && (family == "silent" || family == "behind the handshake");
                const bool isRejected = isThere && at->second.verdict.outcome == TrustOutcome::Rejected;
                if ((isRejected || family == "resumed") && (isSilent || family == expected))
                    ++right;
                else
                    qInfo() << "not found:" << flow.name() << word << "expected" << expected
                            << tls::recordLine(at->second.facts.steps, false).c_str();
            }
        }
        for (const auto& [truth, signatures] : confusion) {
            QByteArray row = truth.leftJustified(60);
            for (const auto& [signature, count] : signatures) row += ' ' + signature + ':' + QByteArray::number(count);
            qInfo().noquote() << row;
        }
        qInfo() << "rejections" << rejections << "in the right family" << right;
        QVERIFY(rejections > 300);
        QVERIFY(right * 100 >= rejections * 97);
    }

    void acceptingClientsAreNeverSaidToReject() {
        for (const Capture& capture : m_captures)
            for (const auto& [key, flow] : capture.flows)
                if (isAccepting(flow)) {
                    const auto& verdict = capture.judged.at(key).verdict;
                    QVERIFY2(verdict.outcome == TrustOutcome::Accepted || verdict.signature == Signature::S10,
                             flow.name() + ' ' + toString(verdict.signature).data());
                }
    }

    void whatIsReadableIsExact() {
        for (const Capture& capture : m_captures)
            for (const auto& [key, flow] : capture.flows) {
                const auto at = capture.judged.find(key);
                if (at == capture.judged.end()) continue;
                const auto& [facts, verdict, context] = at->second;
                const bool isS8 = verdict.signature == Signature::S8;
                QVERIFY2(isS8 == isNegotiation(flow), flow.name());
                if (isS8) QCOMPARE("server:" + verdict.reason, flow.alerts.front());
                if (verdict.signature == Signature::S1) {
                    QVERIFY2(flow.truth == "REJECT", flow.name());
                    QCOMPARE(verdict.reason, clientAlert(flow).value_or(""));
                }
                const std::string line = tls::recordLine(facts.steps, facts.helloRetried);
                const bool isResumed =
                    (flow.tls == "1.2" && line.find("Cert") == line.npos && line.find("Fin") != line.npos) ||
                    (flow.truth == "OTHER:resumption-psk" && line.find("app955") == line.npos);
                if (verdict.signature == Signature::S10) QVERIFY2(facts.resumed, flow.name());
                if (isResumed) QVERIFY2(verdict.signature == Signature::S10, flow.name());
            }
    }

    void serversThatWantACertificateAreFound() {
        int all = 0;
        for (const Capture& capture : m_captures)
            for (const auto& [key, flow] : capture.flows) {
                if (!capture.judged.contains(key)) continue;
                const auto& verdict = capture.judged.at(key).verdict;
                const bool isWanted = verdict.outcome == TrustOutcome::ClientCertificateRequired;
                QVERIFY2(isWanted == (flow.truth == "MTLS"),
                         flow.name() + ' ' + tls::recordLine(capture.judged.at(key).facts.steps, false).c_str());
                all += isWanted ? 1 : 0;
                if (isWanted && flow.tls == "1.2") QCOMPARE("server:" + verdict.reason, flow.alerts.front());
            }
        QVERIFY(all > 30);
    }

    /// Alone, and with what the rest of the capture and each possible verdict on the chain add.
    void whatLooksTheSameStaysOpen() {
        for (const Capture& capture : m_captures)
            for (const auto& [key, flow] : capture.flows) {
                const auto at = capture.judged.find(key);
                if (at == capture.judged.end() || !(isConfuser(flow) || isAccepting(flow))) continue;
                for (const std::optional<bool> trusted :
                     {std::optional<bool>(), std::optional(true), std::optional(false)}) {
                    SessionVerdict verdict = at->second.verdict;
                    QVERIFY2(!rejectsSurely(verdict), flow.name());
                    SessionContext context = at->second.context;
                    context.chainTrusted = trusted;
                    context.chainReason = "private-ca";
                    weigh(verdict, context);
                    QVERIFY2(!rejectsSurely(verdict), flow.name() + QByteArray::number(verdict.confidence));
                    if (isConfuser(flow))
                        qInfo().noquote() << flow.name() << toString(verdict.signature).data() << verdict.confidence;
                }
            }
    }

    void keysMakeTheReasonExact() {
        int read = 0;
        for (const Capture& capture : m_captures) {
            const auto judged =
                judge((capture.base + ".pcap").toStdString(), contentOf(capture.base + ".keylog").toStdString());
            for (const auto& [key, flow] : capture.flows) {
                const auto at = judged.find(key);
                if (at == judged.end()) continue;
                const SessionVerdict& verdict = at->second.verdict;
                const std::optional<std::string> alert = clientAlert(flow);
                // Who refused decides: the client's alert, or the server's where it wanted a certificate.
                if (alert && flow.truth == "REJECT") {
                    const bool isReadable = at->second.facts.decrypted || verdict.signature == Signature::S1 ||
                                            verdict.signature == Signature::S1b;
                    if (!isReadable) continue;
                    QVERIFY2(verdict.outcome == TrustOutcome::Rejected,
                             flow.name() + tls::recordLine(at->second.facts.steps, false).c_str());
                    QVERIFY2(verdict.reason == *alert, flow.name() + ' ' + verdict.reason.c_str());
                    ++read;
                }
                if (flow.truth == "MTLS" && at->second.facts.decrypted) {
                    QVERIFY2(!flow.alerts.empty(), flow.name());
                    QVERIFY2("server:" + verdict.reason == flow.alerts.front(),
                             flow.name() + ' ' + verdict.reason.c_str());
                    ++read;
                }
                if (isAccepting(flow)) QVERIFY2(verdict.outcome != TrustOutcome::Rejected, flow.name());
            }
        }
        qInfo() << "reasons read" << read;
        QVERIFY(read > 200);
    }

    void spoiltCapturesNeverTurnAVerdict_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("number");
        QTest::addColumn<bool>("isWhole"); // nothing is missing, so nothing may change
        for (int i = 0; i < 24; ++i) QTest::addRow("without packet %d", i) << 0 << i << false;
        for (const int i : {1, 3, 4, 5, 6, 8}) QTest::addRow("begins behind packet %d", i) << 1 << i << false;
        for (const int i : {4, 6, 7, 8, 9, 10, 12}) QTest::addRow("ends at packet %d", i) << 2 << i << false;
        for (const int i : {60, 66, 70, 80, 96, 128, 200, 400, 1000})
            QTest::addRow("cut at %d octets", i) << 3 << i << false;
        for (const int i : {1, 7, 100, 500}) QTest::addRow("split into %d", i) << 4 << i << true;
        QTest::addRow("reordered") << 5 << 0 << true;
        QTest::addRow("retransmitted") << 6 << 0 << true;
    }
    void spoiltCapturesNeverTurnAVerdict() {
        QFETCH(int, kind);
        QFETCH(int, number);
        QFETCH(bool, isWhole);
        int same = 0, open = 0, other = 0;
        for (const Capture& capture : m_captures) {
            const CaptureVariants variants(contentOf(capture.base + ".pcap").toStdString());
            const auto size = static_cast<std::size_t>(number);
            const std::string bytes = kind == 0   ? variants.without(size)
                                      : kind == 1 ? variants.withoutFirst(size)
                                      : kind == 2 ? variants.onlyFirst(size)
                                      : kind == 3 ? variants.cutAt(size)
                                      : kind == 4 ? variants.splitInto(size)
                                      : kind == 5 ? variants.reordered()
                                                  : variants.retransmitted();
            const QString path = m_folder.filePath("variant.pcap");
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes.data(), qint64(bytes.size())) > 0);
            file.close();
            const auto judged = judge(path.toStdString());
            for (const auto& [key, flow] : capture.flows) {
                const auto at = judged.find(key);
                if (at == judged.end()) continue;
                const auto& verdict = at->second.verdict;
                const std::string line = tls::recordLine(at->second.facts.steps, at->second.facts.helloRetried);
                const QByteArray told = flow.name() + ' ' + toString(verdict.signature).data() + ' ' + line.c_str();
                if (isAccepting(flow) || isConfuser(flow) || flow.truth == "MTLS")
                    QVERIFY2(!rejectsSurely(verdict), told);
                if (flow.truth == "REJECT" || flow.truth == "MTLS")
                    QVERIFY2(verdict.outcome != TrustOutcome::Accepted, told);
                if (flow.truth == "REJECT")
                    QVERIFY2(verdict.outcome != TrustOutcome::ClientCertificateRequired || verdict.confidence < kSure,
                             told);
                const auto before = capture.judged.find(key);
                if (before == capture.judged.end()) continue;
                if (verdict.signature == before->second.verdict.signature)
                    ++same;
                else if (verdict.outcome == TrustOutcome::Undecided)
                    ++open;
                else {
                    ++other;
                    if (other <= 5)
                        qInfo().noquote() << toString(before->second.verdict.signature).data() << "->" << told;
                }
                if (isWhole)
                    QVERIFY2(verdict.signature == before->second.verdict.signature,
                             toString(before->second.verdict.signature).data() + QByteArray(" -> ") + told);
            }
        }
        qInfo() << "same" << same << "open" << open << "other" << other;
    }

private:
    struct Capture {
        QString base;
        std::map<FlowKey, Flow> flows;
        std::map<FlowKey, Judged> judged;
    };
    std::vector<Capture> m_captures;
    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(TrustHandshakesTest)
#include "trust_handshakes_test.moc"
