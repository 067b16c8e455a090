// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/slot_watch.h"

#include <QEvent>
#include <QFile>
#include <QMetaEnum>
#include <QTextStream>
#include <QThread>

#include <algorithm>
#include <ctime>

namespace gatescope::ui {
namespace {

constexpr qsizetype kMostLines = 40;

QString nameOf(const QObject* receiver) {
    QString name = QLatin1String(receiver->metaObject()->className());
    if (!receiver->objectName().isEmpty()) name += QChar('#') + receiver->objectName();
    if (const QObject* parent = receiver->parent(); parent && receiver->objectName().isEmpty())
        name = QLatin1String(parent->metaObject()->className()) + QChar('/') + name;
    return name;
}

/// What the calling thread had of the processor; 0 where nobody counts it.
qint64 threadTimeNs() {
    timespec time{};
    return ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 ? time.tv_sec * 1'000'000'000LL + time.tv_nsec : 0;
}

} // namespace

WatchedApplication::WatchedApplication(int& argc, char** argv)
    : QApplication(argc, argv), m_file(qEnvironmentVariable("GATESCOPE_SLOTS")) {}

WatchedApplication::~WatchedApplication() {
    if (m_file.isEmpty()) return;
    QFile file(m_file);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Text)) return;
    QTextStream out(&file);
    out << "ms\town_ms\tcpu_ms\tover_16_ms\tover_16_cpu_ms\tcount\tevent\n";
    const auto ms = [](qint64 ns) { return QString::number(static_cast<double>(ns) / 1e6, 'f', 2); };
    for (const auto& line : lines().mid(0, kMostLines)) {
        out << ms(line.longestNs) << '\t' << ms(line.ownNs) << '\t' << ms(line.cpuNs) << '\t' << line.over << '\t'
            << line.overCpu << '\t' << line.count << '\t' << line.what << '\n';
    }
    m_file.clear();
}

QList<WatchedApplication::Line> WatchedApplication::lines() const {
    const auto types = QMetaEnum::fromType<QEvent::Type>();
    QList<Line> lines;
    for (auto at = m_times.begin(); at != m_times.end(); ++at) {
        const char* type = types.valueToKey(at.key().second);
        lines << Line{at.key().first + QChar(' ') + (type ? QLatin1String(type) : QString::number(at.key().second)),
                      at->longest,
                      at->own,
                      at->cpu,
                      at->over,
                      at->overCpu,
                      at->count};
    }
    std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.longestNs > b.longestNs; });
    return lines;
}

bool WatchedApplication::notify(QObject* receiver, QEvent* event) {
    if (m_file.isEmpty() || QThread::currentThread() != thread()) return QApplication::notify(receiver, event);
    // The receiver may be gone afterwards.
    const auto key = std::pair{nameOf(receiver), static_cast<int>(event->type())};
    const qint64 around = std::exchange(m_inside, 0);
    ++m_depth;
    QElapsedTimer clock;
    clock.start();
    const qint64 cpuBefore = threadTimeNs();
    const bool handled = QApplication::notify(receiver, event);
    const qint64 cpu = threadTimeNs() - cpuBefore;
    const qint64 took = clock.nsecsElapsed();
    --m_depth;
    auto& times = m_times[key];
    times.longest = std::max(times.longest, took);
    times.own = std::max(times.own, took - m_inside);
    times.cpu = std::max(times.cpu, cpu);
    times.over += m_depth == 0 && took > kMostNs ? 1 : 0;
    times.overCpu += m_depth == 0 && cpu > kMostNs ? 1 : 0;
    ++times.count;
    m_inside = around + took;
    return handled;
}

} // namespace gatescope::ui
