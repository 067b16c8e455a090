// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/trust_request.h"
#include "app/gscope/verb.h"
#include "core/report/trust_rows.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace gatescope::cli {

namespace {

constexpr const char* kTrustFooter =
    "Says for each session whether the client trusted the server's certificate, also where nobody can read it, and "
    "for\n"
    "each chain who would trust it and what is wrong with it. Nothing is fetched from a network.\n\n"
    "  gscope trust capture.pcapng\n"
    "  gscope trust --summary capture.pcapng                      one row a client and name\n"
    "  gscope trust --pem chain.pem --host gw.example             a chain from a file\n"
    "  gscope trust --pem chain.pem capture.pcapng                did sealed sessions send this chain?\n"
    "  gscope trust --header headers.json                         x-arr-ssl and other headers of requests\n"
    "  gscope trust --pem chain.pem --host gw.example --add-intermediate ca.pem\n"
    "  gscope trust --pem chain.pem --host gw.example --fixed-bundle served.pem";

/// Options that the verb has beside those of the request.
struct TrustView {
    bool summary = false;
    std::string fixedBundle;
    std::uint64_t chain = 0; ///< 0: all
    std::string header;
};

std::optional<Severity> worstOf(const std::vector<analysis::PlacedFinding>& findings) {
    std::optional<Severity> worst;
    for (const auto& placed : findings) worst = std::max(worst, std::optional(placed.finding.kind->severity));
    return worst;
}

std::optional<Severity> worstOf(const std::vector<analysis::TrustChain>& chains) {
    std::optional<Severity> worst;
    for (const auto& chain : chains)
        for (const trust::Problem& problem : chain.answer.problems)
            worst = std::max(worst, std::optional(problem.kind->severity));
    return worst;
}

/// The bundle that the one chain in question should be served with.
std::expected<void, Failure> writeBundle(const std::vector<analysis::TrustChain>& chains, const std::string& path,
                                         const std::vector<std::string>& inputs) {
    std::vector<const analysis::TrustChain*> candidates;
    for (const auto& chain : chains)
        if (!chain.answer.sent.empty()) candidates.push_back(&chain);
    if (candidates.size() != 1)
        return std::unexpected(wrongUse(
            fmt::format("--fixed-bundle needs one chain, and there are {}: choose with --chain", candidates.size())));
    const trust::ChainAnswer& answer = candidates.front()->answer;
    const auto served = trust::servedChain(answer);
    if (!served) {
        std::string message = "the chain cannot be completed: ";
        for (const trust::MissingIssuer& missing : answer.missing)
            if (!missing.isRoot && !missing.certificate)
                message += fmt::format("the certificate of '{}' is not at hand{}; ", missing.name,
                                       missing.addresses.empty() ? "" : " (" + missing.addresses.front() + ")");
        return std::unexpected(wrongUse(message + "give it with --intermediates"));
    }
    for (const trust::MissingIssuer& missing : answer.missing)
        if (!missing.isRoot && !missing.certificate)
            say(fmt::format("'{}' is taken for the root; if it is an intermediate, give it with --intermediates",
                            missing.name));
    auto file = FileOutput::open(path, inputs);
    if (!file) return std::unexpected(file.error());
    for (const auto& certificate : *served) (*file)->write(trust::toPem(*certificate));
    if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
    return {};
}

/// What both ways of asking write in the end.
class TrustOutput {
public:
    std::expected<void, Failure> choose(const Options& options, bool summary) {
        const bool isLive = options.live.captures() || options.live.follows;
        m_isText = options.format == "table" && options.fields.empty() && !summary && !isLive;
        m_columns = summary ? report::trustGroupColumns() : report::trustColumns();
        auto selection = selectionOf(options, m_columns,
                                     summary  ? std::vector<std::string_view>{"client", "name", "outcome", "signature",
                                                                              "confidence", "sessions", "judgement"}
                                     : isLive ? std::vector<std::string_view>{"session", "time", "client", "server",
                                                                              "sni", "outcome", "signature", "reason",
                                                                              "confidence", "chain"}
                                              : std::vector<std::string_view>{});
        if (!selection) return std::unexpected(selection.error());
        m_selection = *std::move(selection);
        return {};
    }
    void writeChains(const std::vector<analysis::TrustChain>& chains, const Destination& destination) const {
        if (m_isText) {
            for (const auto& chain : chains) destination.file.write(report::chainReport(chain) + '\n');
            return;
        }
        report::RowWriter writer = destination.rows(report::chosen(m_columns, m_selection));
        report::writeTrustChains(chains, m_selection, writer);
        writer.finish();
    }
    void writeAnswer(const analysis::Snapshot& snapshot, const analysis::TrustAnswer& answer, bool summary,
                     const Destination& destination) const {
        if (m_isText) {
            destination.file.write(report::trustReport(answer));
            return;
        }
        report::RowWriter writer = destination.rows(report::chosen(m_columns, m_selection));
        summary ? report::writeTrustGroups(answer, m_selection, writer)
                : report::writeTrust(snapshot, answer, m_selection, writer, destination.numbering);
        writer.finish();
    }

private:
    bool m_isText = false;
    std::vector<report::Column> m_columns;
    report::Selection m_selection;
};

/// Sessions, chains and headers of what the inputs hold.
class TrustOfInputs final : public CaptureVerb {
public:
    std::string_view name() const override { return "trust"; }
    std::string_view purpose() const override { return {}; }

