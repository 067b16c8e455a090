// SPDX-License-Identifier: Apache-2.0
#include "core/live/capture_session.h"

#include "core/live/filter_check.h"
#include "core/live/session_thread.h"

#include <fcntl.h>
#include <fmt/format.h>

namespace gatescope::live {

namespace {

std::optional<Error> wrongRequest(const CaptureRequest& request) {
    const auto usage = [](std::string text) { return Error{ErrorKind::Usage, std::move(text)}; };
    if (request.playedFile.empty() == request.interfaces.empty())
        return usage("name an interface to capture on, or a capture to play, not both");
    if (request.interfaces.size() > CaptureRequest::kMaxInterfaces)
        return usage(fmt::format("at most {} interfaces at once", CaptureRequest::kMaxInterfaces));
    for (const std::string& name : request.interfaces)
        if (name.empty() || name.size() > kMaxNameBytes || name.find('\0') != std::string::npos)
            return usage(fmt::format("`{}` cannot be the name of an interface", name));
    if (request.filter.size() > kMaxFilterBytes || request.filter.find('\0') != std::string::npos)
        return usage(fmt::format("a capture filter has at most {} characters", kMaxFilterBytes));
    if (request.snapLength == 0 || request.snapLength > CaptureRequest::kFullPackets)
        return usage(fmt::format("a snap length is 1 to {}", CaptureRequest::kFullPackets));
    if (const auto problem = checkFilter(request.filter)) return usage(describe(*problem, request.filter, true));
    constexpr std::uint32_t kMostBuffer = 1U << 30;
    if (request.bufferBytes == 0 || request.bufferBytes > kMostBuffer)
        return usage(fmt::format("a capture buffer has 1 to {} octets", kMostBuffer));
    return std::nullopt;
}

} // namespace

std::expected<std::unique_ptr<CaptureSession>, Error>
CaptureSession::start(CaptureRequest request, RingOptions ring, StopConditions stop, std::function<void()> changed) {
    if (auto wrong = wrongRequest(request)) return std::unexpected(*wrong);
    auto helper = helperPath();
    if (!helper) return std::unexpected(helper.error());
    Descriptor played;
    if (!request.playedFile.empty()) {
        played = Descriptor(::open(request.playedFile.c_str(), O_RDONLY | O_CLOEXEC));
        if (played.get() < 0)
            return std::unexpected(Error{ErrorKind::CannotOpen, fmt::format("cannot open {}", request.playedFile)});
    }
    auto files = RingFiles::create(ring);
    if (!files) return std::unexpected(files.error());
    StartMessage orders{std::move(request), played.get() >= 0, std::move(ring), stop};
    auto session = std::make_unique<SessionThread>(
        SessionThread::Parts{std::move(orders), std::move(*helper), std::move(played), std::move(*files)},
        std::move(changed));
    if (auto problem = session->begin()) return std::unexpected(*problem);
    return session;
}

} // namespace gatescope::live
