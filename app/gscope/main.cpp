// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/interrupt.h"
#include "app/gscope/nearest.h"
#include "app/gscope/verb.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace gatescope::cli;

constexpr const char* kFooter =
    "'gscope VERB --help' tells the options of a verb. Results go to standard output, messages to standard error.\n\n"
    "Exit status:\n"
    "  0  done\n"
    "  1  done, and there is a finding at or over --fail-on\n"
    "  2  wrong use: unknown verb, option, field or filter\n"
    "  3  an input could not be opened or is no capture; the others were still read\n"
    "  4  an input was read only in part (cut, damaged, or stopped with Ctrl-C); all before that is in the result\n"
    "  5  an error of gscope itself, or the result could not be written\n\n"
    "Secrets (tokens, keys, cookies) are shown as *** unless --reveal is given.";

std::vector<std::unique_ptr<Verb>> makeVerbs() {
    std::vector<std::unique_ptr<Verb>> verbs;
    for (const auto make :
         {makeSummaryVerb, makeExchangesVerb, makeGroupsVerb, makeTokensVerb, makeSimulateVerb, makePathsVerb,
          makeTlsVerb, makeTrustVerb, makeProfilesVerb, makeHeadersVerb, makeBodyVerb, makeFollowVerb, makeFindingsVerb,
          makeExportVerb, makeCaptureVerb, makeInterfacesVerb, makeFieldsVerb, makeVersionVerb})
        verbs.push_back(make());
    return verbs;
}

/// The first option that the verb does not know, with what is near.
std::string unknownOption(const CLI::App& command, std::span<const std::string> arguments) {
    std::vector<std::string> known;
    for (const CLI::Option* option : command.get_options())
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    for (const std::string& argument : arguments) {
        if (!argument.starts_with("--") || argument == "--") continue;
        const std::string name = argument.substr(0, argument.find('='));
        if (std::ranges::find(known, name) == known.end())
            return fmt::format("unknown option '{}'{}", name, suggestion(name, known));
    }
    return {};
}

ExitStatus wrongUse(const std::string& message, const std::string& verb) {
    say(message);
    say(fmt::format("'gscope {}--help' tells more", verb.empty() ? "" : verb + ' '));
    return ExitStatus::WrongUse;
}

/// A verb of several parts, without one of them.
ExitStatus wrongPart(const std::string& verb, const std::string& part, const std::vector<CLI::App*>& parts) {
    std::vector<std::string> names;
    for (const CLI::App* each : parts) names.push_back(each->get_name());
    return wrongUse(part.empty() ? fmt::format("'{}' needs one of: {}", verb, fmt::join(names, ", "))
                                 : fmt::format("unknown '{} {}'{}", verb, part, suggestionOf(part, names)),
                    verb);
}

ExitStatus run(const std::vector<std::string>& arguments) {
    CLI::App app("Gatescope: who called which model, from captures of AI-gateway traffic", "gscope");
    app.footer(kFooter);
    app.require_subcommand(1);
    const auto verbs = makeVerbs();
    std::vector<std::string> names;
    std::vector<CLI::App*> commands;
    for (const auto& verb : verbs) {
        names.emplace_back(verb->name());
        commands.push_back(app.add_subcommand(names.back(), std::string(verb->purpose())));
    }
    if (arguments.empty()) {
        std::fputs(app.help().c_str(), stderr);
        return ExitStatus::WrongUse;
    }
    const std::string first = arguments.front() == "--version" ? "version" : arguments.front();
    const auto chosen = std::ranges::find(names, first);
    const bool isVerb = chosen != names.end();
    if (!isVerb && first != "--help" && first != "-h")
        return wrongUse(fmt::format("unknown {} '{}'{}", first.starts_with('-') ? "option" : "verb", first,
                                    suggestion(first, names)),
                        "");
    CLI::App* command = isVerb ? commands[static_cast<std::size_t>(chosen - names.begin())] : &app;
    std::string words = isVerb ? first : "";
    if (isVerb) verbs[static_cast<std::size_t>(chosen - names.begin())]->declare(*command);
    if (const auto parts = command->get_subcommands([](CLI::App*) { return true; }); isVerb && !parts.empty()) {
        const std::string second = arguments.size() > 1 ? arguments[1] : "";
        const auto part = std::ranges::find_if(parts, [&](const CLI::App* each) { return each->get_name() == second; });
        if (part == parts.end() && second != "--help" && second != "-h") return wrongPart(first, second, parts);
        if (part != parts.end()) {
            command = *part;
            words += ' ' + second;
        }
    }
    try {
        // CLI11 takes the arguments from the back.
        std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
        reversed.back() = first;
        app.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        std::fputs((isVerb ? command : &app)->help().c_str(), stdout);
        return ExitStatus::Done;
    } catch (const CLI::ParseError& error) {
        const std::string unknown = unknownOption(*command, std::span(arguments).subspan(1));
        return wrongUse(unknown.empty() ? error.what() : unknown, words);
    }
    const Interrupt interrupt;
    const auto status = verbs[static_cast<std::size_t>(chosen - names.begin())]->run(interrupt.token());
    if (status) return *status;
    if (!status.error().message.empty()) say(status.error().message);
    return status.error().status;
}

} // namespace

int main(int argc, char** argv) {
    // A reader that goes away is told by write(); the program then ends without a word.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return static_cast<int>(run({argv + 1, argv + argc}));
    } catch (const std::exception& error) {
        say(fmt::format("internal error: {}", error.what()));
        return static_cast<int>(ExitStatus::OwnError);
    }
}
