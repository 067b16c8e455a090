// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace gatescope::trust {

/// What OpenSSL cannot read is no error of this program: while this lives, its queue of errors does not grow.
class QuietErrors {
public:
    QuietErrors();
    ~QuietErrors();
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;
};

} // namespace gatescope::trust
