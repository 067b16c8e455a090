// SPDX-License-Identifier: Apache-2.0
// Not a test: a window that is fed 300 calls a second, a tenth of them under way, on top of 200,000 that are there,
// looks at each page for a while. GATESCOPE_SLOTS=FILE writes how long the GUI thread was held
// (ui/bridge/slot_watch.h). Arguments: seconds a page (3), calls before (200000).
#include "tests/ui/live_traffic.h"
#include "tests/ui/window_fixture.h"
#include "ui/bridge/slot_watch.h"
#include "ui/models/interface_table_model.h"
#include "ui/views/live_page.h"
#include "ui/views/page_stack.h"

#include <QElapsedTimer>
#include <QStackedWidget>

#include <atomic>
#include <cstdio>
#include <functional>
#include <thread>

using namespace gatescope;
using namespace gatescope::ui;

namespace {

void waitFor(const std::function<bool()>& done, int ms) {
    QElapsedTimer clock;
    clock.start();
    while (!done() && clock.elapsed() < ms) QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 20);
}

} // namespace

int main(int argc, char** argv) {
    WatchedApplication application(argc, argv);
    QApplication::setStyle(new Style);
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 3;
    const int before = argc > 2 ? std::atoi(argv[2]) : 200'000;
    const auto stage = std::make_shared<test::Stage>();
    stage->setInterfaces(test::threeInterfaces());
    Sources sources{test::analyseStandIn, test::readStandIn, {}};
    sources.live = test::Stage::engine(stage);
    test::WindowFixture fixture(std::move(sources));
    auto& window = fixture.window;
    window.captureOn({QStringLiteral("eth0")}, QString());
    waitFor([&] { return window.session().isLive(); }, 5'000);
    const auto calls = test::twelveCalls();
    for (int made = 0; made < before; made += 1'200) {
        std::vector<test::Call> many;
        for (int i = 0; i < 1'200; ++i) many.push_back(calls[static_cast<std::size_t>(i) % calls.size()]);
        stage->append(many);
    }
    waitFor([&] { return window.table().requests().rowCount() >= before; }, 60'000);
    std::jthread traffic([&](std::stop_token stop) {
        for (std::size_t step = 0; !stop.stop_requested(); ++step) {
            std::vector<test::Call> ended;
            for (std::size_t i = 0; i < 30; ++i) ended.push_back(calls[(step + i) % calls.size()]);
            stage->append(ended);
            stage->setOpen(ended, "streaming");
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    });
    for (int page = 0; page < static_cast<int>(window.pages().pages().size()); ++page) {
        window.pages().setCurrentIndex(page);
        const int rows = window.table().requests().rowCount();
        QElapsedTimer clock;
        clock.start();
        waitFor([] { return false; }, seconds * 1'000);
        std::printf("page %d: %d rows more in %lld ms\n", page + 1, window.table().requests().rowCount() - rows,
                    static_cast<long long>(clock.elapsed()));
    }
    traffic.request_stop();
    traffic.join();
    return 0;
}
