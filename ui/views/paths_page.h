// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/path_answer.h"
#include "ui/models/path_shapes.h"
#include "ui/views/page.h"
#include "ui/views/save_file.h"
#include "ui/widgets/hop_graph_layout.h"

#include <QPointer>

class QComboBox;
class QMenu;
class QSettings;
class QSpinBox;
class QSplitter;
class QTabWidget;
class QTextBrowser;
class QToolButton;

namespace gatescope::ui {

class CellTable;
class ElidedLabel;
class FindingLine;
class HopGraphView;
class TrustDialog;
class TrustSource;

/// Which way the calls came: the hops in lanes, what each of them rests on, and the same as tables.
class PathsPage : public Page {
    Q_OBJECT
public:
    enum Tab { Paths, Hops, Links, Findings };

    explicit PathsPage(TrustSource& trust, ChooseSave chooseSave = chooseSaveWithDialog,
                       ChooseOpen chooseOpen = chooseOpenWithDialog, QWidget* parent = nullptr);

    QString title() const override { return tr("Source &Paths"); }
    bool settled() const override;
    void focusMain() override;

    HopGraphView& graph() { return *m_graph; }
    QTabWidget& tabs() { return *m_tabs; }
    CellTable& table(Tab tab) { return *m_tables[tab]; }
    FindingLine& findingLine() { return *m_findingLine; }
    QComboBox& measureBox() { return *m_measure; }
    QToolButton& trustButton() { return *m_trustButton; }
    /// The editor, while it is open.
    TrustDialog* trustDialog() const;
    const std::shared_ptr<const PathAnswer>& answer() const { return m_answer; }
    QString evidence() const;
    QString summary() const;

    void editTrust();
    void fillExportMenu(QMenu* menu);
    void restore(QSettings& settings);
    void save(QSettings& settings) const;

Q_SIGNALS:
    /// Show this request in the table of requests.
    void requestWanted(quint32 row);

protected:
    void showOrder(const RowOrder& order, bool urgent) override;
    void forget() override;
    void showEvent(QShowEvent* event) override;

private:
    enum class Format { Png, Svg, Dot };
    /// What a job gives: the answer and what is drawn of it.
    struct Shown;
    QWidget* buildControls();
    QWidget* buildGraph();
    QWidget* buildTables();
    void connectParts();
    void connectTables();
    void onTrustChanged();
    void ask(bool urgent);
    void redraw();
    void take(const std::shared_ptr<Shown>& shown);
    void takeTables(Shown& shown);
    QString conditionOf(const HopHit& hit) const;
    QString conditionOf(Tab tab, std::size_t row) const;
    void use(const QString& condition, Qt::KeyboardModifiers modifiers);
    void showMenu(const HopHit& hit, const QPoint& place);
    void showTableMenu(Tab tab, std::size_t row, const QPoint& place);
    void addTrustAction(QMenu* menu, std::size_t node);
    void point(const HopHit& hit);
    void pointAtRow(Tab tab);
    void useFinding(std::size_t finding, Qt::KeyboardModifiers modifiers);
    void saveDrawing(Format format);
    void saveTable(Tab tab, const QString& name);

    TrustSource& m_trust;
    ChooseSave m_chooseSave;
    ChooseOpen m_chooseOpen;
    QComboBox* m_measure = nullptr;
    QSpinBox* m_top = nullptr;
    QToolButton* m_trustButton = nullptr;
    FindingLine* m_findingLine = nullptr;
    HopGraphView* m_graph = nullptr;
    ElidedLabel* m_summary = nullptr;
    QTabWidget* m_tabs = nullptr;
    CellTable* m_tables[4] = {};
    QTextBrowser* m_evidence = nullptr;
    QSplitter* m_splitter = nullptr;
    QSplitter* m_lower = nullptr;
    QPointer<TrustDialog> m_trustDialog;
    std::shared_ptr<const PathAnswer> m_answer;
    bool m_trustStale = false; ///< other networks are trusted since the page was hidden
    NewestJob m_job{this};
    NewestJob m_exportJob{this};
};

} // namespace gatescope::ui
