// SPDX-License-Identifier: Apache-2.0
#include "core/live/filter_check.h"

#include <fmt/format.h>
#include <memory>
#include <pcap/pcap.h>
#include <string>

namespace gatescope::live {

std::optional<FilterProblem> checkFilter(std::string_view filter, int linkType) {
    const std::unique_ptr<pcap_t, void (*)(pcap_t*)> handle(pcap_open_dead(linkType, 262'144), pcap_close);
    if (!handle) return FilterProblem{"not enough memory", 1, 0};
    bpf_program program{};
    if (pcap_compile(handle.get(), &program, std::string(filter).c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0) {
        pcap_freecode(&program);
        return std::nullopt;
    }
    return FilterProblem{pcap_geterr(handle.get()), 1, 0};
}

std::string describe(const FilterProblem& problem, std::string_view filter, bool lines) {
    std::string text = fmt::format("{} at column {}", problem.message, problem.column);
    if (lines)
        text += fmt::format("\n  {}\n  {}{}", filter, std::string(problem.column - 1, ' '),
                            std::string(problem.length == 0 ? 1 : problem.length, '^'));
    return text;
}

} // namespace gatescope::live
