// SPDX-License-Identifier: Apache-2.0
#include "core/report/trust_rows.h"

#include "core/report/escape.h"
#include "core/report/selected_row.h"

#include <cmath>
#include <string>
#include <string_view>

namespace gatescope::report {

namespace {

using analysis::TrustAnswer;
using analysis::TrustChain;
using analysis::TrustGroup;
using analysis::TrustSession;

std::vector<std::string_view> viewsOf(const std::vector<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

/// Two digits say all that these judgements are worth.
double rounded(double confidence) {
    return std::round(confidence * 100) / 100;
}

// Cells that only one kind of row has, in front of and behind `chain`.
constexpr std::size_t kSessionCells = 19, kChainCells = 13;

void addNothing(SelectedRow& row, std::size_t cells) {
    for (std::size_t i = 0; i < cells; ++i) row.add({});
}

void writeSession(const analysis::Snapshot& snapshot, const TrustAnswer& answer, const TrustSession& session,
                  Numbering& numbering, SelectedRow& row) {
    const analysis::TlsSession& tls = snapshot.tlsSessions()[session.session];
    const analysis::TlsRecord& record = *tls.record;
    const trust::SessionVerdict& verdict = session.verdict;
    const std::string client = record.client.toString(), server = record.server.toString();
    row.addCount(numbering.session(tls)).addText(snapshot.inputs()[record.input]);
    row.addOptional(numbering.flow(snapshot, record.flowStart));
    row.addIf(record.packet != 0, static_cast<std::int64_t>(record.packet)).addTime(record.facts.firstTime);
    row.addText(client).addText(server).addText(record.facts.serverName);
    row.addText(toString(verdict.outcome)).addText(toString(verdict.signature)).addText(verdict.reason);
    row.addIf(verdict.confidence > 0, rounded(verdict.confidence));
    std::vector<std::string> packets;
    for (const PacketRef packet : verdict.packets) packets.push_back(std::to_string(numberOf(packet)));
    row.add(viewsOf(verdict.because)).add(viewsOf(verdict.alternatives)).add(viewsOf(verdict.wouldSettle));
    row.addIf(verdict.gap != kNoTime, std::int64_t{verdict.gap}).addText(verdict.stack).add(viewsOf(packets));
    row.addIf(session.chain.has_value(), std::int64_t{session.chainIsKnownOnly});
    row.addOptional(session.chain ? std::optional(answer.chains[*session.chain].number) : std::nullopt);
    addNothing(row, kChainCells);
    row.end();
}

/// The object of one problem: as findings are written everywhere.
std::string problemJson(const trust::Problem& problem) {
    std::string json = "{";
    const auto text = [&json](std::string_view key, std::string_view value) {
        if (value.empty()) return;
        if (json.size() > 1) json += ',';
        appendJsonString(json, key);
        json += ':';
        appendJsonString(json, value);
    };
    text("id", problem.kind->id);
    text("severity", toString(problem.kind->severity));
    text("weight", toString(problem.weight));
    text("title", problem.kind->title);
    text("explain", problem.kind->explain);
    text("fix", problem.kind->fix);
    text("concerns", problem.concerns);
    if (problem.certificate) text("certificate", problem.certificate->subject);
    if (problem.certificate) text("sha256", problem.certificate->sha256Text());
    json += ",\"evidence\":[";
    for (std::size_t i = 0; i < problem.evidence.size(); ++i) {
        if (i != 0) json += ',';
        appendJsonString(json, problem.evidence[i]);
    }
    return json + "]}";
}

std::string verdictJson(const trust::ProfileVerdict& verdict) {
    std::string json = "{";
    const auto key = [&json](std::string_view name) {
        if (json.size() > 1) json += ',';
        appendJsonString(json, name);
        json += ':';
    };
    const auto text = [&](std::string_view name, std::string_view value) {
        if (value.empty()) return;
        key(name);
        appendJsonString(json, value);
    };
    const auto flag = [&](std::string_view name, bool value) {
        if (!value) return;
        key(name);
        json += "true";
    };
    text("profile", verdict.profile ? std::string_view(verdict.profile->id) : std::string_view());
    text("verdict", toString(verdict.verdict));
    text("root", verdict.root);
    flag("by_name", verdict.byName);
    text("reason", verdict.reason);
    text("explain", verdict.reasonText);
    flag("needs_repair", verdict.needsRepair);
    flag("strict_refuse", verdict.strictRefuse);
    if (verdict.now) text("now", toString(*verdict.now));
    return json + '}';
}

template <typename Entries, typename Write>
std::string jsonList(const Entries& entries, const Write& write) {
    std::string json = "[";
    for (const auto& entry : entries) {
        if (json.size() > 1) json += ',';
        json += write(entry);
    }
    return json + ']';
}

std::vector<std::string_view> subjectsOf(const trust::ChainAnswer& answer) {
    std::vector<std::string_view> subjects;
    for (const trust::CertificatePtr& certificate : answer.sent) subjects.push_back(certificate->subject);
    if (subjects.empty() && !answer.topName.empty()) subjects.push_back(answer.topName);
    return subjects;
}

std::string missingJson(const trust::MissingIssuer& missing) {
    std::string json = "{\"name\":";
    appendJsonString(json, missing.name);
    json += ",\"at_hand\":";
    json += missing.certificate ? "true" : "false";
    json += ",\"public\":";
    json += missing.known != nullptr ? "true" : "false";
    json += ",\"root\":";
    json += missing.isRoot ? "true" : "false";
    if (!missing.addresses.empty()) {
        json += ",\"ca_issuers\":";
        appendJsonString(json, missing.addresses.front());
    }
    return json + '}';
}

} // namespace

std::vector<Column> trustColumns() {
    return {{"session", ColumnType::Integer},
            {"input", ColumnType::Text},
            {"flow", ColumnType::Integer},
            {"packet", ColumnType::Integer},
            {"time", ColumnType::Time},
            {"client", ColumnType::Text},
            {"server", ColumnType::Text},
            {"sni", ColumnType::Text},
            {"outcome", ColumnType::Text},
            {"signature", ColumnType::Text},
            {"reason", ColumnType::Text},
            {"confidence", ColumnType::Decimal},
            {"because", ColumnType::TextList},
            {"alternatives", ColumnType::TextList},
            {"would_settle", ColumnType::TextList},
            {"gap_ms", ColumnType::Duration},
            {"stack", ColumnType::Text},
            {"packets", ColumnType::TextList},
            {"chain_known_only", ColumnType::Boolean},
            {"chain", ColumnType::Integer},
            {"subjects", ColumnType::TextList},
            {"profiles", ColumnType::Json},
            {"problems", ColumnType::Json},
            {"host", ColumnType::Text},
            {"source", ColumnType::Text},
            {"judged_at", ColumnType::Time},
            {"headline", ColumnType::Text},
            {"private_ca", ColumnType::Boolean},
            {"complete", ColumnType::Boolean},
            {"names_only", ColumnType::Boolean},
            {"missing", ColumnType::Json},
            {"sessions", ColumnType::Integer},
            {"exchanges", ColumnType::Integer}};
}

void writeTrust(const analysis::Snapshot& snapshot, const TrustAnswer& answer, const Selection& selection,
                RowWriter& writer, Numbering* numbering) {
    Numbering ofSnapshot;
    SelectedRow row(selection, writer);
    for (const TrustSession& session : answer.sessions) {
        writeSession(snapshot, answer, session, numbering ? *numbering : ofSnapshot, row);
        if (writer.refused()) return;
    }
    writeTrustChains(answer.chains, selection, writer);
}

void writeTrustChains(const std::vector<TrustChain>& chains, const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const TrustChain& chain : chains) {
        const trust::ChainAnswer& answer = chain.answer;
        const std::string profiles = jsonList(answer.verdicts, verdictJson);
        const std::string problems = jsonList(answer.problems, problemJson);
        const std::string missing = jsonList(answer.missing, missingJson);
        addNothing(row, kSessionCells);
        row.addCount(chain.number).add(subjectsOf(answer)).add(std::string_view(profiles));
        row.add(std::string_view(problems)).addText(chain.host).addText(chain.source).addTime(chain.at);
        row.addText(answer.headline).add(std::int64_t{answer.privateCa}).add(std::int64_t{answer.complete});
        row.add(std::int64_t{answer.namesOnly}).add(std::string_view(missing));
        row.addCount(chain.sessions.size()).addCount(chain.rows.size()).end();
        if (writer.refused()) return;
    }
}

std::vector<Column> trustGroupColumns() {
    return {{"client", ColumnType::Text},          {"name", ColumnType::Text},
            {"outcome", ColumnType::Text},         {"signature", ColumnType::Text},
            {"confidence", ColumnType::Decimal},   {"sessions", ColumnType::Integer},
            {"accepted", ColumnType::Integer},     {"rejected", ColumnType::Integer},
            {"undecided", ColumnType::Integer},    {"with_requests", ColumnType::Integer},
            {"gap_ms_p50", ColumnType::Duration},  {"chain", ColumnType::Integer},
            {"judgement", ColumnType::Text},       {"because", ColumnType::TextList},
            {"would_settle", ColumnType::TextList}};
}

void writeTrustGroups(const TrustAnswer& answer, const Selection& selection, RowWriter& writer) {
    SelectedRow row(selection, writer);
    for (const TrustGroup& group : answer.groups) {
        const trust::GroupJudgement& judgement = group.judgement;
        row.addText(group.client).addText(group.name).addText(toString(judgement.outcome));
        row.addText(toString(judgement.signature)).addIf(judgement.confidence > 0, rounded(judgement.confidence));
        row.addCount(judgement.sessions).addCount(judgement.accepted).addCount(judgement.rejected);
        row.addCount(judgement.undecided).addCount(judgement.withRequests);
        row.addIf(judgement.medianGap != kNoTime, std::int64_t{judgement.medianGap});
        row.addOptional(group.chain ? std::optional(answer.chains[*group.chain].number) : std::nullopt);
        row.addText(judgement.sentence).add(viewsOf(judgement.because)).add(viewsOf(judgement.wouldSettle)).end();
        if (writer.refused()) return;
    }
}

} // namespace gatescope::report
