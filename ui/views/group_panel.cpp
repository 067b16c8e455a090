// SPDX-License-Identifier: Apache-2.0
#include "ui/views/group_panel.h"

#include "core/analysis/masking.h"
#include "ui/widgets/icon.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QMenu>
#include <QStyle>

namespace gatescope::ui {

GroupPanel::GroupPanel(QWidget* parent) : QTreeView(parent), m_model(new GroupTreeModel(this)) {
    setObjectName(QStringLiteral("groupTree"));
    setAccessibleName(tr("Groups by project, agent and model"));
    setModel(m_model);
    setUniformRowHeights(true);
    setFrameShape(QFrame::NoFrame);
    setIndentation(14);
    // Versions stand at the end of names, and tell them apart.
    setTextElideMode(Qt::ElideMiddle);
    header()->setStretchLastSection(false);
    header()->setMinimumSectionSize(24);
    header()->setSectionResizeMode(GroupTreeModel::Name, QHeaderView::Stretch);
    const int letter = fontMetrics().averageCharWidth();
    const int margins = 2 * style()->pixelMetric(QStyle::PM_HeaderMargin) + 4;
    header()->resizeSection(GroupTreeModel::Requests, fontMetrics().horizontalAdvance(tr("Requests")) + margins);
    header()->resizeSection(GroupTreeModel::Tokens, letter * 8 + margins);
    header()->resizeSection(GroupTreeModel::Errors, letter * 6 + margins);
    header()->resizeSection(GroupTreeModel::Throttled, letter * 4 + margins);
}

void GroupPanel::show(const RowOrder& order) {
    m_silent = true;
    m_model->show(order);
    if (!m_unfolded && m_model->rowCount() > 1) {
        m_unfolded = true;
        expandToDepth(1);
    }
    m_silent = false;
}

void GroupPanel::clear() {
    m_silent = true;
    m_model->clear();
    m_unfolded = false;
    m_silent = false;
}

void GroupPanel::chooseAll() {
    m_silent = true;
    setCurrentIndex(m_model->index(0, 0));
    m_silent = false;
}

void GroupPanel::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTreeView::currentChanged(current, previous);
    if (m_silent || !current.isValid()) return;
    Q_EMIT chosen(QString::fromStdString(m_model->filterText(current)), m_model->pathText(current));
}

void GroupPanel::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (!index.isValid()) return;
    const QString filter = QString::fromStdString(m_model->filterText(index));
    const QString path = m_model->pathText(index);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Apply as filter"), this, [this, filter] { Q_EMIT applyAsFilter(filter); })
        ->setEnabled(!filter.isEmpty() && QString::fromStdString(analysis::maskText(filter.toStdString())) == filter);
    menu->addAction(icon(Glyph::Copy), tr("Copy name"), this, [path] { QGuiApplication::clipboard()->setText(path); })
        ->setEnabled(!path.isEmpty());
    menu->addSeparator();
    menu->addAction(tr("Unfold all"), this, &QTreeView::expandAll);
    menu->addAction(tr("Fold all"), this, &QTreeView::collapseAll);
    menu->popup(event->globalPos());
}

} // namespace gatescope::ui
