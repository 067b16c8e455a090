// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/trust_roots.h"
#include "ui/views/save_file.h"

#include <QDialog>

class QComboBox;
class QLabel;
class QListWidget;
class QPushButton;
class QTreeWidget;

namespace gatescope::ui {

/// Which roots chains are held against: the profiles with their dates, and the user's own files. Does not block the
/// window; applying hands the choice to the source, and files are read in the background.
class RootsDialog : public QDialog {
    Q_OBJECT
public:
    RootsDialog(TrustRoots& source, ChooseOpen chooseOpen, QWidget* parent = nullptr);

    QTreeWidget& profiles() { return *m_profiles; }
    QListWidget& rootFiles() { return *m_rootFiles; }
    QComboBox& useBox() { return *m_use; }
    QPushButton& applyButton() { return *m_apply; }
    QString message() const;
    void addRoots(const QString& path);
    /// Takes a newer list of that profile out of a file, and applies.
    void refreshFrom(const QString& id, const QString& path);

private:
    QWidget* buildFiles(const QString& title, QListWidget*& list, const QString& dialogTitle, QWidget* under);
    void showRead();
    RootChoice choice() const;
    void apply();
    void refreshList();

    TrustRoots& m_source;
    ChooseOpen m_chooseOpen;
    QTreeWidget* m_profiles = nullptr;
    QListWidget* m_rootFiles = nullptr;
    QListWidget* m_intermediates = nullptr;
    QComboBox* m_use = nullptr;
    QLabel* m_message = nullptr;
    QPushButton* m_apply = nullptr;
    QStringList m_refreshed;
};

} // namespace gatescope::ui
