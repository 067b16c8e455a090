// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/row_order.h"

#include <QAbstractItemModel>

#include <memory>
#include <string>

namespace gatescope::ui {

/// "All requests", then project > agent (with version) > model, with their sums. What has no value is a group of its
/// own. An update keeps persistent indexes, and with them what is unfolded and chosen.
class GroupTreeModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { Name, Requests, Tokens, Errors, Throttled, ColumnCount };

    explicit GroupTreeModel(QObject* parent = nullptr);
    ~GroupTreeModel() override;

    void show(const RowOrder& order);
    void clear();
    /// The filter that lets exactly this group through; empty for all requests.
    std::string filterText(const QModelIndex& index) const;
    /// `sampleproject1 › TestAgent :5 › gpt-4o`; empty for all requests.
    QString pathText(const QModelIndex& index) const;
    /// The group with that filter, if there is one.
    QModelIndex indexOf(const std::string& filterText) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Node;
    static std::unique_ptr<Node> build(const RowOrder& order);
    const Node* nodeOf(const QModelIndex& index) const;
    QModelIndex indexFor(const Node* node, int column) const;

    std::unique_ptr<Node> m_root;
};

} // namespace gatescope::ui
