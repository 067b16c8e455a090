// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/trust_header_chains.h"

#include "core/trust/certificate_headers.h"

#include <map>
#include <utility>
#include <vector>

namespace gatescope::analysis {

namespace {

/// Headers that tell of the certificate which the server showed; all others tell of the client's.
constexpr std::string_view kServerHeaders[] = {"x-arr-ssl"};

using HeaderAndHost = std::pair<StringPool::Code, StringPool::Code>; ///< of the header field and of the host

/// The chain of one value; null: it tells of no server certificate.
std::optional<std::size_t> chainOf(const Snapshot& snapshot, std::string_view name, const HeaderAndHost& value,
                                   TimeNs at, TrustChains& chains) {
    const auto told = trust::readCertificateHeader(name, snapshot.text(value.first));
    if (!told || told->whose != trust::CertificateHeader::Whose::Server) return std::nullopt;
    const std::string host(value.second == StringPool::kNone ? std::string_view() : snapshot.text(value.second));
    if (!told->certificates.empty()) return chains.add(told->certificates, {}, host, at, "header " + std::string(name));
    return chains.add(told->names, host, at);
}

} // namespace

void addHeaderChains(const Snapshot& snapshot, TrustChains& chains, const std::stop_token& stop) {
    const std::vector<Row>& rows = snapshot.order();
    std::vector<StringPool::Code> values(rows.size()), hosts(rows.size());
    snapshot.codes(FieldId::Host, StringPool::kNone, rows, hosts.data());
    for (const std::string_view name : kServerHeaders) {
        const StringPool::Code header = snapshot.headerCode(name);
        if (header == StringPool::kNone || stop.stop_requested()) continue;
        snapshot.codes(FieldId::RequestHeader, header, rows, values.data());
        std::map<HeaderAndHost, std::optional<std::size_t>> known;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (values[i] == StringPool::kNone) continue;
            const HeaderAndHost value{values[i], hosts[i]};
            const auto [at, isNew] = known.try_emplace(value);
            if (isNew) at->second = chainOf(snapshot, name, value, snapshot.startTime(rows[i]), chains);
            if (at->second) chains[*at->second].rows.push_back(rows[i]);
            if (isNew && stop.stop_requested()) return;
        }
    }
}

} // namespace gatescope::analysis
