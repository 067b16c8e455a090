// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/llm/call_facts.h"
#include "core/tokenizer/token_counter.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gatescope::llm {

enum class EstimateMethod : std::uint8_t {
    Off,    ///< nothing is counted, and nothing costs time
    Bytes,  ///< octets of text over four
    Cl100k, ///< with that vocabulary, whatever the model
    O200k,
    Auto ///< with the vocabulary of the model, by bytes where it is not known
};

/// `off`, `bytes`, `o200k`, `cl100k`, `auto`.
std::optional<EstimateMethod> parseEstimateMethod(std::string_view text);

/// How tokens are estimated. Shared by all workers, never changed.
struct EstimateOptions {
    EstimateMethod method = EstimateMethod::Off;
    /// Without the vocabulary that a method asks for, the estimate is by bytes.
    std::shared_ptr<const tokenizer::Vocabulary> cl100k;
    std::shared_ptr<const tokenizer::Vocabulary> o200k;
    /// A body is kept whole up to here while estimates are on, because the text of one that was cut is not known. A
    /// million tokens, the longest context in use, are about as many octets.
    std::size_t maxWholeBody = 4 * 1024 * 1024;

    /// True when `method` may count with this vocabulary.
    bool uses(tokenizer::Encoding encoding) const;
};

/// Tokens of the texts of one prompt or one answer, with each vocabulary that may be asked for in the end: which model
/// answers is often known last.
class TextCount {
public:
    /// `options` must outlive it.
    explicit TextCount(const EstimateOptions& options);

    /// More of the current text, in UTF-8.
    void add(std::string_view text);
    /// The same, as the token of a JSON string.
    void addJsonString(std::string_view token);
    /// The next text begins: no token reaches over the border.
    void endText();
    /// With this vocabulary; absent when it was not counted. The current text ends.
    std::optional<std::int64_t> tokens(tokenizer::Encoding encoding);
    /// Forgets all.
    void clear();

private:
    struct Counted {
        std::optional<tokenizer::TokenCounter> counter;
        std::int64_t tokens = 0;
    };
    Counted m_cl100k, m_o200k;
    std::string m_scratch;
};

/// The estimate of one call. It counts the text of the messages, as `promptBytes` and `contentBytes` of CallFacts
/// define it, and nothing else: not the few tokens that a chat format puts around each message, nor how a provider
/// writes the definitions of tools, nor images and sound. Input or output is absent where that text is not known whole.
/// `Auto` takes the first name in `models` that has a public vocabulary.
Estimate estimateOf(const EstimateOptions& options, std::span<const std::string_view> models,
                    std::optional<std::int64_t> promptBytes, TextCount& prompt,
                    std::optional<std::int64_t> contentBytes, TextCount& content);

} // namespace gatescope::llm
