// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/content_loader.h"

#include <QAbstractTableModel>

namespace gatescope::ui {

/// The events of a stream with the time of each, counted from the request.
class EventTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Number, After, Gap, Name, Adds, Data, ColumnCount };

    explicit EventTableModel(QObject* parent = nullptr);

    void show(std::vector<ShownEvent> events, TimeNs start);
    void clear() { show({}, kNoTime); }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString display(int row, int column) const;

    std::vector<ShownEvent> m_events;
    TimeNs m_start = kNoTime;
};

} // namespace gatescope::ui
