// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/interface_watch.h"

#include <QAbstractTableModel>
#include <QStringList>

namespace gatescope::ui {

/// The interfaces of this machine, with a check box for those to capture on. What is checked is known by name, so it
/// outlives an interface that goes and comes.
class InterfaceTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Traffic, Packets, Octets, Addresses, Columns };

    explicit InterfaceTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void show(const std::vector<WatchedInterface>& interfaces);
    /// In the order of the table, then those that are not there.
    QStringList chosen() const;
    void choose(const QStringList& names);
    /// While a capture runs, what it captures on stays as it is.
    void setLocked(bool locked);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void chosenChanged();

private:
    QString display(const WatchedInterface& each, int column) const;
    QString words(const WatchedInterface& each, int column) const;

    std::vector<WatchedInterface> m_interfaces;
    QStringList m_chosen;
    bool m_locked = false;
};

/// `up`, `no carrier`, ...
QString interfaceState(const live::Interface& facts);
/// `1,234/s`, `0.4/s`; a dash when it is not known.
QString rateText(const std::optional<double>& rate);
/// `1.2 MB/s`
QString octetRateText(const std::optional<double>& rate);

} // namespace gatescope::ui
