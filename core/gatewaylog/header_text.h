// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/http/message.h"

#include <string>
#include <string_view>

namespace gatescope::gatewaylog {

/// Heads as people paste or save them: the text of a request, or of an answer, or both.
struct HeaderText {
    std::string method, target; ///< empty: not given
    std::string protocol;       ///< `HTTP/1.1`; empty: not given
    http::HeaderList request;
    int status = 0; ///< 0: no answer in it
    std::string reason;
    http::HeaderList response;
};

/// Reads HTTP text: a start line or none, `Name: value` lines with folded ones (RFC 9112, 5.2) and pseudo fields
/// (`:path: /x`), up to the first empty line; behind it the head of an answer may follow. Also what `curl -v` prints,
/// where `> ` stands before lines of the request, `< ` before those of the answer, and others say something else.
/// False: fewer than two lines are fields, or one in the heads is neither a field nor a start line.
bool readHeaderText(std::string_view text, HeaderText& out);

/// A name that only HTTP fields have: of the common ones, `x-...`, or a pseudo field (`:path`).
bool isUsualHeaderName(std::string_view name);

/// True when the first lines of a log can be such a text, and a start line or a usual name says that it is HTTP.
/// `whole`: `head` is all of it.
bool looksLikeHeaderText(std::string_view head, bool whole);

} // namespace gatescope::gatewaylog
