// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/path_checks.h"

#include "core/analysis/masking.h"
#include "core/analysis/model_calls.h"
#include "core/analysis/path_input.h"
#include "core/path/forwarded_for.h"
#include "core/path/network_range.h"
#include "core/path/path_findings.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace gatescope::analysis {

namespace {

using Code = StringPool::Code;

/// Ways differ in little things; beyond this many findings of a kind another one says nothing new.
constexpr std::size_t kMostOfAKind = 100;
constexpr std::size_t kMostNames = 8; ///< of subnets, fingerprints, ... in the evidence of one finding

std::string_view headerText(const Snapshot& snapshot, std::string_view name, Row row) {
    return snapshot.text(snapshot.headerValue(Direction::Request, snapshot.headerCode(name), row));
}

class FindingList {
public:
    explicit FindingList(const Snapshot& snapshot) : m_snapshot(snapshot) {}

    void add(const FindingKind& kind, std::vector<std::string> evidence, std::optional<Row> row) {
        Finding finding;
        finding.kind = &kind;
        finding.evidence = std::move(evidence);
        if (row) {
            finding.input = static_cast<std::uint32_t>(m_snapshot.inputIndex(*row));
            const std::int64_t packet = m_snapshot.number(FieldId::Packet, *row);
            if (packet > 0) finding.packet = static_cast<std::uint64_t>(packet);
            const std::int64_t line = m_snapshot.number(FieldId::Line, *row);
            if (line > 0 && packet <= 0) finding.line = static_cast<std::uint64_t>(line);
            if (const auto start = m_snapshot.flowStart(*row); start != 0) finding.flowStart = start;
        }
        m_list.push_back({std::move(finding), row});
    }

    /// Worst first, then by id; of the same kind in the order in which they were found.
    std::vector<PlacedFinding> sorted() && {
        std::ranges::stable_sort(m_list, [](const PlacedFinding& a, const PlacedFinding& b) {
            return std::tuple(b.finding.kind->severity, a.finding.kind->id) <
                   std::tuple(a.finding.kind->severity, b.finding.kind->id);
        });
        return std::move(m_list);
    }

private:
    const Snapshot& m_snapshot;
    std::vector<PlacedFinding> m_list;
};

/// Findings of single requests. Those that say the same are one, with the number of exchanges.
class Merged {
public:
    void add(const Finding& finding, const PathWays::Way& way) {
        const auto [at, isNew] = m_places.try_emplace({finding.kind, finding.evidence}, m_entries.size());
        if (isNew) m_entries.push_back({finding.kind, finding.evidence, way.firstRow, 0});
        m_entries[at->second].exchanges += way.exchanges;
    }
    void moveTo(FindingList& list) {
        std::unordered_map<const FindingKind*, std::pair<std::size_t, std::uint64_t>> told; // and exchanges left out
        for (Entry& entry : m_entries) {
            auto& [count, left] = told[entry.kind];
            if (++count > kMostOfAKind) {
                left += entry.exchanges;
                continue;
            }
            entry.evidence.push_back(
                fmt::format("{} {}", entry.exchanges, entry.exchanges == 1 ? "exchange" : "exchanges"));
            list.add(*entry.kind, std::move(entry.evidence), entry.row);
        }
        for (const auto& entry : m_entries) // in the order of the list
            if (auto& [count, left] = told[entry.kind]; left != 0) {
                list.add(*entry.kind, {fmt::format("{} more exchanges, in other ways", left)}, std::nullopt);
                left = 0;
            }
    }

private:
    struct Entry {
        const FindingKind* kind;
        std::vector<std::string> evidence;
        Row row;
        std::uint64_t exchanges;
    };
    std::vector<Entry> m_entries;
    std::map<std::pair<const FindingKind*, std::vector<std::string>>, std::size_t> m_places;
};

/// What one project came with, and where that was first seen.
struct ProjectMarks {
    std::map<std::string, Row> subnets, fingerprints;
};

class ManyChecks {
public:
    ManyChecks(const Snapshot& snapshot, std::span<const Row> rows, const PathWays& ways, const path::Trust& trust,
               FindingList& list)
        : m_snapshot(snapshot), m_rows(rows), m_ways(ways), m_trust(trust), m_list(list) {}

