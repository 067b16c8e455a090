// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/trust_options.h"

#include "core/path/topology_limits.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

namespace gatescope::cli {

namespace {

std::expected<path::Trust, Failure> readTopologyFile(const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    std::string text;
    if (file) {
        text.resize(path::kMaxTopologyBytes + 1); // one more shows that the file is too long
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
    }
    if (!file && !file.eof())
        return std::unexpected(Failure{ExitStatus::NotOpened, fmt::format("{}: {}", name, std::strerror(errno))});
    auto trust = path::readTopology(text);
    if (trust) return *std::move(trust);
    const ExitStatus status = trust.error().kind == ErrorKind::Usage ? ExitStatus::WrongUse : ExitStatus::NotOpened;
    return std::unexpected(Failure{status, fmt::format("{}: {}", name, trust.error().message)});
}

} // namespace

void addTrustOptions(CLI::App& command, TrustOptions& options) {
    command
        .add_option("--trusted", options.trusted,
                    "A network whose hops tell the truth about who called them, such as 10.0.9.0/24; repeatable")
        ->type_name("CIDR")
        ->allow_extra_args(false);
    command.add_option("--topology", options.topology, "Named subnets and which of them are trusted; see topology.md")
        ->type_name("FILE");
    command
        .add_option("--front-door-id", options.frontDoorId, "X-Azure-FDID that requests must carry: your Front Door's")
        ->type_name("ID");
    command
        .add_option("--trusted-hops", options.trustedHops,
                    "Find the client by counting this many trusted hops from the right of X-Forwarded-For")
        ->check(CLI::Range(0U, path::kMaxTrustedHops))
        ->type_name("N");
    command.add_flag(
        "--no-remote-address", options.receivedOnly,
        "With --trusted-hops: do not count the address of the connection (Envoy's use_remote_address off)");
}

std::expected<std::shared_ptr<const path::Trust>, Failure> trustOf(const TrustOptions& options) {
    auto trust = std::make_shared<path::Trust>();
    if (!options.topology.empty()) {
        auto topology = readTopologyFile(options.topology);
        if (!topology) return std::unexpected(topology.error());
        *trust = *std::move(topology);
    }
    for (const std::string& text : options.trusted) {
        auto subnet = path::parseTrusted(text);
        if (!subnet) return std::unexpected(Failure{ExitStatus::WrongUse, "--trusted: " + subnet.error().message});
        trust->subnets.push_back(*std::move(subnet));
    }
    if (!options.frontDoorId.empty()) trust->frontDoorId = options.frontDoorId;
    if (options.trustedHops) trust->trustedHops = options.trustedHops;
    if (options.receivedOnly) trust->useRemoteAddress = false;
    return trust;
}

} // namespace gatescope::cli
