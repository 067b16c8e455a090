// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QAction>
#include <QDialog>

namespace gatescope::ui {

/// All keys, read from the actions themselves, and the filter language on one page.
class HelpDialog : public QDialog {
    Q_OBJECT
public:
    HelpDialog(const QList<QAction*>& actions, QWidget* parent);
};

} // namespace gatescope::ui
