// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/quic_flows.h"

#include "core/pipeline/quic_findings.h"
#include "core/tls/quic_initial.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatescope::pipeline {

namespace {

bool hasLongHeader(Bytes datagram) {
    return tls::parseQuicLongHeader(datagram).has_value();
}

/// Who is the client before the packets tell: the sender, unless it sends from a port where servers listen.
bool looksLikeServer(const Endpoint& sender, const Endpoint& receiver) {
    constexpr std::uint16_t kLastSystemPort = 1023; // RFC 6335, 6
    if ((sender.port <= kLastSystemPort) != (receiver.port <= kLastSystemPort)) return sender.port <= kLastSystemPort;
    return false;
}

/// Datagrams that went by, to know copies again: those of another interface, or of the other side of a bridge.
class RecentDatagrams {
public:
    bool isCopy(const packet::TcpSegment& datagram, TimeNs grace) {
        if (datagram.fingerprint == 0) return false;
        for (const Seen& one : m_seen)
            if (one.fingerprint == datagram.fingerprint && elapsed(one.time, datagram.time) <= grace &&
                elapsed(datagram.time, one.time) <= grace)
                return true;
        m_seen[m_next] = {datagram.fingerprint, datagram.time};
        m_next = (m_next + 1) % m_seen.size();
        return false;
    }

private:
    struct Seen {
        std::uint32_t fingerprint = 0;
        TimeNs time = kNoTime;
    };
    std::array<Seen, 16> m_seen{};
    std::size_t m_next = 0;
};

} // namespace

struct QuicFlows::Flow {
    HashedEnds key;
    Endpoint presumedClient;
    Endpoint presumedServer;
    analysis::FlowRecord record;
    RecentDatagrams recent;
    tls::QuicConnection connection;
};

QuicFlows::QuicFlows(QuicFlowListener& listener, QuicLimits limits) : m_listener(listener), m_limits(limits) {}

QuicFlows::~QuicFlows() = default;

void QuicFlows::add(const packet::TcpSegment& datagram) {
    const bool inOrder = datagram.source <= datagram.destination;
    const HashedEnds key{inOrder ? Ends{datagram.source, datagram.destination}
                                 : Ends{datagram.destination, datagram.source},
                         datagram.flowHash};
    auto known = m_byEnds.find(key);
    if (known != m_byEnds.end()) {
        Flow& flow = *known->second;
        const TimeNs silent = elapsed(flow.record.lastTime, datagram.time);
        if (silent >= m_limits.idleTimeout || flow.connection.isOfAnother(datagram.payload)) {
            end(flow, false);
            m_flows.erase(known->second);
            m_byEnds.erase(known);
            known = m_byEnds.end();
        }
    }
    if (known == m_byEnds.end()) {
        if (hasLongHeader(datagram.payload)) begin(key, datagram);
        return;
    }
    m_flows.splice(m_flows.end(), m_flows, known->second);
    take(*known->second, datagram);
}

void QuicFlows::begin(const HashedEnds& key, const packet::TcpSegment& datagram) {
    if (m_flows.size() >= m_limits.maxConnections) {
        sayTooMany(datagram);
        endOldest(true);
    }
    Flow& flow = m_flows.emplace_back();
    flow.key = key;
    const bool fromServer = looksLikeServer(datagram.source, datagram.destination);
    flow.presumedClient = fromServer ? datagram.destination : datagram.source;
    flow.presumedServer = fromServer ? datagram.source : datagram.destination;
    flow.record.input = inputOf(datagram.packet);
    flow.record.firstPacket = numberOf(datagram.packet);
    flow.record.firstTime = datagram.time;
    flow.record.lastTime = datagram.time;
    flow.record.protocol = "quic";
    m_byEnds.emplace(key, std::prev(m_flows.end()));
    take(flow, datagram);
}

void QuicFlows::take(Flow& flow, const packet::TcpSegment& datagram) {
    flow.record.lastTime = std::max(flow.record.lastTime, datagram.time);
    if (flow.recent.isCopy(datagram, m_limits.copyGrace)) {
        ++flow.record.copies;
        return;
    }
    ++flow.record.packets;
    flow.record.payloadBytes += datagram.payload.size() + datagram.uncaptured;
    const unsigned direction = datagram.source == flow.presumedClient ? 0 : 1;
    flow.connection.feed(direction, datagram.payload, {datagram.packet, datagram.time});
}

void QuicFlows::end(Flow& flow, bool captureEnded) {
    flow.connection.close(captureEnded);
    const bool swapped = flow.connection.clientDirection() == 1U;
    flow.record.client = swapped ? flow.presumedServer : flow.presumedClient;
    flow.record.server = swapped ? flow.presumedClient : flow.presumedServer;
    analysis::TlsRecord session;
    session.facts = flow.connection.takeFacts();
    session.input = inputOf(session.facts.firstPacket);
    session.flowStart = flow.record.start();
    session.packet = numberOf(session.facts.firstPacket);
    session.client = flow.record.client;
    session.server = flow.record.server;
    m_listener.onQuicFlow(std::move(flow.record), std::move(session));
}

void QuicFlows::endOldest(bool captureEnded) {
    Flow& oldest = m_flows.front();
    end(oldest, captureEnded);
    m_byEnds.erase(oldest.key);
    m_flows.pop_front();
}

void QuicFlows::sayTooMany(const packet::TcpSegment& datagram) {
    if (std::exchange(m_saidTooMany, true)) return;
    Finding finding{&kTooManyQuicConnections, {std::to_string(m_limits.maxConnections) + " connections"}, {}, {}, {}};
    finding.input = inputOf(datagram.packet);
    finding.packet = numberOf(datagram.packet);
    m_listener.onQuicFinding(std::move(finding));
}

void QuicFlows::sweep(TimeNs now) {
    while (!m_flows.empty() && elapsed(m_flows.front().record.lastTime, now) >= m_limits.idleTimeout) endOldest(false);
}

void QuicFlows::finish() {
    while (!m_flows.empty()) endOldest(true);
}

} // namespace gatescope::pipeline
