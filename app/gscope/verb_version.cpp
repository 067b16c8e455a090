// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/verb.h"

#include "build_versions.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace gatescope::cli {

namespace {

class VersionVerb final : public Verb {
public:
    std::string_view name() const override { return "version"; }
    std::string_view purpose() const override { return "Version of this program and of what it was built with"; }

    void declare(CLI::App& command) override { addOutputOptions(command, m_options); }

    std::expected<ExitStatus, Failure> run(std::stop_token) override {
        const auto format = formatOf(m_options);
        if (!format) return std::unexpected(format.error());
        auto file = FileOutput::open(m_options.output, {});
        if (!file) return std::unexpected(file.error());
        if (*format == report::Format::Table) {
            std::string text = fmt::format("gscope {}\n", kVersion);
            for (const auto& [name, version] : kBuiltWith) text += fmt::format("  {} {}\n", name, version);
            (*file)->write(text);
        } else {
            report::RowWriter writer({*format, 0}, columns(), **file);
            writer.text(kVersion);
            for (const auto& [name, version] : kBuiltWith) writer.text(version);
            writer.endRow();
            writer.finish();
        }
        if (auto done = (*file)->commit(); !done) return std::unexpected(done.error());
        return ExitStatus::Done;
    }

private:
    static std::vector<report::Column> columns() {
        std::vector<report::Column> all{{"version", report::ColumnType::Text}};
        for (const auto& [name, version] : kBuiltWith) all.push_back({std::string(name), report::ColumnType::Text});
        return all;
    }

    Options m_options;
};

} // namespace

std::unique_ptr<Verb> makeVersionVerb() {
    return std::make_unique<VersionVerb>();
}

} // namespace gatescope::cli
