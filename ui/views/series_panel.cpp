// SPDX-License-Identifier: Apache-2.0
#include "ui/views/series_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSpinBox>
#include <QVBoxLayout>

#include <cmath>

namespace gatescope::ui {
namespace {

constexpr int kMostLimit = 2'000'000'000;
constexpr int kLimitStep = 1'000;

} // namespace

SeriesPanel::SeriesPanel(QWidget* parent) : QWidget(parent) {
    m_series = new StackedSeries;
    m_series->setLimitMovable(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 2, 0, 0);
    layout->setSpacing(2);
    buildControls();
    layout->addWidget(m_series, 1);
    connect(m_series, &TimePlot::spanWanted, this, &SeriesPanel::spanWanted);
    connect(m_series, &StackedSeries::limitWanted, this,
            [this](double limit) { m_limit->setValue(static_cast<int>(std::min<double>(limit, kMostLimit))); });
    connect(m_legend, &SeriesLegend::soloWanted, m_series, &StackedSeries::setSolo);
}

void SeriesPanel::buildControls() {
    m_unit = new QComboBox;
    m_unit->addItems({tr("Tokens per minute"), tr("Requests per minute")});
    m_unit->setAccessibleName(tr("What the series counts"));
    m_legend = new SeriesLegend;
    m_limit = new QSpinBox;
    m_limit->setRange(0, kMostLimit);
    m_limit->setSingleStep(kLimitStep);
    m_limit->setGroupSeparatorShown(true);
    m_limit->setLocale(QLocale(QLocale::English, QLocale::UnitedStates));
    m_limit->setSpecialValueText(tr("no limit"));
    m_limit->setAccessibleName(tr("Limit line, tokens or requests per minute"));
    m_limit->setToolTip(
        tr("Limit per minute: the line in the plot can be dragged as well. All calls shown are replayed "
           "against it as one counter in a sliding window; the page Limits does more."));
    m_limit->setKeyboardTracking(false);
    m_limit->setFixedWidth(fontMetrics().horizontalAdvance(QStringLiteral("2,000,000,000")) + 36);
    auto* name = new QLabel(tr("Li&mit"));
    name->setBuddy(m_limit);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(6, 0, 6, 0);
    row->setSpacing(6);
    row->addWidget(m_unit);
    row->addWidget(m_legend);
    row->addSpacing(8);
    row->addWidget(name);
    row->addWidget(m_limit);
    row->addStretch(1);
    static_cast<QVBoxLayout*>(layout())->addLayout(row);
    connect(m_unit, &QComboBox::currentIndexChanged, this, [this] {
        m_limit->setValue(0); // a limit of tokens says nothing of requests
        redraw();
    });
    connect(m_limit, &QSpinBox::valueChanged, this, [this](int value) {
        m_series->setLimit(value > 0 ? std::optional<double>(value) : std::nullopt);
        setVerdict({});
        Q_EMIT limitChanged();
    });
}

SeriesUnit SeriesPanel::unit() const {
    return m_unit->currentIndex() == 0 ? SeriesUnit::Tokens : SeriesUnit::Requests;
}

std::optional<std::int64_t> SeriesPanel::tokenLimit() const {
    if (unit() != SeriesUnit::Tokens || m_limit->value() == 0) return std::nullopt;
    return m_limit->value();
}

void SeriesPanel::show(std::shared_ptr<const TimeBuckets> time, bool severalDays) {
    m_time = std::move(time);
    m_severalDays = severalDays;
    redraw();
}

void SeriesPanel::redraw() {
    if (!m_time) return;
    auto series = flowSeries(*m_time, unit(), m_severalDays);
    m_legend->show(series.layers);
    m_series->show(std::move(series));
}

void SeriesPanel::clear() {
    m_time.reset();
    m_series->show({});
    setVerdict({});
}

void SeriesPanel::setVerdict(const QString& text) {
    m_series->setNote(text);
}

QString SeriesPanel::verdict() const {
    return m_series->note();
}

} // namespace gatescope::ui
