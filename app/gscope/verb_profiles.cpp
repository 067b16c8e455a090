// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/certificate_options.h"
#include "app/gscope/nearest.h"
#include "app/gscope/verb.h"
#include "core/report/profile_rows.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <fmt/format.h>

namespace gatescope::cli {

namespace {

TimeNs timeNow() {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

class ProfilesVerb final : public Verb {
public:
    std::string_view name() const override { return "profiles"; }
    std::string_view purpose() const override {
        return "Who trusts which roots: the lists that certificates are held against";
    }

    void declare(CLI::App& command) override {
        command.add_option("ID", m_id, "The roots of this profile");
        addCertificateOptions(command, m_certificates);
        addFieldsOption(command, m_options);
        addOutputOptions(command, m_options);
        command.footer("  gscope profiles\n"
                       "  gscope profiles strict-common\n"
                       "  gscope profiles --refresh-profile mozilla=cacert.pem\n"
                       "Lists of public roots are compiled in, without the certificates; those come from the system's\n"
                       "store and from the files given here. at_hand tells how many there are.");
    }

    std::expected<ExitStatus, Failure> run(std::stop_token) override {
        const auto format = formatOf(m_options);
        if (!format) return std::unexpected(format.error());
        const bool ofOne = !m_id.empty();
        const auto columns = ofOne ? report::profileRootColumns() : report::profileColumns();
        const auto selection = selectionOf(m_options, columns, forPeople(ofOne));
        if (!selection) return std::unexpected(selection.error());
        const auto sources = trustSourcesOf(m_certificates, false);
        if (!sources) return std::unexpected(sources.error());
        const trust::ProfilePtr profile = ofOne ? trust::findProfile(sources->profiles, m_id) : nullptr;
        if (ofOne && !profile) return std::unexpected(unknown(sources->profiles));

        auto file = FileOutput::open(m_options.output, {});
        if (!file) return std::unexpected(file.error());
        report::RowWriter writer({*format, (*file)->terminalWidth()}, report::chosen(columns, *selection), **file);
        if (profile)
            report::writeProfileRoots(*profile, *selection, writer);
        else
            report::writeProfiles(sources->profiles, timeNow(), *selection, writer);
        writer.finish();
        if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
        return ExitStatus::Done;
    }

private:
    static std::vector<std::string_view> forPeople(bool ofOne) {
        if (ofOne) return {"subject", "not_after", "at_hand", "sha256"};
        return {"id", "title", "as_of", "roots", "at_hand", "outdated"};
    }

    Failure unknown(const std::vector<trust::ProfilePtr>& profiles) const {
        std::vector<std::string> ids;
        for (const trust::ProfilePtr& profile : profiles) ids.push_back(profile->id);
        return {ExitStatus::WrongUse, fmt::format("unknown profile '{}'{}", m_id, suggestionOf(m_id, ids))};
    }

    Options m_options;
    CertificateOptions m_certificates;
    std::string m_id;
};

} // namespace

std::unique_ptr<Verb> makeProfilesVerb() {
    return std::make_unique<ProfilesVerb>();
}

} // namespace gatescope::cli
