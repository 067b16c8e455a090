// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/path/trust.h"

#include <memory>
#include <vector>

namespace gatescope::analysis {

struct Store;

/// Who called, after the hops that the user trusts: depends on `path::Trust`, which may change after reading.
struct ClientColumns {
    std::vector<StringPool::Code> client; ///< by row: FieldId::EffectiveClient
    std::vector<StringPool::Code> kind;   ///< by row: FieldId::ClientClass
};

/// Of all rows. Caller holds the store's mutex.
std::shared_ptr<const ClientColumns> makeClientColumns(Store& store, const path::Trust& trust);

} // namespace gatescope::analysis
