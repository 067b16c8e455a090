// SPDX-License-Identifier: Apache-2.0
#include "ui/views/chain_tree.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QToolButton>

#include <algorithm>

namespace gatescope::ui {
namespace {

using Kind = ChainNode::Kind;

bool isGhost(const ChainNode& node) {
    return node.kind == Kind::Absent || node.kind == Kind::Missing;
}

/// Lines that have something worth a button of its own.
bool hasButton(const ChainNode& node) {
    if (node.copy.isEmpty()) return false;
    return node.kind == Kind::Address || node.kind == Kind::Missing ||
           (node.kind == Kind::Absent && node.copy.contains(QStringLiteral("-----BEGIN")));
}

} // namespace

ChainTree::ChainTree(QWidget* parent) : QTreeView(parent), m_model(new ChainTreeModel(this)) {
    setObjectName(QStringLiteral("chainTree"));
    setAccessibleName(tr("Chain of certificates, the server's own first"));
    setModel(m_model);
    setFrameShape(QFrame::NoFrame);
    setUniformRowHeights(true);
    setSelectionBehavior(SelectRows);
    setAllColumnsShowFocus(true);
    setTextElideMode(Qt::ElideMiddle);
    setHorizontalScrollMode(ScrollPerPixel);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTabKeyNavigation(false);
    setExpandsOnDoubleClick(false);
    setIndentation(fontMetrics().height() + 4);
    header()->setHighlightSections(false);
    header()->setStretchLastSection(true);
    header()->setSectionsMovable(false);
    connect(this, &QTreeView::expanded, this, &ChainTree::fit);
    connect(this, &QTreeView::collapsed, this, &ChainTree::fit);
}

void ChainTree::show(std::vector<ChainNode> nodes) {
    m_model->show(std::move(nodes));
    expandAll();
    addCopyButtons();
    setWidths();
    fit();
    if (const QModelIndex first = m_model->index(0, 0); first.isValid()) setCurrentIndex(first);
}

void ChainTree::addCopyButtons() {
    const auto& nodes = m_model->nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!hasButton(nodes[i])) continue;
        auto* button = new QToolButton;
        button->setIcon(icon(Glyph::Copy));
        const bool pem = nodes[i].copy.contains(QStringLiteral("-----BEGIN"));
        button->setText(pem ? tr("Copy PEM") : nodes[i].kind == Kind::Address ? tr("Copy") : tr("Copy name"));
        button->setToolTip(pem ? tr("Copy the certificate that should have been sent")
                               : tr("Copy it; Gatescope opens no connection"));
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::NoFocus); // Enter on the line does the same
        connect(button, &QToolButton::clicked, this, [this, i] { copyNode(i); });
        // Behind the key, or in its place where there is none; the signature is told for certificates that were sent.
        const bool free = nodes[i].key.isEmpty();
        setIndexWidget(m_model->indexOf(i, free ? ChainTreeModel::Key : ChainTreeModel::Signature), button);
    }
}

void ChainTree::setWidths() {
    // The name takes what the others leave, but never so little that names cannot be told apart.
    constexpr int kAir = 14;
    constexpr int kReadable = 42; // characters
    int others = 0;
    for (int column = ChainTreeModel::Key; column < ChainTreeModel::ColumnCount; ++column) {
        const int wide = std::max(sizeHintForColumn(column), header()->sectionSizeHint(column)) + kAir;
        if (column != ChainTreeModel::Origin) setColumnWidth(column, wide);
        others += wide;
    }
    const int wanted = sizeHintForColumn(ChainTreeModel::Name) + kAir;
    const int room = viewport()->width() - others;
    setColumnWidth(ChainTreeModel::Name,
                   std::max(std::min(wanted, fontMetrics().averageCharWidth() * kReadable), room));
    // What is no certificate has a name alone, and all columns for it.
    const auto& nodes = m_model->nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const QModelIndex index = m_model->indexOf(i, ChainTreeModel::Name);
        setFirstColumnSpanned(index.row(), index.parent(), nodes[i].key.isEmpty() && !hasButton(nodes[i]));
    }
}

