// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/trust.h"

#include <QAbstractTableModel>

#include <vector>

namespace gatescope::ui {

/// The named networks of the editor. Each line is checked as it is written; one whose range cannot be read is kept as
/// it was typed and is not part of `subnets`.
class SubnetTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Trusted, Network, Name, Role, Site, Check, ColumnCount };

    explicit SubnetTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

    void show(const std::vector<path::Subnet>& subnets);
    /// Only the lines that can be read.
    std::vector<path::Subnet> subnets() const;
    /// Lines that cannot be read.
    int badLines() const;
    int add(const path::Subnet& subnet);
    void remove(int row);
    /// What is wrong with the networks among each other; a line is marked when a finding names its range.
    void setFindings(std::vector<Finding> findings);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

    /// Roles that mean something to the drawing of paths.
    static const QStringList& roles();

Q_SIGNALS:
    /// Any line was changed, added or taken away.
    void edited();

private:
    struct Line {
        path::Subnet subnet;
        QString error; ///< empty: the range can be read
    };
    static Line checked(path::Subnet subnet);
    const Finding* findingOf(const Line& line) const;
    QString textOf(const Line& line, int column) const;

    std::vector<Line> m_lines;
    std::vector<Finding> m_findings;
};

} // namespace gatescope::ui
