// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gatescope::path {

/// The Foundry project that a token was given to: from `xms_mirid`, the ARM id of the managed identity,
/// `/subscriptions/.../Microsoft.CognitiveServices/accounts/ACCOUNT/projects/PROJECT`.
struct ProjectClaim {
    std::string account;
    std::string project;
};

/// Longer tokens are not looked at; Entra's are a few KiB.
inline constexpr std::size_t kMaxTokenBytes = 16 * 1024;

/// Of an Authorization header with a bearer token that is a JSON Web Token (RFC 7519). Decoded, never verified. Nothing
/// when it is none, is masked, or names no project.
std::optional<ProjectClaim> readProjectClaim(std::string_view authorization);

} // namespace gatescope::path
