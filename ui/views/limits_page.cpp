// SPDX-License-Identifier: Apache-2.0
#include "ui/views/limits_page.h"

#include "core/simulate/policy_text.h"
#include "ui/bridge/text.h"
#include "ui/models/limit_call_model.h"
#include "ui/models/limit_shapes.h"
#include "ui/views/cell_table.h"
#include "ui/views/layer_choice.h"
#include "ui/widgets/elided_label.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QMenu>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>

namespace gatescope::ui {
using namespace analysis;
using namespace simulate;
namespace {

constexpr std::int64_t kMostBuckets = 80;

} // namespace

struct LimitsPage::Replayed {
    std::shared_ptr<const LimitResult> result;
    std::vector<Field> key;
    std::vector<CellTableModel::Row> counters, findings;
};

struct LimitsPage::Viewed {
    std::shared_ptr<const LimitView> view;
    SeriesData predicted, observed;
    std::vector<CellTableModel::Row> times;
};

void LimitsPage::connectParts() {
    const auto later = [this] { restart(true); };
    connect(m_algorithm, &QComboBox::currentIndexChanged, this, later);
    connect(m_key, &LayerChoice::changed, this, later);
    connect(m_tokens, &QSpinBox::valueChanged, this, later);
    connect(m_quota, &QSpinBox::valueChanged, this, later);
    connect(m_period, &QComboBox::currentIndexChanged, this, later);
    connect(m_estimate, &QCheckBox::toggled, this, later);
    connect(m_restart, &QTimer::timeout, this, [this] { replay(std::exchange(m_urgent, false)); });
    connect(m_counters, &CellTable::currentRowChanged, this, &LimitsPage::chooseCounter);
    connect(m_counters, &CellTable::rowActivated, this, [this] { m_tabs->setCurrentWidget(m_calls); });
    connect(m_counters, &CellTable::menuWanted, this, [this](std::size_t, const QPoint& place) {
        auto* menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->addAction(tr("Show its calls"), this, [this] { m_tabs->setCurrentWidget(m_calls); });
        menu->addAction(tr("Show all counters"), m_counters, &QAbstractItemView::clearSelection);
        menu->addAction(tr("Counters as CSV…"), this, &LimitsPage::saveCounters);
        menu->popup(place);
    });
    connect(m_calls, &QAbstractItemView::activated, this, [this](const QModelIndex& index) {
        if (const auto row = m_callModel->rowAt(index.row())) Q_EMIT requestWanted(*row);
    });
    connect(m_advice, &CellTable::rowActivated, this, [this](std::size_t row) { useAdvice(row); });
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        if (m_tabs->currentWidget() == m_advice && m_adviceStale) askForAdvice();
    });
    connect(m_predicted, &TimePlot::spanWanted, this, &Page::spanWanted);
    connect(m_observed, &TimePlot::spanWanted, this, &Page::spanWanted);
}

LimitPolicy LimitsPage::policy() const {
    LimitPolicy policy;
    policy.key = m_key->fields();
    if (m_tokens->value() > 0) policy.tokensPerMinute = m_tokens->value();
    if (m_quota->value() > 0) policy.tokenQuota = m_quota->value();
    policy.period = static_cast<QuotaPeriod>(m_period->currentData().toInt());
    policy.algorithm = static_cast<LimitAlgorithm>(m_algorithm->currentData().toInt());
    policy.estimatePrompt = m_estimate->isChecked();
    return policy;
}

bool LimitsPage::settled() const {
    return !m_restart->isActive() && !m_replayJob.busy() && !m_viewJob.busy() && !m_adviceJob.busy();
}

void LimitsPage::focusMain() {
    m_tokens->setFocus(Qt::ShortcutFocusReason);
}

QString LimitsPage::summary() const {
    return m_summary->fullText();
}

void LimitsPage::showOrder(const RowOrder&, bool urgent) {
    restart(urgent);
}

void LimitsPage::forget() {
    m_restart->stop();
    for (auto* job : {&m_replayJob, &m_viewJob, &m_adviceJob}) job->forget();
    m_result.reset();
    m_counter.reset();
    m_adviceStale = true;
    for (auto* table : {m_counters, m_times, m_advice, m_findings}) table->clear();
    m_callModel->clear();
    m_predicted->show({});
    m_observed->show({});
    m_summary->setFullText(tr("Reading… Calls are replayed as they are read."));
    m_scope->setFullText({});
}

void LimitsPage::restart(bool urgent) {
    if (!order()) return;
    m_urgent = m_urgent || urgent;
    m_adviceStale = true;
    m_adviceJob.forget();
    m_restart->start();
}

void LimitsPage::replay(bool urgent) {
    if (!order()) return;
    auto job = [this, snapshot = order()->snapshot, rows = order()->rows, asked = policy(),
                days = order()->severalDays](std::stop_token stop) -> NewestJob::Deliver {
        auto replayed = std::make_shared<Replayed>();
        replayed->result = std::make_shared<const LimitResult>(simulateLimits(snapshot, *rows, asked));
        if (stop.stop_requested()) return {};
        replayed->key = asked.key;
        replayed->counters = counterRows(*replayed->result, asked.key, days);
        replayed->findings = findingRows(replayed->result->findings);
        return [this, replayed] { take(replayed); };
    };
    m_replayJob.ask(std::move(job), urgent);
}

