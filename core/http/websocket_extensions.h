// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/message.h"

#include <string>

namespace gatescope::http {

/// What a handshake agreed on (RFC 6455, 9.1): the `Sec-WebSocket-Extensions` of the response.
struct WebSocketExtensions {
    bool deflate = false; ///< permessage-deflate (RFC 7692, 7)
    bool clientTakesOver = true;
    bool serverTakesOver = true;
    std::string unknown; ///< name of another extension, cut to kMaxNameBytes

    static constexpr std::size_t kMaxNameBytes = 64;
};

WebSocketExtensions readExtensions(const HeaderList& response);

} // namespace gatescope::http
