// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/encoding.h"

#include <algorithm>

namespace gatescope::tokenizer {
namespace {

constexpr char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool sameText(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

/// `gpt-4` is a family of `gpt-4`, `gpt-4-turbo` and `gpt-4:variant`, but not of `gpt-4o` or `gpt-4.1`.
bool isOfFamily(std::string_view model, std::string_view family) {
    if (model.size() < family.size() || !sameText(model.substr(0, family.size()), family)) return false;
    return model.size() == family.size() || model[family.size()] == '-' || model[family.size()] == ':';
}

struct Family {
    std::string_view name;
    Encoding encoding;
};
constexpr Family kFamilies[] = {
    {"gpt-4o", Encoding::O200k},
    {"gpt-4.1", Encoding::O200k},
    {"gpt-4.5", Encoding::O200k},
    {"gpt-5", Encoding::O200k},
    {"chatgpt-4o", Encoding::O200k},
    {"o1", Encoding::O200k},
    {"o3", Encoding::O200k},
    {"o4", Encoding::O200k},
    {"gpt-oss", Encoding::O200k},
    {"gpt-4", Encoding::Cl100k},
    {"gpt-3.5", Encoding::Cl100k},
    {"gpt-35", Encoding::Cl100k},
    {"text-embedding-ada-002", Encoding::Cl100k},
    {"text-embedding-3", Encoding::Cl100k},
};

} // namespace

std::string_view toString(Encoding encoding) {
    return encoding == Encoding::O200k ? "o200k_base" : "cl100k_base";
}

std::optional<Encoding> encodingOfModel(std::string_view model) {
    if (model.size() > 3 && sameText(model.substr(0, 3), "ft:")) model.remove_prefix(3);
    for (const Family& family : kFamilies)
        if (isOfFamily(model, family.name)) return family.encoding;
    // gpt-5.1 and later minors of the same generation keep the vocabulary of their generation.
    constexpr std::string_view generation = "gpt-5.";
    if (model.size() > generation.size() && sameText(model.substr(0, generation.size()), generation))
        return Encoding::O200k;
    return std::nullopt;
}

} // namespace gatescope::tokenizer
