// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/simulate/limit_simulation.h"
#include "ui/bridge/flow_answer.h"
#include "ui/views/page.h"
#include "ui/views/save_file.h"
#include "ui/widgets/sankey_layout.h"

class QComboBox;
class QMenu;
class QSettings;
class QSpinBox;
class QSplitter;
class QTabWidget;

namespace gatescope::ui {

class CellTable;
class ElidedLabel;
class LayerChoice;
class PriceChoice;
class SankeyView;
class SeriesPanel;

/// Where the tokens go: the flow as a diagram, the same over time, and the same as tables.
class FlowPage : public Page {
    Q_OBJECT
public:
    explicit FlowPage(ChooseSave chooseSave = chooseSaveWithDialog, QWidget* parent = nullptr);

    QString title() const override { return tr("Token &Flow"); }
    bool settled() const override;
    void focusMain() override;

    SankeyView& sankey() { return *m_sankey; }
    SeriesPanel& series() { return *m_series; }
    CellTable& links() { return *m_links; }
    CellTable& times() { return *m_times; }
    LayerChoice& layers() { return *m_layers; }
    PriceChoice& prices() { return *m_prices; }
    QComboBox& measureBox() { return *m_measure; }
    const std::shared_ptr<const FlowAnswer>& answer() const { return m_answer; }
    /// What is pointed at, in one line; and where the totals are known from.
    QString sideLine() const;
    QString reconciliation() const;

    void fillExportMenu(QMenu* menu);
    void restore(QSettings& settings);
    void save(QSettings& settings) const;

protected:
    void showOrder(const RowOrder& order, bool urgent) override;
    void forget() override;

private:
    /// What a job gives: the answer and what is drawn of it.
    struct Shown;
    QWidget* buildControls();
    QWidget* buildTables();
    void connectParts();
    void ask(bool urgent);
    void take(const std::shared_ptr<Shown>& shown);
    /// Not `urgent`: more was read meanwhile, so a job under way is finished first.
    void askForVerdict(bool urgent = true);
    QString conditionOf(const SankeyHit& hit) const;
    void use(const SankeyHit& hit, Qt::KeyboardModifiers modifiers);
    void showMenu(const SankeyHit& hit, const QPoint& place);
    void point(const SankeyHit& hit);
    SankeyHit hitOfTableRow(std::size_t row) const;
    void saveImage(bool svg);
    void saveSeries();
    void saveTable(const CellTable& table, const QString& name);

    ChooseSave m_chooseSave;
    QComboBox* m_measure = nullptr;
    LayerChoice* m_layers = nullptr;
    PriceChoice* m_prices = nullptr;
    QSpinBox* m_top = nullptr;
    ElidedLabel* m_side = nullptr;
    SankeyView* m_sankey = nullptr;
    SeriesPanel* m_series = nullptr;
    QTabWidget* m_tables = nullptr;
    CellTable* m_links = nullptr;
    CellTable* m_times = nullptr;
    ElidedLabel* m_accounts = nullptr;
    QSplitter* m_splitter = nullptr;
    std::shared_ptr<const FlowAnswer> m_answer;
    /// Used by the jobs of m_verdictJob only, one at a time.
    struct {
        std::shared_ptr<const std::vector<analysis::Row>> rows;
        simulate::KeyedCalls keyed;
    } m_calls;
    NewestJob m_job{this};
    NewestJob m_verdictJob{this};
};

} // namespace gatescope::ui
