// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/body_facts.h"

namespace gatescope::llm {

/// Reads the body of a request, whatever the API: the names of one mean nothing else in another. Prompt and images are
/// read only when `whole`, as a part of them would be a wrong number. False when the text is not valid JSON; facts
/// found before stay. Defined for the object type of the JSON parser only.
template <typename Object>
bool readRequestObject(Object object, bool whole, RequestFacts& facts);

} // namespace gatescope::llm
