// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gatescope::path {

/// A revision of a container app as its ingress names it: `APP--SUFFIX` (Azure Container Apps, revisions). Views refer
/// to the text given.
struct ContainerApp {
    std::string_view app;      ///< `j8820ec0-dataproxy`
    std::string_view revision; ///< `j8820ec0-dataproxy--vuww7ja`; empty: only the app is named
    bool isDataProxy = false;  ///< the app through which Foundry agents leave: its name ends with `-dataproxy`
};

/// Of x-k8se-app-name, x-ms-containerapp-revision-name or x-ms-containerapp-name.
ContainerApp readContainerApp(std::string_view name);

/// An agent of Foundry as x-ms-foundry-agent-id names it: `NAME:VERSION`.
struct AgentId {
    std::string_view name;
    std::string_view version; ///< behind the last colon; empty: none
};
AgentId readAgentId(std::string_view text);

} // namespace gatescope::path
