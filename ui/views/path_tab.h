// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/path/trust.h"
#include "ui/models/path_ladder_model.h"
#include "ui/views/filter_menu.h"

#include <QTableView>
#include <QWidget>

#include <memory>
#include <optional>

namespace gatescope::ui {

class ElidedLabel;

/// The way of one call as a ladder: its hops from the origin down to the model.
class PathTab : public QWidget {
    Q_OBJECT
public:
    explicit PathTab(QWidget* parent = nullptr);

    void show(const analysis::Snapshot& snapshot, analysis::Row row);
    void clear();
    void setTrust(std::shared_ptr<const path::Trust> trust);
    PathLadderModel& ladder() { return *m_model; }
    QTableView& table() { return *m_table; }
    /// Who called, and who says so; by what it was joined with a log.
    QString clientLine() const;
    QString joinLine() const;

Q_SIGNALS:
    void conditionWanted(const QString& condition, gatescope::ui::Combine how, bool apply);

private:
    void update();
    void showMenu(const QPoint& place);

    std::shared_ptr<const path::Trust> m_trust;
    std::optional<analysis::Snapshot> m_snapshot;
    analysis::Row m_row = 0;
    ElidedLabel* m_client = nullptr;
    ElidedLabel* m_join = nullptr;
    PathLadderModel* m_model = nullptr;
    QTableView* m_table = nullptr;
};

} // namespace gatescope::ui
