// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/curl_command.h"

#include "core/analysis/masking.h"
#include "ui/bridge/text.h"

#include <algorithm>
#include <array>

namespace gatescope::ui {
using namespace analysis;
namespace {

/// Everything inside single quotes is literal in a POSIX shell; a single quote itself is not possible there.
std::string shellQuoted(std::string_view text) {
    std::string quoted = "'";
    for (const char letter : text) {
        if (letter == '\'')
            quoted += "'\\''";
        else
            quoted += letter;
    }
    return quoted + "'";
}

bool madeByCurl(std::string_view lowerName) {
    constexpr std::array<std::string_view, 6> kOwn{"host",       "content-length", "connection", "transfer-encoding",
                                                   "keep-alive", "expect"};
    return std::find(kOwn.begin(), kOwn.end(), lowerName) != kOwn.end();
}

} // namespace

std::string curlCommand(const Snapshot& snapshot, Row row, std::optional<std::string_view> maskedBody) {
    const auto text = [&](FieldId id) { return std::string(rawText(snapshot, fieldOf(id), row).value_or("")); };
    const std::string scheme = text(FieldId::Scheme);
    std::string host = text(FieldId::Host);
    if (host.empty()) host = text(FieldId::Server);
    std::string url = (scheme.empty() ? "http" : scheme) + "://" + host + text(FieldId::Path);
    const std::string query = text(FieldId::Query);
    if (!query.empty()) url += "?" + maskQuery(query);
    const std::string method = text(FieldId::Method);
    std::string command = "curl -X " + shellQuoted(method.empty() ? "GET" : method) + " " + shellQuoted(url);
    for (const auto& header : snapshot.headers(Direction::Request, row)) {
        if (madeByCurl(snapshot.text(header.lowerName))) continue;
        const std::string value = maskHeader(header.name, snapshot.text(header.value));
        command += " \\\n  -H " + shellQuoted(std::string(header.name) + ": " + value);
    }
    if (maskedBody && !maskedBody->empty()) command += " \\\n  --data-binary " + shellQuoted(*maskedBody);
    return command + "\n";
}

} // namespace gatescope::ui
