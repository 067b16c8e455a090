// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/newest_job.h"
#include "ui/bridge/trust_source.h"
#include "ui/models/subnet_table_model.h"
#include "ui/views/save_file.h"

#include <QDialog>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QTableView;

namespace gatescope::ui {

class CellTable;

/// Edits the named networks and which of them are trusted. Does not block the window; what is wrong is said while it is
/// written. Applying hands the networks to the source.
class TrustDialog : public QDialog {
    Q_OBJECT
public:
    TrustDialog(TrustSource& source, ChooseOpen chooseOpen, ChooseSave chooseSave, QWidget* parent = nullptr);

    SubnetTableModel& subnets() { return *m_model; }
    QTableView& table() { return *m_table; }
    CellTable& findings() { return *m_findings; }
    QPushButton& applyButton() { return *m_apply; }
    /// A new line, ready to be edited.
    void addSubnet(const path::Subnet& subnet);
    bool settled() const { return !m_checkJob.busy() && !m_readJob.busy(); }
    QString message() const;

    void importFile(const QString& path);

private:
    QWidget* buildTable();
    QWidget* buildHops();
    path::Trust trust() const;
    void showTrust(const path::Trust& trust);
    void check();
    void apply();
    void exportFile();

    TrustSource& m_source;
    ChooseOpen m_chooseOpen;
    ChooseSave m_chooseSave;
    SubnetTableModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    CellTable* m_findings = nullptr;
    QLineEdit* m_frontDoor = nullptr;
    QSpinBox* m_hops = nullptr;
    QCheckBox* m_remote = nullptr;
    QLabel* m_message = nullptr;
    QPushButton* m_apply = nullptr;
    NewestJob m_checkJob{this};
    NewestJob m_readJob{this};
};

} // namespace gatescope::ui
