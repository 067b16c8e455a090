// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

namespace gatescope::ui::test {

/// Sessions as the tests describe them, over the connections of sample_traffic.h (one at each packet 1, 51, 101, ...):
/// 1: TLS 1.3, complete, decrypted, carried the first call; 2: TLS 1.3, complete, no secrets; 3: TLS 1.2, the client
/// gave up with unknown_ca; 4: TLS 1.2, resumed, secrets for the handshake only; 5: cut, with a gap; 6: the client
/// reset the connection after the server's flight.
analysis::Batch tlsBatch();
inline constexpr std::size_t kTlsSessions = 6;

/// TLS 1.3: the flights of a whole handshake, then data in both directions and close_notify.
analysis::TlsRecord completeSession(std::uint64_t flowStart, bool opened);
/// TLS 1.2: up to the alert.
analysis::TlsRecord failedSession(std::uint64_t flowStart);
/// A session with as many steps as one can have.
analysis::TlsRecord longSession(std::uint64_t flowStart);

} // namespace gatescope::ui::test
