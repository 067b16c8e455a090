// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatescope::path {

/// The URL that a path of the Foundry data proxy holds: `/v1/https/HOST/PATH?QUERY`. Source: x-forwarded-path of the
/// first article's header dump. Views refer to the text given.
struct ForwardedPath {
    std::string_view scheme; ///< `http` or `https`
    std::string_view host;   ///< with its port, if there is one
    std::string_view path;   ///< from the slash on; `/` when there is none
    std::string_view query;  ///< without the question mark
    std::string deployment;  ///< what stands behind `/deployments/`, percent-decoded; empty: nothing
};

/// Nothing when the text is a path of another kind, or names no host.
std::optional<ForwardedPath> readForwardedPath(std::string_view text);

/// The segment behind `/deployments/` of a path or request target, percent-decoded; empty: there is none.
std::string deploymentOf(std::string_view target);

} // namespace gatescope::path
