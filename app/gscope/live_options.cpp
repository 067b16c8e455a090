// SPDX-License-Identifier: Apache-2.0
#include "app/gscope/live_options.h"

#include "app/gscope/nearest.h"
#include "app/gscope/options.h"
#include "core/analysis/time_series.h"
#include "core/live/filter_check.h"
#include "core/pipeline/live_run.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <string_view>
#include <utility>

namespace gatescope::cli {

namespace {

constexpr const char* kLiveGroup = "Live";
constexpr const char* kHidden = "";

std::expected<std::uint64_t, Failure> countOf(std::string_view text) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count == 0)
        return std::unexpected(wrongUse(fmt::format("'{}' is no number; expected one from 1", text)));
    return count;
}

std::expected<TimeNs, Failure> durationOf(std::string_view text) {
    const auto interval = analysis::parseInterval(text);
    if (!interval) return std::unexpected(failureOf(interval.error()));
    return *interval;
}

/// The numbers that `KEY:VALUE` words of one option set.
struct Conditions {
    std::string option; ///< for messages
    std::uint64_t* bytes = nullptr;
    TimeNs* time = nullptr;
    std::uint64_t* packets = nullptr;
    std::uint32_t* files = nullptr;

    std::expected<void, Failure> take(const std::string& word) const {
        const std::size_t colon = std::min(word.find(':'), word.size());
        const std::string key = word.substr(0, colon);
        const std::string value = colon == word.size() ? "" : word.substr(colon + 1);
        if (key == "size") return set(bytes, sizeOf(value));
        if (key == "time") return set(time, durationOf(value));
        if (key == "packets") return set(packets, countOf(value));
        if (key == "files") return set(files, countOf(value));
        return std::unexpected(wrongUse(fmt::format("unknown condition '{}' of {}{}", key, option,
                                                    suggestionOf(key, {"size", "time", "packets", "files"}))));
    }

private:
    template <typename To, typename From>
    std::expected<void, Failure> set(To* to, const std::expected<From, Failure>& value) const {
        if (!value)
            return std::unexpected(Failure{value.error().status, fmt::format("{}: {}", option, value.error().message)});
        if (std::cmp_greater(*value, std::numeric_limits<To>::max()))
            return std::unexpected(wrongUse(fmt::format("{}: {} is too large", option, *value)));
        *to = static_cast<To>(*value);
        return {};
    }
};

/// A filter that cannot be right on any of these interfaces.
std::expected<void, Failure> checkFilter(const live::CaptureRequest& request) {
    // What libpcap gives: Ethernet on nearly all interfaces, loopback included; "cooked" packets on `any`.
    constexpr int kEthernet = 1, kCooked = 276;
    const bool isAny = request.interfaces == std::vector<std::string>{"any"};
    const auto problem = live::checkFilter(request.filter, isAny ? kCooked : kEthernet);
    if (!problem) return {};
    return std::unexpected(wrongUse("capture filter: " + live::describe(*problem, request.filter, true)));
}

CLI::Option* addWord(CLI::App& command, const std::string& name, std::vector<std::string>& words,
                     const std::string& meaning, const char* type) {
    return command.add_option(name, words, meaning)
        ->type_name(type)
        ->expected(1)
        ->allow_extra_args(false) // the next word is the input
        ->take_all();
}

} // namespace

void addCaptureOptions(CLI::App& command, CaptureOptions& options) {
    const auto inGroup = [&command](CLI::Option* option) { return option->group(kLiveGroup); };
    inGroup(command.add_option("-f,--capture-filter", options.filter,
                               "Capture only what matches: pcap-filter(7), such as 'tcp port 8080'"))
        ->type_name("BPF");
    inGroup(command.add_option("-w,--write", options.path, "Keep the packets in this pcapng file, or ring of files"))
        ->type_name("FILE");
    inGroup(addWord(command, "-b,--ring", options.rotations,
                    "Begin another file after size:100M, time:10m or packets:N; files:8 keeps the newest. Repeatable",
                    "WHEN"));
    inGroup(addWord(command, "-a,--stop-after", options.stops,
                    "End after time:60s, packets:N, size:1G or files:N. Repeatable", "WHEN"));
    inGroup(command.add_option("-s,--snap-length", options.snapLength, "Octets to keep of each packet"))
        ->type_name("N")
        ->check(CLI::Range(std::uint32_t{64}, live::CaptureRequest::kFullPackets));
    inGroup(command.add_flag("--headers-only", options.headersOnly,
                             "Cut bodies off before anything is written; token counts of answers are lost with them"));
    inGroup(command.add_flag("--promiscuous", options.promiscuous, "Also packets that are for other machines"));
    inGroup(command.add_option("--buffer", options.buffer, "Buffer of the kernel for each interface, such as 64M"))
        ->type_name("SIZE");
    command.add_option("--play", options.playedFile)->group(kHidden);
    command.add_flag("--play-in-time", options.playInTime)->group(kHidden);
}