void LimitsPage::take(const std::shared_ptr<Replayed>& replayed) {
    if (!order()) return;
    const bool sameKey = m_resultKey == replayed->key;
    m_result = replayed->result;
    m_resultKey = replayed->key;
    // The chosen counter stays chosen while only the numbers change.
    const bool keep = sameKey && m_counter && *m_counter < m_result->keys.size();
    m_counters->show(counterColumns(), std::move(replayed->counters));
    m_counter = keep ? m_counter : std::nullopt;
    if (keep) m_counters->select(*m_counter);
    m_tabs->setTabText(m_tabs->indexOf(m_counters), tr("Counters (%1)").arg(countText(m_result->keys.size())));
    m_tabs->setTabText(m_tabs->indexOf(m_findings), tr("Findings (%1)").arg(replayed->findings.size()));
    m_findings->setEmptyText(tr("Nothing odd was found about this policy."));
    m_findings->show(findingColumns(), std::move(replayed->findings));
    m_counters->setEmptyText(tr("No call of a model is in what is shown."));
    const bool any = policy().tokensPerMinute || policy().tokenQuota;
    m_summary->setFullText(any ? limitSummary(*m_result)
                               : tr("No limit is set, so every call passes. Set tokens per minute or a quota."));
    askForView(false);
    if (m_tabs->currentWidget() == m_advice) askForAdvice(false);
}

void LimitsPage::chooseCounter() {
    const auto row = m_counters->currentRow();
    const auto counter = row ? std::optional(static_cast<std::uint32_t>(*row)) : std::nullopt;
    if (counter == m_counter) return;
    m_counter = counter;
    askForView();
}

void LimitsPage::askForView(bool urgent) {
    if (!m_result || !order()) return;
    auto job = [this, result = m_result, counter = m_counter,
                days = order()->severalDays](std::stop_token stop) -> NewestJob::Deliver {
        auto view = limitView(*result, counter, kMostBuckets, stop);
        if (!view) return {};
        auto viewed = std::make_shared<Viewed>();
        viewed->view = std::make_shared<const LimitView>(std::move(*view));
        viewed->predicted = limitSeries(*viewed->view, true, days);
        viewed->observed = limitSeries(*viewed->view, false, days);
        viewed->times = limitTimeRows(*viewed->view, days);
        return [this, viewed, result, days] {
            if (!order()) return;
            m_predicted->show(std::move(viewed->predicted));
            m_observed->show(std::move(viewed->observed));
            m_times->show(limitTimeColumns(), std::move(viewed->times));
            m_callModel->show(order()->snapshot, result, viewed->view, days);
            const auto& key = viewed->view->key;
            m_scope->setFullText(key ? tr("Shown: only “%1”").arg(counterName(result->keys[*key].key, m_resultKey))
                                     : tr("Shown: all counters"));
            Q_EMIT answered();
        };
    };
    m_viewJob.ask(std::move(job), urgent);
}

void LimitsPage::askForAdvice(bool urgent) {
    if (!order()) return;
    m_adviceStale = false;
    m_advice->clear();
    m_advice->setEmptyText(tr("Comparing candidate keys…"));
    auto job = [this, snapshot = order()->snapshot, rows = order()->rows,
                asked = policy()](std::stop_token stop) -> NewestJob::Deliver {
        auto list = std::make_shared<const std::vector<KeyAdvice>>(
            adviseKeys(snapshot, *rows, candidateKeys(snapshot, *rows), asked, stop));
        return [this, list] {
            m_adviceList = list;
            m_advice->setEmptyText(tr("No field could be a counter key here."));
            m_advice->show(adviceColumns(), adviceRows(*list));
        };
    };
    m_adviceJob.ask(std::move(job), urgent);
}

void LimitsPage::useAdvice(std::size_t row) {
    if (!m_adviceList || row >= m_adviceList->size()) return;
    m_key->setFields((*m_adviceList)[row].fields);
    Q_EMIT m_key->changed();
    Q_EMIT said(tr("The counter key is now %1.").arg(m_key->names().join(QStringLiteral(" + "))));
}

void LimitsPage::copyPolicy() {
    const auto text = limitPolicyXml(policy());
    if (!text) return Q_EMIT said(tr("Not copied: %1").arg(toText(text.error().message)));
    QGuiApplication::clipboard()->setText(QString::fromStdString(*text));
    Q_EMIT said(tr("Copied the policy as XML."));
}

void LimitsPage::copyKql() {
    const auto text = limitKql(policy());
    if (!text) return Q_EMIT said(tr("Not copied: %1").arg(toText(text.error().message)));
    QGuiApplication::clipboard()->setText(QString::fromStdString(*text));
    Q_EMIT said(tr("Copied the query."));
}

void LimitsPage::saveCounters() {
    m_chooseSave(this, QStringLiteral("limits.csv"), tr("CSV (*.csv)"),
                 [this, bytes = m_counters->csv()](const QString& path) { Q_EMIT said(saveFile(path, bytes)); });
}

} // namespace gatescope::ui
