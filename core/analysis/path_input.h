// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/path/source_path.h"

#include <string>
#include <string_view>

namespace gatescope::analysis {

/// Logs and dumps that hold all header fields of a request; others name only some.
bool hasAllHeaders(std::string_view source);

/// What one exchange says of its way, in the form that path::readPath takes. Lives as long as the snapshot.
class ExchangePath {
public:
    ExchangePath(const Snapshot& snapshot, Row row);
    ExchangePath(const ExchangePath&) = delete;
    ExchangePath& operator=(const ExchangePath&) = delete;

    const path::PathInput& input() const { return m_input; }

private:
    void readEnds(const Snapshot& snapshot, Row row);

    http::HeaderList m_request, m_response;
    std::string m_target, m_backend;
    path::PathInput m_input;
};

} // namespace gatescope::analysis
