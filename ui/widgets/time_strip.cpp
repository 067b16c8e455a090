// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/time_strip.h"

#include "ui/widgets/palette.h"

#include <QPainter>

#include <algorithm>

namespace gatescope::ui {
namespace {

constexpr int kBarRoom = 34;

} // namespace

TimeStrip::TimeStrip(QWidget* parent) : TimePlot(parent) {
    setObjectName(QStringLiteral("timeStrip"));
    setAccessibleName(tr("Requests over time: drag to choose a span, Escape to show all"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void TimeStrip::show(StripData data) {
    m_data = std::move(data);
    setAxis(m_data.span, m_data.interval, m_data.severalDays);
    setAccessibleDescription(m_data.bars.empty() ? m_data.nothing : m_data.scale);
    update();
}

QSize TimeStrip::sizeHint() const {
    return {600, kBarRoom + fontMetrics().height() + 8};
}

QString TimeStrip::readout(TimeNs bucket) const {
    const auto at = std::lower_bound(m_data.bars.begin(), m_data.bars.end(), bucket,
                                     [](const StripBar& bar, TimeNs time) { return bar.time < time; });
    const QString when = spanText({bucket, bucket + m_data.interval}, m_data.severalDays);
    const bool filled = at != m_data.bars.end() && at->time == bucket;
    return when + QChar('\n') + (filled ? at->words : tr("nothing"));
}

void TimeStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QRectF area = plotArea();
    painter.fillRect(area, palette().color(QPalette::Base));
    double highest = 0;
    for (const auto& bar : m_data.bars) highest = std::max(highest, bar.height);
    const double unit = highest > 0 ? (area.height() - 2) / highest : 0;
    for (const auto& bar : m_data.bars) {
        const double left = xOf(bar.time);
        const double wide = std::max(1.0, xOf(bar.time + m_data.interval) - left - (m_data.bars.size() > 300 ? 0 : 1));
        const double tall = bar.height > 0 ? std::max(1.0, unit * bar.height) : 0;
        painter.fillRect(QRectF(left, area.bottom() - tall, wide, tall), colour(Tone::BarReceive, palette()));
        if (bar.warned <= 0) continue;
        // A warned part is also hatched and never less than two pixels high: one refusal among thousands is seen.
        const double part = std::min(std::max(2.0, unit * bar.warned), area.height());
        const QRectF warned(left, area.bottom() - part, wide, part);
        painter.fillRect(warned, colour(Tone::Warning, palette()));
        painter.fillRect(warned, QBrush(palette().color(QPalette::Base), Qt::BDiagPattern));
    }
    if (m_data.bars.empty()) {
        painter.setPen(colour(Tone::Muted, palette()));
        painter.drawText(area, Qt::AlignCenter, m_data.nothing);
    }
    paintAxis(painter);
    paintBrush(painter);
}

} // namespace gatescope::ui
