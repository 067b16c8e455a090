// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/live_engine.h"
#include "ui/bridge/newest_job.h"

#include <QElapsedTimer>
#include <QList>
#include <QObject>
#include <QTimer>

#include <optional>
#include <vector>

namespace gatescope::ui {

/// An interface with what passed it lately.
struct WatchedInterface {
    live::Interface facts;
    std::optional<double> packetsPerSecond; ///< both directions; absent until it was looked at twice
    std::optional<double> octetsPerSecond;
    QList<double> history{}; ///< packets per second, the newest last
};

/// Looks at the counters of all interfaces every second, off the GUI thread, as long as somebody watches.
class InterfaceWatch : public QObject {
    Q_OBJECT
public:
    static constexpr qsizetype kHistory = 60;

    explicit InterfaceWatch(decltype(LiveEngine::list) list, QObject* parent = nullptr);

    void setWatching(bool watching);
    /// Looks now, and puts the interfaces into the order of the list again.
    void refresh();
    /// In the order in which they were first seen.
    const std::vector<WatchedInterface>& interfaces() const { return m_interfaces; }
    /// Why they cannot be listed; empty: they can.
    const QString& problem() const { return m_problem; }
    /// For tests: how long ago the look before was.
    void take(const std::vector<live::Interface>& now, double seconds);

Q_SIGNALS:
    void changed();

private:
    void look();

    decltype(LiveEngine::list) m_list;
    std::vector<WatchedInterface> m_interfaces;
    QString m_problem;
    QTimer m_timer;
    QElapsedTimer m_clock;
    bool m_reorder = false;
    NewestJob m_job;
};

} // namespace gatescope::ui
