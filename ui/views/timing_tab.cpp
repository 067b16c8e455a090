// SPDX-License-Identifier: Apache-2.0
#include "ui/views/timing_tab.h"

#include "ui/bridge/text.h"

#include <QHeaderView>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr int kBarHeight = 14;
constexpr int kMargin = 12;

/// 1, 2 or 5 times a power of ten, so that about five steps fill the axis.
std::int64_t niceStep(std::int64_t total) {
    const double rough = static_cast<double>(total) / 5.0;
    const double power = std::pow(10.0, std::floor(std::log10(std::max(rough, 1.0))));
    for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
        if (power * factor >= rough) return static_cast<std::int64_t>(power * factor);
    }
    return total;
}

} // namespace

std::vector<Phase> phasesOf(const Snapshot& snapshot, Row row) {
    const auto known = [&](FieldId id) -> std::optional<std::int64_t> {
        const auto number = snapshot.number(id, row);
        return number == kNoNumber ? std::nullopt : std::optional(std::max<std::int64_t>(number, 0));
    };
    const auto duration = known(FieldId::Duration);
    const auto firstByte = known(FieldId::Ttfb);
    const auto firstToken = known(FieldId::Ttft);
    std::vector<Phase> phases;
    if (firstByte) {
        phases.push_back({QStringLiteral("Until the first byte"),
                          QStringLiteral("sending the request, gateway and model at work"), 0, *firstByte,
                          Tone::BarWait});
    }
    if (firstByte && firstToken && *firstToken >= *firstByte) {
        phases.push_back({QStringLiteral("First byte to first token"),
                          QStringLiteral("headers and events without content"), *firstByte, *firstToken - *firstByte,
                          Tone::BarSend});
    }
    const auto begin = firstToken ? firstToken : firstByte;
    if (begin && duration && *duration >= *begin) {
        phases.push_back({firstToken ? QStringLiteral("Tokens arrive") : QStringLiteral("Response arrives"),
                          QStringLiteral("until the last byte of the response"), *begin, *duration - *begin,
                          Tone::BarReceive});
    }
    return phases;
}

PhaseBars::PhaseBars(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Timing bars; the table below has the numbers"));
}

void PhaseBars::show(std::vector<Phase> phases, std::int64_t total) {
    m_phases = std::move(phases);
    m_total = total;
    updateGeometry();
    update();
}

QSize PhaseBars::sizeHint() const {
    const int line = fontMetrics().height() + 8;
    return {400, line * static_cast<int>(m_phases.size()) + (m_phases.empty() ? 0 : line + kMargin)};
}

void PhaseBars::paintEvent(QPaintEvent*) {
    if (m_phases.empty() || m_total <= 0) return;
    QPainter painter(this);
    const int line = fontMetrics().height() + 8;
    int names = 0;
    for (const auto& phase : m_phases) names = std::max(names, fontMetrics().horizontalAdvance(phase.name));
    const int left = kMargin + names + kMargin;
    const int room = fontMetrics().horizontalAdvance(QStringLiteral("00 min 00 s"));
    const double width = std::max(40, this->width() - left - room - kMargin);
    const auto at = [&](std::int64_t ns) {
        return left + width * static_cast<double>(ns) / static_cast<double>(m_total);
    };
    const int bottom = line * static_cast<int>(m_phases.size());
    const std::int64_t step = niceStep(m_total);
    for (std::int64_t tick = 0; tick <= m_total; tick += step) {
        painter.setPen(colour(Tone::Line, palette()));
        painter.drawLine(QPointF(at(tick), 2), QPointF(at(tick), bottom + 4));
        painter.setPen(colour(Tone::Muted, palette()));
        painter.drawText(QRectF(at(tick) - 60, bottom + 4, 120, line), Qt::AlignHCenter | Qt::AlignTop,
                         tick == 0 ? QStringLiteral("0") : durationText(tick));
    }
    painter.setRenderHint(QPainter::Antialiasing);
    int y = 0;
    for (const auto& phase : m_phases) {
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRect(kMargin, y, names, line), Qt::AlignRight | Qt::AlignVCenter, phase.name);
        const QRectF bar(at(phase.from), y + (line - kBarHeight) / 2.0,
                         std::max(2.0, at(phase.from + phase.length) - at(phase.from)), kBarHeight);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour(phase.tone, palette()));
        painter.drawRoundedRect(bar, 2, 2);
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRectF(bar.right() + 6, y, room + kMargin, line), Qt::AlignLeft | Qt::AlignVCenter,
                         durationText(phase.length));
        y += line;
    }
}

TimingTab::TimingTab(QWidget* parent) : QWidget(parent) {
    m_bars = new PhaseBars;
    m_table = new QTableWidget(0, 4);
    m_table->setAccessibleName(tr("Timing"));
    m_table->setHorizontalHeaderLabels({tr("Phase"), tr("Begins after"), tr("Takes"), tr("What happens")});
    m_table->setEditTriggers(QTableWidget::NoEditTriggers);
    m_table->setSelectionBehavior(QTableWidget::SelectRows);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    const int letter = fontMetrics().averageCharWidth();
    m_table->setColumnWidth(0, letter * 32);
    m_table->setColumnWidth(1, letter * 16);
    m_table->setColumnWidth(2, letter * 16);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->addWidget(m_bars);
    layout->addWidget(m_table, 1);
    setFocusProxy(m_table);
}

void TimingTab::show(const Snapshot& snapshot, Row row) {
    auto phases = phasesOf(snapshot, row);
    const auto duration = snapshot.number(FieldId::Duration, row);
    std::int64_t total = duration == kNoNumber ? 0 : duration;
    for (const auto& phase : phases) total = std::max(total, phase.from + phase.length);
    const auto addLine = [this](const QStringList& cells) {
        const int line = m_table->rowCount();
        m_table->insertRow(line);
        for (int column = 0; column < cells.size(); ++column) {
            m_table->setItem(line, column, new QTableWidgetItem(cells[column]));
        }
    };
    m_table->setRowCount(0);
    for (const auto& phase : phases) {
        addLine({phase.name, durationText(phase.from), durationText(phase.length), phase.explain});
    }
    if (duration == kNoNumber) {
        addLine({tr("Duration"), {}, QStringLiteral("–"), tr("not known: the end of the response was not seen")});
    } else {
        addLine({tr("Duration"), durationText(0), durationText(duration),
                 tr("first byte of the request to last byte of the response")});
    }
    m_bars->show(std::move(phases), total);
}

void TimingTab::clear() {
    m_table->setRowCount(0);
    m_bars->show({}, 0);
}

} // namespace gatescope::ui
