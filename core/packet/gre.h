// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/packet/layer.h"

namespace gatescope::packet {

/// GRE version 0 with all its optional fields (RFC 1701, 2784, 2890), ERSPAN types I, II and III inside it
/// (draft-foschiano-erspan), WCCP's redirect header, and version 1 with PPP (RFC 2637).
/// `packet` begins with the GRE header; `kind` is what plain GRE is counted as.
Unwrapped readGre(Layer packet, Encapsulation kind = Encapsulation::Gre);

} // namespace gatescope::packet
