// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatescope::gatewaylog {

/// A line of Envoy's default access log, or of Istio's, which has more columns. Views into the line; `-` where the
/// proxy had no value; what stands after `upstreamHost` is empty where the line does not have it.
/// Source: Envoy, access_log/usage, `envoyDefault` and `istioDefault` of log-schemas.json.
struct EnvoyLine {
    std::string_view time;
    std::string_view method, path, protocol;
    std::string_view code, flags;
    std::string_view details, termination, failure; ///< Istio only
    std::string_view bytesReceived, bytesSent;      ///< of the bodies
    std::string_view durationMs, upstreamMs;
    std::string_view forwardedFor, userAgent, requestId, authority, upstreamHost;
    std::string_view cluster, upstreamLocal, downstreamLocal, downstreamRemote, serverName, route; ///< Istio only
};
/// `line` without its line break. Nothing: it is not such a line.
std::optional<EnvoyLine> parseEnvoyLine(std::string_view line);

/// A line of nginx's `combined` format, or of the usual `main`, which ends with X-Forwarded-For. More behind it is
/// passed over. Quoted values still have nginx's escapes (`\x22`).
/// Source: ngx_http_log_module, `nginxCombined` of log-schemas.json.
struct NginxLine {
    std::string_view address, user, time, request, code, bodyBytesSent, referer, userAgent;
    std::optional<std::string_view> forwardedFor; ///< nothing: the line does not have it
};
std::optional<NginxLine> parseNginxLine(std::string_view line);

/// Undoes `\xHH`, `\"` and `\\`; anything else stays as it is.
std::string withoutEscapes(std::string_view value);

/// `POST /path HTTP/1.1`, parted at its first and its last space. Nothing: not of this form, as when a client sent
/// something else than HTTP.
struct RequestLine {
    std::string_view method, target, protocol;
};
std::optional<RequestLine> parseRequestLine(std::string_view text);

} // namespace gatescope::gatewaylog
