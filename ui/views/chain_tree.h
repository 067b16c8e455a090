// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/chain_tree_model.h"

#include <QTreeView>

namespace gatescope::ui {

/// A chain as a tree, the server's certificate at the top; what was not sent stands in a dashed frame. Enter and Ctrl+C
/// copy the current line: a certificate that was not sent gives its PEM, an address itself. As high as it needs.
class ChainTree : public QTreeView {
    Q_OBJECT
public:
    explicit ChainTree(QWidget* parent = nullptr);

    ChainTreeModel& chain() { return *m_model; }
    void show(std::vector<ChainNode> nodes);
    void copyCurrent();

Q_SIGNALS:
    void said(const QString& message);

protected:
    void drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const override;
    void drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void addCopyButtons();
    void fit();
    void setWidths();
    void copyNode(std::size_t node);

    ChainTreeModel* m_model = nullptr;
};

} // namespace gatescope::ui
