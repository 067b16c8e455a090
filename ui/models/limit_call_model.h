// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/limit_answer.h"

#include <QAbstractTableModel>

#include <memory>

namespace gatescope::ui {

/// The calls of a simulation one by one, by time. Texts are made when painted: there may be millions.
class LimitCallModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Number, Time, Predicted, Observed, RetryAfter, Remaining, Booked, Model, Caller, ColumnCount };

    explicit LimitCallModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void show(const analysis::Snapshot& snapshot, std::shared_ptr<const simulate::LimitResult> result,
              std::shared_ptr<const LimitView> view, bool severalDays);
    void clear();
    std::optional<analysis::Row> rowAt(int place) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const simulate::CallOutcome& outcomeAt(int place) const;
    QString display(const simulate::CallOutcome& call, int column) const;

    std::optional<analysis::Snapshot> m_snapshot;
    std::shared_ptr<const simulate::LimitResult> m_result;
    std::shared_ptr<const LimitView> m_view;
    bool m_severalDays = false;
};

} // namespace gatescope::ui