    void declare(CLI::App& command) override {
        addInputOptions(command, m_options);
        addLiveOptions(command, m_options.live);
        addTrustRequestOptions(command, m_request);
        command.add_option("--header", m_view.header, "A dump of requests whose headers tell of certificates")
            ->type_name("FILE");
        command.add_flag("--summary", m_view.summary, "One row a client and name instead of one a session");
        command.add_option("--chain", m_view.chain, "This chain only, by its number")->type_name("N");
        command.add_option("--fixed-bundle", m_view.fixedBundle, "Write the chain that should be served as PEM")
            ->type_name("OUT");
        addResultOptions(command, m_options);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer(kTrustFooter);
    }

    const Options& options() const { return m_options; }
    const TrustRequestOptions& request() const { return m_request; }
    const TrustView& view() const { return m_view; }
    void readHeadersAlone() { m_options.inputs = {m_view.header}; }

protected:
    LiveKind liveKind() const override { return LiveKind::Rows; }

    std::expected<void, Failure> prepare() override {
        auto request = trustRequestOf(m_request, m_options.quiet);
        if (!request) return std::unexpected(request.error());
        m_asked = *std::move(request);
        return m_output.choose(m_options, m_view.summary);
    }

    std::expected<void, Failure> write(const Results& results, const Destination& destination,
                                       const std::stop_token& stop) override {
        auto answer = analysis::trustAnswer(results.snapshot, m_asked.settings, stop);
        if (!answer) return {};
        m_worst = worstOf(analysis::trustFindings(results.snapshot, *answer));
        narrow(*answer);
        const std::vector<analysis::TrustChain> chains = answer->chains;
        if (m_asked.simulates) {
            auto changed = analysis::withChange(chains, m_asked.changed, m_asked.change);
            answer->chains.insert(answer->chains.end(), std::make_move_iterator(changed.begin()),
                                  std::make_move_iterator(changed.end()));
        }
        m_output.writeAnswer(results.snapshot, *answer, m_view.summary, destination);
        if (m_view.fixedBundle.empty()) return {};
        return writeBundle(chains, m_view.fixedBundle, m_options.inputs);
    }

    std::optional<Severity> worstOwnFinding() const override { return m_worst; }

private:
    /// Leaves what was asked for. Only for writing: indices of sessions are not kept.
    void narrow(analysis::TrustAnswer& answer) const {
        if (!m_view.header.empty()) {
            answer.sessions.clear();
            answer.groups.clear();
        }
        if (m_view.chain == 0) return;
        const auto isOther = [this](const auto& one) { return !one.chain || *one.chain + 1 != m_view.chain; };
        std::erase_if(answer.sessions, isOther);
        std::erase_if(answer.groups, isOther);
        std::erase_if(answer.chains, [this](const auto& chain) { return chain.number != m_view.chain; });
        for (auto& session : answer.sessions) session.chain = 0;
        for (auto& group : answer.groups) group.chain = 0;
    }

    TrustRequestOptions m_request;
    TrustView m_view;
    TrustRequest m_asked;
    TrustOutput m_output;
    std::optional<Severity> m_worst;
};

class TrustVerb final : public Verb {
public:
    std::string_view name() const override { return "trust"; }
    std::string_view purpose() const override { return "Why TLS did (not) trust: chains, profiles, silent rejections"; }

    void declare(CLI::App& command) override { m_ofInputs.declare(command); }

    std::expected<ExitStatus, Failure> run(std::stop_token stop) override {
        if (!m_ofInputs.view().header.empty()) {
            if (!m_ofInputs.options().inputs.empty())
                return std::unexpected(wrongUse("--header takes the place of INPUT"));
            m_ofInputs.readHeadersAlone();
        }
        if (!m_ofInputs.options().inputs.empty() || m_ofInputs.options().live.captures())
            return m_ofInputs.run(std::move(stop));
        if (m_ofInputs.request().pem.empty())
            return std::unexpected(wrongUse("INPUT is required, or --pem, --header or --live"));
        return judgeFiles();
    }

private:
    std::expected<ExitStatus, Failure> judgeFiles() {
        const Options& options = m_ofInputs.options();
        const auto format = formatOf(options);
        if (!format) return std::unexpected(format.error());
        const auto failOn = failOnOf(options);
        if (!failOn) return std::unexpected(failOn.error());
        TrustOutput output;
        if (auto chosen = output.choose(options, false); !chosen) return std::unexpected(chosen.error());
        const auto request = trustRequestOf(m_ofInputs.request(), options.quiet);
        if (!request) return std::unexpected(request.error());

        const TrustRequestOptions& typed = m_ofInputs.request();
        std::vector<analysis::TrustChain> chains;
        for (const auto& certificates : request->settings.knownChains) {
            chains.push_back(analysis::judgeFile(certificates, typed.host, request->at, request->settings));
            chains.back().number = chains.size();
        }
        if (m_ofInputs.view().chain != 0)
            std::erase_if(chains, [&](const auto& chain) { return chain.number != m_ofInputs.view().chain; });
        const auto worst = worstOf(chains);
        auto file = FileOutput::open(options.output, typed.pem);
        if (!file) return std::unexpected(file.error());
        const auto fixed = chains;
        if (request->simulates) {
            auto changed = analysis::withChange(chains, request->changed, request->change);
            chains.insert(chains.end(), std::make_move_iterator(changed.begin()),
                          std::make_move_iterator(changed.end()));
        }
        output.writeChains(chains, {**file, {*format, (*file)->terminalWidth()}});
        if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
        if (const auto& path = m_ofInputs.view().fixedBundle; !path.empty())
            if (auto written = writeBundle(fixed, path, typed.pem); !written) return std::unexpected(written.error());
        return *failOn && worst >= *failOn ? ExitStatus::Found : ExitStatus::Done;
    }

    TrustOfInputs m_ofInputs;
};

} // namespace

std::unique_ptr<Verb> makeTrustVerb() {
    return std::make_unique<TrustVerb>();
}

} // namespace gatescope::cli
