// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/secret_store.h"
#include "core/tls/session.h"
#include "tests/support/openssl_pair.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::test {

/// Feeds a tls::Session and keeps what it tells. Direction 0 is the client's unless `swapped`.
class SessionRecorder final : private tls::SessionListener {
public:
    explicit SessionRecorder(std::string_view keyLog, bool middle = false, bool swapped = false)
        : SessionRecorder(storeOf(keyLog), middle, swapped) {}
    SessionRecorder(std::shared_ptr<tls::SecretStore> secrets, bool middle, bool swapped, bool usesLearned = true)
        : m_swapped(swapped), m_session(*this, optionsOf(std::move(secrets), middle, usesLearned)) {}

    void feed(tls::Peer from, std::string_view octets) {
        ++m_packet;
        m_session.feed(directionOf(from), asBytes(octets), place());
    }
    void feed(const std::vector<OpensslPair::Flight>& flights) {
        for (const auto& flight : flights) feed(flight.from, flight.octets);
    }
    /// In pieces of `size` octets.
    void feedSplit(const std::vector<OpensslPair::Flight>& flights, std::size_t size) {
        for (const auto& flight : flights)
            for (std::size_t at = 0; at < flight.octets.size(); at += size)
                feed(flight.from, std::string_view(flight.octets).substr(at, size));
    }
    void gap(tls::Peer from, std::size_t length) {
        ++m_packet;
        m_session.gap(directionOf(from), length, place());
    }
    void fin(tls::Peer from) {
        ++m_packet;
        m_session.fin(directionOf(from), place());
    }
    void reset(tls::Peer from) {
        ++m_packet;
        m_session.reset(directionOf(from), place());
    }
    const tls::SessionFacts& close(bool captureEnded = true) {
        m_session.close(captureEnded);
        return m_session.facts();
    }
    const tls::SessionFacts& facts() const { return m_session.facts(); }

    const std::string& content(tls::Peer from) const { return m_content[tls::indexOf(from)]; }
    std::uint64_t lost(tls::Peer from) const { return m_lost[tls::indexOf(from)]; }
    std::string alpn;
    bool started = false;
    std::array<bool, 2> ended{};
    std::vector<std::string> findings; ///< their ids

private:
    static std::shared_ptr<tls::SecretStore> storeOf(std::string_view keyLog) {
        auto store = std::make_shared<tls::SecretStore>();
        store->addKeyLog(keyLog);
        return store;
    }
    static tls::SessionOptions optionsOf(std::shared_ptr<tls::SecretStore> secrets, bool middle, bool usesLearned) {
        tls::SessionOptions options;
        options.middle = middle;
        if (!usesLearned) options.generation = secrets->generation();
        options.secrets = std::move(secrets);
        options.usesLearned = usesLearned;
        return options;
    }
    unsigned directionOf(tls::Peer peer) const { return static_cast<unsigned>(peer) ^ (m_swapped ? 1U : 0U); }
    tls::Place place() const { return {m_packet, static_cast<TimeNs>(m_packet) * 1'000'000}; }

    void onApplicationStart(std::string_view agreed) override {
        started = true;
        alpn = agreed;
    }
    void onApplicationData(tls::Peer from, Bytes data, const tls::Place&) override {
        m_content[tls::indexOf(from)] += asText(data);
    }
    void onApplicationGap(tls::Peer from, std::uint64_t length, const tls::Place&) override {
        m_lost[tls::indexOf(from)] += length;
    }
    void onApplicationEnd(tls::Peer from, const tls::Place&) override { ended[tls::indexOf(from)] = true; }
    void onFinding(Finding&& finding) override { findings.emplace_back(finding.kind->id); }

    bool m_swapped;
    tls::Session m_session;
    std::array<std::string, 2> m_content;
    std::array<std::uint64_t, 2> m_lost{};
    PacketRef m_packet = 0;
};

} // namespace gatescope::test