    void run() {
        projects();
        agentVersions();
        clientRequestIds();
        secrets();
        unloggedHeaders();
    }

private:
    /// Foundry's project: only its agents come through one proxy.
    std::string projectOf(Row row) const {
        const std::string_view id = headerText(m_snapshot, "x-ms-foundry-project-id", row);
        if (!id.empty()) return std::string(id);
        const bool isAgent = !headerText(m_snapshot, "x-ms-foundry-agent-id", row).empty();
        return isAgent ? std::string(headerText(m_snapshot, "openai-project", row)) : std::string();
    }

    /// The subnet that the topology names, else the network of the usual size around the address.
    std::string subnetOf(const IpAddress& address) const {
        if (const path::Subnet* subnet = m_trust.subnetOf(address))
            return subnet->name.empty() ? subnet->cidr : fmt::format("{} {}", subnet->name, subnet->cidr);
        return path::NetworkRange::around(address, address.isV4() ? 96 + 24 : 64).toString();
    }

    void projects() {
        std::map<std::string, ProjectMarks> projects;
        for (const PathWays::Way& way : m_ways.ways) {
            const Row row = way.firstRow;
            const std::string project = projectOf(row);
            if (project.empty()) continue;
            ProjectMarks& marks = projects[project];
            const path::HopNode peer = path::readHopNode(headerText(m_snapshot, "client-ip", row));
            if (peer.address) marks.subnets.try_emplace(subnetOf(*peer.address), row);
            if (const auto ja4 = headerText(m_snapshot, "x-azure-ja4-fingerprint", row); !ja4.empty())
                marks.fingerprints.try_emplace(std::string(ja4), row);
        }
        for (const auto& [project, marks] : projects) {
            if (marks.subnets.size() < 2 && marks.fingerprints.size() < 2) continue;
            std::vector<std::string> evidence{"project: " + project};
            std::optional<Row> row;
            for (const auto& [what, values] :
                 {std::pair("subnets", &marks.subnets), std::pair("JA4", &marks.fingerprints)}) {
                if (values->size() < 2) continue;
                evidence.push_back(fmt::format("{}: {}", what, joined(*values)));
                for (const auto& [value, first] : *values)
                    if (!row || m_snapshot.id(first) > m_snapshot.id(*row)) row = first; // where it was new
            }
            m_list.add(path::kMultiSubnetProject, std::move(evidence), row);
        }
    }

    static std::string joined(const std::map<std::string, Row>& values) {
        std::string text;
        std::size_t count = 0;
        for (const auto& [value, row] : values) {
            if (count++ == kMostNames) return fmt::format("{} and {} more", text, values.size() - kMostNames);
            if (!text.empty()) text += ", ";
            text += value;
        }
        return text;
    }

    void agentVersions() {
        for (const PathWays::Way& way : m_ways.ways) {
            const std::string_view id = headerText(m_snapshot, "x-ms-foundry-agent-id", way.firstRow);
            if (id.find(':') == std::string_view::npos) continue;
            m_list.add(path::kAgentVersionInId, {fmt::format("x-ms-foundry-agent-id: {}", id)}, way.firstRow);
            return; // it is so with all of them
        }
    }

    /// Calls `take(row, way, code)` for each row that has the header.
    template <typename Take>
    void forEachValue(std::string_view name, Take&& take) const {
        const Code header = m_snapshot.headerCode(name);
        if (header == StringPool::kNone) return;
        std::vector<Code> codes(m_rows.size());
        m_snapshot.codes(FieldId::RequestHeader, header, m_rows, codes.data());
        for (std::size_t i = 0; i < codes.size(); ++i)
            if (codes[i] != StringPool::kNone && !take(m_rows[i], m_ways.indexes[i], codes[i])) return;
    }

    void clientRequestIds() {
        struct Seen {
            Code value = StringPool::kNone;
            Row first = 0;
            std::uint64_t exchanges = 0;
            bool differs = false;
        };
        std::vector<std::string> projectOfWay;
        for (const PathWays::Way& way : m_ways.ways) projectOfWay.push_back(projectOf(way.firstRow));
        std::map<std::string_view, Seen> projects;
        forEachValue("x-ms-client-request-id", [&](Row row, std::uint32_t way, Code code) {
            if (way == PathWays::kNoWay || projectOfWay[way].empty()) return true;
            Seen& seen = projects[projectOfWay[way]];
            if (seen.exchanges++ == 0 || m_snapshot.id(row) < m_snapshot.id(seen.first)) seen.first = row;
            if (seen.value == StringPool::kNone) seen.value = code;
            seen.differs = seen.differs || code != seen.value;
            return true;
        });
        for (const auto& [project, seen] : projects)
            if (!seen.differs && seen.exchanges > 1)
                m_list.add(path::kClientRequestIdConstant,
                           {fmt::format("project: {}", project),
                            fmt::format("x-ms-client-request-id: {}", m_snapshot.text(seen.value)),
                            fmt::format("{} exchanges", seen.exchanges)},
                           seen.first);
    }

