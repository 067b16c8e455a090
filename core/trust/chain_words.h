// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/trust/chain.h"

#include <string>
#include <string_view>

namespace gatescope::trust {

inline constexpr std::string_view kPrivateCaReason = "private-ca";

/// What a client without the missing certificate does; for the evidence.
inline constexpr std::string_view kWhoRepairs =
    "fetched or remembered by .NET, Chrome, Windows and macOS; not by curl, Go, Java, Python, Node and rustls";

/// `CN` of a name, else all of it: for sentences.
std::string shortName(const Certificate& certificate);

/// A problem as one sentence without a full stop at its end.
std::string sentenceOf(const Problem& problem);

/// The answer in one sentence.
std::string headlineOf(const ChainAnswer& answer, const std::string& host);

/// Worse ones first: by weight, severity, depth.
void sortProblems(Problems& problems);
/// Of equal ones the first stays.
void removeRepeated(Problems& problems);

} // namespace gatescope::trust
