// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/base/ip_address.h"
#include "core/base/packet_ref.h"
#include "core/gatewaylog/log_record.h"
#include "core/http/message.h"
#include "core/llm/call_facts.h"
#include "core/tls/session_facts.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::analysis {

/// A TCP connection. Identified by its first packet until the dataset numbers it.
struct FlowRecord {
    std::uint32_t input = 0;
    std::uint64_t firstPacket = 0; ///< its number in that input; of a log: the line that tells of it
    PacketRef start() const { return packetRef(input, firstPacket); }

    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime;
    Endpoint client; ///< who sent the first SYN, else who spoke as an HTTP client, else who was seen first
    Endpoint server;
    std::uint64_t packets = 0; ///< without copies
    std::uint64_t copies = 0;  ///< packets that were captured once more
    std::uint64_t payloadBytes = 0;
    std::uint64_t lostBytes = 0; ///< in gaps
    std::string protocol;        ///< `http/1.1`, `tls`, ...; empty: not recognised
    /// Initial sequence numbers of client and server: tcp::ConnectionInfo::sequencePair.
    std::optional<std::uint64_t> sequencePair;
    std::string_view source = "packets"; ///< or the format of the log that tells of it; a constant
    std::string action;                  ///< what a firewall did with it, as logged
};

/// What a call under way is doing, as `ExchangeRecord::state` and the field `state` say it.
inline constexpr std::string_view kWaiting = "waiting";     ///< its request was seen, no answer yet
inline constexpr std::string_view kAnswering = "answering"; ///< its answer has begun
inline constexpr std::string_view kStreaming = "streaming"; ///< events of its answer have come

/// One exchange as it leaves decoding, before it becomes columns.
struct ExchangeRecord {
    std::uint32_t input = 0;
    std::string source = "packets"; ///< or the log format
    PacketRef flowStart = 0;        ///< FlowRecord::start(); 0 when there is no flow
    Endpoint client;
    Endpoint server;
    std::string tls = "none";  ///< `1.2`, `1.3`, ...; empty: not known
    std::string ja4;           ///< of the TLS session's client; empty: not known
    std::string scheme;        ///< where a log says it; empty: by `tls`
    std::string_view closedBy; ///< of an answer that was cut: `client-rst`, ...; a constant; empty: not known
    std::string_view state;    ///< of a call under way: one of kStates; empty: it is over
    http::Exchange http;
    llm::CallFacts call;
    gatewaylog::LogFacts log;
    bool isLogged() const { return log.line != 0; }
};

/// A TLS session, or what QUIC shows of one.
struct TlsRecord {
    std::uint32_t input = 0;
    PacketRef flowStart = 0;  ///< of its connection; one inside a tunnel shares it with the outer one
    std::uint64_t packet = 0; ///< of the first record, in that input
    Endpoint client;
    Endpoint server;
    std::uint32_t exchanges = 0; ///< that were read inside
    tls::SessionFacts facts;
};

/// What a worker has under way.
struct OpenRecords {
    std::vector<std::shared_ptr<const ExchangeRecord>> exchanges{};
    std::vector<std::shared_ptr<const TlsRecord>> sessions{}; ///< whose handshake is over

    bool operator==(const OpenRecords&) const = default;
};

/// What a worker hands over at a time.
struct Batch {
    std::vector<ExchangeRecord> exchanges{};
    std::vector<FlowRecord> flows{};   ///< ended ones; every exchange's flow arrives at the latest before `finish`
    std::vector<Finding> findings{};   ///< those that belong to no exchange
    std::vector<TlsRecord> sessions{}; ///< ended ones
    std::vector<gatewaylog::LogMetric> metrics{};
    bool empty() const {
        return exchanges.empty() && flows.empty() && metrics.empty() && findings.empty() && sessions.empty();
    }
};

} // namespace gatescope::analysis
