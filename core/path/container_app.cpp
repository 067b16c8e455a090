// SPDX-License-Identifier: Apache-2.0
#include "core/path/container_app.h"

#include "core/path/text_scan.h"

namespace gatescope::path {

ContainerApp readContainerApp(std::string_view name) {
    name = trimmed(name);
    ContainerApp result{name, {}, false};
    if (const auto at = name.rfind("--"); at != std::string_view::npos && at != 0) {
        result.app = name.substr(0, at);
        result.revision = name;
    }
    result.isDataProxy = result.app.ends_with("-dataproxy");
    return result;
}

AgentId readAgentId(std::string_view text) {
    text = trimmed(text);
    const auto at = text.rfind(':');
    if (at == std::string_view::npos || at == 0) return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

} // namespace gatescope::path
