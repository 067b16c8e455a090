// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace gatescope::report {

/// Masks the secrets in octets of a connection as they were sent: header lines by their name, queries in request
/// lines, and whatever `maskText` knows in all the rest. Pass whole runs of one direction, because a secret that is cut
/// in two is not recognised. `afterGap`: the text begins in the middle of something, perhaps of a secret, so that
/// everything up to the first line feed is masked.
std::string maskWireText(std::string_view text, bool afterGap);

/// Masks the query of a request target: `/a?api-key=***`.
std::string maskTarget(std::string_view target);

} // namespace gatescope::report
