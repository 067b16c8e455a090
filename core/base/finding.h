// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/packet_ref.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope {

enum class Severity : std::uint8_t { Info, Low, Medium, High };

std::string_view toString(Severity severity);
std::optional<Severity> parseSeverity(std::string_view text);

/// What is odd, once for all its occurrences. Each room keeps its own constants with static lifetime.
struct FindingKind {
    std::string_view id; ///< stable for ever: `tcp.gap`
    Severity severity;
    std::string_view title;   ///< one line
    std::string_view explain; ///< what it means for the answer on screen
    std::string_view fix;     ///< what the user can do; may be empty
};

/// One occurrence. `kind` always points to a constant with static lifetime.
struct Finding {
    const FindingKind* kind = nullptr;
    std::vector<std::string> evidence;      ///< never holds a secret
    std::optional<std::uint32_t> input;     ///< index of the input
    std::optional<std::uint64_t> packet;    ///< number in that input, from 1
    std::optional<PacketRef> flowStart;     ///< the flow's first packet: its identity until flows are numbered
    std::optional<std::uint64_t> line{};    ///< of a log, from 1
};

} // namespace gatescope
