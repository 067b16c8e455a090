// SPDX-License-Identifier: Apache-2.0
#include "tests/ui/trust_traffic.h"

#include "core/trust/trust_findings.h"
#include "tests/support/certificate_maker.h"
#include "tests/ui/sample_traffic.h"

#include <algorithm>

namespace gatescope::ui::test {
namespace {

using namespace trust;
using gatescope::test::CertificateRecipe;
using gatescope::test::makeCertificate;

constexpr auto kGateway = "gw.example";
constexpr auto kAddress = "http://pki.example/issuing.crt";

MadeChain makeChain() {
    CertificateRecipe rootRecipe;
    rootRecipe.subject = "C=FI,O=Contoso,CN=Contoso Root CA";
    rootRecipe.ca = true;
    const auto root = makeCertificate(rootRecipe);
    CertificateRecipe middleRecipe = rootRecipe;
    middleRecipe.subject = "C=FI,O=Contoso,CN=Contoso Issuing CA";
    const auto middle = makeCertificate(middleRecipe, &root);
    CertificateRecipe leafRecipe;
    leafRecipe.subject = "CN=gw.example";
    leafRecipe.extensions = {{"subjectAltName", "DNS:gw.example"},
                             {"extendedKeyUsage", "serverAuth"},
                             {"authorityInfoAccess", std::string("caIssuers;URI:") + kAddress}};
    const auto leaf = makeCertificate(leafRecipe, &middle);
    return {*readCertificate(leaf.der),
            *readCertificate(middle.der),
            *readCertificate(root.der),
            QByteArray::fromStdString(leaf.pem()),
            QByteArray::fromStdString(middle.pem()),
            QByteArray::fromStdString(root.pem())};
}

ProfilePtr profile(const char* id, const char* title, const char* asOf) {
    auto made = std::make_shared<TrustProfile>();
    made->id = id;
    made->title = title;
    made->asOf = asOf;
    made->origin = "made for tests";
    made->licence = "any use";
    return made;
}

Problem problem(const FindingKind& kind, Weight weight, const CertificatePtr& certificate,
                std::vector<std::string> evidence) {
    Problem made;
    made.kind = &kind;
    made.weight = weight;
    made.certificate = certificate;
    if (certificate) evidence.insert(evidence.begin(), certificate->subject);
    made.evidence = std::move(evidence);
    return made;
}

ChainAnswer publicAnswer(const std::vector<ProfilePtr>& profiles) {
    ChainAnswer answer;
    answer.headline = "Every client of these lists trusts this chain.";
    answer.topName = "CN=Example Public Root,O=Example";
    for (const auto& each : profiles) {
        ProfileVerdict verdict;
        verdict.profile = each;
        verdict.verdict = Verdict::Trusted;
        verdict.root = answer.topName;
        verdict.byName = each->id == "mozilla";
        answer.verdicts.push_back(std::move(verdict));
    }
    return answer;
}

SessionVerdict verdictOf(TrustOutcome outcome, Signature signature, double confidence, const char* reason) {
    SessionVerdict verdict;
    verdict.outcome = outcome;
    verdict.signature = signature;
    verdict.confidence = confidence;
    verdict.reason = reason;
    return verdict;
}

} // namespace

const MadeChain& madeChain() {
    static const MadeChain chain = makeChain();
    return chain;
}

ChainAnswer madeJudgement(const ChainQuestion& question) {
    const auto& made = madeChain();
    ChainAnswer answer;
    answer.sent = question.sent;
    answer.privateCa = true;
    answer.topName = made.root->subject;
    answer.headline = "No public client trusts this chain: its CA is private.";
    answer.problems.push_back(problem(kPrivateCa, Weight::Rejects, made.root, {"in no public programme"}));
    answer.problems.push_back(problem(kMissingIntermediate, Weight::Repairable, made.intermediate, {kAddress}));
    const bool named = question.host.empty() || question.host == kGateway;
    if (!named)
        answer.problems.push_back(
            problem(kHostMismatch, Weight::Rejects, made.leaf, {"asked for " + question.host + ", names gw.example"}));
    const bool whole = question.sent.size() > 1;
    answer.bestPath = {
        {made.leaf, Origin::Sent}, {made.intermediate, whole ? Origin::Sent : Origin::User}, {made.root, Origin::User}};
    answer.complete = true;
    if (!whole) {
        MissingIssuer missing;
        missing.name = made.intermediate->subject;
        missing.addresses = {kAddress};
        missing.certificate = made.intermediate;
        missing.origin = Origin::User;
        answer.missing.push_back(missing);
    }
    for (const auto& each : question.profiles) {
        ProfileVerdict verdict;
        verdict.profile = each;
        verdict.verdict = each->id == "custom" ? Verdict::Trusted : Verdict::Untrusted;
        verdict.needsRepair = !whole;
        if (each->id == "custom") verdict.root = made.root->subject;
        verdict.reason = each->id == "custom" ? "" : "private-ca";
        verdict.reasonText = each->id == "custom" ? "" : "Contoso Root CA is in no public programme.";
        verdict.path = answer.bestPath;
        answer.verdicts.push_back(std::move(verdict));
    }
    return answer;
}

std::optional<analysis::TrustAnswer> madeAnswer(const analysis::Snapshot& snapshot,
                                                const analysis::TrustSettings& settings, std::stop_token) {
    using analysis::TrustChain;
    using analysis::TrustGroup;
    using analysis::TrustSession;
    analysis::TrustAnswer answer;
    const auto& sessions = snapshot.tlsSessions();
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        TrustSession session;
        session.session = i;
        session.verdict = verdictOf(TrustOutcome::NotEvaluated, Signature::S10, 0.99, "");
        answer.sessions.push_back(session);
    }
    if (sessions.size() >= 6) {
        TrustChain open;
        open.number = 1;
        open.host = "apimeus.azure-api.net";
        open.source = "handshake";
        open.at = sessions[0].record->facts.firstTime;
        open.answer = publicAnswer(settings.profiles);
        open.sessions = {0};
        TrustChain closed;
        closed.number = 2;
        closed.host = kGateway;
        closed.source = "handshake";
        closed.at = open.at;
        closed.answer = madeJudgement({.sent = {madeChain().leaf},
                                       .host = kGateway,
                                       .at = open.at,
                                       .now = kNoTime,
                                       .pool = nullptr,
                                       .profiles = settings.profiles,
                                       .revocations = nullptr,
                                       .ocspResponse = {}});
        closed.sessions = {2};
        answer.chains = {open, closed};
        auto& accepted = answer.sessions[0];
        accepted.verdict = verdictOf(TrustOutcome::Accepted, Signature::S9, 0.95, "");
        accepted.chain = 0;
        auto& unsure = answer.sessions[1];
        unsure.verdict = verdictOf(TrustOutcome::Undecided, Signature::S11, 0, "");
        unsure.chain = 0;
        unsure.chainIsKnownOnly = true;
        auto& rejected = answer.sessions[2];
        rejected.verdict = verdictOf(TrustOutcome::Rejected, Signature::S1, 0.99, "unknown_ca");
        rejected.verdict.because = {"the chain fails in every public profile"};
        rejected.verdict.alternatives = {"a client with roots of its own"};
        rejected.verdict.wouldSettle = {"the log of the client"};
        rejected.verdict.gap = 20'000'000;
        rejected.verdict.stack = "OpenSSL 3";
        rejected.verdict.packets = {sessions[2].record->facts.firstPacket};
        rejected.chain = 1;
        auto& silent = answer.sessions[5];
        silent.verdict = verdictOf(TrustOutcome::Rejected, Signature::S3, 0.8, "");
        silent.verdict.stack = "Node.js";
        const auto group = [&](const char* name, TrustOutcome outcome, Signature signature,
                               std::vector<std::size_t> members, std::optional<std::size_t> chain,
                               const char* sentence) {
            TrustGroup made;
            made.client = "10.0.9.213";
            made.name = name;
            made.sessions = std::move(members);
            made.chain = chain;
            made.judgement.outcome = outcome;
            made.judgement.signature = signature;
            made.judgement.confidence = 0.9;
            made.judgement.sessions = made.sessions.size();
            made.judgement.rejected = outcome == TrustOutcome::Rejected ? made.sessions.size() : 0;
            made.judgement.accepted = outcome == TrustOutcome::Accepted ? 1 : 0;
            made.judgement.sentence = sentence;
            made.judgement.wouldSettle = {"a key log"};
            answer.groups.push_back(std::move(made));
        };
        group(kGateway, TrustOutcome::Rejected, Signature::S1, {2}, 1,
              "1 of 1 handshake from 10.0.9.213 to gw.example ended S1 within 20 ms: the client rejects the "
              "certificate.");
        group("hidden.example", TrustOutcome::Rejected, Signature::S3, {5}, std::nullopt,
              "1 of 1 handshake from 10.0.9.213 to hidden.example ended S3: the client probably rejects the "
              "certificate.");
        group("apimeus.azure-api.net", TrustOutcome::Accepted, Signature::S9, {0, 1}, 0,
              "1 of 2 handshakes from 10.0.9.213 to apimeus.azure-api.net carried requests.");
    }
    const auto header = snapshot.headerCode("x-arr-ssl");
    TrustChain named;
    named.number = answer.chains.size() + 1;
    named.host = "apim-northwind.azure-api.net";
    named.source = "header x-arr-ssl";
    named.answer = publicAnswer(settings.profiles);
    named.answer.namesOnly = true;
    named.answer.problems.push_back(problem(kNamesOnly, Weight::Remark, nullptr, {"nothing was verified"}));
    for (const auto row : snapshot.order()) {
        if (header != StringPool::kNone &&
            snapshot.headerValue(analysis::Direction::Request, header, row) != StringPool::kNone)
            named.rows.push_back(row);
    }
    if (!named.rows.empty()) answer.chains.push_back(named);
    return answer;
}

RootsRead madeRoots(const RootChoice& choice) {
    RootsRead read;
    // Newer than a year whenever this runs, and older than a year whenever.
    read.all = {profile("strict-common", "Public CAs: strict common", "2126-01-01"),
                profile("mozilla", "Mozilla", "2126-01-01"), profile("openjdk-old", "OpenJDK 13", "2020-01-01")};
    if (!choice.files.isEmpty()) read.all.push_back(profile("custom", "Your roots", ""));
    for (const auto& each : read.all) {
        if (choice.profiles.isEmpty() || choice.profiles.contains(QString::fromStdString(each->id)))
            read.chosen.push_back(each);
    }
    read.pool = std::make_shared<const CertificateSet>();
    return read;
}

analysis::Batch callsWithArrSsl() {
    auto batch = batchOf(twelveCalls());
    batch.exchanges.front().http.request.headers.add(
        "x-arr-ssl",
        "2048|256|CN=Microsoft Azure RSA TLS Issuing CA 04;O=Microsoft Corporation;C=US|CN=*.azure-api.net;"
        "O=Microsoft Corporation;L=Redmond;S=WA;C=US");
    return batch;
}

} // namespace gatescope::ui::test
