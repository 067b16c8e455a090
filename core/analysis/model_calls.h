// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <algorithm>
#include <vector>

namespace gatescope::analysis {

/// Tells calls of a model from what is only named in the field `api`: files, lists of models, handshakes and the like
/// (`llm::otherApis`), which take part in no count of calls. For many rows; no lookup of texts.
class ModelCalls {
public:
    explicit ModelCalls(const Snapshot& snapshot);
    /// `api` is a code of the field `api`.
    bool isCall(StringPool::Code api) const {
        return api != StringPool::kNone && std::ranges::find(m_others, api) == m_others.end();
    }

private:
    std::vector<StringPool::Code> m_others; ///< those that are there, a few at most
};

/// For one row.
bool isModelCall(const Snapshot& snapshot, Row row);

} // namespace gatescope::analysis
