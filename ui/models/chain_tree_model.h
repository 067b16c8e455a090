// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/chain.h"
#include "ui/models/sign.h"

#include <QAbstractItemModel>

#include <optional>
#include <vector>

namespace gatescope::ui {

/// One line of a chain as a tree: each certificate stands under the one that it issued.
struct ChainNode {
    enum class Kind {
        Certificate, ///< was sent
        Absent,      ///< on the path, and was not sent
        Missing,     ///< needed, and nowhere at hand
        Problem,     ///< of the certificate above
        Address,     ///< where the certificate above can be fetched
        Anchor,      ///< what the clients of the profile make of the top
        Extras       ///< over those that were sent and belong to nothing
    };
    Kind kind = Kind::Certificate;
    int parent = -1; ///< index; -1: none
    std::optional<Glyph> glyph{};
    Tone tone = Tone::Text;
    QString name, key, signature, valid, origin;
    QString tip;
    QString copy; ///< what copying this line gives
};

/// `verdict`: whose path is shown; null: the best one. `at`: for which the days are counted.
std::vector<ChainNode> chainNodes(const trust::ChainAnswer& answer, const trust::ProfileVerdict* verdict, TimeNs at);

/// `770 days left`, `expired 3 days ago`, `valid in 12 days`; empty: not known.
QString daysText(const trust::Certificate& certificate, TimeNs at);

class ChainTreeModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column { Name, Key, Signature, Valid, Origin, ColumnCount };

    explicit ChainTreeModel(QObject* parent = nullptr) : QAbstractItemModel(parent) {}

    void show(std::vector<ChainNode> nodes);
    const std::vector<ChainNode>& nodes() const { return m_nodes; }
    /// Nullptr: none.
    const ChainNode* nodeOf(const QModelIndex& index) const;
    QModelIndex indexOf(std::size_t node, int column = Name) const;
    /// The tree in plain text, one line a node.
    QString text() const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const std::vector<int>& childrenOf(int node) const;

    std::vector<ChainNode> m_nodes;
    std::vector<std::vector<int>> m_children; ///< by node; the last one: of the top
    std::vector<int> m_rows;                  ///< by node: its place among its siblings
};

} // namespace gatescope::ui
