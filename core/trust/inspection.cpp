// SPDX-License-Identifier: Apache-2.0
#include "core/trust/ascii_text.h"
#include "core/trust/days.h"
#include "core/trust/sent_chain.h"
#include "core/trust/trust_findings.h"

#include <algorithm>
#include <array>
#include <string>

namespace gatescope::trust {

namespace {

// What products that read TLS write into the names of their CAs, in lower case.
constexpr auto kProducts = std::to_array<std::string_view>({"azure firewall",
                                                            "azfw",
                                                            "zscaler",
                                                            "netskope",
                                                            "palo alto",
                                                            "paloalto",
                                                            "fortinet",
                                                            "fortigate",
                                                            "blue coat",
                                                            "bluecoat",
                                                            "cisco umbrella",
                                                            "check point",
                                                            "sophos",
                                                            "sonicwall",
                                                            "watchguard",
                                                            "barracuda",
                                                            "forcepoint",
                                                            "websense",
                                                            "mcafee web gateway",
                                                            "menlo security",
                                                            "iboss",
                                                            "cloudflare gateway",
                                                            "gateway ca - cloudflare",
                                                            "mitmproxy",
                                                            "fiddler",
                                                            "charles proxy",
                                                            "portswigger",
                                                            "burp suite",
                                                            "zed attack proxy",
                                                            "squid",
                                                            "superfish",
                                                            "edellroot",
                                                            "kaspersky",
                                                            "avast",
                                                            "avg web",
                                                            "eset ssl filter",
                                                            "bitdefender",
                                                            "inspection",
                                                            "interception",
                                                            "mitm",
                                                            "ssl proxy",
                                                            "tls proxy",
                                                            "decryption",
                                                            "deep packet"});

std::string_view productIn(std::string_view name) {
    const std::string lower = lowered(name);
    const auto found = std::ranges::find_if(
        kProducts, [&](std::string_view product) { return lower.find(product) != std::string::npos; });
    return found == kProducts.end() ? std::string_view() : *found;
}

std::string ageText(TimeNs age) {
    constexpr TimeNs kHour = kDay / 24;
    if (age < 2 * kHour) return std::to_string(age / (kHour / 60)) + " minutes";
    return age < 2 * kDay ? std::to_string(age / kHour) + " hours" : inDays(age / kDay);
}

} // namespace

Problems checkInspection(std::span<const CertificateSet::Entry> path, bool privateCa, TimeNs at) {
    if (path.empty() || !privateCa || path.front().certificate->selfSigned) return {};
    constexpr TimeNs kYoung = 3 * kDay; // proxies make a certificate when a name is first asked for
    const CertificatePtr& leaf = path.front().certificate;
    std::vector<std::string> facts{leaf->subject};
    bool named = false;
    for (const CertificateSet::Entry& entry : path) {
        const std::string_view product = productIn(entry.certificate->issuer);
        if (product.empty()) continue;
        named = true;
        facts.push_back("issued by " + entry.certificate->issuer + ", which has '" + std::string(product) +
                        "' in its name");
        break;
    }
    if (at != kNoTime && leaf->notBefore != kNoTime && at >= leaf->notBefore && elapsed(leaf->notBefore, at) < kYoung)
        facts.push_back("it was made " + ageText(elapsed(leaf->notBefore, at)) +
                        " before, by a CA in no public programme");
    if (facts.size() == 1) return {};
    if (!named) facts.emplace_back("a private CA that renews often looks the same");
    return {{&kInspection, Weight::Remark, leaf, 0, std::move(facts), "clients without the proxy's root"}};
}

} // namespace gatescope::trust
