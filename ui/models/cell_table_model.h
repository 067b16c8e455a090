// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/icon.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <optional>
#include <vector>

namespace gatescope::ui {

/// One cell of a worked-out table. Without a value it is not known: shown as a dash, empty in CSV, sorted last.
struct TableCell {
    QVariant value; ///< a number or a text, for sorting and CSV
    QString text;   ///< for people
    Tone tone = Tone::Text;
    std::optional<Glyph> glyph{}; ///< a sign before the text
    QString more{};               ///< for the tool tip, under the value

    static TableCell missing() { return {}; }
    static TableCell of(const QString& text) { return {text, text, Tone::Text}; }
    static TableCell count(std::uint64_t count);
    /// A count where 0 is not worth a look, such as errors; others are shown as a warning.
    static TableCell warning(std::uint64_t count);
    static TableCell sum(std::int64_t sum, bool known);
    static TableCell decimal(std::optional<double> value, int digits);
    /// Nanoseconds; in CSV milliseconds.
    static TableCell duration(std::optional<std::int64_t> ns);
};

struct TableColumn {
    QString title;
    QString meaning;
    QString csvName;
    bool numeric = true;
};

/// A small table of ready cells: totals, not calls. At most kMaxRows rows, because they are sorted in the GUI thread.
class CellTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    static constexpr std::size_t kMaxRows = 20'000;
    static constexpr int kValueRole = Qt::UserRole;
    using Row = std::vector<TableCell>;

    explicit CellTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// Each row has as many cells as there are columns; rows over kMaxRows are left out.
    void show(std::vector<TableColumn> columns, std::vector<Row> rows);
    void clear() { show({}, {}); }
    const std::vector<TableColumn>& columns() const { return m_columns; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<TableColumn> m_columns;
    std::vector<Row> m_rows;
};

/// Sorts by value; what is missing comes last either way.
class CellSorter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit CellSorter(QObject* parent = nullptr);

protected:
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;
};

/// RFC 4180 with a line of names; rows in the order of the model.
QByteArray csvOf(const QAbstractItemModel& sorted, const std::vector<TableColumn>& columns);

} // namespace gatescope::ui
