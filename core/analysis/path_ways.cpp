// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/path_ways.h"

#include "core/analysis/model_calls.h"
#include "core/base/hash.h"
#include "core/path/forwarded_for.h"
#include "core/path/forwarded_path.h"
#include "core/path/path_headers.h"
#include "core/path/project_claim.h"
#include "core/path/request_checks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <string>
#include <unordered_map>

namespace gatescope::analysis {

namespace {

using path::KeyPart;
using Code = StringPool::Code;

constexpr std::size_t kBlockRows = 1024;

struct KeyField {
    FieldId field;
    KeyPart part;
};
constexpr std::array<KeyField, 17> kKeyFields{{{FieldId::Input, KeyPart::Whole},
                                               {FieldId::Source, KeyPart::Whole},
                                               {FieldId::JoinedWith, KeyPart::Whole},
                                               {FieldId::Client, KeyPart::Addresses},
                                               {FieldId::Server, KeyPart::Whole},
                                               {FieldId::ForwardedFor, KeyPart::Addresses},
                                               {FieldId::Tls, KeyPart::Whole},
                                               {FieldId::Ja4, KeyPart::Whole},
                                               {FieldId::Host, KeyPart::Whole},
                                               {FieldId::Path, KeyPart::Url},
                                               {FieldId::Query, KeyPart::Url},
                                               {FieldId::Model, KeyPart::Whole},
                                               {FieldId::RequestedModel, KeyPart::Whole},
                                               {FieldId::Backend, KeyPart::Whole},
                                               {FieldId::Project, KeyPart::Whole},
                                               {FieldId::Agent, KeyPart::Whole},
                                               {FieldId::Api, KeyPart::Presence}}};

std::string addressesOf(std::string_view text) {
    const path::ForwardedFor list = path::readForwardedFor(text);
    std::string key(path::toString(list.separator));
    for (const path::HopNode& node : list.entries) {
        key += ' ';
        // What has a port is written by other programs than what has none.
        key += node.address ? node.address->toString() : std::string(node.text);
        if (node.port != 0) key += ':';
    }
    return key;
}

std::string urlOf(std::string_view text, bool isQuery) {
    std::string key;
    const std::string_view path = isQuery ? std::string_view() : text;
    if (const auto embedded = path::readForwardedPath(path)) {
        key += embedded->scheme;
        (key += ' ') += embedded->host;
        (key += ' ') += embedded->deployment;
    } else {
        key += path::deploymentOf(path);
    }
    key += '?';
    return key + path::secretParameters(isQuery ? "?" + std::string(text) : std::string(text));
}

std::string claimOf(std::string_view text) {
    const auto claim = path::readProjectClaim(text);
    return claim ? claim->account + ' ' + claim->project : std::string();
}

/// The part of a text that matters, as a number: texts that agree in it have one number. Remembered by code, because
/// most values repeat.
class CanonicalCodes {
public:
    enum class Reading : std::uint8_t { Addresses, Url, Query, Claim };
    CanonicalCodes(const Snapshot& snapshot, Reading reading, std::size_t rows)
        : m_snapshot(snapshot), m_reading(reading), m_isDense(rows > snapshot.codeLimit() / kSparse) {
        if (m_isDense) m_dense.resize(snapshot.codeLimit());
    }

    Code of(Code code) {
        if (code == StringPool::kNone) return code;
        Code& known = m_isDense ? m_dense[code] : m_sparse[code];
        if (known == 0) known = numberOf(read(m_snapshot.text(code)));
        return known;
    }

private:
    static constexpr std::size_t kSparse = 8; ///< fewer rows than this share of all codes: a table would be wasted

    std::string read(std::string_view text) const {
        switch (m_reading) {
        case Reading::Addresses:
            return addressesOf(text);
        case Reading::Claim:
            return claimOf(text);
        default:
            return urlOf(text, m_reading == Reading::Query);
        }
    }
    Code numberOf(std::string&& text) {
        return m_numbers.try_emplace(std::move(text), static_cast<Code>(m_numbers.size() + 1)).first->second;
    }

    const Snapshot& m_snapshot;
    Reading m_reading;
    bool m_isDense;
    std::vector<Code> m_dense;
    std::unordered_map<Code, Code> m_sparse;
    std::unordered_map<std::string, Code> m_numbers;
};

/// One column of the key.
struct KeyColumn {
    FieldId field;
    Code headerName = StringPool::kNone;
    CanonicalCodes* reading = nullptr;
    bool presenceOnly = false; ///< of the API: that it is a call of a model
};

class WayIndex {
public:
    WayIndex(const Snapshot& snapshot, std::size_t rows)
        : m_snapshot(snapshot), m_addresses(snapshot, CanonicalCodes::Reading::Addresses, rows),
          m_urls(snapshot, CanonicalCodes::Reading::Url, rows),
          m_queries(snapshot, CanonicalCodes::Reading::Query, rows),
          m_claims(snapshot, CanonicalCodes::Reading::Claim, rows), m_modelCalls(snapshot) {
        for (const KeyField& key : kKeyFields) m_columns.push_back(column(key.field, key.part));
        for (const path::PathHeaderName& name : path::pathHeaderNames()) {
            const Code code = snapshot.headerCode(name.name);
            if (code == StringPool::kNone) continue; // no exchange has it
            KeyColumn header = column(name.isResponse ? FieldId::ResponseHeader : FieldId::RequestHeader, name.part);
            header.headerName = code;
            m_columns.push_back(header);
        }
        m_keys.resize(m_columns.size() * kBlockRows);
    }

