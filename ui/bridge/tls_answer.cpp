// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/tls_answer.h"

#include "ui/bridge/tls_text.h"

#include <QStringList>

#include <algorithm>
#include <numeric>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr TimeNs kDay = 86'400LL * 1'000'000'000LL;

/// Of each session how many of the rows it carried; a row belongs to the innermost session of its connection.
std::vector<std::uint32_t> carried(const Snapshot& snapshot, const std::vector<Row>& rows) {
    std::vector<std::uint32_t> counts(snapshot.tlsSessions().size(), 0);
    for (const Row row : rows) {
        PacketRef start = snapshot.flowStart(row);
        // A log may tell of a call whose connection could not be read.
        if (const Flow* flow = snapshot.connectionOf(row)) start = flow->record.start();
        const TlsSession* session = start == 0 ? nullptr : snapshot.tlsSessionOf(start);
        if (session) ++counts[static_cast<std::size_t>(session - snapshot.tlsSessions().data())];
    }
    return counts;
}

bool holds(const TlsSession& session, const QStringList& words) {
    QString text;
    for (const auto column : kTlsColumns) text += tlsCell(session, column, true) + QChar('\n');
    return std::all_of(words.begin(), words.end(),
                       [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

void count(const TlsSession& session, TlsAnswer& answer) {
    const auto& facts = session.record->facts;
    if (readableOf(facts) == TlsReadable::Yes) ++answer.readable;
    if (facts.outcome == tls::Outcome::Failed) ++answer.failed;
    if (wantsSecrets(facts)) ++answer.wantSecrets;
}

bool onSeveralDays(const std::vector<TlsSession>& sessions) {
    std::optional<TimeNs> day;
    for (const auto& session : sessions) {
        const TimeNs time = session.record->facts.firstTime;
        if (time == kNoTime) continue;
        if (day && *day != time / kDay) return true;
        day = time / kDay;
    }
    return false;
}

std::uint64_t numberKey(const TlsSession& session, TlsColumn column, const TlsAnswer& answer, std::uint32_t index) {
    if (column == TlsColumn::Number) return session.number;
    if (column == TlsColumn::Time) {
        constexpr std::uint64_t kBias = std::uint64_t{1} << 63U;
        return static_cast<std::uint64_t>(session.record->facts.firstTime) ^ kBias;
    }
    // As shown: `3 of 12` sorts by 3.
    constexpr unsigned kHalf = 32;
    return answer.narrowed ? std::uint64_t{answer.shown[index]} << kHalf | session.record->exchanges
                           : session.record->exchanges;
}

/// The order of a column; what is not known comes last either way, and equal cells stand by number.
void sortBy(TlsAnswer& answer, const TlsSort& sort) {
    const auto& sessions = answer.snapshot.tlsSessions();
    const bool byNumber = tlsColumnIsNumber(sort.column) || sort.column == TlsColumn::Time;
    struct Key {
        bool missing = false;
        std::uint64_t number = 0;
        QString text;
        std::uint32_t index = 0;
    };
    std::vector<Key> keys;
    keys.reserve(answer.order.size());
    for (const auto index : answer.order) {
        Key key;
        key.index = index;
        if (byNumber) {
            key.missing = sort.column == TlsColumn::Time && sessions[index].record->facts.firstTime == kNoTime;
            key.number = numberKey(sessions[index], sort.column, answer, index);
        } else {
            key.text = tlsCell(sessions[index], sort.column, true).toLower();
            key.missing = key.text.isEmpty();
        }
        keys.push_back(std::move(key));
    }
    std::stable_sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
        if (a.missing != b.missing) return b.missing;
        const Key& low = sort.descending ? b : a;
        const Key& high = sort.descending ? a : b;
        return byNumber ? low.number < high.number : low.text < high.text;
    });
    std::transform(keys.begin(), keys.end(), answer.order.begin(), [](const Key& key) { return key.index; });
}

} // namespace

std::optional<TlsAnswer> answerTls(const TlsQuestion& question, std::stop_token stop) {
    TlsAnswer answer;
    answer.snapshot = question.snapshot;
    answer.narrowed = question.narrowed;
    const auto& sessions = answer.snapshot.tlsSessions();
    if (answer.narrowed) answer.shown = carried(answer.snapshot, *question.rows);
    const QStringList words = question.search.split(QChar(' '), Qt::SkipEmptyParts);
    constexpr std::uint32_t kLookEvery = 1024;
    for (std::uint32_t index = 0; index < sessions.size(); ++index) {
        if (index % kLookEvery == 0 && stop.stop_requested()) return std::nullopt;
        count(sessions[index], answer);
        if (answer.narrowed && question.onlyShown && answer.shown[index] == 0) continue;
        if (words.isEmpty() || holds(sessions[index], words)) answer.order.push_back(index);
    }
    answer.severalDays = onSeveralDays(sessions);
    if (question.sort) sortBy(answer, *question.sort);
    answer.places.assign(sessions.size(), -1);
    for (std::size_t i = 0; i < answer.order.size(); ++i) answer.places[answer.order[i]] = static_cast<int>(i);
    if (stop.stop_requested()) return std::nullopt;
    return answer;
}

} // namespace gatescope::ui
