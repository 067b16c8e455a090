// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/interface_watch.h"

#include "ui/bridge/text.h"

#include <algorithm>
#include <utility>

namespace gatescope::ui {
namespace {

constexpr int kEveryMs = 1'000;

std::uint64_t packetsOf(const live::Interface& facts) {
    return facts.receivedPackets + facts.sentPackets;
}

std::uint64_t octetsOf(const live::Interface& facts) {
    return facts.receivedBytes + facts.sentBytes;
}

/// Counters begin again when an interface is made anew.
double rateOf(std::uint64_t before, std::uint64_t now, double seconds) {
    return now < before ? 0.0 : static_cast<double>(now - before) / seconds;
}

} // namespace

InterfaceWatch::InterfaceWatch(decltype(LiveEngine::list) list, QObject* parent)
    : QObject(parent), m_list(std::move(list)) {
    m_timer.setInterval(kEveryMs);
    connect(&m_timer, &QTimer::timeout, this, &InterfaceWatch::look);
}

void InterfaceWatch::setWatching(bool watching) {
    if (!m_list || watching == m_timer.isActive()) return;
    if (!watching) return m_timer.stop();
    m_timer.start();
    look();
}

void InterfaceWatch::refresh() {
    if (!m_list) return;
    m_reorder = true;
    look();
}

void InterfaceWatch::look() {
    auto job = [this, list = m_list](const std::stop_token&) -> NewestJob::Deliver {
        auto found = list();
        if (!found) {
            return [this, message = toText(found.error().message)] {
                m_problem = message;
                m_interfaces.clear();
                Q_EMIT changed();
            };
        }
        return [this, now = std::move(*found)] {
            const double seconds = m_clock.isValid() ? static_cast<double>(m_clock.restart()) / 1e3 : 0;
            if (!m_clock.isValid()) m_clock.start();
            take(now, seconds);
        };
    };
    m_job.ask(std::move(job), false);
}

void InterfaceWatch::take(const std::vector<live::Interface>& now, double seconds) {
    constexpr double kShortest = 0.2; // of a shorter time a rate would only jump about
    std::vector<WatchedInterface> next;
    for (const auto& facts : now) {
        WatchedInterface watched{facts, {}, {}};
        const auto before = std::find_if(m_interfaces.begin(), m_interfaces.end(),
                                         [&](const auto& each) { return each.facts.name == facts.name; });
        if (before != m_interfaces.end()) {
            watched.history = before->history;
            watched.packetsPerSecond = before->packetsPerSecond;
            watched.octetsPerSecond = before->octetsPerSecond;
            if (seconds >= kShortest) {
                watched.packetsPerSecond = rateOf(packetsOf(before->facts), packetsOf(facts), seconds);
                watched.octetsPerSecond = rateOf(octetsOf(before->facts), octetsOf(facts), seconds);
                watched.history << *watched.packetsPerSecond;
                if (watched.history.size() > kHistory) watched.history.removeFirst();
            }
        }
        next.push_back(std::move(watched));
    }
    if (!std::exchange(m_reorder, false)) {
        const auto placeOf = [this](const WatchedInterface& each) {
            return std::find_if(m_interfaces.begin(), m_interfaces.end(),
                                [&](const auto& old) { return old.facts.name == each.facts.name; }) -
                   m_interfaces.begin();
        };
        std::stable_sort(next.begin(), next.end(),
                         [&](const auto& a, const auto& b) { return placeOf(a) < placeOf(b); });
    }
    m_problem.clear();
    m_interfaces = std::move(next);
    Q_EMIT changed();
}

} // namespace gatescope::ui
