// SPDX-License-Identifier: Apache-2.0
#include "ui/models/chain_tree_model.h"

#include "ui/bridge/text.h"

#include <QFont>

namespace gatescope::ui {
namespace {

constexpr std::array kTitles{"Certificate", "Key", "Signature", "Valid", "From"};
static_assert(kTitles.size() == ChainTreeModel::ColumnCount);

QString cellOf(const ChainNode& node, int column) {
    switch (column) {
    case ChainTreeModel::Name:
        return node.name;
    case ChainTreeModel::Key:
        return node.key;
    case ChainTreeModel::Signature:
        return node.signature;
    case ChainTreeModel::Valid:
        return node.valid;
    case ChainTreeModel::Origin:
        return node.origin;
    default:
        return {};
    }
}

} // namespace

void ChainTreeModel::show(std::vector<ChainNode> nodes) {
    beginResetModel();
    m_nodes = std::move(nodes);
    m_children.assign(m_nodes.size() + 1, {});
    m_rows.assign(m_nodes.size(), 0);
    for (std::size_t i = 0; i < m_nodes.size(); ++i) {
        const int parent = m_nodes[i].parent;
        auto& siblings = parent < 0 ? m_children.back() : m_children[static_cast<std::size_t>(parent)];
        m_rows[i] = static_cast<int>(siblings.size());
        siblings.push_back(static_cast<int>(i));
    }
    endResetModel();
}

const std::vector<int>& ChainTreeModel::childrenOf(int node) const {
    static const std::vector<int> none;
    if (m_children.empty()) return none;
    return node < 0 ? m_children.back() : m_children[static_cast<std::size_t>(node)];
}

const ChainNode* ChainTreeModel::nodeOf(const QModelIndex& index) const {
    return index.isValid() ? &m_nodes[index.internalId()] : nullptr;
}

QModelIndex ChainTreeModel::indexOf(std::size_t node, int column) const {
    return node < m_nodes.size() ? createIndex(m_rows[node], column, node) : QModelIndex();
}

QString ChainTreeModel::text() const {
    QString lines;
    for (const auto& node : m_nodes) {
        int depth = 0;
        for (int up = node.parent; up >= 0; up = m_nodes[static_cast<std::size_t>(up)].parent) ++depth;
        QStringList cells;
        for (int column = 0; column < ColumnCount; ++column) {
            if (const QString cell = cellOf(node, column); !cell.isEmpty()) cells << cell;
        }
        lines += QString(2 * depth, QChar(' ')) + cells.join(QStringLiteral("  ")) + QChar('\n');
    }
    return lines;
}

QModelIndex ChainTreeModel::index(int row, int column, const QModelIndex& parent) const {
    const auto& siblings = childrenOf(parent.isValid() ? static_cast<int>(parent.internalId()) : -1);
    const bool inside = row >= 0 && row < static_cast<int>(siblings.size()) && column >= 0 && column < ColumnCount;
    if (!inside || parent.column() > 0) return {};
    return createIndex(row, column, static_cast<quintptr>(siblings[static_cast<std::size_t>(row)]));
}

QModelIndex ChainTreeModel::parent(const QModelIndex& index) const {
    if (!index.isValid()) return {};
    const int up = m_nodes[index.internalId()].parent;
    return up < 0 ? QModelIndex() : indexOf(static_cast<std::size_t>(up));
}

int ChainTreeModel::rowCount(const QModelIndex& parent) const {
    if (parent.column() > 0) return 0;
    return static_cast<int>(childrenOf(parent.isValid() ? static_cast<int>(parent.internalId()) : -1).size());
}

int ChainTreeModel::columnCount(const QModelIndex&) const {
    return ColumnCount;
}

QVariant ChainTreeModel::data(const QModelIndex& index, int role) const {
    const ChainNode* node = nodeOf(index);
    if (!node) return {};
    const bool ghost = node->kind == ChainNode::Kind::Absent || node->kind == ChainNode::Kind::Missing;
    switch (role) {
    case Qt::DisplayRole:
        return cellOf(*node, index.column());
    case Qt::ToolTipRole:
        return node->tip.isEmpty() ? cellOf(*node, index.column()) : node->tip;
    case Qt::DecorationRole:
        if (index.column() != Name || !node->glyph) return {};
        return icon(*node->glyph, node->tone);
    case Qt::ForegroundRole:
        if (node->kind == ChainNode::Kind::Problem || node->kind == ChainNode::Kind::Anchor)
            return node->tone == Tone::Text ? QVariant() : QVariant(colour(node->tone));
        if (node->kind == ChainNode::Kind::Address || ghost) return colour(Tone::Muted);
        return {};
    case Qt::FontRole: {
        if (!ghost) return {};
        QFont font;
        font.setItalic(true);
        return font;
    }
    default:
        return {};
    }
}

QVariant ChainTreeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount) return {};
    return QString::fromLatin1(kTitles[static_cast<std::size_t>(section)]);
}

} // namespace gatescope::ui
