// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/row_order.h"

#include <QAbstractTableModel>

#include <optional>
#include <vector>

namespace gatescope::ui {

/// The exchanges of a row order; columns are fields. Texts are made only when asked for, that is when painted.
class ExchangeTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit ExchangeTableModel(QObject* parent = nullptr);

    static std::vector<analysis::Field> defaultColumns();
    const std::vector<analysis::Field>& columns() const { return m_columns; }
    void setColumns(std::vector<analysis::Field> columns);
    /// Does nothing when the field is a column already.
    void insertField(int column, const analysis::Field& field);
    void removeField(int column);
    std::optional<int> columnOf(const analysis::Field& field) const;

    /// Swaps the rows in. Persistent indexes, and with them the selection, stay with their exchanges, also when those
    /// have other rows now.
    void show(const RowOrder& order);
    void clear();
    const std::optional<RowOrder>& order() const { return m_order; }
    std::optional<analysis::Row> rowAt(int place) const;
    std::optional<int> placeOf(analysis::Row row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// Only asks for it; the answer comes as a new order.
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    void sortRequested(const std::optional<gatescope::ui::SortKey>& key);

private:
    QString display(const analysis::Field& field, analysis::Row row) const;
    /// `waiting`, `answering` or `streaming`, of a call under way.
    QString openState(analysis::Row row) const;
    /// A log that does not state the status.
    bool isSilent(analysis::Row row) const;
    QVariant decoration(const analysis::Field& field, analysis::Row row) const;
    QString toolTip(const analysis::Field& field, analysis::Row row) const;
    bool estimated(const analysis::Field& field, analysis::Row row) const;
    bool muted(const analysis::Field& field, analysis::Row row) const;

    std::vector<analysis::Field> m_columns;
    std::optional<RowOrder> m_order;
};

} // namespace gatescope::ui
