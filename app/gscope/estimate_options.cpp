// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/estimate_options.h"

#include "app/gscope/nearest.h"
#include "core/pipeline/vocabularies.h"

#include <filesystem>
#include <fmt/format.h>
#include <system_error>
#include <utility>

namespace gatescope::cli {

namespace {

namespace fs = std::filesystem;
using tokenizer::Encoding;

/// The first of the two folders that is there; empty: neither.
std::string vocabularyFolder() {
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
    if (error) return {};
    for (const fs::path& folder : {program / "vocabularies", program / "../share/gatescope/vocabularies"})
        if (fs::is_directory(folder, error)) return folder.lexically_normal().string();
    return {};
}

/// Fills in a vocabulary; else why there is none.
std::string load(const std::string& folder, Encoding encoding, std::shared_ptr<const tokenizer::Vocabulary>& out) {
    if (folder.empty()) return "no folder 'vocabularies' beside this program";
    auto loaded = pipeline::loadVocabulary(folder, encoding);
    if (!loaded) return loaded.error().message;
    out = *std::move(loaded);
    return {};
}

} // namespace

std::expected<std::shared_ptr<const llm::EstimateOptions>, Failure> estimateOptionsOf(const Options& options) {
    const auto method = llm::parseEstimateMethod(options.estimate);
    if (!method)
        return std::unexpected(
            Failure{ExitStatus::WrongUse,
                    fmt::format("unknown estimate '{}'{}", options.estimate,
                                suggestionOf(options.estimate, {"off", "bytes", "o200k", "cl100k", "auto"}))});
    auto result = std::make_shared<llm::EstimateOptions>();
    result->method = *method;
    std::string missing;
    for (const Encoding encoding : {Encoding::O200k, Encoding::Cl100k}) {
        auto& vocabulary = encoding == Encoding::O200k ? result->o200k : result->cl100k;
        if (!result->uses(encoding)) continue;
        if (const std::string why = load(vocabularyFolder(), encoding, vocabulary); !why.empty()) missing = why;
    }
    if (!missing.empty() && !options.quiet)
        say(fmt::format("no token vocabulary ({}): tokens are estimated as octets of text over four", missing));
    return result;
}

} // namespace gatescope::cli
