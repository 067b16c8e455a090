// SPDX-License-Identifier: Apache-2.0
#include "ui/models/capture_words.h"

#include "ui/bridge/text.h"
#include "ui/models/interface_table_model.h"

#include <QCoreApplication>
#include <QRegularExpression>

namespace gatescope::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("CaptureNumbers", text);
}

TableCell rate(const std::optional<double>& perSecond, bool octets = false) {
    if (!perSecond) return {QVariant(), QString(), Tone::Muted};
    return {*perSecond, octets ? octetRateText(perSecond) : rateText(perSecond)};
}

/// Lost packets are a matter for everybody who reads the numbers: a sign and a colour as soon as there is one.
TableCell loss(std::uint64_t count) {
    TableCell cell = TableCell::count(count);
    cell.glyph = count == 0 ? Glyph::Check : Glyph::Warning;
    cell.tone = count == 0 ? Tone::Text : Tone::Warning;
    return cell;
}

TableCell octets(std::uint64_t count) {
    return {static_cast<qulonglong>(count), bytesText(count)};
}

TableCell nothing() {
    return {QString(), QString()};
}

TableCell note(const QString& text) {
    return {text, text, Tone::Muted};
}

CellTableModel::Row line(const QString& what, TableCell total, TableCell perSecond, const QString& words) {
    return {TableCell::of(what), std::move(total), std::move(perSecond), note(words)};
}

void addBehind(std::vector<CellTableModel::Row>& rows, const CaptureNumbers& numbers) {
    const std::uint64_t waiting = numbers.progress ? numbers.progress->behindBytes : numbers.status.behindBytes;
    QString words = tr("written, and not yet analysed");
    if (numbers.behind && *numbers.behind > 0)
        words = tr("written, not yet analysed; %1 behind").arg(durationText(*numbers.behind));
    TableCell cell = octets(waiting);
    if (numbers.progress && numbers.progress->detail == pipeline::Detail::EndsOnly) {
        cell.glyph = Glyph::Warning;
        cell.tone = Tone::Warning;
        words += tr("; calls are shown when they end, until it has caught up");
    }
    rows.push_back(line(tr("Waiting"), cell, nothing(), words));
}

} // namespace

std::vector<TableColumn> captureColumns() {
    return {{tr("Of this capture"), tr("What is counted"), QStringLiteral("what"), false},
            {tr("Total"), tr("Since the capture began"), QStringLiteral("total"), true},
            {tr("Rate"), tr("A second, over the last seconds"), QStringLiteral("per_second"), true},
            {tr("Meaning"), tr("What the number means"), QStringLiteral("meaning"), false}};
}

std::vector<CellTableModel::Row> captureRows(const CaptureNumbers& numbers) {
    const auto& counts = numbers.status.counts;
    std::vector<CellTableModel::Row> rows;
    rows.push_back(
        line(tr("Packets"), TableCell::count(counts.packets), rate(numbers.packetRate), tr("written to the files")));
    rows.push_back(line(tr("Octets"), octets(counts.bytes), rate(numbers.octetRate, true), tr("of the files")));
    if (numbers.anyCalls) {
        rows.push_back(
            line(tr("Requests"), TableCell::count(numbers.calls), rate(numbers.callRate), tr("remembered now")));
        rows.push_back(
            line(tr("Under way"), TableCell::count(numbers.openCalls), nothing(), tr("requests that have not ended")));
    }
    rows.push_back(line(tr("Dropped by the kernel"), loss(counts.kernelDropped), nothing(),
                        tr("its buffer was full: the capture was too slow")));
    rows.push_back(
        line(tr("Dropped by interfaces"), loss(counts.interfaceDropped), nothing(), tr("by the device or its driver")));
    rows.push_back(
        line(tr("Dropped by Gatescope"), loss(counts.ownDropped), nothing(), tr("the disk was full or too slow")));
    if (counts.copies > 0)
        rows.push_back(
            line(tr("Copies"), TableCell::count(counts.copies), nothing(), tr("of a packet seen before, not written")));
    if (counts.trimmedBytes > 0)
        rows.push_back(line(tr("Cut off"), octets(counts.trimmedBytes), nothing(), tr("bodies, left out as asked")));
    addBehind(rows, numbers);
    QString files = numbers.folder.isEmpty() ? tr("on disk") : tr("on disk, in %1").arg(numbers.folder);
    if (numbers.status.filesRemoved > 0)
        files += tr("; %1 removed, as asked").arg(counted(numbers.status.filesRemoved, "older one", "older ones"));
    rows.push_back(line(counted(numbers.status.files.size(), "File", "Files"), octets(numbers.status.diskBytes),
                        nothing(), files));
    return rows;
}

RemedyText remedyOf(const QString& message) {
    static const QRegularExpression command(
        QStringLiteral("(?:^|[\\s:])(sudo (?:/\\S+/)?setcap [^\\n]+|(?:/\\S+/)?setcap [^\\n]+)$"));
    const auto match = command.match(message.trimmed());
    if (!match.hasMatch()) return {message, {}};
    QString words = message.trimmed().left(match.capturedStart(1)).trimmed();
    return {words, match.captured(1)};
}

} // namespace gatescope::ui
