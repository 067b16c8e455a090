// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QApplication>
#include <QElapsedTimer>
#include <QHash>
#include <QString>

#include <utility>

namespace gatescope::ui {

/// An application that measures how long each event is handled in the GUI thread when GATESCOPE_SLOTS names a file,
/// and writes the longest there at its end: milliseconds by the clock, of the processor, how often it took over 16 ms
/// by either, how often in all, what it was. The processor's time is what our own code takes; the clock's is longer
/// where other programs want the same processor. Events that are handled inside of others are listed as well, with the
/// share that was their own.
class WatchedApplication : public QApplication {
    Q_OBJECT
public:
    WatchedApplication(int& argc, char** argv);
    ~WatchedApplication() override;

    bool notify(QObject* receiver, QEvent* event) override;

    struct Line {
        QString what;
        qint64 longestNs = 0; ///< everything that happened meanwhile included
        qint64 ownNs = 0;     ///< the longest without what was handled inside
        qint64 cpuNs = 0;     ///< the most of the processor's time, everything that happened meanwhile included
        qint64 over = 0;      ///< outermost ones that took over kMostNs by the clock
        qint64 overCpu = 0;   ///< and of the processor's time
        qint64 count = 0;
    };
    static constexpr qint64 kMostNs = 16'000'000;
    /// The longest first; for tests.
    QList<Line> lines() const;

private:
    struct Times {
        qint64 longest = 0, own = 0, cpu = 0, over = 0, overCpu = 0, count = 0;
    };
    QString m_file;
    QHash<std::pair<QString, int>, Times> m_times; ///< by class and name of the receiver, and type of event
    int m_depth = 0;
    qint64 m_inside = 0; ///< of the events within the one that is being handled
};

} // namespace gatescope::ui
