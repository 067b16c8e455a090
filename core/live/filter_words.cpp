// SPDX-License-Identifier: Apache-2.0
#include "core/live/filter_words.h"

#include <algorithm>
#include <array>
#include <string>

namespace gatescope::live {

namespace {

constexpr std::string_view kHex = "0123456789abcdefABCDEF";
constexpr std::string_view kNameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-\\$";

constexpr auto kKeywords = std::to_array<std::string_view>(
    {"aarp",        "action",     "addr1",   "addr2",      "addr3",      "addr4",     "address1", "address2",
     "address3",    "address4",   "ah",      "and",        "arp",        "atalk",     "bcc",      "broadcast",
     "byte",        "carp",       "clnp",    "connectmsg", "csnp",       "decnet",    "dir",      "direction",
     "dpc",         "dst",        "es-is",   "esis",       "esp",        "ether",     "fddi",     "fisu",
     "gateway",     "geneve",     "greater", "hdpc",       "hfisu",      "hlssu",     "hmsu",     "hopc",
     "host",        "hsio",       "hsls",    "icmp",       "icmp6",      "ifindex",   "ifname",   "igmp",
     "igrp",        "iih",        "ilmic",   "inbound",    "ip",         "ip6",       "ipx",      "is-is",
     "isis",        "iso",        "l1",      "l2",         "lane",       "lat",       "len",      "length",
     "less",        "link",       "llc",     "lssu",       "lsp",        "lssu",      "mask",     "metac",
     "metaconnect", "mopdl",      "moprc",   "mpls",       "msu",        "multicast", "net",      "netbeui",
     "not",         "oam",        "oamf4",   "oamf4ec",    "oamf4sc",    "on",        "opc",      "or",
     "outbound",    "pgm",        "pim",     "port",       "portrange",  "ppp",       "pppoed",   "pppoes",
     "proto",       "protochain", "psnp",    "ra",         "radio",      "rarp",      "reason",   "rnr",
     "rset",        "ruleset",    "rulenum", "sc",         "sctp",       "sio",       "slip",     "sls",
     "snp",         "src",        "srnr",    "stp",        "subrulenum", "subtype",   "ta",       "tcp",
     "tr",          "type",       "udp",     "vci",        "vlan",       "vpi",       "vrrp",     "wlan"});

/// Values of `tcp[tcpflags]`, `icmp[icmptype]` and `icmp6[icmp6type]`.
constexpr auto kValueNames = std::to_array<std::string_view>({"tcp-fin",
                                                              "tcp-syn",
                                                              "tcp-rst",
                                                              "tcp-push",
                                                              "tcp-ack",
                                                              "tcp-urg",
                                                              "tcp-ece",
                                                              "tcp-cwr",
                                                              "icmp-echoreply",
                                                              "icmp-unreach",
                                                              "icmp-sourcequench",
                                                              "icmp-redirect",
                                                              "icmp-echo",
                                                              "icmp-routeradvert",
                                                              "icmp-routersolicit",
                                                              "icmp-timxceed",
                                                              "icmp-paramprob",
                                                              "icmp-tstamp",
                                                              "icmp-tstampreply",
                                                              "icmp-ireq",
                                                              "icmp-ireqreply",
                                                              "icmp-maskreq",
                                                              "icmp-maskreply",
                                                              "icmp6-destinationunreach",
                                                              "icmp6-packettoobig",
                                                              "icmp6-timeexceeded",
                                                              "icmp6-parameterproblem",
                                                              "icmp6-echo",
                                                              "icmp6-echoreply",
                                                              "icmp6-routersolicit",
                                                              "icmp6-routeradvert",
                                                              "icmp6-neighborsolicit",
                                                              "icmp6-neighboradvert",
                                                              "icmp6-redirect"});

/// Behind these a name is not that of a host: services and protocols stand in files, the others are libpcap's own.
constexpr auto kBeforeOtherNames =
    std::to_array<std::string_view>({"port", "portrange", "proto", "protochain", "type", "subtype", "dir", "direction",
                                     "action", "reason", "on", "ifname", "rset", "ruleset", "llc"});

bool isOneOf(std::string_view word, const auto& list) {
    return std::ranges::find(list, word) != list.end();
}

bool consistsOf(std::string_view word, std::string_view letters) {
    return word.find_first_not_of(letters) == std::string_view::npos;
}

/// Groups of hexadecimal digits, as hardware addresses have: six of up to two, or three of four.
bool isHardwareAddress(std::string_view word) {
    if (word.size() == 12 && consistsOf(word, kHex)) return true;
    for (const char separator : {'.', '-'}) {
        std::size_t groups = 0, longest = 0, shortest = word.size();
        for (std::size_t at = 0; at <= word.size(); ++groups) {
            const std::size_t end = std::min(word.find(separator, at), word.size());
            if (!consistsOf(word.substr(at, end - at), kHex)) return false;
            longest = std::max(longest, end - at);
            shortest = std::min(shortest, end - at);
            at = end + 1;
        }
        if ((groups == 6 && shortest >= 1 && longest <= 2) || (groups == 3 && shortest == 4 && longest == 4))
            return true;
    }
    return false;
}

bool isNumberOrAddress(std::string_view word) {
    if (consistsOf(word, ".0123456789-")) return true; // ranges of ports too
    if (word.find(':') != std::string_view::npos) return true;
    if (word.size() > 2 && word[0] == '0' && (word[1] | 0x20) == 'x') return consistsOf(word.substr(2), kHex);
    return consistsOf(word.substr(0, 1), kHex) && isHardwareAddress(word);
}

} // namespace

std::vector<FilterWord> splitFilter(std::string_view filter) {
    std::vector<FilterWord> words;
    std::size_t brackets = 0;
    for (std::size_t at = 0; at < filter.size();) {
        if (std::string_view(" \t\r\n").find(filter[at]) != std::string_view::npos) {
            ++at;
            continue;
        }
        if (filter[at] == ']' && brackets != 0) --brackets;
        // In brackets a colon stands between place and length, elsewhere in addresses.
        const std::string letters = std::string(kNameLetters) + (brackets == 0 ? ":" : "");
        const std::size_t end = std::min(filter.find_first_not_of(letters, at), filter.size());
        const std::size_t length = std::max<std::size_t>(end - at, 1);
        words.push_back({at, length, brackets != 0});
        if (filter[at] == '[') ++brackets;
        at += length;
    }
    return words;
}

std::optional<FilterWord> findHostName(std::string_view filter, const std::vector<FilterWord>& words) {
    std::string_view qualifier;
    for (const FilterWord& one : words) {
        const std::string_view word = filter.substr(one.begin, one.length);
        const bool isName = !one.isInBrackets && kNameLetters.find(word[0]) != std::string_view::npos &&
                            word[0] != '$' && word[0] != '-' && !isNumberOrAddress(word);
        if (word == "and" || word == "or" || word == "not" || !isName || isOneOf(word, kValueNames)) continue;
        if (isOneOf(word, kKeywords))
            qualifier = word;
        else if (word[0] != '\\' && !isOneOf(qualifier, kBeforeOtherNames))
            return one;
    }
    return std::nullopt;
}

} // namespace gatescope::live