std::expected<CapturePlan, Failure> capturePlanOf(const CaptureOptions& options) {
    CapturePlan plan;
    live::CaptureRequest& request = plan.request;
    request.interfaces = options.interfaces;
    request.filter = options.filter;
    request.snapLength = options.snapLength;
    request.headersOnly = options.headersOnly;
    request.promiscuous = options.promiscuous;
    request.playedFile = options.playedFile;
    request.playInTime = options.playInTime;
    if (request.interfaces.size() > live::CaptureRequest::kMaxInterfaces)
        return std::unexpected(
            wrongUse(fmt::format("at most {} interfaces at once", live::CaptureRequest::kMaxInterfaces)));
    if (!request.playedFile.empty() && !request.interfaces.empty())
        return std::unexpected(wrongUse("--play takes the place of an interface"));
    if (!options.buffer.empty()) {
        const auto bytes = sizeOf(options.buffer);
        if (!bytes) return std::unexpected(bytes.error());
        constexpr std::uint64_t kLargest = 1U << 30;
        if (*bytes > kLargest) return std::unexpected(wrongUse("--buffer: at most 1G"));
        request.bufferBytes = static_cast<std::uint32_t>(*bytes);
    }
    plan.ring.path = options.path;
    if (!options.path.empty()) plan.ring.fileBytes = 0; // a file that was named grows, unless -b says otherwise
    const Conditions rotation{"-b", &plan.ring.fileBytes, &plan.ring.fileTime, &plan.ring.filePackets,
                              &plan.ring.files};
    for (const std::string& word : options.rotations)
        if (auto taken = rotation.take(word); !taken) return std::unexpected(taken.error());
    if (plan.ring.files != 0 && plan.ring.fileBytes == 0 && plan.ring.fileTime == 0 && plan.ring.filePackets == 0)
        return std::unexpected(
            wrongUse("-b files:N needs -b size, time or packets, which says when another file begins"));
    const Conditions stop{"-a", &plan.stop.bytes, &plan.stop.time, &plan.stop.packets, &plan.stop.files};
    for (const std::string& word : options.stops)
        if (auto taken = stop.take(word); !taken) return std::unexpected(taken.error());
    if (options.path == "-")
        return std::unexpected(
            wrongUse("-w needs a file; to read a capture while it is written, use --live, or --follow on that file"));
    if (auto good = checkFilter(request); !good) return std::unexpected(good.error());
    return plan;
}

void addLiveOptions(CLI::App& command, LiveOptions& options, bool showsCalls) {
    command.get_option("INPUT")->required(false);
    for (const char* name : {"--live", "--follow"}) command.remove_option(command.get_option(name));
    const auto inGroup = [](CLI::Option* option) { return option->group(kLiveGroup); };
    inGroup(addWord(command, "--live", options.capture.interfaces,
                    "Capture on this interface, or 'any', and show what comes; repeatable. See 'gscope interfaces'",
                    "INTERFACE"));
    inGroup(command.add_flag("--follow", options.follows,
                             "INPUT is still written: show what comes. A file, a folder, -, or tcp://HOST:PORT"));
    addCaptureOptions(command, options.capture);
    inGroup(command.add_option("--keep", options.keep, "Remember so many calls at most; 0: all"))
        ->type_name("N")
        ->capture_default_str();
    inGroup(command.add_option("--keep-for", options.keepFor, "Forget calls that ended so long ago"))
        ->type_name("TIME");
    inGroup(command.add_option("--stall-after", options.stallAfter,
                               "Report calls of which nothing was seen for so long (240s)"))
        ->type_name("TIME");
    inGroup(command.add_option("--every", options.every, "How often totals are written"))
        ->type_name("TIME")
        ->capture_default_str();
    if (showsCalls)
        inGroup(command.add_flag("--ended", options.endedOnly, "Only calls that are over, not how they go on"));
}

void refuseLiveOptions(CLI::App& command) {
    const std::string message =
        fmt::format("'{}' needs captures that are complete; --live and --follow go with summary, exchanges, groups, "
                    "tokens, tls, trust and findings. 'gscope capture -w FILE' makes a capture",
                    command.get_name());
    command.add_option("--live")->check([message](const std::string&) { return message; })->group(kHidden);
    command.add_flag_callback("--follow", [message] { throw CLI::ValidationError(message); })->group(kHidden);
}

std::expected<LivePlan, Failure> livePlanOf(const LiveOptions& options) {
    LivePlan plan;
    if (options.captures()) {
        auto capture = capturePlanOf(options.capture);
        if (!capture) return std::unexpected(capture.error());
        plan.capture = *std::move(capture);
    }
    plan.retention.exchanges = options.keep;
    plan.retention.others = options.keep;
    plan.stallAfter = pipeline::LiveOptions{}.stallAfter;
    TimeNs every = 0;
    for (const auto& [text, time] :
         {std::pair(&options.keepFor, &plan.retention.age), std::pair(&options.stallAfter, &plan.stallAfter),
          std::pair(&options.every, &every)}) {
        if (text->empty()) continue;
        const auto duration = durationOf(*text);
        if (!duration) return std::unexpected(duration.error());
        *time = *duration;
    }
    plan.every = std::chrono::nanoseconds(every);
    return plan;
}

} // namespace gatescope::cli
