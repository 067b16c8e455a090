// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/thread_pace.h"

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace gatescope::ui {

void yieldToGui() {
#ifdef __linux__
    constexpr int kNice = 5; // about a third of the time of a thread that does not give way
    // Of one thread, which POSIX has not: Linux takes a thread's number for that of a process. Without effect is no
    // error.
    const auto thread = static_cast<id_t>(::gettid());
    if (::getpriority(PRIO_PROCESS, thread) < kNice) ::setpriority(PRIO_PROCESS, thread, kNice);
#endif
}

} // namespace gatescope::ui
