// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/trust_answer.h"
#include "ui/models/cell_table_model.h"
#include "ui/models/sign.h"

namespace gatescope::ui {

/// The chains that were seen, and the names whose chain is hidden.
std::vector<TableColumn> chainColumns();
std::vector<CellTableModel::Row> chainRows(const CertificatesAnswer& answer);

/// Profile by profile what its clients say.
std::vector<TableColumn> verdictColumns();
std::vector<CellTableModel::Row> verdictRows(const trust::ChainAnswer& answer, TimeNs now);

/// Sessions of one client and one name, judged together.
std::vector<TableColumn> trustGroupColumns();
std::vector<CellTableModel::Row> trustGroupRows(const CertificatesAnswer& answer,
                                                const std::vector<std::size_t>& groups);

/// Sessions, each with what came of it; `sessions` are indices into `TrustAnswer::sessions`.
std::vector<TableColumn> trustSessionColumns();
std::vector<CellTableModel::Row> trustSessionRows(const CertificatesAnswer& answer,
                                                  const std::vector<std::size_t>& sessions);
/// Neither accepted nor left alone.
bool endedBadly(const analysis::TrustSession& session);

/// What is shown of a chain or a name as HTML in the colours of the palette.
QString headlinePage(const CertificatesAnswer& answer, const ChainLine& line, const QPalette& palette);
QString problemsPage(const trust::ChainAnswer& answer, const QPalette& palette);
QString groupPage(const trust::GroupJudgement& judgement, const QPalette& palette);
QString sessionPage(const CertificatesAnswer& answer, const analysis::TrustSession& session, const QPalette& palette);
/// The sign beside the headline.
Sign headlineSign(const CertificatesAnswer& answer, const ChainLine& line);

/// The handshakes of a line as text, for copying under the report on its chain.
QString evidenceText(const CertificatesAnswer& answer, const ChainLine& line);

/// Profiles with their date, origin, count and what is at hand.
std::vector<TableColumn> profileColumns();
std::vector<CellTableModel::Row> profileRows(const std::vector<trust::ProfilePtr>& profiles, TimeNs now);

} // namespace gatescope::ui
