// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/model_calls.h"

#include "core/llm/api_names.h"

namespace gatescope::analysis {

ModelCalls::ModelCalls(const Snapshot& snapshot) {
    for (const std::string_view name : llm::otherApis())
        if (const StringPool::Code code = snapshot.textCode(name); code != StringPool::kNone) m_others.push_back(code);
}

bool isModelCall(const Snapshot& snapshot, Row row) {
    const StringPool::Code api = snapshot.code(FieldId::Api, row);
    return api != StringPool::kNone && llm::isModelCall(snapshot.text(api));
}

} // namespace gatescope::analysis