    void add(std::span<const Row> rows, std::uint32_t* out) {
        fetch(rows);
        for (std::size_t i = 0; i < rows.size(); ++i) out[i] = wayOf(rows[i], &m_keys[i * m_columns.size()]);
    }

    PathWays take() && { return std::move(m_result); }

private:
    KeyColumn column(FieldId field, KeyPart part) {
        KeyColumn result{field, StringPool::kNone, nullptr, part == KeyPart::Presence};
        if (part == KeyPart::Addresses) result.reading = &m_addresses;
        if (part == KeyPart::Claim) result.reading = &m_claims;
        if (part == KeyPart::Url) result.reading = field == FieldId::Query ? &m_queries : &m_urls;
        return result;
    }

    bool isPresent(const KeyColumn& column, Code code) const {
        return column.field == FieldId::Api ? m_modelCalls.isCall(code) : code != StringPool::kNone;
    }

    void fetch(std::span<const Row> rows) {
        for (std::size_t c = 0; c < m_columns.size(); ++c) {
            const KeyColumn& column = m_columns[c];
            m_snapshot.codes(column.field, column.headerName, rows, m_codes.data());
            Code* out = &m_keys[c];
            for (std::size_t i = 0; i < rows.size(); ++i, out += m_columns.size())
                *out = column.presenceOnly ? Code{isPresent(column, m_codes[i])}
                       : column.reading    ? column.reading->of(m_codes[i])
                                           : m_codes[i];
        }
    }

    std::uint32_t wayOf(Row row, const Code* key) {
        const std::size_t bytes = m_columns.size() * sizeof(Code);
        const bool repeats = m_last != PathWays::kNoWay && std::memcmp(key, keyOf(m_last), bytes) == 0;
        const std::uint32_t way = repeats ? m_last : find(key, bytes);
        if (way == PathWays::kNoWay) {
            ++m_result.beyondLimit;
            return way;
        }
        m_last = way;
        PathWays::Way& counted = m_result.ways[way];
        if (counted.exchanges++ == 0 || m_snapshot.id(row) < m_snapshot.id(counted.firstRow)) counted.firstRow = row;
        return way;
    }

    std::uint32_t find(const Code* key, std::size_t bytes) {
        const std::uint64_t hash = hashBytes({reinterpret_cast<const char*>(key), bytes});
        const auto [first, last] = m_byHash.equal_range(hash);
        for (auto at = first; at != last; ++at)
            if (std::memcmp(key, keyOf(at->second), bytes) == 0) return at->second;
        if (m_result.ways.size() == PathWays::kMaxWays) return PathWays::kNoWay;
        const auto way = static_cast<std::uint32_t>(m_result.ways.size());
        m_stored.insert(m_stored.end(), key, key + m_columns.size());
        m_byHash.emplace(hash, way);
        m_result.ways.emplace_back();
        return way;
    }

    const Code* keyOf(std::uint32_t way) const { return &m_stored[way * m_columns.size()]; }

    const Snapshot& m_snapshot;
    CanonicalCodes m_addresses, m_urls, m_queries, m_claims;
    ModelCalls m_modelCalls;
    std::vector<KeyColumn> m_columns;
    std::vector<Code> m_keys; ///< of a block, row by row
    std::array<Code, kBlockRows> m_codes;
    std::vector<Code> m_stored; ///< of the ways, one after the other
    std::unordered_multimap<std::uint64_t, std::uint32_t> m_byHash;
    std::uint32_t m_last = PathWays::kNoWay;
    PathWays m_result;
};

/// Numbers the ways by their first rows, so that the order in which rows were given does not show.
void sortWays(const Snapshot& snapshot, PathWays& found) {
    std::vector<std::uint32_t> order(found.ways.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [&](std::uint32_t way) { return snapshot.id(found.ways[way].firstRow); });
    std::vector<std::uint32_t> places(order.size());
    std::vector<PathWays::Way> sorted(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        places[order[i]] = i;
        sorted[i] = found.ways[order[i]];
    }
    found.ways = std::move(sorted);
    for (std::uint32_t& index : found.indexes)
        if (index != PathWays::kNoWay) index = places[index];
}

} // namespace

PathWays pathWays(const Snapshot& snapshot, const std::vector<Row>& rows, const std::function<bool()>& stopWanted) {
    WayIndex index(snapshot, rows.size());
    std::vector<std::uint32_t> indexes(rows.size());
    for (std::size_t first = 0; first < rows.size(); first += kBlockRows) {
        if (stopWanted && stopWanted()) return {};
        const std::size_t count = std::min(kBlockRows, rows.size() - first);
        index.add(std::span(rows).subspan(first, count), &indexes[first]);
    }
    PathWays found = std::move(index).take();
    found.indexes = std::move(indexes);
    sortWays(snapshot, found);
    return found;
}

} // namespace gatescope::analysis
