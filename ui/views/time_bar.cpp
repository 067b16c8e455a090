// SPDX-License-Identifier: Apache-2.0
#include "ui/views/time_bar.h"

#include "ui/models/flow_shapes.h"
#include "ui/widgets/elided_label.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace gatescope::ui {
namespace {

constexpr std::int64_t kMostBars = 240;

} // namespace

TimeBar::TimeBar(QWidget* parent) : QWidget(parent) {
    m_measure = new QComboBox;
    m_measure->addItems({tr("Requests"), tr("Tokens")});
    m_measure->setAccessibleName(tr("What the time strip counts"));
    m_scale = new QLabel;
    m_scale->setTextFormat(Qt::PlainText);
    setMuted(m_scale, true);
    m_strip = new TimeStrip;
    auto* left = new QVBoxLayout;
    left->setSpacing(2);
    left->addWidget(m_measure);
    left->addWidget(m_scale);
    left->addStretch();
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 0, 0, 2);
    layout->setSpacing(6);
    layout->addLayout(left);
    layout->addWidget(m_strip, 1);
    // The words under the choice change; the strip keeps its place.
    m_scale->setFixedWidth(fontMetrics().horizontalAdvance(tr("most: 999.9M in 10 min 00 s")));
    connect(m_measure, &QComboBox::currentIndexChanged, this, [this] { ask(true); });
    connect(m_strip, &TimePlot::spanWanted, this, &TimeBar::spanWanted);
}

void TimeBar::show(const RowOrder& order, bool urgent) {
    const bool same = m_order && m_order->generation == order.generation && m_order->filterText == order.filterText &&
                      m_order->groupText == order.groupText;
    m_order = order;
    m_strip->setBrush(order.span);
    if (!same) ask(urgent);
}

void TimeBar::clear() {
    m_job.forget();
    m_order.reset();
    m_strip->setBrush(std::nullopt);
    m_strip->show({});
    m_scale->clear();
}

void TimeBar::ask(bool urgent) {
    if (!m_order) return;
    auto job = [this, snapshot = m_order->snapshot, rows = m_order->anyTime, days = m_order->severalDays,
                tokens = m_measure->currentIndex() == 1](std::stop_token stop) -> NewestJob::Deliver {
        auto strip = std::make_shared<StripData>(stripOf(bucketsOf(snapshot, *rows, kMostBars, stop), tokens, days));
        return [this, strip] {
            m_scale->setText(strip->scale);
            m_strip->show(std::move(*strip));
            Q_EMIT answered();
        };
    };
    m_job.ask(std::move(job), urgent);
}

} // namespace gatescope::ui
