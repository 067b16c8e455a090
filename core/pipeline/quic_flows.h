// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/exchange_record.h"
#include "core/packet/tcp_segment.h"

#include <cstddef>
#include <list>
#include <unordered_map>

namespace gatescope::pipeline {

/// Told what a QUIC connection was, once it is over.
class QuicFlowListener {
public:
    virtual ~QuicFlowListener() = default;
    /// `flow` is the one that `session` is on; its protocol is `quic`.
    virtual void onQuicFlow(analysis::FlowRecord&& flow, analysis::TlsRecord&& session) = 0;
    /// Placed, as findings of a dataset are: `input` and the packet's number in it.
    virtual void onQuicFinding(Finding&& finding) = 0;
};

struct QuicLimits {
    std::size_t maxConnections = 20'000; ///< live at a time; 2 to 10 KiB each
    /// QUIC has no end that could be seen: it is encrypted, or silence. Ends agree on 30 s to a few minutes of it.
    TimeNs idleTimeout = 600'000'000'000;
    /// The same datagram captured twice comes sooner than anybody sends again.
    TimeNs copyGrace = 150'000'000;
};

/// The QUIC connections of one share (`shareOf`): datagrams in, what is known of their handshakes out. A connection is
/// known by its two ends; one that migrates to another address or port (RFC 9000, 9) is left, because nothing that can
/// be read says so. Decisions about a connection depend on its own packets only.
class QuicFlows {
public:
    explicit QuicFlows(QuicFlowListener& listener, QuicLimits limits = {});
    ~QuicFlows();
    QuicFlows(const QuicFlows&) = delete;
    QuicFlows& operator=(const QuicFlows&) = delete;

    /// A datagram as PacketDecoder gives it with Outcome::Quic. One with a short header belongs to a connection that is
    /// known, or is dropped.
    void add(const packet::TcpSegment& datagram);
    /// Ends connections that were silent long enough before `now`.
    void sweep(TimeNs now);
    /// The captures are over: all connections end.
    void finish();

    std::size_t size() const { return m_flows.size(); }

private:
    struct Flow;
    struct Ends {
        Endpoint first; ///< the lower one
        Endpoint second;
        bool operator==(const Ends&) const = default;
    };
    /// The packet decoder has worked it out.
    struct HashedEnds {
        Ends ends;
        std::uint64_t hash = 0;
        bool operator==(const HashedEnds& other) const { return ends == other.ends; }
    };
    struct HashOf {
        std::size_t operator()(const HashedEnds& key) const { return static_cast<std::size_t>(key.hash); }
    };
    using Flows = std::list<Flow>; ///< in the order of their last datagram

    void begin(const HashedEnds& key, const packet::TcpSegment& datagram);
    void take(Flow& flow, const packet::TcpSegment& datagram);
    void end(Flow& flow, bool captureEnded);
    void endOldest(bool captureEnded);
    void sayTooMany(const packet::TcpSegment& datagram);

    QuicFlowListener& m_listener;
    QuicLimits m_limits;
    Flows m_flows;
    std::unordered_map<HashedEnds, Flows::iterator, HashOf> m_byEnds;
    bool m_saidTooMany = false;
};

} // namespace gatescope::pipeline
