// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/packet/packet_decoder.h"
#include "core/pipeline/analysis_run.h"
#include "core/tcp/connection_table.h"
#include "core/tls/secret_store.h"

#include <vector>

namespace gatescope::pipeline {

/// Adds to `dataset` what is odd about the captures that were read as such, at their end: `odd`, what the decoder met,
/// copies, and sessions whose secrets came only after their packets, which are counted in `result`.
void reportReading(analysis::Dataset& dataset, std::vector<Finding> odd, const packet::PacketDecoder& decoder,
                   const tcp::CopyCount& copies, const tls::SecretStore& secrets, RunResult& result);

} // namespace gatescope::pipeline
