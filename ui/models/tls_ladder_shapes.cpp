// SPDX-License-Identifier: Apache-2.0
// A session's steps in words: as a ladder and as a table.
#include "core/tls/names.h"
#include "ui/bridge/text.h"
#include "ui/bridge/tls_text.h"
#include "ui/models/tls_shapes.h"
#include "ui/models/tls_sign.h"

#include <QStringList>

namespace gatescope::ui {
using namespace analysis;
using namespace tls;
namespace {

bool isRecord(const Step& step) {
    return step.kind == Step::Kind::Record;
}

/// What a record is, where that can be told. Of TLS 1.3 everything encrypted calls itself application data.
std::optional<RecordType> contentOf(const Step& step, std::uint16_t version) {
    if (!isRecord(step)) return std::nullopt;
    if (step.contentType != 0 && (!step.encrypted || step.opened)) return static_cast<RecordType>(step.contentType);
    const bool disguised = step.encrypted && !step.opened && version != 0 && version >= kTls13;
    if (disguised && step.recordType == static_cast<std::uint8_t>(RecordType::ApplicationData)) return std::nullopt;
    return static_cast<RecordType>(step.recordType);
}

QString messagesText(const Step& step) {
    QStringList names;
    for (std::size_t i = 0; i < std::min<std::size_t>(step.messageCount, Step::kMaxMessages); ++i) {
        const bool hidden = step.messages[i] == HandshakeType::Encrypted;
        names << (hidden ? QStringLiteral("Encrypted handshake message")
                         : titleWords(handshakeTypeName(step.messages[i])));
    }
    if (names.isEmpty())
        return step.encrypted && !step.opened ? QStringLiteral("Encrypted handshake message")
                                              : QStringLiteral("Handshake message, in part");
    return names.join(QStringLiteral(", "));
}

QString alertText(const Step& step) {
    if (!step.alert) return QStringLiteral("Encrypted alert");
    constexpr std::uint8_t kFatal = 2;
    const QString level = step.alertLevel == kFatal ? QStringLiteral("fatal ") : QStringLiteral("warning ");
    return QStringLiteral("Alert: ") + level + toText(alertName(*step.alert));
}

QString recordText(const Step& step, std::uint16_t version) {
    const auto content = contentOf(step, version);
    if (!content) return QStringLiteral("Encrypted record");
    switch (*content) {
    case RecordType::Handshake:
        return messagesText(step);
    case RecordType::Alert:
        return alertText(step);
    case RecordType::ChangeCipherSpec:
        return QStringLiteral("Change Cipher Spec");
    case RecordType::ApplicationData:
        return QStringLiteral("Application data");
    case RecordType::Heartbeat:
        return QStringLiteral("Heartbeat");
    }
    return QStringLiteral("Record of type %1").arg(toText(recordTypeName(step.recordType)));
}

QString nameOf(const Step& step, std::uint16_t version) {
    switch (step.kind) {
    case Step::Kind::Record: {
        const QString text = recordText(step, version);
        return step.count > 1 ? QStringLiteral("%1 × %2").arg(text, countText(step.count)) : text;
    }
    case Step::Kind::Datagram: {
        const QString text = step.messageCount > 0 ? messagesText(step) : QStringLiteral("QUIC packets");
        return step.count > 1 ? QStringLiteral("%1 × %2").arg(text, countText(step.count)) : text;
    }
    case Step::Kind::Gap:
        return counted(step.length, "octet", "octets") + QStringLiteral(" never captured");
    case Step::Kind::NotTls:
        return counted(step.octets, "octet", "octets") + QStringLiteral(" that are no TLS");
    case Step::Kind::Fin:
        return QStringLiteral("FIN: closes its direction");
    case Step::Kind::Reset:
        return QStringLiteral("RST: resets the connection");
    }
    return {};
}

TlsReading readingOf(const Step& step) {
    if (!step.encrypted) return TlsReading::Clear;
    return step.opened ? TlsReading::Opened : TlsReading::Encrypted;
}

const char* readingWords(TlsReading reading) {
    switch (reading) {
    case TlsReading::Clear:
        return "in the clear";
    case TlsReading::Opened:
        return "encrypted, decrypted here";
    case TlsReading::Encrypted:
        return "encrypted, not readable";
    }
    return "";
}

TlsLadderStep::Shape shapeOf(const Step& step, std::uint16_t version) {
    using Shape = TlsLadderStep::Shape;
    switch (step.kind) {
    case Step::Kind::Fin:
        return Shape::Close;
    case Step::Kind::Reset:
        return Shape::Break;
    case Step::Kind::Gap:
    case Step::Kind::NotTls:
        return Shape::Damage;
    case Step::Kind::Record:
    case Step::Kind::Datagram:
        break;
    }
    return contentOf(step, version) == RecordType::Alert ? Shape::Alert : Shape::Arrow;
}

/// close_notify and user_canceled are no complaints (RFC 8446, 6.1).
bool isGoodbye(const Step& step) {
    constexpr std::uint8_t kCloseNotify = 0, kUserCanceled = 90;
    return step.alert == kCloseNotify || step.alert == kUserCanceled;
}

Tone toneOf(const Step& step, TlsLadderStep::Shape shape) {
    using Shape = TlsLadderStep::Shape;
    switch (shape) {
    case Shape::Alert:
        // Nobody can tell what an encrypted alert says; as a rule it is the goodbye.
        return !step.alert ? Tone::Muted : isGoodbye(step) ? Tone::Muted : Tone::Bad;
    case Shape::Break:
        return Tone::Bad;
    case Shape::Damage:
        return Tone::Warning;
    case Shape::Close:
        return Tone::Muted;
    case Shape::Arrow:
        break;
    }
    return Tone::BarReceive;
}

QString sizeOf(const Step& step) {
    const bool sized = isRecord(step) || step.kind == Step::Kind::Datagram;
    if (!sized) return {};
    return step.octets < 10'000 ? countText(step.octets) + QStringLiteral(" B") : bytesText(step.octets);
}

QString exactSizeOf(const Step& step) {
    if (!isRecord(step) && step.kind != Step::Kind::Datagram) return {};
    const QString octets = counted(step.octets, "octet", "octets");
    if (step.count > 1) return counted(step.count, "record", "records") + QStringLiteral(", ") + octets;
    return octets;
}

QString wordsOf(const Step& step, const TlsLadderStep& shown) {
    QStringList parts{step.from == Peer::Client ? QStringLiteral("Client → server")
                                                : QStringLiteral("Client ← server")};
    parts << shown.name;
    if (const QString size = exactSizeOf(step); !size.isEmpty()) parts << size;
    if (isRecord(step)) parts << QLatin1String(readingWords(shown.reading));
    if (!shown.packet.isEmpty())
        parts << QStringLiteral("packet ") + shown.packet.mid(shown.packet.startsWith(QChar('#')) ? 1 : 0);
    QString text = parts[0] + QStringLiteral("  ") + parts[1];
    if (parts.size() > 2) text += QStringLiteral("  (") + parts.mid(2).join(QStringLiteral(", ")) + QChar(')');
    return text;
}

std::optional<TlsSide> sideOf(const SessionFacts& facts) {
    if (facts.outcome != Outcome::Failed) return std::nullopt;
    if (facts.ended.starts_with("client-")) return TlsSide::Client;
    const bool server = facts.ended.starts_with("server-") || facts.ended == "no-answer" || facts.ended == "not-tls";
    return server ? std::optional(TlsSide::Server) : std::nullopt;
}

TimeNs firstTime(const SessionFacts& facts) {
    for (const auto& step : facts.steps) {
        if (step.time != kNoTime) return step.time;
    }
    return kNoTime;
}

TlsLadderStep shownStep(const Step& step, const SessionFacts& facts, TimeNs first) {
    TlsLadderStep shown;
    shown.shape = shapeOf(step, facts.version);
    shown.from = step.from == Peer::Client ? TlsSide::Client : TlsSide::Server;
    shown.reading = readingOf(step);
    shown.tone = toneOf(step, shown.shape);
    shown.name = nameOf(step, facts.version);
    shown.size = sizeOf(step);
    shown.packet = step.packet == 0 ? QString() : tlsPacketText(step.packet);
    if (step.time != kNoTime && first != kNoTime) shown.offset = step.time - first;
    shown.words = wordsOf(step, shown);
    return shown;
}

} // namespace

QString tlsPacketText(PacketRef packet) {
    const QString number = QStringLiteral("#%1").arg(numberOf(packet));
    return inputOf(packet) == 0 ? number : QStringLiteral("%1:").arg(inputOf(packet) + 1) + number;
}

TlsLadderData tlsLadderOf(const TlsRecord& record) {
    const auto& facts = record.facts;
    TlsLadderData data;
    data.client = toText(record.client.toString());
    data.server = toText(record.server.toString());
    data.serverName = toText(facts.serverName);
    const TimeNs first = firstTime(facts);
    for (const auto& step : facts.steps) data.steps.push_back(shownStep(step, facts, first));
    const auto sign = endedSign(facts);
    data.end = {sign.glyph, sign.tone, sideOf(facts), toText(facts.ended), sign.words};
    return data;
}

std::vector<TableColumn> tlsStepColumns() {
    return {
        {QStringLiteral("Step"), QStringLiteral("In the order in which they were seen"), QStringLiteral("step"), true},
        {QStringLiteral("ms"), QStringLiteral("Milliseconds after the first step"), QStringLiteral("ms"), true},
        {QStringLiteral("From"), QStringLiteral("Who sent it"), QStringLiteral("from"), false},
        {QStringLiteral("What"), QStringLiteral("Messages, or what else it is"), QStringLiteral("what"), false},
        {QStringLiteral("Records"), QStringLiteral("Records that are shown as this step"), QStringLiteral("records"),
         true},
        {QStringLiteral("Octets"), QStringLiteral("Of its records, headers included; of a gap what is missing"),
         QStringLiteral("octets"), true},
        {QStringLiteral("Reading"), QStringLiteral("In the clear, decrypted, or not readable"),
         QStringLiteral("reading"), false},
        {QStringLiteral("Packet"), QStringLiteral("The packet of its first octet"), QStringLiteral("packet"), true}};
}

std::vector<CellTableModel::Row> tlsStepRows(const TlsRecord& record) {
    std::vector<CellTableModel::Row> rows;
    const auto& facts = record.facts;
    const TimeNs first = firstTime(facts);
    for (const auto& step : facts.steps) {
        const auto shown = shownStep(step, facts, first);
        const bool sized = !shown.size.isEmpty() || step.kind == Step::Kind::NotTls;
        const std::uint64_t octets = step.kind == Step::Kind::Gap ? step.length : step.octets;
        const auto number = numberOf(step.packet);
        CellTableModel::Row row;
        row.push_back(TableCell::count(rows.size() + 1));
        row.push_back(shown.offset
                          ? TableCell{static_cast<double>(*shown.offset) / 1e6, ladderTime(*shown.offset), Tone::Text}
                          : TableCell::missing());
        row.push_back(TableCell::of(step.from == Peer::Client ? QStringLiteral("client") : QStringLiteral("server")));
        row.push_back(TableCell{shown.name, shown.name, shown.tone == Tone::BarReceive ? Tone::Text : shown.tone});
        row.push_back(isRecord(step) ? TableCell::count(step.count) : TableCell::missing());
        row.push_back(sized || step.kind == Step::Kind::Gap ? TableCell::count(octets) : TableCell::missing());
        row.push_back(isRecord(step) ? TableCell::of(QLatin1String(readingWords(shown.reading)))
                                     : TableCell::missing());
        row.push_back(step.packet == 0 ? TableCell::missing()
                                       : TableCell{static_cast<qulonglong>(number), shown.packet, Tone::Text});
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace gatescope::ui
