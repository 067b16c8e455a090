// SPDX-License-Identifier: Apache-2.0
#include "core/trust/quiet_errors.h"

#include <openssl/err.h>

namespace gatescope::trust {

QuietErrors::QuietErrors() {
    ERR_set_mark();
}

QuietErrors::~QuietErrors() {
    ERR_pop_to_mark();
}

} // namespace gatescope::trust
