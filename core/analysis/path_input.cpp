// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/path_input.h"

#include "core/analysis/path_graph.h"
#include "core/trust/certificate_headers.h"
#include "core/trust/named_paths.h"

#include <algorithm>
#include <array>
#include <vector>

namespace gatescope::analysis {

namespace {

void copyHeaders(const Snapshot& snapshot, Direction direction, Row row, http::HeaderList& out) {
    for (const auto& field : snapshot.headers(direction, row)) out.add(field.name, snapshot.text(field.value));
}

/// The tables of public authorities have the issuer that a front end names.
bool hasPublicIssuer(const http::HeaderList& request) {
    const auto header = request.find("x-arr-ssl");
    const auto named = header ? trust::namedCertificateOf("x-arr-ssl", *header) : std::nullopt;
    return named && !trust::publicNamesLike(named->issuer).empty();
}

} // namespace

bool hasAllHeaders(std::string_view source) {
    constexpr std::array<std::string_view, 4> kWhole{"packets", "har", "header-dump", "apim-trace"};
    return std::ranges::find(kWhole, source) != kWhole.end();
}

ExchangePath::ExchangePath(const Snapshot& snapshot, Row row) {
    copyHeaders(snapshot, Direction::Request, row, m_request);
    copyHeaders(snapshot, Direction::Response, row, m_response);
    const auto text = [&](FieldId field) { return snapshot.text(snapshot.code(field, row)); };
    m_target = text(FieldId::Path);
    if (const std::string_view query = text(FieldId::Query); !query.empty()) (m_target += '?') += query;
    m_input.request = &m_request;
    m_input.response = &m_response;
    m_input.method = text(FieldId::Method);
    m_input.target = m_target;
    m_input.host = text(FieldId::Host);
    m_input.model = text(FieldId::Model);
    m_input.requestedModel = text(FieldId::RequestedModel);
    m_input.project = text(FieldId::Project);
    m_input.tls = text(FieldId::Tls);
    m_input.ja4 = text(FieldId::Ja4);
    m_input.backend = text(FieldId::Backend);
    m_input.publicIssuer = hasPublicIssuer(m_request);
    m_input.headersComplete = hasAllHeaders(text(FieldId::Source));
    readEnds(snapshot, row);
}

void ExchangePath::readEnds(const Snapshot& snapshot, Row row) {
    const auto endOf = [&](FieldId field, Row record) {
        return Endpoint::parse(snapshot.text(snapshot.code(field, record)));
    };
    const auto isPackets = [&](Row record) {
        return snapshot.text(snapshot.code(FieldId::Source, record)) == "packets";
    };
    std::vector<Row> records = snapshot.parts(row);
    if (records.empty()) records.push_back(row);
    for (const Row record : records) {
        if (isPackets(record)) {
            m_input.packetClient = endOf(FieldId::Client, record);
            m_input.packetServer = endOf(FieldId::Server, record);
        } else if (!m_input.logPeer) {
            m_input.logPeer = endOf(FieldId::Client, record);
        }
    }
    if (!m_input.logPeer) return;
    if (m_input.packetServer && m_input.packetClient && m_input.packetClient->address != m_input.logPeer->address) {
        // Packets of another hop than the one that the log tells of: the gateway's way to its backend.
        if (m_input.backend.empty()) m_input.backend = m_backend = m_input.packetServer->toString();
        m_input.packetClient.reset();
        m_input.packetServer.reset();
    }
    const Flow* connection = snapshot.connectionOf(row);
    if (!connection) return;
    m_input.packetClient = connection->record.client;
    m_input.packetServer = connection->record.server;
}

path::SourcePath pathOf(const Snapshot& snapshot, Row row, const path::Trust& trust) {
    const ExchangePath exchange(snapshot, row);
    return path::readPath(exchange.input(), trust);
}

} // namespace gatescope::analysis
