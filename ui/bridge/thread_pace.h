// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gatescope::ui {

/// The calling thread, and the threads and programs that it starts from now on, give way to the GUI thread where there
/// is not time enough for all (Linux: nice 5 of this thread alone; elsewhere nothing). Needs no right.
void yieldToGui();

} // namespace gatescope::ui
