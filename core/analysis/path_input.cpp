// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/path_input.h"

#include "core/analysis/path_graph.h"

#include <algorithm>
#include <array>

namespace gatescope::analysis {

namespace {

void copyHeaders(const Snapshot& snapshot, Direction direction, Row row, http::HeaderList& out) {
    for (const auto& field : snapshot.headers(direction, row)) out.add(field.name, snapshot.text(field.value));
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
    const std::string_view source = text(FieldId::Source);
    m_input.headersComplete = hasAllHeaders(source);
    const auto client = Endpoint::parse(text(FieldId::Client));
    if (source != "packets") {
        m_input.logPeer = client;
        return;
    }
    m_input.packetClient = client;
    m_input.packetServer = Endpoint::parse(text(FieldId::Server));
}

path::SourcePath pathOf(const Snapshot& snapshot, Row row, const path::Trust& trust) {
    const ExchangePath exchange(snapshot, row);
    return path::readPath(exchange.input(), trust);
}

} // namespace gatescope::analysis
