// SPDX-License-Identifier: Apache-2.0
#include "core/trust/sent_chain.h"
#include "core/trust/trust_findings.h"

#include <algorithm>
#include <string>
#include <utility>

namespace gatescope::trust {

namespace {

/// Only names and key ids are compared: what is sent is untrusted, and signatures are verified on paths.
class SentOrder {
public:
    explicit SentOrder(std::span<const CertificatePtr> sent) {
        if (sent.size() > ChainQuestion::kMaxSent) {
            add(kTooManyCertificates, Weight::Remark, nullptr,
                {std::to_string(sent.size()) + " were sent, the first " + std::to_string(ChainQuestion::kMaxSent) +
                 " were looked at"});
            sent = sent.first(ChainQuestion::kMaxSent);
        }
        for (std::size_t at = 0; at < sent.size(); ++at) {
            if (sent[at] == nullptr) continue;
            const auto same = [&](const Place& place) { return place.certificate->sha256 == sent[at]->sha256; };
            if (const auto first = std::ranges::find_if(m_places, same); first != m_places.end())
                add(kDuplicate, Weight::Remark, sent[at],
                    {sent[at]->subject,
                     "stands at places " + std::to_string(first->number) + " and " + std::to_string(at + 1)});
            else
                m_places.push_back({sent[at], at + 1});
        }
    }

    Problems run() {
        if (m_places.empty()) return std::move(m_problems);
        moveLeafToFront();
        findChain();
        for (std::size_t at = 1; at < m_places.size(); ++at) checkPlace(at);
        return std::move(m_problems);
    }

private:
    struct Place {
        CertificatePtr certificate;
        std::size_t number = 0; ///< in the message, from 1
        bool onChain = false;
    };

    void add(const FindingKind& kind, Weight weight, CertificatePtr certificate, std::vector<std::string> evidence,
             std::string concerns = {}) {
        m_problems.push_back({&kind, weight, std::move(certificate), -1, std::move(evidence), std::move(concerns)});
    }

    static bool issued(const Certificate& issuer, const Certificate& certificate) {
        return &issuer != &certificate && couldBeIssuedBy(certificate, issuer);
    }

    /// A CA in the first place is no leaf where another one of them is.
    void moveLeafToFront() {
        const Certificate& first = *m_places.front().certificate;
        if (!first.isCa) return;
        const auto leaf = std::ranges::find_if(
            m_places, [](const Place& place) { return !place.certificate->isCa && !place.certificate->selfIssued; });
        if (leaf == m_places.end()) return;
        add(kLeafNotFirst, Weight::Rejects, leaf->certificate,
            {leaf->certificate->subject, "stands at place " + std::to_string(leaf->number),
             "the first is " + first.subject + ", which is a CA"});
        std::rotate(m_places.begin(), leaf, leaf + 1);
    }

    /// Everything that can be reached from the leaf, by whatever way.
    void findChain() {
        std::vector<std::size_t> open{0};
        m_places.front().onChain = true;
        while (!open.empty()) {
            const Certificate& below = *m_places[open.back()].certificate;
            open.pop_back();
            for (std::size_t at = 1; at < m_places.size(); ++at) {
                if (m_places[at].onChain || !issued(*m_places[at].certificate, below)) continue;
                m_places[at].onChain = true;
                open.push_back(at);
            }
        }
    }

    void checkPlace(std::size_t at) {
        const Place& place = m_places[at];
        const Certificate& certificate = *place.certificate;
        const std::string number = "stands at place " + std::to_string(place.number);
        if (!place.onChain) {
            const bool leaf = !certificate.isCa && !certificate.selfIssued;
            add(leaf ? kSeveralLeaves : kExtra, Weight::Remark, place.certificate, {certificate.subject, number});
            return;
        }
        if (certificate.selfSigned) add(kRootSent, Weight::Remark, place.certificate, {certificate.subject, number});
        const auto before = std::span(m_places).first(at);
        const auto isBelow = [&](const Place& other) {
            return other.onChain && issued(certificate, *other.certificate);
        };
        if (!std::ranges::any_of(before, isBelow))
            add(kWrongOrder, Weight::Remark, place.certificate,
                {certificate.subject, number + ", before what it certifies"},
                "none of the twelve stacks that were measured");
    }

    std::vector<Place> m_places;
    Problems m_problems;
};

} // namespace

Problems checkSent(std::span<const CertificatePtr> sent) {
    return SentOrder(sent).run();
}

} // namespace gatescope::trust
