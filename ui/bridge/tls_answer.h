// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/tls_columns.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace gatescope::ui {

struct TlsSort {
    TlsColumn column = TlsColumn::Number;
    bool descending = false;
    bool operator==(const TlsSort&) const = default;
};

/// What the page of TLS wants to know.
struct TlsQuestion {
    analysis::Snapshot snapshot;
    std::shared_ptr<const std::vector<analysis::Row>> rows; ///< that the window's filter lets through
    bool narrowed = false;                                  ///< and there are others
    bool onlyShown = false;                                 ///< only sessions that carry such rows
    QString search;                                         ///< each word is in some cell
    std::optional<TlsSort> sort;                            ///< none: by number
};

/// Everything the page shows, worked out off the GUI thread.
struct TlsAnswer {
    analysis::Snapshot snapshot;
    std::vector<std::uint32_t> order; ///< indices into `snapshot.tlsSessions()`
    std::vector<int> places;          ///< by index: its place in `order`, or -1
    bool narrowed = false;
    std::vector<std::uint32_t> shown; ///< by index, when `narrowed`: rows let through that the session carried
    bool severalDays = false;
    std::size_t readable = 0, failed = 0, wantSecrets = 0; ///< of all sessions
    const analysis::TlsSession& at(std::size_t place) const { return snapshot.tlsSessions()[order[place]]; }
};

/// Empty when stopped.
std::optional<TlsAnswer> answerTls(const TlsQuestion& question, std::stop_token stop);

} // namespace gatescope::ui
