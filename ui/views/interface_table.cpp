// SPDX-License-Identifier: Apache-2.0
#include "ui/views/interface_table.h"

#include "ui/models/interface_table_model.h"
#include "ui/widgets/sparkline.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>

namespace gatescope::ui {

InterfaceTable::InterfaceTable(InterfaceTableModel& model, QWidget* parent)
    : ListTable(tr("Interfaces"), 12, parent), m_model(model) {
    setObjectName(QStringLiteral("interfaceTable"));
    setModel(&model);
    setSelectionMode(SingleSelection);
    setItemDelegateForColumn(InterfaceTableModel::Traffic, new SparklineDelegate(InterfaceWatch::kHistory, this));
    horizontalHeader()->setStretchLastSection(true);
    const int letter = fontMetrics().averageCharWidth();
    for (const auto& [column, letters] : {std::pair{InterfaceTableModel::Name, 22},
                                          {InterfaceTableModel::Traffic, 20},
                                          {InterfaceTableModel::Packets, 13},
                                          {InterfaceTableModel::Octets, 13}}) {
        setColumnWidth(column, letter * letters);
    }
}

void InterfaceTable::refreshed() {
    placeEmptyLabel();
    if (m_placed || m_model.rowCount() == 0) return;
    m_placed = true;
    setCurrentIndex(m_model.index(0, 0));
}

void InterfaceTable::setChecked(const QModelIndex& index, bool checked) {
    const QModelIndex box = m_model.index(index.row(), InterfaceTableModel::Name);
    m_model.setData(box, checked ? Qt::Checked : Qt::Unchecked, Qt::CheckStateRole);
}

void InterfaceTable::keyPressEvent(QKeyEvent* event) {
    const QModelIndex current = currentIndex();
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (!current.isValid() || (!enter && event->key() != Qt::Key_Space)) return ListTable::keyPressEvent(event);
    const QModelIndex box = m_model.index(current.row(), InterfaceTableModel::Name);
    setChecked(current, enter || box.data(Qt::CheckStateRole).toInt() != Qt::Checked);
    if (enter) Q_EMIT startWanted();
}

void InterfaceTable::mouseDoubleClickEvent(QMouseEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (!index.isValid()) return ListTable::mouseDoubleClickEvent(event);
    setChecked(index, true);
    Q_EMIT startWanted();
}

} // namespace gatescope::ui
