// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/live/capture_session.h"
#include "core/pipeline/live_run.h"
#include "ui/models/cell_table_model.h"

#include <QString>

#include <optional>

namespace gatescope::ui {

/// What is known of a capture and of the engine behind it.
struct CaptureNumbers {
    live::CaptureStatus status;
    std::size_t calls = 0; ///< in the newest snapshot, also when another one is shown
    std::size_t openCalls = 0;
    bool anyCalls = false; ///< there is a snapshot
    std::optional<pipeline::LiveProgress> progress{};
    std::optional<double> packetRate{}, octetRate{}, callRate{}; ///< a second, over the last seconds
    std::optional<TimeNs> behind{};                              ///< of the engine against the clock
    QString folder{};                                            ///< where the files are
};

/// What a number is, the total, how many a second, and what it means.
std::vector<TableColumn> captureColumns();
std::vector<CellTableModel::Row> captureRows(const CaptureNumbers& numbers);

/// Splits `... run: sudo setcap ...` of a message about missing rights; the command is empty when there is none.
struct RemedyText {
    QString words;
    QString command;
};
RemedyText remedyOf(const QString& message);

} // namespace gatescope::ui
