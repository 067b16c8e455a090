// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/simulate/calls.h"

#include <cstddef>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

namespace gatescope::simulate {

/// Goes through requests and answers in the order of time: `onRequest(index)` at `Call::start`, `onAnswer(index)` at
/// `Call::end` where there is one. Of equal times answers come first, except that no answer comes before its own
/// request; requests come in the order of `calls`, answers in that of their indexes.
template <typename OnRequest, typename OnAnswer>
void forEachEvent(const std::vector<Call>& calls, OnRequest&& onRequest, OnAnswer&& onAnswer) {
    using Ending = std::pair<TimeNs, std::size_t>;
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> underWay;
    const auto answerUpTo = [&](TimeNs time) {
        while (!underWay.empty() && underWay.top().first <= time) {
            const std::size_t index = underWay.top().second;
            underWay.pop();
            onAnswer(index);
        }
    };
    for (std::size_t i = 0; i < calls.size(); ++i) {
        answerUpTo(calls[i].start);
        onRequest(i);
        if (calls[i].end != kNoTime) underWay.emplace(calls[i].end, i);
    }
    answerUpTo(std::numeric_limits<TimeNs>::max());
}

} // namespace gatescope::simulate
