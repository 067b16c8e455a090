// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/capture_text.h"
#include "app/gscope/progress_line.h"
#include "app/gscope/verb.h"
#include "core/live/capture_session.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace gatescope::cli {

namespace {

constexpr const char* kCaptureFooter =
    "gscope itself never opens a device: gatescope-capture does, the one program that needs the right to. It gives up "
    "the\nright as soon as the devices are open, and ends with gscope. Files are pcapng; one that is cut off in the "
    "middle is valid\nup to the last second.\n\n"
    "Exit status: 0 ended as asked, 2 a wrong filter or option, 3 it could not begin (no rights, no such interface), "
    "4 it\nended early (the interface is gone, the disk is full); what was captured before is kept.\n\n"
    "  gscope capture -i eth0 -f 'tcp port 443' -w gateway.pcapng -a time:60s\n"
    "  gscope capture -i any -w ring.pcapng -b size:100M -b files:8\n"
    "  gscope exchanges --live eth0              the same, and the calls as they come";

/// Wakes whoever waits for a change of the session's state.
class Bell {
public:
    void ring() {
        const std::scoped_lock lock(m_mutex);
        m_rung = true;
        m_changed.notify_all();
    }
    void wait(const std::stop_token& stop, std::chrono::milliseconds patience) {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, stop, patience, [this] { return m_rung; });
        m_rung = false;
    }

private:
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_rung = false;
};

class CaptureOnlyVerb final : public Verb {
public:
    std::string_view name() const override { return "capture"; }
    std::string_view purpose() const override { return "Capture packets into files, through gatescope-capture"; }

    void declare(CLI::App& command) override {
        command.add_option("-i,--interface", m_capture.interfaces, "Interface, or 'any'; repeatable. See 'interfaces'")
            ->type_name("NAME")
            ->expected(1)
            ->allow_extra_args(false)
            ->take_all();
        addCaptureOptions(command, m_capture);
        addMessageOptions(command, m_options);
        command.footer(kCaptureFooter);
    }

    std::expected<ExitStatus, Failure> run(std::stop_token stop) override {
        if (m_capture.interfaces.empty() && m_capture.playedFile.empty())
            return std::unexpected(
                Failure{ExitStatus::WrongUse, "-i INTERFACE is required; 'gscope interfaces' lists them"});
        const auto plan = capturePlanOf(m_capture);
        if (!plan) return std::unexpected(plan.error());
        Bell bell;
        const auto session =
            live::CaptureSession::start(plan->request, plan->ring, plan->stop, [&bell] { bell.ring(); });
        if (!session) return std::unexpected(failureOf(session.error()));
        if (m_capture.path.empty() && !m_options.quiet) say("packets are counted and not kept; -w FILE keeps them");
        watch(**session, bell, stop);
        (*session)->waitUntilEnded();
        const live::CaptureStatus status = (*session)->status();
        if (!m_options.quiet && status.error) say(status.error->message);
        if (!m_options.quiet) say(endText(status, m_capture.path));
        return status.error ? ExitStatus::ReadInPart : ExitStatus::Done;
    }

private:
    void watch(live::CaptureSession& session, Bell& bell, const std::stop_token& stop) const {
        using Clock = std::chrono::steady_clock;
        constexpr std::chrono::milliseconds kPatience{100};
        StatusLine line(showsProgress(m_options));
        Clock::time_point next = Clock::now();
        for (bool isStopping = false;;) {
            const live::CaptureStatus status = session.status();
            if (status.state == live::CaptureState::Ended) return;
            if (Clock::now() >= next) {
                line.show(countsText(status.counts));
                next = Clock::now() + std::chrono::seconds(1);
            }
            // A stop that was asked for wakes at once, but only once.
            bell.wait(isStopping ? std::stop_token() : stop, kPatience);
            if (!isStopping && stop.stop_requested()) {
                session.stop();
                isStopping = true;
            }
        }
    }

    CaptureOptions m_capture;
    Options m_options;
};

} // namespace

std::unique_ptr<Verb> makeCaptureVerb() {
    return std::make_unique<CaptureOnlyVerb>();
}

} // namespace gatescope::cli
