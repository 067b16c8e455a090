// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/gscope/options.h"
#include "core/gatewaylog/log_reader.h"

#include <expected>
#include <memory>

namespace gatescope::cli {

/// --columns: pairs NEW=OLD, a file, or the name of a mapping that --save-columns wrote; with --save-columns the
/// mapping is kept under that name, in `gatescope/columns` of the user's configuration. None: nothing was asked for.
std::expected<std::shared_ptr<const gatewaylog::ColumnNames>, Failure> logColumnsOf(const Options& options);

} // namespace gatescope::cli