void ChainTree::fit() {
    int rows = 0;
    for (QModelIndex index = m_model->index(0, 0); index.isValid(); index = indexBelow(index)) ++rows;
    const int row = rows > 0 ? rowHeight(m_model->index(0, 0)) : fontMetrics().height();
    const int bar = horizontalScrollBar()->isVisible() ? horizontalScrollBar()->sizeHint().height() : 0;
    setFixedHeight(header()->sizeHint().height() + rows * row + bar + 4);
}

void ChainTree::drawBranches(QPainter* painter, const QRect& rect, const QModelIndex& index) const {
    // Each line hangs on the certificate above it; broken off where that was not sent.
    if (!index.parent().isValid()) return;
    const ChainNode* node = m_model->nodeOf(index);
    QPen pen(colour(Tone::Line, palette()), 1.2);
    if (isGhost(*node)) pen.setStyle(Qt::DashLine);
    painter->save();
    painter->setPen(pen);
    const int x = rect.right() - indentation() / 2;
    const bool last = index.row() + 1 == m_model->rowCount(index.parent());
    painter->drawLine(x, rect.top(), x, last ? rect.center().y() : rect.bottom());
    painter->drawLine(x, rect.center().y(), rect.right() - 2, rect.center().y());
    int left = x - indentation();
    for (QModelIndex up = index.parent(); up.parent().isValid(); up = up.parent(), left -= indentation()) {
        if (up.row() + 1 < m_model->rowCount(up.parent())) painter->drawLine(left, rect.top(), left, rect.bottom());
    }
    painter->restore();
}

void ChainTree::drawRow(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QTreeView::drawRow(painter, option, index);
    const ChainNode* node = m_model->nodeOf(index);
    if (!node || !isGhost(*node)) return;
    painter->save();
    QPen pen(colour(node->tone == Tone::Muted ? Tone::Line : node->tone, palette()), 1);
    pen.setStyle(Qt::DashLine);
    painter->setPen(pen);
    const int left = visualRect(index.siblingAtColumn(ChainTreeModel::Name)).left();
    painter->drawRect(
        QRectF(left + 0.5, option.rect.top() + 0.5, option.rect.right() - left - 1.0, option.rect.height() - 2.0));
    painter->restore();
}

void ChainTree::copyNode(std::size_t node) {
    QGuiApplication::clipboard()->setText(m_model->nodes()[node].copy);
    Q_EMIT said(m_model->nodes()[node].copy.contains(QStringLiteral("-----BEGIN")) ? tr("Copied the certificate.")
                                                                                   : tr("Copied."));
}

void ChainTree::copyCurrent() {
    if (currentIndex().isValid()) copyNode(currentIndex().internalId());
}

void ChainTree::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter || event->matches(QKeySequence::Copy)) return copyCurrent();
    QTreeView::keyPressEvent(event);
}

void ChainTree::mouseDoubleClickEvent(QMouseEvent*) {
    copyCurrent();
}

void ChainTree::contextMenuEvent(QContextMenuEvent* event) {
    const bool keyboard = event->reason() == QContextMenuEvent::Keyboard;
    const QModelIndex index = keyboard ? currentIndex() : indexAt(event->pos());
    if (!index.isValid()) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(icon(Glyph::Copy), tr("Copy line"), this, [this, node = index.internalId()] { copyNode(node); });
    menu->addAction(tr("Copy chain as text"), this, [this] {
        QGuiApplication::clipboard()->setText(m_model->text());
        Q_EMIT said(tr("Copied the chain as text."));
    });
    menu->popup(keyboard ? viewport()->mapToGlobal(visualRect(index).center()) : event->globalPos());
}

void ChainTree::resizeEvent(QResizeEvent* event) {
    QTreeView::resizeEvent(event);
    setWidths();
    fit();
}

void ChainTree::changeEvent(QEvent* event) {
    QTreeView::changeEvent(event);
    if (event->type() != QEvent::FontChange) return;
    setIndentation(fontMetrics().height() + 4);
    setWidths();
    fit();
}

void ChainTree::wheelEvent(QWheelEvent* event) {
    event->ignore(); // what it stands in scrolls
}

} // namespace gatescope::ui
