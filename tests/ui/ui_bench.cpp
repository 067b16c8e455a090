// SPDX-License-Identifier: Apache-2.0
// Measures what the pages do with many calls: `ui_bench [CALLS]`, a million unless said otherwise.
#include "ui/bridge/limit_answer.h"
#include "ui/bridge/text.h"
#include "ui/models/flow_shapes.h"
#include "ui/widgets/sankey_view.h"
#include "ui/widgets/style.h"

#include "tests/bench/call_dataset.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>

using namespace gatescope;
using namespace gatescope::ui;
using analysis::FieldId;

namespace {

constexpr int kFrames = 400;

/// Work of this thread: other programs on the machine do not count.
double threadMs() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void report(const char* what, double ms) {
    std::printf("%-46s %9.2f ms\n", what, ms);
    std::fflush(stdout);
}

/// The best of three: other work on the machine only makes it slower.
void measure(const char* what, const std::function<void()>& work) {
    double best = 1e300;
    for (int i = 0; i < 3; ++i) {
        const double before = threadMs();
        work();
        best = std::min(best, threadMs() - before);
    }
    report(what, best);
}

void measureHover(const FlowAnswer& answer) {
    SankeyView view;
    view.resize(900, 420);
    view.setVisible(true);
    view.show(std::make_shared<const SankeyData>(sankeyOf(answer)));
    while (!view.settled()) QTest::qWait(5);
    std::vector<double> frames;
    std::vector<double> work;
    for (int i = 0; i < kFrames; ++i) {
        const QPoint place(10 + i * (view.width() - 20) / kFrames, 30 + (i * 53) % (view.height() - 40));
        QElapsedTimer clock;
        clock.start();
        const double before = threadMs();
        QTest::mouseMove(&view, place);
        view.repaint();
        work.push_back(threadMs() - before);
        frames.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    std::sort(frames.begin(), frames.end());
    std::sort(work.begin(), work.end());
    report("hover: a frame, median", frames[kFrames / 2]);
    report("hover: a frame, 99 of 100 under", frames[kFrames * 99 / 100]);
    report("hover: a frame, slowest", frames.back());
    report("hover: work of a frame, median", work[kFrames / 2]);
    report("hover: work of a frame, slowest", work.back());
    std::printf("%zu nodes, %zu links\n", answer.flow.nodes.size(), answer.flow.links.size());
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QApplication::setStyle(new Style);
    const auto calls = argc > 1 ? static_cast<std::size_t>(std::strtoull(argv[1], nullptr, 10)) : 1'000'000;
    const auto snapshot = bench::callDataset(calls);
    const auto rows = std::make_shared<const std::vector<analysis::Row>>(snapshot.order());
    std::printf("%zu calls\n", snapshot.size());
    FlowQuestion question{
        .snapshot = snapshot,
        .rows = rows,
        .fields = {fieldOf(FieldId::Project), fieldOf(FieldId::Agent), fieldOf(FieldId::Model), fieldOf(FieldId::Api)},
        .prices = {}};
    std::optional<FlowAnswer> answer;
    measure("token flow page: everything", [&] { answer = answerFlow(question, {}); });
    measure("time strip: 240 buckets", [&] { bucketsOf(snapshot, *rows, 240); });
    const QFont font = QApplication::font();
    const SankeyData data = sankeyOf(*answer);
    measure("flow: layout", [&] { SankeyLayout(data, QSizeF(900, 420), font); });
    const SankeyLayout layout(data, QSizeF(900, 420), font);
    measure("flow: image at scale 2", [&] { sankeyImage(data, layout, QApplication::palette(), font, 2); });
    measureHover(*answer);
    simulate::LimitPolicy policy;
    policy.key = {fieldOf(FieldId::ProjectId), fieldOf(FieldId::Agent)};
    policy.tokensPerMinute = 10'000;
    simulate::LimitResult result;
    measure("limits page: replay", [&] { result = simulate::simulateLimits(snapshot, *rows, policy); });
    measure("limits page: series and list", [&] { limitView(result, std::nullopt, 80, {}); });
    return 0;
}
