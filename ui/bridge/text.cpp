// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/text.h"

#include "core/analysis/filter.h"
#include "core/analysis/masking.h"

#include <QLocale>
#include <QStringList>

#include <array>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr std::int64_t kMicrosecond = 1'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

const QLocale& english() {
    static const QLocale locale(QLocale::English, QLocale::UnitedStates);
    return locale;
}

/// Milliseconds with three decimals, without floating point.
QString milliseconds(std::int64_t ns) {
    return QStringLiteral("%1.%2").arg(ns / kMillisecond).arg(std::abs(ns % kMillisecond) / 1000, 3, 10, QChar('0'));
}

QString exactMilliseconds(std::int64_t ns) {
    return QStringLiteral("%1.%2").arg(ns / kMillisecond).arg(std::abs(ns % kMillisecond), 6, 10, QChar('0'));
}

std::string_view clipped(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
    return text.substr(0, limit);
}

QString masked(const Field& field, std::string_view text, std::size_t limit) {
    // Masking needs the whole value: a secret may begin before the cut.
    const std::string shown = maskField(field, text);
    const auto part = clipped(shown, limit);
    QString result = toText(part);
    if (part.size() < shown.size()) result += QChar(0x2026);
    return result;
}

QString listText(const Field& field, const std::vector<std::string_view>& list, std::size_t limit) {
    QStringList parts;
    for (const auto& entry : list) parts << masked(field, entry, limit);
    return parts.join(QStringLiteral(", "));
}

struct Title {
    FieldId id;
    const char* text;
};
/// Where the field's own name would not read well as a title.
constexpr std::array kTitles{
    Title{FieldId::Id, "#"},
    Title{FieldId::Time, "Time (UTC)"},
    Title{FieldId::Duration, "Duration"},
    Title{FieldId::Ttfb, "First byte"},
    Title{FieldId::Ttft, "First token"},
    Title{FieldId::Tls, "TLS"},
    Title{FieldId::ProjectId, "Project id"},
    Title{FieldId::Api, "API"},
    Title{FieldId::InputTokens, "Input"},
    Title{FieldId::OutputTokens, "Output"},
    Title{FieldId::TotalTokens, "Tokens"},
    Title{FieldId::CachedTokens, "Cached"},
    Title{FieldId::FinishReason, "Finish"},
    Title{FieldId::Ja4, "JA4"},
};

const FieldInfo* infoOf(FieldId id) {
    for (const auto& info : fields()) {
        if (info.id == id) return &info;
    }
    return nullptr;
}

} // namespace

QString toText(std::string_view utf8) {
    QString text = QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
    for (QChar& letter : text) {
        if (letter.unicode() < 0x20)
            letter = QChar(0x2400 + letter.unicode());
        else if (letter.unicode() == 0x7F)
            letter = QChar(0x2421);
    }
    return text;
}

std::string toUtf8(const QString& text) {
    return text.toUtf8().toStdString();
}

QString countText(std::uint64_t count) {
    return english().toString(static_cast<qulonglong>(count));
}

QString wholeText(std::int64_t number) {
    return english().toString(static_cast<qlonglong>(number));
}

