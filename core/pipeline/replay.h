// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/pipeline/content.h"
#include "core/tcp/stream_consumer.h"

#include <expected>
#include <memory>
#include <stop_token>

namespace gatescope::pipeline {

/// A consumer that may have seen enough before its connection ends.
class ReplayConsumer : public tcp::StreamConsumer {
public:
    virtual bool satisfied() const = 0;
};

/// Reads the packets of one connection again, from its first one, and gives its bytes to `consumer` as the analysis
/// did. Stops early when the consumer is satisfied. `startSeen` is told through `opened` before the first byte.
class ReplayTarget {
public:
    virtual ~ReplayTarget() = default;
    virtual std::unique_ptr<ReplayConsumer> opened(const tcp::ConnectionInfo& info) = 0;
};

/// For messages: the capture that the place is in.
std::string nameOf(const ContentPlace& place);

std::expected<void, Error> replay(const ContentPlace& place, ReplayTarget& target, std::stop_token stop);

} // namespace gatescope::pipeline
