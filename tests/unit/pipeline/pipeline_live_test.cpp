// SPDX-License-Identifier: Apache-2.0
// Captures that are decoded while they are written.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/pipeline/live_run.h"
#include "tests/support/quickest.h"
#include "tests/unit/pipeline/captures.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

using namespace gatescope;
using namespace gatescope::test;
using analysis::FieldId;
using analysis::Row;
using analysis::Snapshot;

namespace {

/// A writer that a test drives by hand.
class HandFeed final : public capture::CaptureFeed {
public:
    void begin(const std::string& name) { push({true, name}); }
    void write(const std::string& bytes) { push({false, bytes}); }
    void end() {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
        m_changed.notify_all();
    }
    void setBehind(std::uint64_t bytes) { m_behind = bytes; }
    bool isRead() {
        const std::lock_guard lock(m_mutex);
        return m_steps.empty();
    }

    std::expected<std::optional<capture::FedCapture>, Error> next(const std::stop_token& stop) override {
        std::unique_lock lock(m_mutex);
        while (!stop.stop_requested()) {
            while (!m_steps.empty() && !m_steps.front().begins) m_steps.pop_front(); // nobody wanted the rest
            if (!m_steps.empty()) {
                capture::FedCapture fed{m_steps.front().text, m_steps.front().text,
                                        std::make_unique<Source>(*this, stop)};
                m_steps.pop_front();
                return fed;
            }
            if (m_ended) return std::nullopt;
            m_changed.wait_for(lock, kPatience);
        }
        return std::nullopt;
    }
    std::uint64_t behindBytes() const override { return m_behind; }

private:
    struct Step {
        bool begins = false;
        std::string text;
    };
    class Source final : public capture::ByteSource {
    public:
        Source(HandFeed& feed, std::stop_token stop) : m_feed(feed), m_stop(std::move(stop)) {}
        std::size_t read(std::uint8_t* to, std::size_t count) override {
            std::unique_lock lock(m_feed.m_mutex);
            m_idle = false;
            const auto isKnown = [this] { return !m_feed.m_steps.empty() || m_feed.m_ended; };
            if (!m_feed.m_changed.wait_for(lock, kPatience, isKnown)) {
                m_idle = !m_stop.stop_requested();
                return 0;
            }
            if (m_feed.m_steps.empty() || m_feed.m_steps.front().begins) return 0;
            std::string& text = m_feed.m_steps.front().text;
            const std::size_t taken = std::min(count, text.size());
            std::copy_n(text.begin(), taken, to);
            text.erase(0, taken);
            if (text.empty()) m_feed.m_steps.pop_front();
            m_taken += taken;
            return taken;
        }
        const std::optional<Error>& error() const override { return m_error; }
        bool idle() const override { return m_idle; }
        std::uint64_t bytesTaken() const override { return m_taken; }
        std::uint64_t totalBytes() const override { return 0; }

    private:
        HandFeed& m_feed;
        std::stop_token m_stop;
        bool m_idle = false;
        std::uint64_t m_taken = 0;
        std::optional<Error> m_error;
    };
    void push(Step step) {
        const std::lock_guard lock(m_mutex);
        m_steps.push_back(std::move(step));
        m_changed.notify_all();
    }

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Step> m_steps;
    bool m_ended = false;
    std::atomic<std::uint64_t> m_behind{0};
};

/// An engine that reads a feed beside the test.
class Engine {
public:
    explicit Engine(pipeline::LiveOptions options = {}) : m_options(std::move(options)) {
        m_thread = std::jthread([this](std::stop_token stop) {
            m_result = pipeline::follow(feed, dataset, m_options, stop,
                                        [this](const pipeline::LiveProgress& progress) { m_detail = progress.detail; });
        });
    }
    ~Engine() {
        feed.end();
        m_thread.request_stop();
    }
    pipeline::RunResult finish() {
        feed.end();
        m_thread.join();
        return m_result;
    }
    void stop() { m_thread.request_stop(); }
    pipeline::Detail detail() const { return m_detail; }
    /// The only row, once it is as wanted; nothing after a while.
    std::optional<Row> waitForRow(std::string_view state, const FindingKind* finding = nullptr) {
        for (int turn = 0; turn < 300; ++turn) {
            snapshot = dataset.snapshot();
            if (snapshot.exchanges() == 1) {
                const Row row = snapshot.order().front();
                const auto ids = snapshot.list(FieldId::Findings, row);
                const bool isFound = finding == nullptr || std::ranges::find(ids, finding->id) != ids.end();
                if (isFound && snapshot.text(snapshot.code(FieldId::State, row)) == state) return row;
            }
            QTest::qSleep(10);
        }
        return std::nullopt;
    }
    QByteArray text(FieldId field, Row row) const {
        const auto view = snapshot.text(snapshot.code(field, row));
        return {view.data(), static_cast<qsizetype>(view.size())};
    }

