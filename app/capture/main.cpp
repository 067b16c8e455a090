// SPDX-License-Identifier: Apache-2.0
// gatescope-capture: opens interfaces, gives every right away, and writes packets into files that its parent opened.
// Started by gscope and gatescope, never by hand. docs/live.md says what it may and what it drops.
#include "app/capture/capture_loop.h"
#include "app/capture/sandbox.h"

#include <csignal>
#include <cstdio>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace gatescope;
using namespace gatescope::helper;
using live::EndedMessage;
using live::EndReason;

volatile std::sig_atomic_t stopSignal = 0;

void noteStop(int) {
    stopSignal = 1;
}

void setSignals() {
    struct sigaction stop{};
    stop.sa_handler = noteStop;
    ::sigaction(SIGTERM, &stop, nullptr);
    // Ctrl-C reaches the whole group, and it is the parent's to decide; a full disk is told by the write.
    for (const int ignored : {SIGINT, SIGQUIT, SIGHUP, SIGPIPE, SIGXFSZ}) ::signal(ignored, SIG_IGN);
}

std::optional<EndedMessage> openDevices(Devices& devices, Control& control) {
    const live::StartMessage& orders = *control.start();
    if (orders.playsFile) {
        if (!dropAllRights()) return EndedMessage{EndReason::NoSandbox, "capabilities"};
        return devices.play(control.takePlayedFile(), orders.request);
    }
    auto problem = devices.open(orders.request);
    if (!dropAllRights()) return EndedMessage{EndReason::NoSandbox, "capabilities"};
    return problem;
}

/// Without closing devices: that wants system calls that the sandbox has not, and the kernel does it as well.
[[noreturn]] void leave(Control& control, const EndedMessage& end) {
    control.waitForRoom();
    control.send(end);
    ::_exit(end.reason < EndReason::NoRights ? 0 : 1);
}

[[noreturn]] void run(Control& control) {
    if (!keepOnlyCaptureRight()) leave(control, {EndReason::NoSandbox, "capabilities"});
    if (!control.waitFor([&] { return control.start().has_value(); }))
        leave(control, {EndReason::BadProtocol, "no orders"});
    const live::StartMessage& orders = *control.start();
    Devices devices;
    if (const auto problem = openDevices(devices, control)) leave(control, *problem);
    if (const auto problem = devices.setFilter(orders.request.filter)) leave(control, *problem);
    CaptureLoop loop(control, devices, stopSignal);
    constexpr std::uint64_t kOwnMemory = 512U << 20;
    const std::uint64_t rings = 2 * std::uint64_t{orders.request.bufferBytes} * orders.request.interfaces.size();
    if (const std::string step = enterSandbox(kOwnMemory + rings); !step.empty())
        leave(control, {EndReason::NoSandbox, step});
    leave(control, loop.run());
}

} // namespace

int main(int argc, char**) {
    struct stat about{};
    if (argc > 1 || ::fstat(live::kControlDescriptor, &about) != 0 || !S_ISSOCK(about.st_mode)) {
        std::fputs("gatescope-capture is started by gscope and gatescope; try: gscope capture --help\n", stderr);
        return 2;
    }
    ::close_range(live::kControlDescriptor + 1, ~0U, 0);
    setSignals();
    Control control(live::kControlDescriptor);
    control.send(live::HelloMessage{});
    run(control);
}
