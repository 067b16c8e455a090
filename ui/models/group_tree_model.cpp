// SPDX-License-Identifier: Apache-2.0
#include "ui/models/group_tree_model.h"

#include "ui/bridge/text.h"
#include "ui/bridge/totals_text.h"
#include "ui/widgets/icon.h"

#include <array>
#include <map>
#include <unordered_map>

namespace gatescope::ui {
using namespace analysis;

struct GroupTreeModel::Node {
    Node* parent = nullptr;
    int place = 0; ///< among its siblings
    int level = 0; ///< 0: all requests, then project, agent, model
    bool missing = false;
    QString name;
    std::string filter;
    Totals totals;
    std::vector<std::unique_ptr<Node>> children;

    Node& add(std::unique_ptr<Node> child) {
        child->parent = this;
        child->place = static_cast<int>(children.size());
        children.push_back(std::move(child));
        return *children.back();
    }
};

namespace {

constexpr std::array<const char*, 4> kMissingNames{"", "(no project)", "(no agent)", "(no model)"};
constexpr std::array kGlyphs{Glyph::Gate, Glyph::Project, Glyph::Agent, Glyph::Model};
/// Number of key fields at each level: project; agent and version; model.
constexpr std::array<std::size_t, 3> kKeyFields{1, 3, 4};
constexpr std::array kFields{FieldId::Project, FieldId::Agent, FieldId::AgentVersion, FieldId::Model};

QString groupName(const Group& group, std::size_t level) {
    const auto& first = group.key[level == 0 ? 0 : kKeyFields[level - 1]];
    if (!first) return QLatin1String(kMissingNames[level + 1]);
    QString name = toText(*first);
    if (level == 1 && group.key[2]) name += QStringLiteral(" :") + toText(*group.key[2]);
    return name;
}

/// From the raw values of one of its exchanges: the keys themselves are masked.
std::string groupFilter(const Snapshot& snapshot, const Group& group, std::size_t level) {
    std::string text;
    if (group.rows.empty()) return text;
    for (std::size_t i = 0; i < kKeyFields[level]; ++i) {
        if (i > 0) text += " && ";
        text += equalsExpression(snapshot, fieldOf(kFields[i]), group.rows.front());
    }
    return text;
}

QString cell(const Totals& totals, int column) {
    const auto nonZero = [](std::uint64_t count) { return count == 0 ? QString() : countText(count); };
    switch (column) {
    case GroupTreeModel::Requests:
        return countText(totals.exchanges);
    case GroupTreeModel::Tokens:
        if (totals.withUsage == 0) return totals.withoutUsage > 0 ? QStringLiteral("?") : QString();
        return (totals.estimatedTokens > 0 ? QStringLiteral("~") : QString()) + shortCount(totals.totalTokens);
    case GroupTreeModel::Errors:
        return nonZero(totals.errors);
    case GroupTreeModel::Throttled:
        return nonZero(totals.throttled);
    default:
        return {};
    }
}

} // namespace

GroupTreeModel::GroupTreeModel(QObject* parent) : QAbstractItemModel(parent), m_root(std::make_unique<Node>()) {}
GroupTreeModel::~GroupTreeModel() = default;

std::unique_ptr<GroupTreeModel::Node> GroupTreeModel::build(const RowOrder& order) {
    auto root = std::make_unique<Node>();
    auto all = std::make_unique<Node>();
    all->name = QStringLiteral("All requests");
    all->totals = order.filteredTotals;
    root->add(std::move(all));
    using Key = std::vector<std::optional<std::string>>;
    std::map<Key, Node*> parents{{Key{}, root.get()}};
    for (std::size_t level = 0; level < kKeyFields.size(); ++level) {
        std::map<Key, Node*> here;
        for (const auto& group : *order.groups[level]) {
            const auto keep = static_cast<std::ptrdiff_t>(level == 0 ? 0 : kKeyFields[level - 1]);
            const auto parent = parents.find(Key(group.key.begin(), group.key.begin() + keep));
            if (parent == parents.end()) continue;
            auto node = std::make_unique<Node>();
            node->level = static_cast<int>(level) + 1;
            node->name = groupName(group, level);
            node->missing = !group.key[level == 0 ? 0 : kKeyFields[level - 1]];
            node->filter = groupFilter(order.snapshot, group, level);
            node->totals = group.totals;
            here.emplace(group.key, &parent->second->add(std::move(node)));
        }
        parents = std::move(here);
    }
    return root;
}

void GroupTreeModel::show(const RowOrder& order) {
    auto fresh = build(order);
    Q_EMIT layoutAboutToBeChanged();
    const auto old = std::exchange(m_root, std::move(fresh));
    std::unordered_map<std::string, const Node*> byFilter;
    const auto collect = [&](const auto& self, const Node& node) -> void {
        for (const auto& child : node.children) {
            byFilter.emplace(child->filter, child.get());
            self(self, *child);
        }
    };
    collect(collect, *m_root);
    const QModelIndexList before = persistentIndexList();
    QModelIndexList after;
    for (const auto& index : before) {
        const auto at = byFilter.find(nodeOf(index)->filter);
        after << (at == byFilter.end() ? QModelIndex() : indexFor(at->second, index.column()));
    }
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged();
}

void GroupTreeModel::clear() {
    beginResetModel();
    m_root = std::make_unique<Node>();
    endResetModel();
}

const GroupTreeModel::Node* GroupTreeModel::nodeOf(const QModelIndex& index) const {
    return index.isValid() ? static_cast<const Node*>(index.constInternalPointer()) : m_root.get();
}

QModelIndex GroupTreeModel::indexFor(const Node* node, int column) const {
    return node == m_root.get() ? QModelIndex() : createIndex(node->place, column, node);
}

std::string GroupTreeModel::filterText(const QModelIndex& index) const {
    return nodeOf(index)->filter;
}

QString GroupTreeModel::pathText(const QModelIndex& index) const {
    QStringList parts;
    for (const Node* node = nodeOf(index); node->parent && node->level > 0; node = node->parent) {
        parts.prepend(node->name);
    }
    return parts.join(QStringLiteral(" › "));
}

QModelIndex GroupTreeModel::indexOf(const std::string& filterText) const {
    const auto find = [&](const auto& self, const Node& node) -> const Node* {
        for (const auto& child : node.children) {
            if (child->filter == filterText) return child.get();
            if (const Node* deeper = self(self, *child)) return deeper;
        }
        return nullptr;
    };
    const Node* found = find(find, *m_root);
    return found ? indexFor(found, 0) : QModelIndex();
}

QModelIndex GroupTreeModel::index(int row, int column, const QModelIndex& parent) const {
    if (!hasIndex(row, column, parent)) return {};
    return indexFor(nodeOf(parent)->children[static_cast<std::size_t>(row)].get(), column);
}

QModelIndex GroupTreeModel::parent(const QModelIndex& child) const {
    return child.isValid() ? indexFor(nodeOf(child)->parent, 0) : QModelIndex();
}

int GroupTreeModel::rowCount(const QModelIndex& parent) const {
    return parent.column() > 0 ? 0 : static_cast<int>(nodeOf(parent)->children.size());
}

int GroupTreeModel::columnCount(const QModelIndex&) const {
    return ColumnCount;
}

QVariant GroupTreeModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const Node& node = *nodeOf(index);
    switch (role) {
    case Qt::DisplayRole:
        return index.column() == Name ? node.name : cell(node.totals, index.column());
    case Qt::DecorationRole:
        if (index.column() == Name) return icon(kGlyphs[static_cast<std::size_t>(node.level)], Tone::Muted);
        return {};
    case Qt::ToolTipRole:
        return node.name + QChar('\n') + totalsText(node.totals);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter | (index.column() == Name ? Qt::AlignLeft : Qt::AlignRight));
    case Qt::ForegroundRole:
        if (index.column() == Errors || index.column() == Throttled) return colour(Tone::Warning);
        return node.missing && index.column() == Name ? QVariant(colour(Tone::Muted)) : QVariant();
    default:
        return {};
    }
}

QVariant GroupTreeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    static constexpr std::array<std::pair<const char*, const char*>, ColumnCount> kTitles{{
        {"Project, agent, model", "Who called, by what the request's headers say"},
        {"Requests", "HTTP exchanges"},
        {"Tokens", "Sum of all known token counts; ~ if some are estimated, ? if none is known"},
        {"Errors", "Status 400 and over, or no response seen"},
        {"429", "Throttled: status 429"},
    }};
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    const auto& [title, meaning] = kTitles[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole) return QString::fromUtf8(title);
    if (role == Qt::ToolTipRole) return QString::fromUtf8(meaning);
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::AlignVCenter | (section == Name ? Qt::AlignLeft : Qt::AlignRight));
    }
    return {};
}

} // namespace gatescope::ui