QString shortCount(std::int64_t count) {
    constexpr std::int64_t kExactBelow = 10'000;
    if (count < kExactBelow) return english().toString(static_cast<qlonglong>(count));
    static constexpr std::array kUnits{std::pair{1'000'000'000LL, 'G'}, std::pair{1'000'000LL, 'M'},
                                       std::pair{1'000LL, 'k'}};
    for (const auto& [unit, letter] : kUnits) {
        if (count < unit) continue;
        const double value = static_cast<double>(count) / static_cast<double>(unit);
        return QString::number(value, 'f', value < 100 ? 1 : 0) + QChar(letter);
    }
    return {};
}

QString bytesText(std::uint64_t octets) {
    static constexpr std::array kUnits{std::pair{1'000'000'000ULL, "GB"}, std::pair{1'000'000ULL, "MB"},
                                       std::pair{1'000ULL, "kB"}};
    for (const auto& [unit, name] : kUnits) {
        if (octets < unit) continue;
        const double value = static_cast<double>(octets) / static_cast<double>(unit);
        return QStringLiteral("%1 %2").arg(value, 0, 'f', value < 100 ? 1 : 0).arg(QLatin1String(name));
    }
    return QStringLiteral("%1 B").arg(octets);
}

QString durationText(std::int64_t ns) {
    if (ns == 0) return QStringLiteral("0");
    if (ns < kMillisecond) return QStringLiteral("%1 µs").arg(ns / kMicrosecond);
    if (ns < 10 * kMillisecond) return QStringLiteral("%1 ms").arg(static_cast<double>(ns) / kMillisecond, 0, 'f', 1);
    if (ns < kSecond) return QStringLiteral("%1 ms").arg(ns / kMillisecond);
    if (ns < 60 * kSecond) return QStringLiteral("%1 s").arg(static_cast<double>(ns) / kSecond, 0, 'f', 2);
    const auto seconds = ns / kSecond;
    if (seconds < 3600) {
        return QStringLiteral("%1 min %2 s").arg(seconds / 60).arg(seconds % 60, 2, 10, QChar('0'));
    }
    return QStringLiteral("%1 h %2 min").arg(seconds / 3600).arg(seconds / 60 % 60, 2, 10, QChar('0'));
}

QString clockText(TimeNs time, bool withDate) {
    if (time == kNoTime) return {};
    // `2026-01-01T00:00:00.003660615Z`
    const std::string full = formatTime(time);
    const auto at = full.find('T');
    if (at == std::string::npos || full.size() < at + 13) return toText(full);
    QString text = toText(std::string_view(full).substr(at + 1, 12));
    if (withDate) text.prepend(toText(std::string_view(full).substr(0, at)) + QChar(' '));
    return text;
}

QString counted(std::uint64_t count, const char* one, const char* many) {
    return countText(count) + QChar(' ') + QLatin1String(count == 1 ? one : many);
}

Field fieldOf(FieldId id) {
    const auto* info = infoOf(id);
    return Field{id, info ? info->type : FieldType::Text, {}};
}

QString fieldTitle(const Field& field) {
    if (!field.header.empty()) {
        return (field.id == FieldId::ResponseHeader ? QStringLiteral("response ") : QString()) + toText(field.header);
    }
    for (const auto& title : kTitles) {
        if (title.id == field.id) return QLatin1String(title.text);
    }
    QString name = toText(field.name()).replace(QChar('_'), QChar(' '));
    if (!name.isEmpty()) name[0] = name[0].toUpper();
    return name;
}

QString fieldMeaning(const Field& field) {
    if (!field.header.empty()) {
        const auto* known = headerKnowledge(field.header);
        return known ? toText(known->meaning) : QStringLiteral("A header that the catalogue does not know.");
    }
    const auto* info = infoOf(field.id);
    return info ? toText(info->meaning) : QString();
}

bool isNumeric(const Field& field) {
    return field.type == FieldType::Integer || field.type == FieldType::Duration;
}

QString valueText(const Snapshot& snapshot, const Field& field, Row row) {
    const Value value = snapshot.value(field, row);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        switch (field.type) {
        case FieldType::Duration:
            return durationText(*number);
        case FieldType::Time:
            return clockText(*number, false);
        case FieldType::Boolean:
            return *number != 0 ? QStringLiteral("yes") : QStringLiteral("no");
        default:
            break;
        }
        // Numbers that name something are not grouped.
        const bool name = field.id == FieldId::Status || field.id == FieldId::Id || field.id == FieldId::Flow ||
                          field.id == FieldId::Packet;
        return name ? QString::number(*number) : english().toString(static_cast<qlonglong>(*number));
    }
    if (const auto* text = std::get_if<std::string_view>(&value)) return masked(field, *text, kMaxCellOctets);
    if (const auto* list = std::get_if<std::vector<std::string_view>>(&value)) {
        return listText(field, *list, kMaxCellOctets);
    }
    return {};
}

QString exactText(const Snapshot& snapshot, const Field& field, Row row) {
    const Value value = snapshot.value(field, row);
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        switch (field.type) {
        case FieldType::Duration:
            return milliseconds(*number);
        case FieldType::Time:
            return toText(formatTime(*number));
        case FieldType::Boolean:
            return *number != 0 ? QStringLiteral("true") : QStringLiteral("false");
        default:
            return QString::number(*number);
        }
    }
    constexpr std::size_t kWhole = std::size_t{1} << 20;
    if (const auto* text = std::get_if<std::string_view>(&value)) return masked(field, *text, kWhole);
    if (const auto* list = std::get_if<std::vector<std::string_view>>(&value)) return listText(field, *list, kWhole);
    return {};
}

std::optional<std::string_view> rawText(const Snapshot& snapshot, const Field& field, Row row) {
    const Value value = snapshot.value(field, row);
    if (const auto* text = std::get_if<std::string_view>(&value)) return *text;
    const auto* list = std::get_if<std::vector<std::string_view>>(&value);
    if (list && !list->empty()) return list->front();
    return std::nullopt;
}

std::string equalsExpression(const Snapshot& snapshot, const Field& field, Row row) {
    const std::string name = field.name();
    if (const auto text = rawText(snapshot, field, row)) return name + " == " + quoteForFilter(*text);
    const Value value = snapshot.value(field, row);
    if (!std::holds_alternative<std::int64_t>(value)) return "!exists(" + name + ")";
    // Three decimals would not find a duration with nanoseconds again.
    const auto number = std::get<std::int64_t>(value);
    const auto exact =
        toUtf8(field.type == FieldType::Duration ? exactMilliseconds(number) : exactText(snapshot, field, row));
    return name + " == " + (field.type == FieldType::Time ? quoteForFilter(exact) : exact);
}

std::string shownCondition(const Snapshot& snapshot, const Field& field, Row row) {
    const auto text = rawText(snapshot, field, row);
    if (text && maskField(field, *text) != *text) return "exists(" + field.name() + ")";
    return equalsExpression(snapshot, field, row);
}

} // namespace gatescope::ui
