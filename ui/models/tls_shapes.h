// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "ui/models/cell_table_model.h"
#include "ui/widgets/tls_ladder_layout.h"

namespace gatescope::ui {

/// A session as the ladder shows it.
TlsLadderData tlsLadderOf(const analysis::TlsRecord& record);

/// The same steps as a table.
std::vector<TableColumn> tlsStepColumns();
std::vector<CellTableModel::Row> tlsStepRows(const analysis::TlsRecord& record);

/// What is known of a session, as HTML in the colours of the palette.
QString tlsFactsPage(const analysis::TlsSession& session, const QPalette& palette);
/// The same as lines of plain text.
QString tlsFactsText(const analysis::TlsSession& session);

/// `#12`, and of another input than the first `2:#12`.
QString tlsPacketText(PacketRef packet);

} // namespace gatescope::ui
