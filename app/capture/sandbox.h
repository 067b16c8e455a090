// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace gatescope::helper {

/// Gives up the user root, if it is that, every group, and all rights but the one to capture, with the bounding set as
/// far as the system allows. The first thing that happens. False: it could not be done.
bool keepOnlyCaptureRight();
/// Gives up that one too. Comes when every device is open.
bool dropAllRights();
/// From here on: no new file, socket or program, no core dump; a system call that is not on the list ends the program.
/// `memory`: of the process, more cannot be had. Empty: done; else the step that failed.
std::string enterSandbox(std::uint64_t memory);

} // namespace gatescope::helper
