// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

/// The captures that the command-line tests run on. The times, counts and names that tests expect are worked out from
/// what is written in cli_captures.cpp.
namespace gatescope::test {

/// Five exchanges on three connections, pcapng; every kind of call, one 429, one stream.
///   1 +3 ms    flow 1  chat, project alpha, agent Planner:5, gpt-4o             100 + 20 = 120 tokens
///   2 +300 ms  flow 1  chat as a stream, project alpha, agent Writer:2, gpt-4o   40 + 3 = 43 tokens
///   3 +1 s     flow 2  chat refused with 429, project beta, agent Planner:5, gpt-4.1
///   4 +2 s     flow 3  Anthropic messages, project beta, no agent, claude-sonnet-4   50 + 8 input, 9 output
///   5 +3 s     flow 3  plain GET /health
std::string gatewayCapture();

/// One GET whose headers and path try to drive a terminal and a spreadsheet, with octets that are not UTF-8.
std::string hostileCapture();

/// One exchange whose response lost a segment.
std::string gapCapture();

/// Two connections with one exchange each, the first behind a PROXY header of version 1, the second behind one of
/// version 2; both say that the client is 203.0.113.9:51000.
std::string proxyCapture();

/// Every secret in `gatewayCapture`. None may ever be seen without --reveal.
inline constexpr std::array<std::string_view, 7> kSecrets{
    "c2lnbmF0dXJlLW9mLW5vdGhpbmc",       // the signature of the bearer token
    "eyJhdWQiOiJodHRwczovL2FpLmF6dXJl",  // its claims
    "0f1e2d3c4b5a69788796a5b4c3d2e1f0",  // api-key header
    "QuerySecret4711",                   // api-key in a query
    "CookieSecret4712",                  // cookie
    "SetCookieSecret4713",               // set-cookie
    "sk-ant-api03-BodySecret4714abcdef", // a key inside a body
};

} // namespace gatescope::test
