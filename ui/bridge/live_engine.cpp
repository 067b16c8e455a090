// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/live_engine.h"

#include "core/capture/followed_input.h"

namespace gatescope::ui {

LiveEngine realLiveEngine() {
    return {.start = live::CaptureSession::start,
            .follow = pipeline::follow,
            .list = live::interfaces,
            .check = [](const std::string& filter) { return live::checkFilter(filter); },
            .followInput = capture::followInput};
}

} // namespace gatescope::ui
