// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tcp/connection_table.h"
#include "core/tcp/tcp_findings.h"

#include <QByteArray>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Plays TCP segments with relative numbers into a ConnectionTable and writes down what comes out, one event a line:
///
///     Script s;
///     s.handshake();                 // SYN 0, SYN-ACK 0, ACK
///     s.client(1, 1, "abc");         // octets 1 to 3 of the client, acknowledging all before octet 1 of the server
///     s.log() == "c abc"             // data; also "c gap 4", "c fin", "closed finished"
///
/// Octet 0 is the SYN, so that the first payload octet is 1. Time moves on by 1 ms with each segment.
namespace gatescope::test {

inline constexpr TimeNs kMs = 1'000'000;

class Script final : private tcp::ConnectionHandler {
public:
    explicit Script(tcp::Limits limits = {}) : table(*this, limits) {}

    // Settings; a change applies to the segments that follow.
    std::uint32_t clientBase = 1'000; ///< sequence number of relative number 0
    std::uint32_t serverBase = 9'000'000;
    TimeNs now = 1'000 * kMs;
    std::uint16_t clientPort = 40'000;
    std::uint32_t fingerprint = 0; ///< of the packet
    bool withAck = true;           ///< set the ACK flag on segments that are not a first SYN

    Script& client(std::uint32_t sequence, std::uint32_t ack, std::string_view payload, unsigned flags = 0,
                   std::uint32_t uncaptured = 0) {
        return segment(true, sequence, ack, payload, flags, uncaptured);
    }
    Script& server(std::uint32_t sequence, std::uint32_t ack, std::string_view payload, unsigned flags = 0,
                   std::uint32_t uncaptured = 0) {
        return segment(false, sequence, ack, payload, flags, uncaptured);
    }
    Script& handshake() { return client(0, 0, {}, packet::kSyn).server(0, 1, {}, packet::kSyn).client(1, 1, {}); }
    Script& wait(TimeNs time) {
        now += time;
        return *this;
    }
    Script& sweep() {
        table.sweep(now);
        m_kept.clear();
        return *this;
    }
    Script& finish() {
        table.finish();
        return *this;
    }
    /// Events since the last call, joined with " | ".
    QByteArray log() {
        QByteArray text;
        for (const std::string& line : m_log) {
            if (!text.isEmpty()) text += " | ";
            text += line.c_str();
        }
        m_log.clear();
        return text;
    }
    /// Ids of the findings so far.
    QByteArray findings() const {
        QByteArray text;
        for (const Finding& finding : m_findings) {
            if (!text.isEmpty()) text += ' ';
            text.append(finding.kind->id.data(), static_cast<qsizetype>(finding.kind->id.size()));
        }
        return text;
    }

    tcp::ConnectionTable table;
    std::vector<tcp::ConnectionInfo> forgottenOnes;
    std::vector<tcp::Place> dataPlaces; ///< of each data event
    int opens = 0;

private:
    class Consumer final : public tcp::StreamConsumer {
    public:
        Consumer(Script& script, const tcp::ConnectionInfo& info)
            : m_script(script), m_firstIsClient(info.ends[0].port != 80) {}
        void onData(tcp::Side from, Bytes data, const tcp::Place& place) override {
            m_script.m_log.push_back(name(from) + std::string(asText(data)));
            m_script.dataPlaces.push_back(place);
        }
        void onGap(tcp::Side from, std::uint64_t length, const tcp::Place&) override {
            m_script.m_log.push_back(name(from) + "gap " + std::to_string(length));
        }
        void onFin(tcp::Side from, const tcp::Place&) override { m_script.m_log.push_back(name(from) + "fin"); }
        void onClosed(tcp::CloseReason reason) override {
            constexpr std::array<const char*, 4> kNames{"finished", "reset", "abandoned", "end"};
            m_script.m_log.push_back(std::string("closed ") + kNames[static_cast<std::size_t>(reason)]);
        }

    private:
        std::string name(tcp::Side from) const { return (from == tcp::Side::First) == m_firstIsClient ? "c " : "s "; }
        Script& m_script;
        bool m_firstIsClient;
    };

    Script& segment(bool fromClient, std::uint32_t sequence, std::uint32_t ack, std::string_view payload,
                    unsigned flags, std::uint32_t uncaptured) {
        packet::TcpSegment s;
        const Endpoint a{*IpAddress::parse("10.0.0.1"), clientPort};
        const Endpoint b{*IpAddress::parse("10.0.0.2"), 80};
        s.source = fromClient ? a : b;
        s.destination = fromClient ? b : a;
        s.flowHash = clientPort & ~1U; // neighbours collide on purpose
        s.sequence = sequence + (fromClient ? clientBase : serverBase);
        s.acknowledgement = ack + (fromClient ? serverBase : clientBase);
        const bool firstSyn = (flags & packet::kSyn) != 0 && ack == 0 && fromClient;
        s.flags = static_cast<std::uint8_t>(flags | (withAck && !firstSyn ? unsigned{packet::kAck} : 0U));
        s.uncaptured = uncaptured;
        // A copy that is gone after the next sweep: a view kept longer is seen by the address sanitizer.
        const auto& bytes = m_kept.emplace_back(payload.begin(), payload.end());
        s.payload = asBytes({bytes.data(), bytes.size()});
        s.packet = ++m_packet;
        s.fingerprint = fingerprint;
        s.time = now;
        now += kMs;
        table.add(s);
        return *this;
    }

    std::unique_ptr<tcp::StreamConsumer> opened(const tcp::ConnectionInfo& info) override {
        ++opens;
        return std::make_unique<Consumer>(*this, info);
    }
    void forgotten(const tcp::ConnectionInfo& info, std::unique_ptr<tcp::StreamConsumer>) override {
        forgottenOnes.push_back(info);
    }
    void found(Finding&& finding) override { m_findings.push_back(std::move(finding)); }

    std::deque<std::vector<char>> m_kept; ///< payloads of the block under way
    std::vector<std::string> m_log;
    std::vector<Finding> m_findings;
    std::uint64_t m_packet = 0;
};

} // namespace gatescope::test
