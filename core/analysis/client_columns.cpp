// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/client_columns.h"

#include "core/analysis/dataset_store.h"
#include "core/base/hash.h"
#include "core/path/source_path.h"

#include <array>
#include <tuple>
#include <unordered_map>

namespace gatescope::analysis {

namespace {

/// Headers in which a front end states who connected to it, and the standard form of the list.
constexpr std::array<std::string_view, 3> kPeerHeaders{"client-ip", "x-azure-socketip", "forwarded"};

/// All that the answer depends on. Many rows, few ways: the answer is worked out once for each.
struct Way {
    StringPool::Code forwardedFor = StringPool::kNone;
    StringPool::Code client = StringPool::kNone;
    bool isLogged = false; ///< the client is the peer that a log names, not that of the packets
    std::array<StringPool::Code, kPeerHeaders.size()> stated{};

    auto operator<=>(const Way&) const = default;
};

struct WayHash {
    std::size_t operator()(const Way& way) const {
        std::uint64_t hash = mix64(way.forwardedFor, std::uint64_t{way.client} << 1 | std::uint64_t{way.isLogged});
        for (const StringPool::Code code : way.stated) hash = mix64(hash, code);
        return hash;
    }
};

class ClientReader {
public:
    ClientReader(Store& store, const path::Trust& trust)
        : m_store(store), m_trust(trust), m_trustsNobody(trust.subnets.empty() && !trust.trustedHops),
          m_packets(store.pool.find("packets")) {
        for (std::size_t i = 0; i < kPeerHeaders.size(); ++i) m_names[i] = store.pool.find(kPeerHeaders[i]);
    }

    std::pair<StringPool::Code, StringPool::Code> read(Row row) {
        const Way way = wayOf(row);
        const auto [at, isNew] = m_known.try_emplace(way);
        if (isNew) at->second = answer(way);
        return at->second;
    }

private:
    /// Who connected to the gateway, and whether a log says so: it knows that better than the packets of the hop behind
    /// it.
    std::pair<StringPool::Code, bool> clientOf(Row row) const {
        const auto codeOf = [this](FieldId field, Row record) {
            return m_store.chunks[record >> kChunkBits]->codes[static_cast<std::size_t>(field)].get(record %
                                                                                                    kChunkRows);
        };
        const auto isLog = [&](Row record) { return codeOf(FieldId::Source, record) != m_packets; };
        if (m_store.joins)
            if (const auto at = m_store.joins->callOf.find(row); at != m_store.joins->callOf.end())
                for (const Row record : m_store.joins->result.calls[at->second].parts)
                    if (const auto client = codeOf(FieldId::Client, record);
                        client != StringPool::kNone && isLog(record))
                        return {client, true};
        return {codeOf(FieldId::Client, row), isLog(row)};
    }

    Way wayOf(Row row) const {
        const Chunk& chunk = *m_store.chunks[row >> kChunkBits];
        const std::size_t offset = row % kChunkRows;
        Way way;
        way.forwardedFor = chunk.codes[static_cast<std::size_t>(FieldId::ForwardedFor)].get(offset);
        std::tie(way.client, way.isLogged) = clientOf(row);
        const HeaderRun run = chunk.headers.get(offset);
        const HeaderNames& names = m_store.headerNames[run.requestList];
        for (std::size_t i = 0; i < m_names.size(); ++i) {
            const auto place = m_names[i] == StringPool::kNone ? -1 : names.find(m_names[i]);
            if (place >= 0) way.stated[i] = run.values[place];
        }
        // Where nobody is trusted, the peer is the client, whatever the list says; and the list has a port in each row.
        if (m_trustsNobody && way.client != StringPool::kNone) {
            way.forwardedFor = StringPool::kNone;
            way.stated = {};
        }
        return way;
    }

    std::pair<StringPool::Code, StringPool::Code> answer(const Way& way) {
        path::ClientClaims claims;
        claims.forwardedFor = m_store.pool.view(way.forwardedFor);
        claims.clientIp = m_store.pool.view(way.stated[0]);
        claims.socketIp = m_store.pool.view(way.stated[1]);
        claims.forwarded = m_store.pool.view(way.stated[2]);
        if (way.client != StringPool::kNone)
            (way.isLogged ? claims.logPeer : claims.packetClient) = Endpoint::parse(m_store.pool.view(way.client));
        const auto client = path::effectiveClient(claims, m_trust);
        if (client.text.empty()) return {};
        return {m_store.pool.intern(client.text), client.address ? kindOf(*client.address) : StringPool::kNone};
    }

    /// Ways differ by port, addresses repeat.
    StringPool::Code kindOf(const IpAddress& address) {
        if (address != m_lastAddress || m_lastKind == StringPool::kNone) {
            m_lastAddress = address;
            m_lastKind = m_store.pool.intern(path::toString(path::classify(address).kind));
        }
        return m_lastKind;
    }

    Store& m_store;
    const path::Trust& m_trust;
    const bool m_trustsNobody;
    const StringPool::Code m_packets;
    std::array<StringPool::Code, kPeerHeaders.size()> m_names{};
    IpAddress m_lastAddress;
    StringPool::Code m_lastKind = StringPool::kNone;
    std::unordered_map<Way, std::pair<StringPool::Code, StringPool::Code>, WayHash> m_known;
};

} // namespace

std::shared_ptr<const ClientColumns> makeClientColumns(Store& store, const path::Trust& trust) {
    auto columns = std::make_shared<ClientColumns>();
    columns->client.resize(store.rows);
    columns->kind.resize(store.rows);
    ClientReader reader(store, trust);
    for (std::size_t row = 0; row < store.rows; ++row)
        std::tie(columns->client[row], columns->kind[row]) = reader.read(static_cast<Row>(row));
    return columns;
}

} // namespace gatescope::analysis
