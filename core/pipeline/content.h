// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/base/error.h"
#include "core/base/ip_address.h"
#include "core/base/time.h"
#include "core/capture/capture_set.h"
#include "core/http/message.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace gatescope::tls {
class SecretStore;
}

namespace gatescope::pipeline {

/// Where an exchange or a flow stands in the captures of an analysis.
struct ContentPlace {
    std::vector<capture::SetMember> captures;    ///< that may hold packets of the flow
    PacketRef flowStart = 0;                     ///< 0: not from packets
    std::uint32_t indexInFlow = 0;               ///< for `readExchange`
    std::optional<Endpoint> client;              ///< of the flow, for `readFlow`; absent: who sent the SYN
    std::vector<std::uint16_t> vxlanPorts{};     ///< as in RunOptions
    std::shared_ptr<tls::SecretStore> secrets{}; ///< of the analysis: Secrets::store()
};

/// Where the bodies of a row can be read again. `paths`: where the inputs are, in their order. The place of a row of a
/// log has no flow.
ContentPlace placeOf(const analysis::Snapshot& snapshot, analysis::Row row, const std::vector<std::string>& paths);
ContentPlace placeOf(const analysis::Snapshot& snapshot, const analysis::Flow& flow,
                     const std::vector<std::string>& paths);

struct ContentLimits {
    std::size_t maxBodyBytes = 64U << 20; ///< decoded, each direction; the rest is cut and said
};

/// A body read again from the capture.
struct BodyContent {
    std::string text;       ///< decoded from its content coding
    bool truncated = false; ///< longer than the limit
    bool damaged = false;   ///< gap, or content coding broken; what could be read is there
    std::string contentType;
};

struct TimedEvent {
    TimeNs time = kNoTime;
    std::string name;
    std::string data;
};

struct ExchangeContent {
    http::Exchange exchange;
    BodyContent request;
    BodyContent response;
    std::vector<TimedEvent> events; ///< of an event stream
};

/// Reads one exchange again, with its bodies. A log has none that could be read again: an error of kind Usage. Standard
/// input cannot be read again: the caller spools it first.
std::expected<ExchangeContent, Error> readExchange(const ContentPlace& place, const ContentLimits& limits = {},
                                                   std::stop_token stop = {});

/// A run of bytes of a connection in the order in which it was delivered.
struct FollowPiece {
    bool fromClient = true;
    std::uint32_t input = 0; ///< whose packet
    std::uint64_t packet = 0;
    TimeNs time = kNoTime;
    std::uint64_t lostBytes = 0; ///< a gap of that many bytes instead of data
    std::string data;
};

/// Both directions of one connection; of a TLS connection what is inside, where the secrets open it.
std::expected<std::vector<FollowPiece>, Error> readFlow(const ContentPlace& place, const ContentLimits& limits = {},
                                                        std::stop_token stop = {});

} // namespace gatescope::pipeline
