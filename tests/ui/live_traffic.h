// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/ui/sample_traffic.h"
#include "ui/bridge/live_engine.h"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace gatescope::ui::test {

/// What a test lets happen behind a window that captures: the helper, its files and the engine. Any thread.
class Stage {
public:
    /// The next captures are refused with that.
    void refuse(Error error);
    void allow();
    /// Packets were captured.
    void count(const live::CaptureCounts& counts, const std::vector<std::string>& files = {});
    /// These calls have ended, and with `closes` none is under way any more.
    void append(const std::vector<Call>& calls, bool closes = false);
    /// These are under way, instead of those told before; `state` of all of them.
    void setOpen(const std::vector<Call>& calls, std::string_view state);
    /// The capture ends by itself.
    void end(const std::string& because, std::optional<Error> error = {});
    void setInterfaces(std::vector<live::Interface> interfaces);

    int started() const;
    live::CaptureRequest request() const;
    live::RingOptions ring() const;
    bool running() const;

    /// An engine of which everything happens on `stage`.
    static LiveEngine engine(const std::shared_ptr<Stage>& stage);

private:
    class Session;
    class Feed;
    std::expected<std::unique_ptr<live::CaptureSession>, Error> start(const std::shared_ptr<Stage>& self,
                                                                      live::CaptureRequest request,
                                                                      live::RingOptions ring,
                                                                      std::function<void()> changed);
    pipeline::RunResult follow(analysis::Dataset& dataset, const std::stop_token& stop,
                               const std::function<void(const pipeline::LiveProgress&)>& progress);
    void stop();

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::optional<Error> m_refusal;
    live::CaptureStatus m_status;
    std::function<void()> m_changed;
    std::vector<analysis::Batch> m_batches;
    std::optional<std::vector<std::shared_ptr<const analysis::ExchangeRecord>>> m_open;
    std::vector<live::Interface> m_interfaces;
    live::CaptureRequest m_request;
    live::RingOptions m_ring;
    std::uint64_t m_nextFlow = 1;
    int m_started = 0;
};

/// eth0 (up, two addresses), lo, wlan0 (down).
std::vector<live::Interface> threeInterfaces();

} // namespace gatescope::ui::test
