// SPDX-License-Identifier: Apache-2.0
#include "core/http/websocket_extensions.h"

#include <string_view>

namespace gatescope::http {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// Takes the part before `separator` off the front.
std::string_view cut(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return trimmed(part);
}

void readOne(std::string_view extension, WebSocketExtensions& agreed) {
    const std::string_view name = cut(extension, ';');
    if (name.empty()) return;
    if (!equalsIgnoreCase(name, "permessage-deflate")) {
        if (agreed.unknown.empty()) agreed.unknown = name.substr(0, WebSocketExtensions::kMaxNameBytes);
        return;
    }
    agreed.deflate = true;
    while (!extension.empty()) {
        std::string_view parameter = cut(extension, ';');
        parameter = cut(parameter, '=');
        // The sizes of the windows do not matter to a reader with the largest.
        if (equalsIgnoreCase(parameter, "server_no_context_takeover")) agreed.serverTakesOver = false;
        if (equalsIgnoreCase(parameter, "client_no_context_takeover")) agreed.clientTakesOver = false;
    }
}

} // namespace

WebSocketExtensions readExtensions(const HeaderList& response) {
    WebSocketExtensions agreed;
    for (std::size_t i = 0; i < response.size(); ++i) {
        HeaderList::Field field = response[i];
        if (!equalsIgnoreCase(field.name, "Sec-WebSocket-Extensions")) continue;
        while (!field.value.empty()) readOne(cut(field.value, ','), agreed);
    }
    return agreed;
}

} // namespace gatescope::http
