// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <QString>

#include <array>

namespace gatescope::ui {

/// Columns of the table of TLS sessions.
enum class TlsColumn {
    Number,
    Time,
    Client,
    Server,
    ServerName,
    Version,
    Cipher,
    Alpn,
    Ended,
    Readable,
    Exchanges,
    Ja4
};
inline constexpr std::array kTlsColumns{TlsColumn::Number,   TlsColumn::Time,       TlsColumn::Client,
                                        TlsColumn::Server,   TlsColumn::ServerName, TlsColumn::Version,
                                        TlsColumn::Cipher,   TlsColumn::Alpn,       TlsColumn::Ended,
                                        TlsColumn::Readable, TlsColumn::Exchanges,  TlsColumn::Ja4};

QString tlsColumnTitle(TlsColumn column);
QString tlsColumnMeaning(TlsColumn column);
/// Of the CSV file; those that `gscope tls` has, where it has them.
QString tlsColumnField(TlsColumn column);
bool tlsColumnIsNumber(TlsColumn column);

/// The text of a cell; empty: not known.
QString tlsCell(const analysis::TlsSession& session, TlsColumn column, bool withDate);

} // namespace gatescope::ui
