// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret_bytes.h"

#include <string>
#include <vector>

namespace gatescope::test {

/// To compare with what a test expects.
inline std::vector<std::string> plainTexts(const std::vector<SecretText>& secrets) {
    std::vector<std::string> texts;
    for (const SecretText& secret : secrets) texts.emplace_back(asText(secret));
    return texts;
}

} // namespace gatescope::test
