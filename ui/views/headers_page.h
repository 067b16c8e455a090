// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/analysis_session.h"
#include "ui/bridge/header_answer.h"
#include "ui/views/page.h"
#include "ui/views/save_file.h"

class QCheckBox;
class QLineEdit;
class QMenu;
class QSettings;
class QTabWidget;
class QToolButton;

namespace gatescope::ui {

class Banner;
class CellTable;
class ElidedLabel;
class LoadStatus;

/// Which headers are passed, and what changed among them against another file or over time.
class HeadersPage : public Page {
    Q_OBJECT
public:
    /// `analyse` reads the file to compare with.
    HeadersPage(AnalysisSession::Analyse analyse, ChooseSave chooseSave = chooseSaveWithDialog,
                ChooseOpen chooseOpen = chooseOpenWithDialog, QWidget* parent = nullptr);

    QString title() const override { return tr("&Headers"); }
    bool settled() const override;
    void focusMain() override;

    CellTable& inventory() { return *m_inventory; }
    CellTable& changes() { return *m_changes; }
    QTabWidget& tabs() { return *m_tabs; }
    QLineEdit& searchBox() { return *m_search; }
    QToolButton& fileButton() { return *m_withFile; }
    QToolButton& halvesButton() { return *m_halves; }
    QToolButton& stopButton() { return *m_stop; }
    QString summary() const;
    QString problem() const;
    const std::shared_ptr<const HeaderAnswer>& answer() const { return m_answer; }

    void compareWith(const QString& path);
    /// The file to compare with is decrypted with the same secrets.
    void useSecretsOf(const AnalysisSession& session) { m_other.useSecretsOf(session); }
    void fillExportMenu(QMenu* menu);

protected:
    void showOrder(const RowOrder& order, bool urgent) override;
    void forget() override;

private:
    using Against = HeaderQuestion::Against;
    struct Shown;
    QWidget* buildControls();
    void connectParts();
    void setAgainst(Against against);
    void onOtherRead();
    void ask(bool urgent);
    void take(const std::shared_ptr<Shown>& shown);
    QString summaryText() const;
    void use(bool changes, std::size_t row, Qt::KeyboardModifiers modifiers);
    void showMenu(bool changes, std::size_t row, const QPoint& place);
    QString conditionOf(bool changes, std::size_t row) const;
    void saveTable(const CellTable& table, const QString& name);

    ChooseSave m_chooseSave;
    ChooseOpen m_chooseOpen;
    AnalysisSession m_other; ///< the file to compare with
    Against m_against = Against::Nothing;
    QLineEdit* m_search = nullptr;
    QToolButton* m_withFile = nullptr;
    QToolButton* m_halves = nullptr;
    QToolButton* m_stop = nullptr;
    QCheckBox* m_newer = nullptr;
    LoadStatus* m_loading = nullptr;
    Banner* m_banner = nullptr;
    ElidedLabel* m_summary = nullptr;
    QTabWidget* m_tabs = nullptr;
    CellTable* m_inventory = nullptr;
    CellTable* m_changes = nullptr;
    std::shared_ptr<const HeaderAnswer> m_answer;
    NewestJob m_job{this};
};

} // namespace gatescope::ui
