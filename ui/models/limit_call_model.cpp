// SPDX-License-Identifier: Apache-2.0
#include "ui/models/limit_call_model.h"

#include "ui/bridge/text.h"
#include "ui/models/status_sign.h"

#include <array>

namespace gatescope::ui {
using namespace analysis;
using namespace simulate;
namespace {

QString none() {
    return QStringLiteral("–");
}

QString known(const Count& count, const QString& unit = {}) {
    return count.known() ? wholeText(count.orZero()) + unit : none();
}

std::optional<std::int64_t> statusOf(std::uint16_t status) {
    return status == 0 ? std::nullopt : std::optional<std::int64_t>(status);
}

} // namespace

void LimitCallModel::show(const Snapshot& snapshot, std::shared_ptr<const LimitResult> result,
                          std::shared_ptr<const LimitView> view, bool severalDays) {
    beginResetModel();
    m_snapshot = snapshot;
    m_result = std::move(result);
    m_view = std::move(view);
    m_severalDays = severalDays;
    endResetModel();
}

void LimitCallModel::clear() {
    beginResetModel();
    m_snapshot.reset();
    m_result.reset();
    m_view.reset();
    endResetModel();
}

const CallOutcome& LimitCallModel::outcomeAt(int place) const {
    return m_result->calls[m_view->calls[static_cast<std::size_t>(place)]];
}

std::optional<Row> LimitCallModel::rowAt(int place) const {
    if (place < 0 || place >= rowCount()) return std::nullopt;
    return outcomeAt(place).row;
}

int LimitCallModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() || !m_view ? 0 : static_cast<int>(m_view->calls.size());
}

int LimitCallModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString LimitCallModel::display(const CallOutcome& call, int column) const {
    const auto text = [&](FieldId id) {
        const QString value = valueText(*m_snapshot, fieldOf(id), call.row);
        return value.isEmpty() ? none() : value;
    };
    switch (column) {
    case Number:
        return QString::number(m_snapshot->id(call.row));
    case Time:
        return clockText(call.time, m_severalDays);
    case Predicted:
        return call.predictedStatus == 200 ? QStringLiteral("let through") : QString::number(call.predictedStatus);
    case Observed:
        return call.observedStatus == 0 ? QStringLiteral("no answer") : QString::number(call.observedStatus);
    case RetryAfter:
        return known(call.retryAfter, QStringLiteral(" s"));
    case Remaining:
        return known(call.remaining);
    case Booked:
        return known(call.booked);
    case Model:
        return text(FieldId::Model);
    case Caller:
        return text(FieldId::Agent);
    default:
        return {};
    }
}

QVariant LimitCallModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || !m_view) return {};
    const auto& call = outcomeAt(index.row());
    const bool status = index.column() == Predicted || index.column() == Observed;
    const auto shown = statusOf(index.column() == Predicted ? call.predictedStatus : call.observedStatus);
    switch (role) {
    case Qt::DisplayRole:
        return display(call, index.column());
    case Qt::DecorationRole:
        return status ? QVariant(icon(statusSign(shown).glyph, statusSign(shown).tone)) : QVariant();
    case Qt::ToolTipRole:
        return headerData(index.column(), Qt::Horizontal, Qt::ToolTipRole);
    case Qt::TextAlignmentRole: {
        const bool number = index.column() == Number || (index.column() >= RetryAfter && index.column() <= Booked);
        return QVariant::fromValue(Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft));
    }
    default:
        return {};
    }
}

QVariant LimitCallModel::headerData(int section, Qt::Orientation orientation, int role) const {
    static constexpr std::array<std::pair<const char*, const char*>, ColumnCount> kTitles{{
        {"#", "Number of the request"},
        {"Time (UTC)", "When the request began"},
        {"Under this policy", "What the policy would have answered"},
        {"What happened", "Status that was really seen"},
        {"Retry after", "Seconds to wait that the policy would have told"},
        {"Left", "Tokens left in the minute after this call"},
        {"Booked", "Tokens that the limiter would count"},
        {"Model", "Model of the call"},
        {"Agent", "Agent of the call"},
    }};
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    const auto& [title, meaning] = kTitles[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) return QLatin1String(title);
    if (role == Qt::ToolTipRole) return QLatin1String(meaning);
    if (role == Qt::TextAlignmentRole) {
        const bool number = section == Number || (section >= RetryAfter && section <= Booked);
        return QVariant::fromValue(Qt::AlignVCenter | (number ? Qt::AlignRight : Qt::AlignLeft));
    }
    return {};
}

} // namespace gatescope::ui
