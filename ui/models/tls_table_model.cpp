// SPDX-License-Identifier: Apache-2.0
#include "ui/models/tls_table_model.h"

#include "ui/bridge/text.h"
#include "ui/bridge/tls_text.h"
#include "ui/models/tls_sign.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace gatescope::ui {
namespace {

/// Numbers change while more is read; where a session began does not.
using SessionKey = std::tuple<std::uint32_t, std::uint64_t, PacketRef>;
SessionKey keyOf(const analysis::TlsSession& session) {
    return {session.record->input, session.record->packet, session.record->flowStart};
}

QVariant alignment(TlsColumn column) {
    return QVariant::fromValue(Qt::AlignVCenter | (tlsColumnIsNumber(column) ? Qt::AlignRight : Qt::AlignLeft));
}

} // namespace

void TlsTableModel::show(std::shared_ptr<const TlsAnswer> answer) {
    Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    std::vector<analysis::TlsSession> kept;
    for (const auto& index : before) {
        const auto* session = sessionAt(index.row());
        kept.push_back(session ? *session : analysis::TlsSession());
    }
    m_answer = std::move(answer);
    QModelIndexList after;
    const auto places = placesOf(kept);
    for (qsizetype i = 0; i < before.size(); ++i) {
        const int place = places[static_cast<std::size_t>(i)];
        after << (place >= 0 ? index(place, before[i].column()) : QModelIndex());
    }
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, VerticalSortHint);
}

std::vector<int> TlsTableModel::placesOf(const std::vector<analysis::TlsSession>& sessions) const {
    std::vector<int> places(sessions.size(), -1);
    std::map<SessionKey, std::vector<std::size_t>> others; // of an older snapshot
    const auto& now = m_answer->snapshot.tlsSessions();
    for (std::size_t i = 0; i < sessions.size(); ++i) {
        const std::uint64_t number = sessions[i].number;
        const auto& record = sessions[i].record;
        if (!record) continue;
        if (number <= now.size() && now[number - 1].record == record)
            places[i] = m_answer->places[number - 1];
        else
            others[keyOf(sessions[i])].push_back(i);
    }
    for (std::size_t place = 0; !others.empty() && place < m_answer->order.size(); ++place) {
        const auto found = others.find(keyOf(m_answer->at(place)));
        if (found == others.end()) continue;
        for (const auto i : found->second) places[i] = static_cast<int>(place);
    }
    return places;
}

void TlsTableModel::clear() {
    if (!m_answer) return;
    beginResetModel();
    m_answer.reset();
    endResetModel();
}

const analysis::TlsSession* TlsTableModel::sessionAt(int row) const {
    if (!m_answer || row < 0 || row >= rowCount()) return nullptr;
    return &m_answer->at(static_cast<std::size_t>(row));
}

std::optional<int> TlsTableModel::rowOf(std::uint64_t number) const {
    if (!m_answer || number == 0 || number > m_answer->places.size()) return std::nullopt;
    const int place = m_answer->places[number - 1];
    return place < 0 ? std::nullopt : std::optional(place);
}

int TlsTableModel::rowCount(const QModelIndex& parent) const {
    if (parent.isValid() || !m_answer) return 0;
    constexpr std::size_t kMost = std::numeric_limits<int>::max();
    return static_cast<int>(std::min(m_answer->order.size(), kMost));
}

int TlsTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kTlsColumns.size());
}

std::uint32_t TlsTableModel::shownIn(int row) const {
    return m_answer->narrowed ? m_answer->shown[m_answer->order[static_cast<std::size_t>(row)]] : 0;
}

QVariant TlsTableModel::data(const QModelIndex& index, int role) const {
    if (!sessionAt(index.row()) || index.column() >= columnCount()) return {};
    const auto column = kTlsColumns[static_cast<std::size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole:
        return display(index.row(), column);
    case Qt::DecorationRole:
        return decoration(index.row(), column);
    case Qt::ForegroundRole:
        return foreground(index.row(), column);
    case Qt::ToolTipRole:
        return toolTip(index.row(), column);
    case Qt::TextAlignmentRole:
        return alignment(column);
    default:
        return {};
    }
}

QString TlsTableModel::display(int row, TlsColumn column) const {
    const auto& session = *sessionAt(row);
    const QString text = tlsCell(session, column, m_answer->severalDays);
    if (column == TlsColumn::Exchanges && m_answer->narrowed) {
        const auto shown = shownIn(row);
        return session.record->exchanges >= shown ? QStringLiteral("%1 of %2").arg(countText(shown), text)
                                                  : QStringLiteral("%1 in a log").arg(countText(shown));
    }
    return text.isEmpty() ? QStringLiteral("–") : text;
}

QVariant TlsTableModel::decoration(int row, TlsColumn column) const {
    const auto& facts = sessionAt(row)->record->facts;
    if (column == TlsColumn::Ended) {
        const auto sign = endedSign(facts);
        return icon(sign.glyph, sign.tone);
    }
    if (column == TlsColumn::Readable) {
        const auto sign = readableSign(facts);
        return icon(sign.glyph, sign.tone);
    }
    if (column == TlsColumn::Exchanges && shownIn(row) > 0) return icon(Glyph::Request, Tone::Accent);
    return {};
}

QVariant TlsTableModel::foreground(int row, TlsColumn column) const {
    const auto& session = *sessionAt(row);
    if (column == TlsColumn::Ended && endedSign(session.record->facts).tone == Tone::Bad) return colour(Tone::Bad);
    const bool none = column == TlsColumn::Exchanges && session.record->exchanges == 0 && shownIn(row) == 0;
    const bool quiet = none || (column == TlsColumn::Readable && readableOf(session.record->facts) == TlsReadable::No);
    return quiet || tlsCell(session, column, false).isEmpty() ? QVariant(colour(Tone::Muted)) : QVariant();
}

QString TlsTableModel::toolTip(int row, TlsColumn column) const {
    const auto& session = *sessionAt(row);
    const auto& facts = session.record->facts;
    QString text = tlsColumnTitle(column) + QStringLiteral(": ") + display(row, column);
    if (column == TlsColumn::Time && facts.firstTime != kNoTime) return toText(formatTime(facts.firstTime));
    if (column == TlsColumn::Ended) return text + QChar('\n') + endedSign(facts).words;
    if (column == TlsColumn::Alpn && !facts.alpnOffered.empty())
        return text + QStringLiteral("\noffered: ") + listText(facts.alpnOffered);
    if (column == TlsColumn::Exchanges && m_answer->narrowed)
        return text + QStringLiteral("\nCalls that the filter, the group and the span of time let through");
    return text;
}

QVariant TlsTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
    const auto column = kTlsColumns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole:
        return tlsColumnTitle(column);
    case Qt::ToolTipRole:
        return tlsColumnMeaning(column);
    case Qt::TextAlignmentRole:
        return alignment(column);
    default:
        return {};
    }
}

void TlsTableModel::sort(int column, Qt::SortOrder order) {
    if (column < 0 || column >= columnCount()) return Q_EMIT sortRequested(std::nullopt);
    Q_EMIT sortRequested(TlsSort{kTlsColumns[static_cast<std::size_t>(column)], order == Qt::DescendingOrder});
}

} // namespace gatescope::ui
