// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/tls_ladder_layout.h"

#include "ui/bridge/text.h"

#include <QStringList>

#include <algorithm>
#include <cmath>

namespace gatescope::ui {
namespace {

constexpr double kMargin = 10;
constexpr double kSign = 18;      ///< room of a sign before a name
constexpr double kArrowRoom = 14; ///< of an arrow beyond its name, at either end
constexpr double kLeastSpan = 180;

double widest(const TlsLadderData& data, const QFontMetricsF& metrics, const QString& title,
              QString (*textOf)(const TlsLadderStep&)) {
    double wide = metrics.horizontalAdvance(title);
    for (const auto& step : data.steps) wide = std::max(wide, metrics.horizontalAdvance(textOf(step)));
    return wide;
}

QString timeOf(const TlsLadderStep& step) {
    return step.offset ? ladderTime(*step.offset) : QString();
}

} // namespace

QString ladderTime(std::int64_t ns) {
    constexpr std::int64_t kMicrosecond = 1'000, kMillisecond = 1'000'000, kSecond = 1'000'000'000;
    const QChar sign = ns < 0 ? QChar(0x2212) : QChar();
    const std::uint64_t size = ns < 0 ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
    const bool seconds = size >= 10 * kSecond;
    const auto whole = size / static_cast<std::uint64_t>(seconds ? kSecond : kMillisecond);
    const auto rest = seconds ? size / kMillisecond % 1'000 : size / kMicrosecond % 1'000;
    const QString text =
        QStringLiteral("%1.%2").arg(whole).arg(rest, 3, 10, QChar('0')) + (seconds ? QStringLiteral(" s") : QString());
    return sign.isNull() ? text : sign + text;
}

TlsLadderLayout::TlsLadderLayout(const TlsLadderData& data, double width, const QFont& font) {
    const QFontMetricsF metrics(font);
    placeColumns(data, width, metrics);
    placeRows(data, metrics);
}

void TlsLadderLayout::placeColumns(const TlsLadderData& data, double width, const QFontMetricsF& metrics) {
    const double letter = metrics.averageCharWidth();
    m_timeRight = kMargin + widest(data, metrics, QStringLiteral("ms"), timeOf);
    m_clientX = m_timeRight + 3 * letter;
    const double sizes = widest(data, metrics, QStringLiteral("Size"), [](const auto& step) { return step.size; });
    const double packets =
        widest(data, metrics, QStringLiteral("Packet"), [](const auto& step) { return step.packet; });
    double span = kLeastSpan;
    for (const auto& step : data.steps) {
        span = std::max(span, metrics.horizontalAdvance(step.name) + kSign + 2 * kArrowRoom);
    }
    const double heads = std::max(metrics.horizontalAdvance(data.client), metrics.horizontalAdvance(data.clientName)) +
                         std::max(metrics.horizontalAdvance(data.server), metrics.horizontalAdvance(data.serverName));
    span = std::max(span, heads + 12 * letter);
    const double right = 3 * letter + sizes + 3 * letter + packets + kMargin;
    span = std::max(span, width - m_clientX - right);
    // Downwards, or rounding would make it wider than there is room.
    m_serverX = std::floor(m_clientX + span) - 0.5;
    m_clientX = std::floor(m_clientX) + 0.5;
    m_sizeRight = m_serverX + 3 * letter + sizes;
    m_packetRight = m_sizeRight + 3 * letter + packets;
    m_size.setWidth(std::max(width, m_packetRight + kMargin));
}

void TlsLadderLayout::placeRows(const TlsLadderData& data, const QFontMetricsF& metrics) {
    const double line = metrics.height();
    m_head = std::round(2 * line + 14);
    double y = m_head + 4;
    std::optional<std::int64_t> before;
    for (const auto& source : data.steps) {
        Step step;
        const bool paused = before && source.offset && *source.offset - *before >= kLongPauseNs;
        if (paused) {
            step.pause = QRectF(0, y, m_size.width(), std::round(line + 10));
            step.pauseText = QStringLiteral("after %1").arg(durationText(*source.offset - *before));
            y = step.pause.bottom();
        }
        if (source.offset) before = source.offset;
        const double height = std::round(line + 13);
        step.row = QRectF(0, y, m_size.width(), height);
        step.arrowY = std::round(y + line + 5) + 0.5;
        const double wide = metrics.horizontalAdvance(source.name) + (source.reading == TlsReading::Clear ? 0 : kSign);
        step.name = QRectF((m_clientX + m_serverX - wide) / 2, y + 2, wide, line);
        y += height;
        m_steps.push_back(std::move(step));
    }
    const double lines = data.end.words.isEmpty() ? 1 : 2;
    m_end = QRectF(0, y + 6, m_size.width(), std::round(lines * line + 22));
    m_size.setHeight(std::ceil(m_end.bottom() + 6));
}

std::optional<std::size_t> TlsLadderLayout::at(const QPointF& place) const {
    const auto found =
        std::find_if(m_steps.begin(), m_steps.end(), [&](const Step& step) { return step.row.contains(place); });
    if (found == m_steps.end()) return std::nullopt;
    return static_cast<std::size_t>(found - m_steps.begin());
}

QString ladderText(const TlsLadderData& data) {
    QStringList lines;
    const auto end = [](const QString& address, const QString& name) {
        return name.isEmpty() ? address : QStringLiteral("%1 (%2)").arg(address, name);
    };
    lines << QStringLiteral("Client %1").arg(end(data.client, data.clientName));
    lines << QStringLiteral("Server %1").arg(end(data.server, data.serverName));
    qsizetype timeWidth = 0;
    for (const auto& step : data.steps) timeWidth = std::max(timeWidth, timeOf(step).size());
    for (const auto& step : data.steps)
        lines << timeOf(step).rightJustified(timeWidth) + QStringLiteral("  ") + step.words;
    lines << QStringLiteral("Ended: %1").arg(data.end.title);
    if (!data.end.words.isEmpty()) lines << data.end.words;
    return lines.join(QChar('\n')) + QChar('\n');
}

} // namespace gatescope::ui
