// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/finding.h"
#include "core/packet/encapsulation.h"
#include "core/packet/fragment_table.h"
#include "core/packet/outcome.h"

#include <array>
#include <cstdint>
#include <vector>

namespace gatescope::packet {

/// What the packets of one input were, and what the user should know of that.
class InputCounters {
public:
    void count(Outcome outcome, PacketRef packet) {
        Seen& seen = m_outcomes[static_cast<std::size_t>(outcome)];
        if (seen.packets++ == 0) seen.first = packet;
    }
    /// A packet inside several of a kind counts once.
    void countEncapsulation(Encapsulation kind, PacketRef packet);
    void countLinkType(std::uint16_t linkType, PacketRef packet);

    std::uint64_t packets(Outcome outcome) const { return m_outcomes[static_cast<std::size_t>(outcome)].packets; }
    std::vector<Finding> findings(std::uint32_t input, const FragmentTable::Lost& lost) const;

private:
    struct Seen {
        std::uint64_t packets = 0;
        PacketRef first = 0;
        PacketRef last = 0; ///< of encapsulations only
    };
    struct OddLink {
        std::uint16_t linkType = 0;
        Seen seen;
    };
    /// Different unknown link types told apart; further ones are counted with the last.
    static constexpr std::size_t kMaxOddLinks = 8;

    std::vector<std::string> evidenceOf(bool (*isWanted)(Encapsulation)) const;
    const Seen& seen(Outcome outcome) const { return m_outcomes[static_cast<std::size_t>(outcome)]; }

    std::array<Seen, kOutcomes> m_outcomes{};
    std::array<Seen, kEncapsulations> m_encapsulations{};
    std::vector<OddLink> m_oddLinks;
};

} // namespace gatescope::packet