    HandFeed feed;
    analysis::Dataset dataset{{}};
    Snapshot snapshot;

private:
    pipeline::LiveOptions m_options;
    pipeline::RunResult m_result;
    std::atomic<pipeline::Detail> m_detail{pipeline::Detail::Full};
    std::jthread m_thread;
};

const std::string kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& text) {
    return QByteArray::number(qulonglong(text.size()), 16).toStdString() + "\r\n" + text + "\r\n";
}

std::string content(const std::string& text) {
    return chunk("data: {\"choices\":[{\"delta\":{\"content\":\"" + text + "\"}}],\"usage\":null}\n\n");
}

const std::string kLast = chunk("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                                "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,"
                                "\"total_tokens\":13}}\n\ndata: [DONE]\n\n") +
                          "0\r\n\r\n";

/// All of a row but what depends on how many there are.
QByteArray cells(const Snapshot& snapshot, Row row) {
    QByteArray text;
    const auto add = [&](std::string_view part) {
        text.append(part.data(), static_cast<qsizetype>(part.size())).append('|');
    };
    for (const analysis::FieldInfo& info : analysis::fields()) {
        if (info.id == FieldId::Id || info.id == FieldId::LogicalCall || info.id == FieldId::Attempt) continue;
        const analysis::Value value = snapshot.value({info.id, info.type, {}}, row);
        if (const auto* number = std::get_if<std::int64_t>(&value)) add(std::to_string(*number));
        if (const auto* view = std::get_if<std::string_view>(&value)) add(*view);
        if (const auto* list = std::get_if<std::vector<std::string_view>>(&value))
            for (const std::string_view entry : *list) add(entry);
        add(info.name);
    }
    for (const auto direction : {analysis::Direction::Request, analysis::Direction::Response})
        for (const auto& field : snapshot.headers(direction, row)) {
            add(field.name);
            add(snapshot.text(field.lowerName));
            add(snapshot.text(field.value));
        }
    return text;
}

/// What the builder's file has behind the first `before` octets.
std::string since(const CaptureBuilder& capture, std::size_t before) {
    return capture.pcap().substr(before);
}

} // namespace

class PipelineLiveTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sameAsAFile_data();
    void sameAsAFile();
    void filesOfARingAreOne();
    void aCallIsToldStepByStep();
    void fallingBehindDropsDetail();
    void stallsAreToldWhileTheyLast();
    void stallsInFiles_data();
    void stallsInFiles();
    void forgetsTheOldest();
    void whatIsKeptStaysAsItWas();
    void manyOpenCallsAreNotAllShown();
    void aTlsSessionIsToldOnceItStands();
    void stopsSoon();

private:
    QByteArray read(const std::vector<std::string>& paths) const {
        analysis::Dataset dataset(paths);
        pipeline::analyse(paths, dataset, {});
        return described(dataset.snapshot());
    }
    CaptureFolder m_folder;
};

void PipelineLiveTest::sameAsAFile_data() {
    QTest::addColumn<unsigned>("threads");
    QTest::addColumn<int>("piece");
    QTest::newRow("1 thread, small pieces") << 1U << 700;
    QTest::newRow("3 threads, larger pieces") << 3U << 9000;
}

void PipelineLiveTest::sameAsAFile() {
    QFETCH(unsigned, threads);
    QFETCH(int, piece);
    const std::string bytes = mixedCapture().pcap();
    const std::string path = m_folder.write("mixed.pcap", bytes);
    pipeline::LiveOptions options;
    options.run.threads = threads;
    Engine engine(options);
    engine.feed.begin(path);
    std::mt19937 random(7);
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t count = 1 + random() % static_cast<unsigned>(piece);
        engine.feed.write(bytes.substr(at, count));
        at += count;
        if (random() % 16 == 0) QTest::qSleep(1);
    }
    const pipeline::RunResult result = engine.finish();
    QVERIFY(!result.inputs.at(0).error);
    QCOMPARE(result.inputs.at(0).format, std::string("pcap"));
    const Snapshot snapshot = engine.dataset.snapshot();
    QVERIFY(snapshot.complete());
    QCOMPARE(snapshot.openExchanges(), std::size_t{0});
    QCOMPARE(described(snapshot), read({path}));
}

