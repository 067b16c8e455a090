// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/join_text.h"

#include "ui/bridge/text.h"

#include <QFileInfo>
#include <QStringList>

#include <array>
#include <map>

namespace gatescope::ui {
using namespace analysis;
namespace {

/// Those that people ask about: who, what, how much, how long.
constexpr std::array kMainFields{FieldId::Project,      FieldId::Agent,       FieldId::Model,    FieldId::Deployment,
                                 FieldId::Caller,       FieldId::Status,      FieldId::Duration, FieldId::InputTokens,
                                 FieldId::OutputTokens, FieldId::TotalTokens, FieldId::Client,   FieldId::ForwardedFor,
                                 FieldId::Backend};

QString inputName(const Snapshot& snapshot, Row row) {
    const auto input = snapshot.inputIndex(row);
    if (input >= snapshot.inputs().size()) return {};
    return QFileInfo(toText(snapshot.inputs()[input])).fileName();
}

/// Two records of one file are told apart by their kind.
QString recordName(const Snapshot& snapshot, Row row) {
    const QString kind = valueText(snapshot, fieldOf(FieldId::Source), row);
    const QString name = inputName(snapshot, row);
    return kind.isEmpty() ? name : QStringLiteral("%1 (%2)").arg(name, kind);
}

} // namespace

QString joinText(const Snapshot& snapshot, Row row) {
    const auto parts = snapshot.parts(row);
    if (parts.empty()) return {};
    QStringList others;
    for (std::size_t i = 1; i < parts.size(); ++i) others << recordName(snapshot, parts[i]);
    QString text = others.isEmpty() ? QStringLiteral("A connection whose content nobody could read, joined")
                                    : QStringLiteral("Joined with ") + others.join(QStringLiteral(", "));
    const QString rule = valueText(snapshot, fieldOf(FieldId::JoinedBy), row);
    const QString certainty = valueText(snapshot, fieldOf(FieldId::JoinCertainty), row);
    if (!rule.isEmpty()) text += QStringLiteral(" by ") + rule;
    if (!certainty.isEmpty()) text += QStringLiteral(", ") + certainty;
    std::map<Row, QStringList> byPart;
    for (const auto id : kMainFields) {
        const Field field = fieldOf(id);
        if (const auto part = snapshot.partOf(field, row)) byPart[*part] << toText(field.name());
    }
    for (const auto part : parts) {
        const auto known = byPart.find(part);
        if (known == byPart.end()) continue;
        text +=
            QStringLiteral(". From %1: %2").arg(recordName(snapshot, part), known->second.join(QStringLiteral(", ")));
    }
    return text;
}

} // namespace gatescope::ui
