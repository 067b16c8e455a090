// SPDX-License-Identifier: Apache-2.0
#include "tests/ui/live_traffic.h"

#include <chrono>

namespace gatescope::ui::test {
using namespace analysis;
using namespace std::chrono_literals;

class Stage::Feed final : public capture::CaptureFeed {
public:
    std::expected<std::optional<capture::FedCapture>, Error> next(const std::stop_token&) override {
        return std::nullopt;
    }
};

class Stage::Session final : public live::CaptureSession {
public:
    explicit Session(std::shared_ptr<Stage> stage) : m_stage(std::move(stage)) {}
    ~Session() override { m_stage->stop(); }
    void stop() override { m_stage->stop(); }
    void waitUntilEnded() override {}
    live::CaptureStatus status() const override {
        const std::lock_guard lock(m_stage->m_mutex);
        return m_stage->m_status;
    }
    capture::CaptureFeed& feed() override { return m_feed; }

private:
    std::shared_ptr<Stage> m_stage;
    Feed m_feed;
};

void Stage::refuse(Error error) {
    const std::lock_guard lock(m_mutex);
    m_refusal = std::move(error);
}

void Stage::allow() {
    const std::lock_guard lock(m_mutex);
    m_refusal.reset();
}

void Stage::count(const live::CaptureCounts& counts, const std::vector<std::string>& files) {
    std::function<void()> changed;
    {
        const std::lock_guard lock(m_mutex);
        m_status.counts = counts;
        m_status.files = files;
        m_status.diskBytes = counts.bytes;
        changed = m_changed;
    }
    if (changed) changed();
}

void Stage::append(const std::vector<Call>& calls, bool closes) {
    const std::lock_guard lock(m_mutex);
    if (closes) m_open.emplace();
    m_batches.push_back(batchOf(calls, m_nextFlow));
    m_nextFlow += 50 * calls.size();
    m_wake.notify_all();
}

void Stage::setOpen(const std::vector<Call>& calls, std::string_view state) {
    std::vector<std::shared_ptr<const ExchangeRecord>> open;
    const std::lock_guard lock(m_mutex);
    std::uint64_t flow = m_nextFlow;
    for (const auto& call : calls) {
        auto exchange = std::make_shared<ExchangeRecord>(record(call, flow));
        exchange->state = state;
        exchange->call.finishReason.clear();
        open.push_back(std::move(exchange));
        flow += 50;
    }
    m_open = std::move(open);
    m_wake.notify_all();
}

void Stage::end(const std::string& because, std::optional<Error> error) {
    std::function<void()> changed;
    {
        const std::lock_guard lock(m_mutex);
        if (m_status.state == live::CaptureState::Ended) return;
        m_status.state = live::CaptureState::Ended;
        m_status.endedBecause = because;
        m_status.error = std::move(error);
        changed = m_changed;
        m_wake.notify_all();
    }
    if (changed) changed();
}

void Stage::stop() {
    end("stopped");
}

void Stage::setInterfaces(std::vector<live::Interface> interfaces) {
    const std::lock_guard lock(m_mutex);
    m_interfaces = std::move(interfaces);
}

int Stage::started() const {
    const std::lock_guard lock(m_mutex);
    return m_started;
}

live::CaptureRequest Stage::request() const {
    const std::lock_guard lock(m_mutex);
    return m_request;
}

live::RingOptions Stage::ring() const {
    const std::lock_guard lock(m_mutex);
    return m_ring;
}

bool Stage::running() const {
    const std::lock_guard lock(m_mutex);
    return m_status.state == live::CaptureState::Running;
}

std::expected<std::unique_ptr<live::CaptureSession>, Error> Stage::start(const std::shared_ptr<Stage>& self,
                                                                         live::CaptureRequest request,
                                                                         live::RingOptions ring,
                                                                         std::function<void()> changed) {
    const std::lock_guard lock(m_mutex);
    ++m_started;
    m_request = std::move(request);
    m_ring = std::move(ring);
    if (m_refusal) return std::unexpected(*m_refusal);
    m_status = {};
    m_status.state = live::CaptureState::Running;
    m_changed = std::move(changed);
    return std::make_unique<Session>(self);
}

pipeline::RunResult Stage::follow(Dataset& dataset, const std::stop_token& stop,
                                  const std::function<void(const pipeline::LiveProgress&)>& progress) {
    pipeline::LiveProgress told;
    for (bool over = false; !over && !stop.stop_requested();) {
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, 10ms);
        auto batches = std::exchange(m_batches, {});
        auto open = std::exchange(m_open, std::nullopt);
        over = m_status.state == live::CaptureState::Ended;
        lock.unlock();
        // A call that ends is never missing in between.
        if (open && batches.empty()) batches.emplace_back();
        for (auto& batch : batches) {
            const bool last = &batch == &batches.back();
            if (open && last)
                dataset.append(std::move(batch), 0, std::move(*open));
            else
                dataset.append(std::move(batch));
        }
        progress(told);
    }
    dataset.finish();
    return {};
}

LiveEngine Stage::engine(const std::shared_ptr<Stage>& stage) {
    LiveEngine engine;
    engine.start = [stage](live::CaptureRequest request, live::RingOptions ring, live::StopConditions,
                           std::function<void()> changed) {
        return stage->start(stage, std::move(request), std::move(ring), std::move(changed));
    };
    engine.follow = [stage](capture::CaptureFeed&, Dataset& dataset, const pipeline::LiveOptions&, std::stop_token stop,
                            const std::function<void(const pipeline::LiveProgress&)>& progress) {
        return stage->follow(dataset, stop, progress);
    };
    engine.list = [stage]() -> std::expected<std::vector<live::Interface>, Error> {
        const std::lock_guard lock(stage->m_mutex);
        return stage->m_interfaces;
    };
    engine.check = [](const std::string& filter) -> std::optional<live::FilterProblem> {
        const auto at = filter.find("prot ");
        if (at == std::string::npos) return std::nullopt;
        return live::FilterProblem{"unknown word “prot”", at + 1, 4};
    };
    return engine;
}

std::vector<live::Interface> threeInterfaces() {
    live::Interface eth0{.name = "eth0", .description = {}, .addresses = {"10.0.9.213", "fe80::1"}};
    eth0.isUp = eth0.isRunning = true;
    eth0.receivedPackets = 1'000;
    live::Interface lo{.name = "lo", .description = {}, .addresses = {"127.0.0.1", "::1"}};
    lo.isUp = lo.isRunning = lo.isLoopback = true;
    live::Interface wlan0{.name = "wlan0", .description = "Wireless", .addresses = {}};
    return {eth0, lo, wlan0};
}

} // namespace gatescope::ui::test
