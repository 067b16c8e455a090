// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <QString>

namespace gatescope::ui {

/// `Joined with gw.json by correlation-id, sure. From gw.json: project, agent, total_tokens; from gw.pcapng: status`;
/// empty for a row that was not joined.
QString joinText(const analysis::Snapshot& snapshot, analysis::Row row);

} // namespace gatescope::ui