void PipelineLiveTest::filesOfARingAreOne() {
    CaptureBuilder whole = mixedCapture();
    const auto& packets = whole.packets();
    CaptureBuilder first;
    CaptureBuilder second;
    first.packets().assign(packets.begin(), packets.begin() + 150);
    second.packets().assign(packets.begin() + 150, packets.end());
    const std::string a = m_folder.write("ring_1.pcap", first.pcap());
    const std::string b = m_folder.write("ring_2.pcap", second.pcap());
    Engine engine;
    engine.feed.begin(a);
    engine.feed.write(first.pcap());
    engine.feed.begin(b);
    engine.feed.write(second.pcap());
    engine.finish();
    QCOMPARE(described(engine.dataset.snapshot()), read({a, b}));
}

void PipelineLiveTest::aCallIsToldStepByStep() {
    Engine engine;
    engine.feed.begin("live");
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client(kAskA);
    std::size_t written = 0;
    const auto flush = [&] {
        engine.feed.write(since(capture, written));
        written = capture.pcap().size();
    };
    flush();
    auto row = engine.waitForRow("waiting");
    QVERIFY(row);
    QVERIFY(engine.snapshot.isOpen(*row));
    QCOMPARE(engine.snapshot.openExchanges(), std::size_t{1});
    QCOMPARE(engine.text(FieldId::Project, *row), QByteArray("alpha"));
    QCOMPARE(engine.text(FieldId::EffectiveClient, *row), QByteArray("100.64.9.87"));
    QCOMPARE(engine.snapshot.number(FieldId::Status, *row), analysis::kNoNumber);
    QCOMPARE(engine.snapshot.number(FieldId::OutputTokens, *row), analysis::kNoNumber);
    const auto flowStart = engine.snapshot.flowStart(*row);

    flow.server(kStreamHead);
    flush();
    row = engine.waitForRow("answering");
    QVERIFY(row);
    QCOMPARE(engine.snapshot.number(FieldId::Status, *row), std::int64_t{200});
    // SYN, SYN-ACK and ACK, then the request at +3 ms and the answer at +4 ms.
    QCOMPARE(engine.snapshot.number(FieldId::Ttfb, *row), std::int64_t{1'000'000});

    flow.server(content("twelve octet"));
    flush();
    row = engine.waitForRow("streaming");
    QVERIFY(row);
    QCOMPARE(engine.snapshot.number(FieldId::Ttft, *row), std::int64_t{2'000'000});
    QCOMPARE(engine.snapshot.number(FieldId::ContentEvents, *row), std::int64_t{1});
    QCOMPARE(engine.snapshot.number(FieldId::OutputTokens, *row), std::int64_t{3}); // 12 octets over four
    QCOMPARE(engine.text(FieldId::TokenSource, *row), QByteArray("estimated"));
    QCOMPARE(engine.snapshot.number(FieldId::TotalTokens, *row), analysis::kNoNumber);

    flow.server(kLast).close();
    flush();
    row = engine.waitForRow("");
    QVERIFY(row);
    QVERIFY(!engine.snapshot.isOpen(*row));
    QCOMPARE(engine.snapshot.openExchanges(), std::size_t{0});
    QCOMPARE(engine.snapshot.number(FieldId::TotalTokens, *row), std::int64_t{13});
    QCOMPARE(engine.text(FieldId::TokenSource, *row), QByteArray("reported"));
    QCOMPARE(engine.snapshot.find(flowStart, 0), row);
    engine.finish();
    QCOMPARE(engine.dataset.snapshot().exchanges(), std::size_t{1});
}

