// SPDX-License-Identifier: Apache-2.0
#include "core/path/arr_ssl.h"
#include "core/path/container_app.h"
#include "core/path/forwarded.h"
#include "core/path/forwarded_for.h"
#include "core/path/forwarded_path.h"
#include "core/path/ja4_text.h"
#include "core/path/network_range.h"
#include "core/path/project_claim.h"
#include "core/path/request_checks.h"
#include "core/path/trace_context.h"
#include "core/path/well_known.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace gatescope;
using namespace gatescope::path;

void require(bool condition) {
    if (!condition) std::abort();
}

void checkNode(const HopNode& node) {
    require(node.address.has_value() == (node.kind == HopNode::Kind::Address));
    require(node.address || node.port == 0);
    if (node.address) (void)classify(*node.address);
}

void readLists(const std::string& text) {
    const ForwardedFor list = readForwardedFor(text);
    require(list.entries.size() <= ForwardedFor::kMaxEntries);
    for (const HopNode& node : list.entries) {
        require(!node.text.empty());
        checkNode(node);
    }
    const Forwarded forwarded = readForwarded(text);
    require(forwarded.elements.size() <= Forwarded::kMaxElements);
    for (const ForwardedElement& element : forwarded.elements) {
        checkNode(element.forNode());
        checkNode(element.byNode());
    }
}

} // namespace

/// Any text is read by every grammar; what is taken is taken for what it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    readLists(text);
    if (const auto arr = readArrSsl(text)) {
        (void)certificateNameMatches(arr->subjectName, text);
        (void)isKnownPublicIssuer(arr->issuerName, arr->issuerOrganisation);
    }
    (void)nameAttribute(text, "CN");
    if (const auto ja4 = readJa4(text)) require(ja4->ciphers < 100 && ja4->extensions < 100);
    if (const auto trace = readTraceparent(text)) require(trace->traceId.size() == 32 && trace->parentId.size() == 16);
    if (const auto span = leafSpanId(text)) require(span->size() == 16);
    if (const auto path = readForwardedPath(text)) require(!path->host.empty() && path->path.starts_with('/'));
    (void)deploymentOf(text);
    require(readContainerApp(text).app.size() <= text.size());
    require(readAgentId(text).name.size() <= text.size());
    (void)readProjectClaim(text);
    (void)readProjectClaim("Bearer a." + text);
    (void)secretParameters(text);
    (void)isModelService(text);
    if (const auto range = NetworkRange::parse(text)) {
        require(range->contains(range->first()));
        require(NetworkRange::parse(range->toString()) == range);
    }
    return 0;
}
