// SPDX-License-Identifier: Apache-2.0
#include "core/live/filter_check.h"

#include "core/live/filter_words.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <pcap/pcap.h>
#include <string>
#include <vector>

namespace gatescope::live {

namespace {

/// A device that is none.
class Compiler {
public:
    explicit Compiler(int linkType) : m_handle(pcap_open_dead(linkType, 262'144), pcap_close) {}
    bool isReady() const { return m_handle != nullptr; }
    bool isTired() const { return m_octets > kMostOctets; }
    /// Nothing: it is good; else what libpcap says.
    std::optional<std::string> compile(const std::string& filter, bool optimized) const {
        bpf_program program{};
        m_octets += filter.size();
        if (pcap_compile(m_handle.get(), &program, filter.c_str(), optimized ? 1 : 0, PCAP_NETMASK_UNKNOWN) != 0)
            return pcap_geterr(m_handle.get());
        pcap_freecode(&program);
        return std::nullopt;
    }

private:
    /// Of filters that are compiled to find one place.
    static constexpr std::size_t kMostOctets = 512 * 1024;

    std::unique_ptr<pcap_t, void (*)(pcap_t*)> m_handle;
    mutable std::size_t m_octets = 0;
};

/// No place is looked for in longer ones: libpcap's time grows with the square of the length.
constexpr std::size_t kLongestLocated = 1024;

/// What closes the parentheses and brackets that `begun` leaves open.
std::string closing(std::string_view begun) {
    std::string open;
    for (const char one : begun) {
        if (one == '(' || one == '[')
            open += one;
        else if ((one == ')' || one == ']') && !open.empty())
            open.pop_back();
    }
    std::string close;
    while (!open.empty()) {
        const bool isBracket = open.back() == '[';
        open.pop_back();
        close += isBracket ? "]" : ")";
        if (isBracket && open.find('[') == std::string::npos) close += " = 0";
    }
    return close;
}

/// libpcap names no place for a syntax error. But the begin of a good filter can always be gone on with, so a begin
/// that none of many ways to go on makes good is where it went wrong.
bool canGoOn(const Compiler& compiler, std::string_view begun) {
    static constexpr auto kWays = std::to_array<std::string_view>({"",
                                                                   " 1",
                                                                   " ip",
                                                                   " host 1.2.3.4",
                                                                   " 1.2.3.4",
                                                                   " ::1",
                                                                   " port 1",
                                                                   " 1-2",
                                                                   " 32",
                                                                   " 255.0.0.0",
                                                                   " 2:2:2:2:2:2",
                                                                   " tcp",
                                                                   " proto 1",
                                                                   " net 1.0.0.0/8",
                                                                   "1",
                                                                   " = 1",
                                                                   " mgt",
                                                                   " beacon",
                                                                   " data",
                                                                   " nods",
                                                                   " lo",
                                                                   " pass",
                                                                   " 0 = 0",
                                                                   " broadcast",
                                                                   " i",
                                                                   " len > 1",
                                                                   "= 1",
                                                                   "& 1"});
    const std::string close = closing(begun);
    if (compiler.isTired()) return false;
    const auto isGood = [&](std::string_view way, std::string_view behind, std::string_view last) {
        return !compiler.compile(fmt::format("{}{}{}{}{}", begun, way, behind, close, last), false);
    };
    return std::ranges::any_of(kWays, [&](std::string_view way) {
        return isGood(way, "", "") || isGood(way, " = 0", "") || isGood(way, "", " = 0");
    });
}

std::string withoutPrefix(std::string message) {
    constexpr std::string_view kPrefix = "can't parse filter expression: ";
    return message.starts_with(kPrefix) ? message.substr(kPrefix.size()) : message;
}

FilterProblem locate(const Compiler& compiler, std::string_view filter, const std::vector<FilterWord>& words,
                     std::string message) {
    if (filter.size() > kLongestLocated) return {std::move(message), 1, filter.size()};
    const auto isBad = [&](const FilterWord& word) {
        return !canGoOn(compiler, filter.substr(0, word.begin + word.length));
    };
    // Behind a begin that is bad all are bad.
    const auto first = std::ranges::partition_point(words, [&](const FilterWord& word) { return !isBad(word); });
    if (compiler.isTired()) return {std::move(message), 1, filter.size()};
    if (first == words.end()) return {std::move(message), filter.size() + 1, 0};
    return {std::move(message), first->begin + 1, first->length};
}

} // namespace

std::optional<FilterProblem> checkFilter(std::string_view filter, int linkType) {
    if (const std::size_t zero = filter.find('\0'); zero != std::string_view::npos)
        return FilterProblem{"an octet of value 0", zero + 1, 1};
    const std::vector<FilterWord> words = splitFilter(filter);
    if (const auto name = findHostName(filter, words))
        return FilterProblem{"neither a word of filters nor an address; names are not looked up", name->begin + 1,
                             name->length};
    const Compiler compiler(linkType);
    if (!compiler.isReady()) return FilterProblem{"not enough memory", 1, 0};
    const std::string text(filter);
    auto message = compiler.compile(text, true);
    if (!message) return std::nullopt;
    if (!compiler.compile(text, false)) return FilterProblem{*message, 1, filter.size()}; // it can never be true
    return locate(compiler, filter, words, withoutPrefix(std::move(*message)));
}

std::string describe(const FilterProblem& problem, std::string_view filter, bool lines) {
    const std::string_view word = filter.substr(std::min(problem.column - 1, filter.size()), problem.length);
    std::string text = problem.length == 0
                           ? fmt::format("{} at column {}: the filter ends too early", problem.message, problem.column)
                           : fmt::format("{} at column {}: `{}`", problem.message, problem.column, word);
    if (lines)
        text += fmt::format("\n  {}\n  {}{}", filter, std::string(problem.column - 1, ' '),
                            std::string(std::max<std::size_t>(problem.length, 1), '^'));
    return text;
}

} // namespace gatescope::live
