// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::capture {

bool isFolder(const std::string& path);

/// The files in a folder that may be inputs, as paths that begin with `path`, in the natural order of their names:
/// regular files and links to such, no hidden ones, nothing of folders inside. Any kind of content. Error: CannotOpen,
/// with the system's reason.
std::expected<std::vector<std::string>, Error> filesInFolder(const std::string& path);

/// Order of names as people count: `cap2` before `cap10`. Total: names that differ only in leading zeros are told
/// apart by their octets.
bool isNaturallyBefore(std::string_view a, std::string_view b);

} // namespace gatescope::capture
