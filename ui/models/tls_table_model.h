// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/tls_answer.h"

#include <QAbstractTableModel>

#include <memory>

namespace gatescope::ui {

/// The TLS sessions of an answer; texts are made only when asked for, that is when painted.
class TlsTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit TlsTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    /// Swaps the rows in. Persistent indexes, and with them the selection, stay with their sessions; of
    /// another snapshot of the same capture those are found again by where they began.
    void show(std::shared_ptr<const TlsAnswer> answer);
    void clear();
    const std::shared_ptr<const TlsAnswer>& answer() const { return m_answer; }
    /// nullptr: no such row.
    const analysis::TlsSession* sessionAt(int row) const;
    std::optional<int> rowOf(std::uint64_t number) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// Only asks for it; the answer comes as new rows.
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    void sortRequested(const std::optional<gatescope::ui::TlsSort>& sort);

private:
    QString display(int row, TlsColumn column) const;
    QVariant decoration(int row, TlsColumn column) const;
    QVariant foreground(int row, TlsColumn column) const;
    QString toolTip(int row, TlsColumn column) const;
    std::uint32_t shownIn(int row) const;
    /// Where they stand now; -1: nowhere.
    std::vector<int> placesOf(const std::vector<analysis::TlsSession>& sessions) const;

    std::shared_ptr<const TlsAnswer> m_answer;
};

} // namespace gatescope::ui
