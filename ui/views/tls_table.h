// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/tls_table_model.h"
#include "ui/views/list_table.h"

namespace gatescope::ui {

/// The table of TLS sessions. Sorting is asked for and answered elsewhere. j and k move too; copying gives the chosen
/// lines.
class TlsTable : public ListTable {
    Q_OBJECT
public:
    explicit TlsTable(QWidget* parent = nullptr);

    TlsTableModel& sessions() { return *m_model; }
    void show(std::shared_ptr<const TlsAnswer> answer);
    void clear();
    /// nullptr: none is current.
    const analysis::TlsSession* current() const;
    bool select(std::uint64_t number);
    QString currentCell() const;
    using ListTable::chosenLines;
    /// RFC 4180; rows as they are sorted now.
    QByteArray csv() const;

Q_SIGNALS:
    /// Another session, or none.
    void currentSessionChanged();
    /// Enter or double click.
    void activatedSession();
    void menuWanted(const QPoint& globalPlace);

protected:
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void setWidths();
    void step(int rows);

    TlsTableModel* m_model = nullptr;
};

} // namespace gatescope::ui
