// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/live/capture_session.h"
#include "core/live/filter_check.h"
#include "core/live/interface_list.h"
#include "ui/bridge/analysis_session.h"

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::ui {

/// What the desktop captures with; tests put their own in its place. Without a `start` nothing can be captured.
struct LiveEngine {
    using Start = std::function<std::expected<std::unique_ptr<live::CaptureSession>, Error>(
        live::CaptureRequest, live::RingOptions, live::StopConditions, std::function<void()>)>;

    Start start{};                                                                 ///< live::CaptureSession::start
    LiveInput::Follow follow{};                                                    ///< pipeline::follow
    std::function<std::expected<std::vector<live::Interface>, Error>()> list{};    ///< live::interfaces
    std::function<std::optional<live::FilterProblem>(const std::string&)> check{}; ///< live::checkFilter
    /// capture::followInput
    std::function<std::expected<std::unique_ptr<capture::CaptureFeed>, Error>(const std::string&)> followInput{};
};

/// The helper program, and the engine behind it.
LiveEngine realLiveEngine();

} // namespace gatescope::ui
