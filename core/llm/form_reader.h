// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/body_facts.h"

#include <string_view>

namespace gatescope::llm {

/// The boundary of `multipart/form-data` (RFC 2046, 5.1.1); empty: it is another type, or names none.
std::string_view formBoundary(std::string_view contentType);

/// Takes `model` and `stream` out of the parts of a form (RFC 7578) that lie whole in `text`, which may be the
/// beginning or the end of a body. Images and sound are sent like this. What is known already stays.
void readForm(std::string_view text, std::string_view boundary, RequestFacts& facts);

} // namespace gatescope::llm
