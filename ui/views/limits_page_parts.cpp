// SPDX-License-Identifier: Apache-2.0
// The widgets of the limits page, and what it remembers.
#include "ui/bridge/text.h"
#include "ui/models/limit_call_model.h"
#include "ui/views/cell_table.h"
#include "ui/views/layer_choice.h"
#include "ui/views/limits_page.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/icon.h"
#include "ui/widgets/stacked_series.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QSplitter>
#include <QTabWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace gatescope::ui {
using namespace analysis;
using namespace simulate;
namespace {

constexpr int kMostTokens = 2'000'000'000;
constexpr int kDefaultTokens = 10'000;
constexpr std::size_t kMostKeyFields = 4;
constexpr std::array kPeriods{QuotaPeriod::Hourly, QuotaPeriod::Daily, QuotaPeriod::Weekly, QuotaPeriod::Monthly,
                              QuotaPeriod::Yearly};
constexpr auto kAlgorithm = "limits/algorithm";
constexpr auto kKey = "limits/key";
constexpr auto kTokens = "limits/tokensPerMinute";
constexpr auto kQuota = "limits/quota";
constexpr auto kPeriod = "limits/period";
constexpr auto kEstimate = "limits/estimate";
constexpr auto kSplitter = "limits/splitter";

QSpinBox* tokenBox(const QString& none, const QString& name) {
    auto* box = new QSpinBox;
    box->setRange(0, kMostTokens);
    box->setSingleStep(1'000);
    box->setGroupSeparatorShown(true);
    box->setLocale(QLocale(QLocale::English, QLocale::UnitedStates));
    box->setSpecialValueText(none);
    box->setAccessibleName(name);
    box->setFixedWidth(box->fontMetrics().horizontalAdvance(QStringLiteral("2,000,000,000")) + 36);
    return box;
}

/// A plot with its legend over it.
QWidget* withLegend(StackedSeries* series) {
    auto* legend = new SeriesLegend;
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(6, 0, 6, 0);
    row->addWidget(legend);
    row->addStretch();
    layout->addWidget(series, 1);
    layout->addLayout(row);
    QObject::connect(series, &StackedSeries::layersChanged, legend, &SeriesLegend::show);
    QObject::connect(legend, &SeriesLegend::soloWanted, series, &StackedSeries::setSolo);
    return box;
}

} // namespace

LimitsPage::LimitsPage(ChooseSave chooseSave, QWidget* parent) : Page(parent), m_chooseSave(std::move(chooseSave)) {
    m_summary = new ElidedLabel;
    m_summary->setObjectName(QStringLiteral("limitSummary"));
    m_summary->setContentsMargins(6, 0, 6, 0);
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->addWidget(buildSeries());
    m_splitter->addWidget(buildTabs());
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    m_restart = new QTimer(this);
    m_restart->setSingleShot(true);
    m_restart->setInterval(kRestartMs);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(buildPolicy());
    layout->addWidget(m_summary);
    layout->addWidget(m_splitter, 1);
    connectParts();
}

QWidget* LimitsPage::buildPolicy() {
    m_algorithm = new QComboBox;
    m_algorithm->addItem(tr("Sliding window (classic tiers)"), static_cast<int>(LimitAlgorithm::SlidingWindow));
    m_algorithm->addItem(tr("Token bucket (v2 tiers)"), static_cast<int>(LimitAlgorithm::TokenBucket));
    m_algorithm->setAccessibleName(tr("Algorithm"));
    m_key = new LayerChoice(tr("Counter key"), QStringLiteral("+"), 0, kMostKeyFields);
    m_key->setFields({fieldOf(FieldId::Project), fieldOf(FieldId::Agent)});
    m_tokens = tokenBox(tr("no limit"), tr("Tokens per minute"));
    m_tokens->setValue(kDefaultTokens);
    m_quota = tokenBox(tr("no quota"), tr("Token quota"));
    m_period = new QComboBox;
    m_period->setAccessibleName(tr("Period of the quota"));
    for (const auto period : kPeriods) m_period->addItem(toText(toString(period)), static_cast<int>(period));
    m_estimate = new QCheckBox(tr("&Estimate prompts"));
    m_estimate->setChecked(true);
    m_estimate->setToolTip(tr("estimate-prompt-tokens: refuse a request whose prompt alone goes over the limit. "
                              "Streamed calls are always estimated."));
    auto* xml = new QPushButton(icon(Glyph::Copy), tr("Copy policy &XML"));
    auto* kql = new QPushButton(icon(Glyph::Copy), tr("Copy &KQL"));
    connect(xml, &QPushButton::clicked, this, &LimitsPage::copyPolicy);
    connect(kql, &QPushButton::clicked, this, &LimitsPage::copyKql);

    const auto label = [](const QString& text, QWidget* buddy) {
        auto* made = new QLabel(text);
        made->setBuddy(buddy);
        return made;
    };
    auto* first = new QHBoxLayout;
    first->setSpacing(6);
    first->addWidget(m_algorithm);
    first->addWidget(new QLabel(tr("counter key")));
    first->addWidget(m_key);
    first->addStretch(1);
    first->addWidget(xml);
    auto* second = new QHBoxLayout;
    second->setSpacing(6);
    second->addWidget(label(tr("Tokens per &minute"), m_tokens));
    second->addWidget(m_tokens);
    second->addSpacing(8);
    second->addWidget(label(tr("&Quota"), m_quota));
    second->addWidget(m_quota);
    second->addWidget(m_period);
    second->addSpacing(8);
    second->addWidget(m_estimate);
    second->addStretch(1);
    second->addWidget(kql);
    const int wide = std::max(xml->sizeHint().width(), kql->sizeHint().width());
    xml->setFixedWidth(wide);
    kql->setFixedWidth(wide);
    auto* policy = new QWidget;
    auto* rows = new QVBoxLayout(policy);
    rows->setContentsMargins(6, 0, 6, 0);
    rows->setSpacing(4);
    rows->addLayout(first);
    rows->addLayout(second);
    return policy;
}

QWidget* LimitsPage::buildSeries() {
    m_predicted = new StackedSeries;
    m_predicted->setObjectName(QStringLiteral("predictedSeries"));
    m_predicted->setAccessibleName(tr("Calls under this policy over time; the table “Over time” has the numbers"));
    m_observed = new StackedSeries;
    m_observed->setObjectName(QStringLiteral("observedSeries"));
    m_observed->setAccessibleName(tr("What happened over time; the table “Over time” has the numbers"));
    auto* plots = new QHBoxLayout;
    plots->setSpacing(8);
    plots->addWidget(withLegend(m_predicted), 1);
    plots->addWidget(withLegend(m_observed), 1);
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addLayout(plots, 1);
    return box;
}

QWidget* LimitsPage::buildTabs() {
    m_counters = new CellTable(tr("Counters"));
    m_callModel = new LimitCallModel(this);
    m_calls = new QTableView;
    m_calls->setModel(m_callModel);
    m_calls->setAccessibleName(tr("Calls of the chosen counter"));
    m_calls->setFrameShape(QFrame::NoFrame);
    m_calls->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_calls->setAlternatingRowColors(true);
    m_calls->setShowGrid(false);
    m_calls->setWordWrap(false);
    m_calls->setTabKeyNavigation(false);
    m_calls->setCornerButtonEnabled(false);
    m_calls->verticalHeader()->hide();
    m_calls->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_calls->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_calls->horizontalHeader()->setHighlightSections(false);
    m_calls->horizontalHeader()->setStretchLastSection(true);
    const int letter = fontMetrics().averageCharWidth();
    const std::array letters{9, 17, 21, 21, 15, 12, 12, 26};
    for (std::size_t column = 0; column < letters.size(); ++column) {
        m_calls->setColumnWidth(static_cast<int>(column), letters[column] * letter);
    }
    m_times = new CellTable(tr("Over time"));
    m_advice = new CellTable(tr("Candidate counter keys"));
    m_findings = new CellTable(tr("Findings"));
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_counters, tr("Counters"));
    m_tabs->addTab(m_calls, tr("Calls"));
    m_tabs->addTab(m_times, tr("Over time"));
    m_tabs->addTab(m_advice, tr("Which key?"));
    m_tabs->addTab(m_findings, tr("Findings"));
    m_scope = new ElidedLabel;
    m_scope->setObjectName(QStringLiteral("limitScope"));
    m_scope->setContentsMargins(6, 0, 6, 4);
    setMuted(m_scope, true);
    m_tabs->setCornerWidget(m_scope);
    return m_tabs;
}

void LimitsPage::restore(QSettings& settings) {
    m_algorithm->setCurrentIndex(std::clamp(settings.value(kAlgorithm, 0).toInt(), 0, m_algorithm->count() - 1));
    if (settings.contains(kKey)) m_key->setNames(settings.value(kKey).toStringList());
    m_tokens->setValue(settings.value(kTokens, m_tokens->value()).toInt());
    m_quota->setValue(settings.value(kQuota, 0).toInt());
    m_period->setCurrentIndex(std::clamp(settings.value(kPeriod, 0).toInt(), 0, m_period->count() - 1));
    m_estimate->setChecked(settings.value(kEstimate, true).toBool());
    m_splitter->restoreState(settings.value(kSplitter).toByteArray());
}

void LimitsPage::save(QSettings& settings) const {
    settings.setValue(kAlgorithm, m_algorithm->currentIndex());
    settings.setValue(kKey, m_key->names());
    settings.setValue(kTokens, m_tokens->value());
    settings.setValue(kQuota, m_quota->value());
    settings.setValue(kPeriod, m_period->currentIndex());
    settings.setValue(kEstimate, m_estimate->isChecked());
    settings.setValue(kSplitter, m_splitter->saveState());
}

} // namespace gatescope::ui
