// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/simulate/key_advisor.h"
#include "ui/bridge/limit_answer.h"
#include "ui/views/page.h"
#include "ui/views/save_file.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QPushButton;
class QSettings;
class QSpinBox;
class QSplitter;
class QTabWidget;
class QTableView;
class QTimer;

namespace gatescope::ui {

class CellTable;
class ElidedLabel;
class LayerChoice;
class LimitCallModel;
class StackedSeries;

/// What a token limit would have done with what really passed: who would have been refused, and when, beside what
/// happened. Everything is replayed off the GUI thread, 150 ms after the last change.
class LimitsPage : public Page {
    Q_OBJECT
public:
    static constexpr int kRestartMs = 150;

    explicit LimitsPage(ChooseSave chooseSave = chooseSaveWithDialog, QWidget* parent = nullptr);

    QString title() const override { return tr("&Limits"); }
    bool settled() const override;
    void focusMain() override;

    simulate::LimitPolicy policy() const;
    const std::shared_ptr<const simulate::LimitResult>& result() const { return m_result; }
    QSpinBox& tokensBox() { return *m_tokens; }
    QSpinBox& quotaBox() { return *m_quota; }
    QComboBox& algorithmBox() { return *m_algorithm; }
    QCheckBox& estimateBox() { return *m_estimate; }
    LayerChoice& keyChoice() { return *m_key; }
    CellTable& counters() { return *m_counters; }
    QTableView& calls() { return *m_calls; }
    CellTable& advice() { return *m_advice; }
    QTabWidget& tabs() { return *m_tabs; }
    StackedSeries& predicted() { return *m_predicted; }
    StackedSeries& observed() { return *m_observed; }
    QString summary() const;

    void restore(QSettings& settings);
    void save(QSettings& settings) const;

Q_SIGNALS:
    /// Show this request in the table of requests.
    void requestWanted(quint32 row);

protected:
    void showOrder(const RowOrder& order, bool urgent) override;
    void forget() override;

private:
    struct Replayed;
    struct Viewed;
    QWidget* buildPolicy();
    QWidget* buildSeries();
    QWidget* buildTabs();
    void connectParts();
    void restart(bool urgent);
    void replay(bool urgent);
    void take(const std::shared_ptr<Replayed>& replayed);
    /// Not `urgent`: more was read meanwhile, so a job under way is finished first.
    void askForView(bool urgent = true);
    void askForAdvice(bool urgent = true);
    void chooseCounter();
    void useAdvice(std::size_t row);
    void copyPolicy();
    void copyKql();
    void saveCounters();

    ChooseSave m_chooseSave;
    QComboBox* m_algorithm = nullptr;
    LayerChoice* m_key = nullptr;
    QSpinBox* m_tokens = nullptr;
    QSpinBox* m_quota = nullptr;
    QComboBox* m_period = nullptr;
    QCheckBox* m_estimate = nullptr;
    ElidedLabel* m_summary = nullptr;
    ElidedLabel* m_scope = nullptr; ///< which counter the plots and the list of calls show
    StackedSeries* m_predicted = nullptr;
    StackedSeries* m_observed = nullptr;
    QTabWidget* m_tabs = nullptr;
    CellTable* m_counters = nullptr;
    QTableView* m_calls = nullptr;
    LimitCallModel* m_callModel = nullptr;
    CellTable* m_times = nullptr;
    CellTable* m_advice = nullptr;
    CellTable* m_findings = nullptr;
    QSplitter* m_splitter = nullptr;
    QTimer* m_restart = nullptr;

    std::shared_ptr<const simulate::LimitResult> m_result;
    std::vector<analysis::Field> m_resultKey; ///< fields of the result's counters
    std::optional<std::uint32_t> m_counter;   ///< chosen; absent: all
    std::shared_ptr<const std::vector<simulate::KeyAdvice>> m_adviceList;
    bool m_adviceStale = true;
    bool m_urgent = false;
    NewestJob m_replayJob{this};
    NewestJob m_viewJob{this};
    NewestJob m_adviceJob{this};
};

} // namespace gatescope::ui