void PipelineLiveTest::fallingBehindDropsDetail() {
    Engine engine;
    engine.feed.setBehind(1ULL << 30);
    engine.feed.begin("live");
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    engine.feed.write(capture.pcap());
    QTRY_VERIFY(engine.detail() == pipeline::Detail::EndsOnly);
    std::size_t written = capture.pcap().size();
    flow.client(kAskA);
    engine.feed.write(since(capture, written));
    written = capture.pcap().size();
    QTest::qSleep(200);
    QCOMPARE(engine.dataset.snapshot().exchanges(), std::size_t{0});
    flow.server(kAnswerA).close();
    engine.feed.write(since(capture, written));
    QVERIFY(engine.waitForRow("")); // nothing is lost
    engine.feed.setBehind(0);
    QTRY_VERIFY(engine.detail() == pipeline::Detail::Full);
    engine.finish();
    const Snapshot snapshot = engine.dataset.snapshot();
    QCOMPARE(std::ranges::count_if(snapshot.findings(),
                                   [](const auto& placed) { return placed.finding.kind->id == "live.fell-behind"; }),
             1);
}

void PipelineLiveTest::stallsAreToldWhileTheyLast() {
    static constexpr FindingKind kStalled{"llm.stalled", Severity::Medium, "", "", ""};
    pipeline::LiveOptions options;
    options.stallAfter = 300 * kMillisecond;
    Engine engine(options);
    engine.feed.begin("live");
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client(kAskA);
    engine.feed.write(capture.pcap());
    const std::size_t written = capture.pcap().size();
    QVERIFY(engine.waitForRow("waiting"));
    const auto row = engine.waitForRow("waiting", &kStalled);
    QVERIFY(row);
    QCOMPARE(engine.snapshot.findings().size(), std::size_t{1});
    QCOMPARE(engine.snapshot.findings().front().row, row);
    flow.server(kAnswerA).close();
    engine.feed.write(since(capture, written));
    QVERIFY(engine.waitForRow("", &kStalled));
    QCOMPARE(engine.snapshot.findings().size(), std::size_t{1}); // told once
}

void PipelineLiveTest::stallsInFiles_data() {
    QTest::addColumn<int>("seconds");
    QTest::addColumn<bool>("withinAnswer");
    QTest::addColumn<bool>("isStalled");
    QTest::newRow("239 s before the answer") << 239 << false << false;
    QTest::newRow("241 s before the answer") << 241 << false << true;
    QTest::newRow("239 s within the answer") << 239 << true << false;
    QTest::newRow("241 s within the answer") << 241 << true << true;
}

void PipelineLiveTest::stallsInFiles() {
    QFETCH(int, seconds);
    QFETCH(bool, withinAnswer);
    QFETCH(bool, isStalled);
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    flow.client(kAskA);
    if (withinAnswer) flow.server(kStreamHead + content("a"));
    capture.wait(seconds * 1000 * kMillisecond);
    if (withinAnswer)
        flow.server(kLast);
    else
        flow.server(kAnswerA);
    flow.close();
    QCOMPARE(read({m_folder.write("stall.pcap", capture.pcap())}).contains("llm.stalled"), isStalled);
}

void PipelineLiveTest::forgetsTheOldest() {
    pipeline::LiveOptions options;
    options.retention.exchanges = 100;
    Engine engine(options);
    engine.feed.begin("live");
    CaptureBuilder capture;
    auto flow = capture.connect("100.64.9.87:40000", "10.0.9.213:80");
    for (int i = 0; i < 500; ++i) flow.client(kAskA).server(kAnswerA);
    engine.feed.write(capture.pcap());
    QTRY_VERIFY(engine.dataset.snapshot().exchanges() == 100);
    const Snapshot snapshot = engine.dataset.snapshot();
    QVERIFY(snapshot.renumberings() >= 1);
    for (std::size_t i = 0; i < 100; ++i)
        QCOMPARE(snapshot.indexInFlow(snapshot.order()[i]), static_cast<std::uint32_t>(400 + i));
    engine.finish();
    QCOMPARE(engine.dataset.snapshot().exchanges(), std::size_t{100});
}