    /// Once for each header name and input: a capture has as many as it has calls.
    void secrets() {
        std::set<std::string> names{"authorization",
                                    "api-key",
                                    "ocp-apim-subscription-key",
                                    "x-api-key",
                                    "x-goog-api-key",
                                    "apim-debug-authorization",
                                    "cookie",
                                    "x-amz-security-token"};
        for (const PathWays::Way& way : m_ways.ways)
            for (const auto& field : m_snapshot.headers(Direction::Request, way.firstRow))
                if (const auto name = m_snapshot.text(field.lowerName); isSecretHeader(name)) names.emplace(name);
        for (const std::string& name : names) secretsIn(name);
    }

    void secretsIn(const std::string& name) {
        std::map<std::size_t, Row> first; // by input
        std::unordered_set<Code> masked;
        forEachValue(name, [&](Row row, std::uint32_t, Code code) {
            if (masked.contains(code)) return true;
            const std::size_t input = m_snapshot.inputIndex(row);
            const auto known = first.find(input);
            if (known != first.end() && m_snapshot.id(row) > m_snapshot.id(known->second)) return true;
            const std::string_view value = m_snapshot.text(code);
            if (value.empty() || maskHeader(name, value) == value)
                masked.insert(code);
            else
                first[input] = row;
            return true;
        });
        for (const auto& [input, row] : first) {
            const bool isCapture = m_snapshot.text(m_snapshot.code(FieldId::Source, row)) == "packets";
            m_list.add(isCapture ? path::kSecretInCapture : path::kSecretInLog, {"header: " + name}, row);
        }
    }

    /// Of a log with calls of models in which nobody is named.
    void unloggedHeaders() {
        struct Log {
            Row first = 0;
            bool calls = false;
            bool names = false;
        };
        std::map<std::size_t, Log> logs;
        for (const PathWays::Way& way : m_ways.ways) {
            const Row row = way.firstRow;
            if (hasAllHeaders(m_snapshot.text(m_snapshot.code(FieldId::Source, row)))) continue;
            const auto [at, isNew] = logs.try_emplace(m_snapshot.inputIndex(row));
            if (isNew) at->second.first = row;
            const auto has = [&](FieldId field) { return m_snapshot.code(field, row) != StringPool::kNone; };
            at->second.calls |= isModelCall(m_snapshot, row);
            at->second.names |= has(FieldId::Project) || has(FieldId::ProjectId) || has(FieldId::Agent);
        }
        for (const auto& [input, log] : logs)
            if (log.calls && !log.names)
                m_list.add(path::kHeaderNotLogged,
                           {"none of openai-project, x-ms-foundry-project-id, x-ms-foundry-agent-id"}, log.first);
    }

    const Snapshot& m_snapshot;
    std::span<const Row> m_rows;
    const PathWays& m_ways;
    const path::Trust& m_trust;
    FindingList& m_list;
};

} // namespace

std::vector<PlacedFinding> wayFindings(const Snapshot& snapshot, std::span<const Row> rows, const PathWays& ways,
                                       std::span<const path::SourcePath> read, const path::Trust& trust) {
    FindingList list(snapshot);
    Merged merged;
    for (std::size_t way = 0; way < read.size(); ++way)
        for (const Finding& finding : read[way].findings) merged.add(finding, ways.ways[way]);
    merged.moveTo(list);
    ManyChecks(snapshot, rows, ways, trust, list).run();
    if (ways.beyondLimit != 0)
        list.add(path::kTooManyWays, {fmt::format("{} exchanges", ways.beyondLimit)}, std::nullopt);
    for (const Finding& finding : path::checkTopology(trust)) list.add(*finding.kind, finding.evidence, std::nullopt);
    return std::move(list).sorted();
}

} // namespace gatescope::analysis
