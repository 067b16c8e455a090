// SPDX-License-Identifier: Apache-2.0
// Not a test: writes pictures of the page Live in its states into $GATESCOPE_PICTURES.
#include "tests/ui/live_traffic.h"
#include "tests/ui/window_fixture.h"
#include "ui/models/interface_table_model.h"
#include "ui/views/capture_filter_field.h"
#include "ui/views/live_page.h"
#include "ui/views/page_stack.h"

#include <QElapsedTimer>

#include <cmath>
#include <cstdio>
#include <functional>

using namespace gatescope;
using namespace gatescope::ui;

namespace {

void waitFor(const std::function<bool()>& done, int ms = 3'000) {
    QElapsedTimer clock;
    clock.start();
    while (!done() && clock.elapsed() < ms) QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
}

void pause(int ms) {
    waitFor([] { return false; }, ms);
}

/// A minute of traffic that comes and goes.
void addHistory(LivePage& page) {
    auto list = test::threeInterfaces();
    for (int second = 0; second < 60; ++second) {
        list[0].receivedPackets += static_cast<std::uint64_t>(900 + 700 * std::sin(second / 5.0));
        list[0].receivedBytes += 400'000;
        list[1].receivedPackets += second % 13 == 0 ? 240 : 3;
        list[1].receivedBytes += 2'000;
        page.watch().take(list, 1);
    }
}

void take(const QString& folder, bool dark) {
    const auto stage = std::make_shared<test::Stage>();
    stage->setInterfaces(test::threeInterfaces());
    Sources sources{test::analyseStandIn, test::readStandIn, {}};
    sources.live = test::Stage::engine(stage);
    test::WindowFixture fixture(std::move(sources));
    auto& window = fixture.window;
    fixture.theme.setChoice(dark ? Theme::Choice::Dark : Theme::Choice::Light);
    const auto save = [&](const char* name) {
        pause(80);
        const QString file =
            QStringLiteral("%1/live-%2-%3.png").arg(folder, QLatin1String(name), dark ? "dark" : "light");
        if (!window.grab().save(file)) std::fprintf(stderr, "cannot write %s\n", qPrintable(file));
    };
    save("nothing-open");
    test::actionFor(window, "Ctrl+K")->trigger();
    auto& page = window.live();
    waitFor([&] { return page.interfaces().rowCount() == 3; });
    addHistory(page);
    save("empty");
    page.form().filter().setText(QStringLiteral("tcp prot 443 and host 10.0.9.213"));
    page.chooseInterfaces({QStringLiteral("eth0")});
    pause(200);
    save("wrong-filter");
    page.form().filter().setText(QStringLiteral("tcp port 443"));
    stage->refuse({ErrorKind::CannotOpen, "the capture helper has no right to capture (Operation not permitted). This "
                                          "gives it to the capture helper, and to nothing else:\nsudo setcap "
                                          "cap_net_raw=ep /usr/libexec/gatescope/gatescope-capture"});
    pause(100);
    test::actionFor(window, "Ctrl+E")->trigger();
    waitFor([&] { return window.capture().state() == LiveCapture::State::Failed; });
    save("no-rights");
    stage->allow();
    test::actionFor(window, "Ctrl+E")->trigger();
    waitFor([&] { return window.session().isLive(); });
    addHistory(page);
    live::CaptureCounts counts;
    for (int i = 1; i < 5; ++i) {
        counts.packets = 40'000U * static_cast<unsigned>(i);
        counts.bytes = 21'000'000U * static_cast<unsigned>(i);
        counts.kernelDropped = i > 2 ? 12 : 0;
        stage->count(counts, {"/tmp/gatescope-1f2e/capture_00001.pcapng", "/tmp/gatescope-1f2e/capture_00002.pcapng"});
        stage->append(test::twelveCalls());
        pause(1'000);
    }
    stage->setOpen({test::twelveCalls()[0], test::twelveCalls()[2]}, "streaming");
    pause(400);
    save("running");
    test::actionFor(window, "Ctrl+1")->trigger();
    pause(300);
    save("requests");
    window.table().step(3);
    pause(300);
    test::actionFor(window, "Ctrl+Shift+E")->trigger();
    stage->append(test::twelveCalls());
    pause(400);
    save("paused-requests");
    test::actionFor(window, "Ctrl+8")->trigger();
    save("paused");
    test::actionFor(window, "Ctrl+Shift+E")->trigger();
    stage->end("the interface eth0 is gone", Error{ErrorKind::Damaged, "the interface is gone: eth0"});
    pause(500);
    save("ended-early");
}

} // namespace

int main(int argc, char** argv) {
    const QString folder = qEnvironmentVariable("GATESCOPE_PICTURES");
    if (folder.isEmpty() || !QDir().mkpath(folder)) {
        std::fprintf(stderr, "set GATESCOPE_PICTURES to a folder\n");
        return 2;
    }
    QApplication application(argc, argv);
    QApplication::setApplicationDisplayName(QStringLiteral("Gatescope"));
    QApplication::setStyle(new Style);
    take(folder, false);
    take(folder, true);
    return 0;
}
