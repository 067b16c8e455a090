// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/trust/judgement.h"
#include "step_lines.h"

#include <QElapsedTimer>

using namespace gatescope;
using namespace gatescope::trust;
using gatescope::test::factsOf;

namespace {

const std::string kFlight = "C:CH | S:SH,CCS,app23,app955,app96,app69 | ";
const std::string kUnused = kFlight + "C:CCS,app69 | S:app250 | wait20 | C:FIN";
const std::string kUsed = kFlight + "C:CCS,app69,app82 | S:app250,app4735 | C:FIN";
constexpr TimeNs kMs = 1'000'000;

/// Sessions that begin at these milliseconds.
struct Sessions {
    std::vector<tls::SessionFacts> facts;
    std::vector<GroupMember> members;

    void add(const std::string& line, TimeNs atMs, const char* ja4 = "") {
        facts.push_back(factsOf(line));
        facts.back().firstTime = atMs * kMs;
        facts.back().ja4 = ja4;
    }
    std::vector<GroupMember>& judged() {
        members.clear();
        for (const auto& each : facts) members.push_back({&each, judgeSession(each), 0});
        const auto contexts = siblingContexts(members);
        for (std::size_t i = 0; i < members.size(); ++i) weigh(members[i].verdict, contexts[i]);
        return members;
    }
    std::vector<SessionContext> contexts() {
        judged();
        for (auto& member : members) member.verdict = judgeSession(*member.facts);
        return siblingContexts(members);
    }
};

} // namespace

class TrustJudgementTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theSentenceOfTheIssue() {
        Sessions sessions;
        // At distances that neither grow nor stay the same.
        for (int i = 0; i < 37; ++i) sessions.add(kUnused, 1'000 * i + (i * i * 37) % 700);
        const auto& members = sessions.judged();
        const auto judgement =
            judgeGroup(members, "10.0.9.213", "apim.example", "The chain fails in every public profile.");
        // 20 ms of waiting and a millisecond for each of the two steps after the Finished.
        QCOMPARE(
            judgement.sentence,
            std::string("37 of 37 handshakes from 10.0.9.213 to apim.example ended S4 within 22 ms; none carried a "
                        "request; the chain fails in every public profile: the agent runtime rejects the "
                        "certificate."));
        QVERIFY(judgement.outcome == TrustOutcome::Rejected);
        QVERIFY(judgement.signature == Signature::S4);
        QCOMPARE(judgement.rejected, std::size_t{37});
        QCOMPARE(judgement.medianGap, 22 * kMs);
        QVERIFY(judgement.confidence >= 0.8 && !judgement.because.empty() && !judgement.wouldSettle.empty());
    }

    void oneThatIsUsedSpeaksForAll() {
        Sessions sessions;
        sessions.add(kUnused, 0);
        sessions.add(kUsed, 130);
        const auto contexts = sessions.contexts();
        QCOMPARE(contexts[0].siblings, std::size_t{2});
        QCOMPARE(contexts[0].siblingsAccepted, std::size_t{1});
        const auto judgement = judgeGroup(sessions.judged(), "a", "b", "");
        QVERIFY(judgement.outcome == TrustOutcome::Accepted);
        QCOMPARE(judgement.rejected, std::size_t{0});
        QVERIFY(judgement.sentence.ends_with("1 carried data: the client accepts the certificate."));
    }

    void otherChainsAndOtherStacksAreNoSiblings() {
        Sessions sessions;
        sessions.add(kUnused, 0, "t13d_a538d02d76d5_x");
        sessions.add(kUsed, 100, "t13d_a33745022dd6_x");
        sessions.add("C:CH | S:SH,CCS,app23,app534,app96,app69 | C:CCS,app69,app82 | S:app4735 | C:FIN", 200,
                     "t13d_a538d02d76d5_x");
        for (const auto& context : sessions.contexts()) QCOMPARE(context.siblings, std::size_t{1});
    }

    void probesKeepTheirPeriodAndRetriesDoNot() {
        Sessions probes;
        for (int i = 0; i < 8; ++i) probes.add(kUnused, 10'000 * i + i % 3);
        QVERIFY(probes.contexts()[3].fixedPeriod && !probes.contexts()[3].growingGaps);

        Sessions retries; // 0.8, 1.6, 3.2, 6.4 s: doubled each time
        for (const int at : {0, 800, 2'400, 5'600, 12'000}) retries.add(kUnused, at);
        QVERIFY(retries.contexts()[0].growingGaps && retries.contexts()[4].growingGaps);
        QVERIFY(!retries.contexts()[0].fixedPeriod);

        Sessions few;
        for (int i = 0; i < 3; ++i) few.add(kUnused, 10'000 * i);
        QVERIFY(!few.contexts()[0].fixedPeriod);
    }

    void bothFatesAreToldAsSuch() {
        Sessions sessions;
        for (int i = 0; i < 3; ++i) sessions.add(kFlight + "C:alert48,FIN", 1'700 * i * i);
        for (int i = 0; i < 3; ++i) sessions.add(kUsed, 50'000 + 900 * i * i);
        const auto judgement = judgeGroup(sessions.judged(), "a", "b", "");
        QVERIFY(judgement.outcome == TrustOutcome::Undecided);
        QVERIFY(judgement.sentence.find("3 accepted the certificate and 3 rejected it") != std::string::npos);
    }

    void aReadableReasonIsInTheSentence() {
        Sessions sessions;
        sessions.add(kFlight + "C:alert48,FIN", 0);
        const auto judgement = judgeGroup(sessions.judged(), "a", "b", "");
        QCOMPARE(judgement.sentence, std::string("1 of 1 handshake from a to b ended S1 within 1 ms (unknown_ca); none "
                                                 "carried a request: the agent runtime rejects the certificate."));
    }

    void nothingAndStrangeTimesAreNoTrouble() {
        QCOMPARE(judgeGroup({}, "a", "b", "").sessions, std::size_t{0});
        Sessions sessions;
        sessions.add(kUnused, 0);
        sessions.add(kUnused, 1);
        sessions.facts[0].firstTime = kNoTime;
        sessions.facts[1].firstTime = std::numeric_limits<TimeNs>::max();
        QCOMPARE(sessions.contexts().size(), std::size_t{2});
    }

    void manySessionsAreJudgedInLinearTime() {
        const auto facts = factsOf(kUnused);
        const auto verdict = judgeSession(facts);
        const std::vector<GroupMember> members(200'000, GroupMember{&facts, verdict, 0});
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(siblingContexts(members).size(), members.size());
        QCOMPARE(judgeGroup(members, "a", "b", "").sessions, members.size());
        QVERIFY(timer.elapsed() < 20'000);
    }
};

QTEST_APPLESS_MAIN(TrustJudgementTest)
#include "trust_judgement_test.moc"