void PipelineLiveTest::whatIsKeptStaysAsItWas() {
    const std::string bytes = mixedCapture(80).pcap();
    pipeline::LiveOptions few;
    few.retention.exchanges = 30;
    Engine all;
    Engine engine(few);
    for (Engine* one : {&all, &engine}) {
        one->feed.begin("live");
        one->feed.write(bytes);
    }
    QTRY_VERIFY(engine.dataset.snapshot().renumberings() == 1);
    all.finish();
    engine.finish();
    const Snapshot whole = all.dataset.snapshot();
    const Snapshot kept = engine.dataset.snapshot();
    QVERIFY(kept.exchanges() >= 30 && kept.exchanges() < whole.exchanges());
    std::size_t findings = 0;
    for (const Row row : kept.order()) {
        const auto before = whole.find(kept.flowStart(row), kept.indexInFlow(row));
        QVERIFY(before);
        QCOMPARE(cells(kept, row), cells(whole, *before));
        const auto isOf = [](Row wanted) { return [wanted](const auto& placed) { return placed.row == wanted; }; };
        const auto its = std::ranges::count_if(kept.findings(), isOf(row));
        QCOMPARE(its, std::ranges::count_if(whole.findings(), isOf(*before)));
        findings += static_cast<std::size_t>(its);
    }
    QVERIFY(findings > 0);
    QCOMPARE(kept.flows().size(), whole.flows().size());
}

void PipelineLiveTest::manyOpenCallsAreNotAllShown() {
    constexpr int kCalls = 5'100;
    pipeline::LiveOptions options;
    options.run.threads = 1;
    Engine engine(options);
    engine.feed.begin("live");
    CaptureBuilder capture;
    capture.step = 1'000;
    std::vector<TcpFlow> flows;
    for (int i = 0; i < kCalls; ++i) {
        capture.clientSequence += 100'000;
        flows.push_back(capture.connect("100.64.9.87:" + std::to_string(20'000 + i), "10.0.9.213:80"));
        flows.back().client(kAskA);
    }
    engine.feed.write(capture.pcap());
    QTRY_COMPARE(engine.dataset.snapshot().openExchanges(), std::size_t{5'000});
    const Snapshot snapshot = engine.dataset.snapshot();
    QCOMPARE(std::ranges::count_if(snapshot.findings(),
                                   [](const auto& placed) { return placed.finding.kind->id == "live.many-open"; }),
             1);
    engine.finish();
    QCOMPARE(engine.dataset.snapshot().exchanges(), static_cast<std::size_t>(kCalls));
}

void PipelineLiveTest::aTlsSessionIsToldOnceItStands() {
    const QString path = QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples/foundry-gateway-tls13-sealed.pcapng");
    QFile file(path);
    QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(path));
    const std::string bytes = file.readAll().toStdString();
    Engine engine;
    engine.feed.begin(path.toStdString());
    bool wasOpen = false;
    for (std::size_t at = 0; at < bytes.size() && !wasOpen; at += 2'000) {
        engine.feed.write(bytes.substr(at, 2'000));
        QVERIFY(QTest::qWaitFor([&] { return engine.feed.isRead(); }));
        QTest::qSleep(10);
        const Snapshot snapshot = engine.dataset.snapshot();
        for (const analysis::TlsSession& session : snapshot.tlsSessions()) {
            if (!session.isOpen) continue;
            wasOpen = true;
            const tls::SessionFacts& facts = session.record->facts;
            QVERIFY(facts.outcome == tls::Outcome::Complete || facts.outcome == tls::Outcome::Resumed);
            QVERIFY(snapshot.tlsSessionOf(session.record->flowStart) != nullptr);
        }
    }
    QVERIFY(wasOpen);
    engine.finish();
    const Snapshot snapshot = engine.dataset.snapshot();
    QVERIFY(std::ranges::none_of(snapshot.tlsSessions(), &analysis::TlsSession::isOpen));
}

void PipelineLiveTest::stopsSoon() {
    bool isFine = true;
    const std::int64_t took = quickest(500, [&] {
        Engine engine;
        engine.feed.begin("live");
        const std::string bytes = mixedCapture(2).pcap();
        engine.feed.write(bytes.substr(0, bytes.size() - 5)); // in the middle of a packet
        const bool isReading = QTest::qWaitFor([&] { return engine.dataset.size() > 0; });
        QElapsedTimer clock;
        clock.start();
        engine.stop();
        const pipeline::RunResult result = engine.finish();
        const qint64 elapsed = clock.elapsed();
        isFine = isFine && isReading && result.stopped && engine.dataset.snapshot().complete();
        return elapsed;
    });
    QVERIFY2(isFine, "not stopped, or not complete");
    QVERIFY2(took < 500, QByteArray::number(static_cast<qlonglong>(took)).constData());
}

QTEST_APPLESS_MAIN(PipelineLiveTest)
#include "pipeline_live_test.moc"
