// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/client_columns.h"

#include "core/analysis/dataset_store.h"
#include "core/base/hash.h"
#include "core/path/source_path.h"

#include <array>
#include <unordered_map>
#include <utility>

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

/// Ways of one connection each are never seen again, so of a capture without end not all are remembered.
constexpr std::size_t kMaxWays = 50'000;

} // namespace

struct ClientReader::State {
    State(Store& from, std::shared_ptr<const path::Trust> whom)
        : store(from), trust(std::move(whom)), trustsNobody(trust->subnets.empty() && !trust->trustedHops),
          packets(store.pool.intern("packets")) {
        for (std::size_t i = 0; i < kPeerHeaders.size(); ++i) names[i] = store.pool.intern(kPeerHeaders[i]);
    }

    ClientCodes read(const Chunk& chunk, std::size_t offset, StringPool::Code client, bool isLogged) {
        const Way way = wayOf(chunk, offset, client, isLogged);
        if (known.size() >= kMaxWays) known.clear();
        const auto [at, isNew] = known.try_emplace(way);
        if (isNew) at->second = answer(way);
        return at->second;
    }

    static StringPool::Code codeOf(const Chunk& chunk, std::size_t offset, FieldId field) {
        return chunk.codes[static_cast<std::size_t>(field)].get(offset);
    }
    StringPool::Code codeOf(FieldId field, Row row) const {
        return codeOf(*store.chunks[row >> kChunkBits], row % kChunkRows, field);
    }

    /// Who connected to the gateway, and whether a log says so: it knows that better than the packets of the hop behind
    /// it.
    std::pair<StringPool::Code, bool> clientOf(Row row) const {
        const auto isLog = [&](Row record) { return codeOf(FieldId::Source, record) != packets; };
        if (store.joins)
            if (const auto at = store.joins->callOf.find(row); at != store.joins->callOf.end())
                for (const Row record : store.joins->result.calls[at->second].parts)
                    if (const auto client = codeOf(FieldId::Client, record);
                        client != StringPool::kNone && isLog(record))
                        return {client, true};
        return {codeOf(FieldId::Client, row), isLog(row)};
    }

    Way wayOf(const Chunk& chunk, std::size_t offset, StringPool::Code client, bool isLogged) const {
        Way way;
        way.forwardedFor = codeOf(chunk, offset, FieldId::ForwardedFor);
        way.client = client;
        way.isLogged = isLogged;
        const HeaderRun run = chunk.headers.get(offset);
        const HeaderNames& list = store.headerNames[run.requestList];
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto place = list.find(names[i]);
            if (place >= 0) way.stated[i] = run.values[place];
        }
        // Where nobody is trusted, the peer is the client, whatever the list says; and the list has a port in each row.
        if (trustsNobody && way.client != StringPool::kNone) {
            way.forwardedFor = StringPool::kNone;
            way.stated = {};
        }
        return way;
    }

    ClientCodes answer(const Way& way) {
        path::ClientClaims claims;
        claims.forwardedFor = store.pool.view(way.forwardedFor);
        claims.clientIp = store.pool.view(way.stated[0]);
        claims.socketIp = store.pool.view(way.stated[1]);
        claims.forwarded = store.pool.view(way.stated[2]);
        if (way.client != StringPool::kNone)
            (way.isLogged ? claims.logPeer : claims.packetClient) = Endpoint::parse(store.pool.view(way.client));
        const auto client = path::effectiveClient(claims, *trust);
        if (client.text.empty()) return {};
        return {store.pool.intern(client.text), client.address ? kindOf(*client.address) : StringPool::kNone};
    }

    /// Ways differ by port, addresses repeat.
    StringPool::Code kindOf(const IpAddress& address) {
        if (address != lastAddress || lastKind == StringPool::kNone) {
            lastAddress = address;
            lastKind = store.pool.intern(path::toString(path::classify(address).kind));
        }
        return lastKind;
    }

    Store& store;
    std::shared_ptr<const path::Trust> trust;
    const bool trustsNobody;
    const StringPool::Code packets;
    std::array<StringPool::Code, kPeerHeaders.size()> names{};
    IpAddress lastAddress;
    StringPool::Code lastKind = StringPool::kNone;
    std::unordered_map<Way, ClientCodes, WayHash> known;
};

ClientReader::ClientReader(Store& store, std::shared_ptr<const path::Trust> trust)
    : m_state(std::make_unique<State>(store, std::move(trust))) {}

ClientReader::~ClientReader() = default;

ClientCodes ClientReader::read(const Chunk& chunk, std::size_t offset) {
    const auto codeOf = [&](FieldId field) { return State::codeOf(chunk, offset, field); };
    return m_state->read(chunk, offset, codeOf(FieldId::Client), codeOf(FieldId::Source) != m_state->packets);
}

ClientCodes ClientReader::read(Row row) {
    const auto [client, isLogged] = m_state->clientOf(row);
    return m_state->read(*m_state->store.chunks[row >> kChunkBits], row % kChunkRows, client, isLogged);
}

std::shared_ptr<const ClientColumns> makeClientColumns(Store& store) {
    auto columns = std::make_shared<ClientColumns>();
    columns->client.resize(store.rows);
    columns->kind.resize(store.rows);
    ClientReader reader(store, store.trust);
    for (std::size_t row = 0; row < store.rows; ++row) {
        const ClientCodes codes = reader.read(static_cast<Row>(row));
        columns->client[row] = codes.client;
        columns->kind[row] = codes.kind;
    }
    return columns;
}

} // namespace gatescope::analysis
