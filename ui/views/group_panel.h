// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/group_tree_model.h"

#include <QTreeView>

namespace gatescope::ui {

/// The tree project > agent > model. Choosing a group is a wish to see only its requests.
class GroupPanel : public QTreeView {
    Q_OBJECT
public:
    explicit GroupPanel(QWidget* parent = nullptr);

    GroupTreeModel& groups() { return *m_model; }
    void show(const RowOrder& order);
    void clear();
    /// Back to "All requests" without a signal.
    void chooseAll();

Q_SIGNALS:
    /// `filter` is empty for all requests.
    void chosen(const QString& filter, const QString& path);
    /// Put the group into the filter bar.
    void applyAsFilter(const QString& filter);

protected:
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    GroupTreeModel* m_model = nullptr;
    bool m_unfolded = false; ///< projects are unfolded once, then it is the user's business
    bool m_silent = false;
};

} // namespace gatescope::ui
