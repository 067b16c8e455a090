// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/log_fields.h"

#include <functional>
#include <memory>
#include <string_view>

namespace gatescope::gatewaylog {

/// Reads JSON text into fields. The fields' views live until the next `read`. One reader owns it.
class JsonFields {
public:
    JsonFields();
    ~JsonFields();
    JsonFields(JsonFields&&) noexcept;
    JsonFields& operator=(JsonFields&&) noexcept;

    /// One JSON value, an object or a list, and nothing but blanks behind it. llm::PaddedBuffer::kPadding octets behind
    /// `text` must be readable. False when it is not valid, or nested deeper than kMaxDepth; `fields` is then of no
    /// use.
    bool read(std::string_view text, LogFields& fields);
    /// The same for a value that may hold records: elements of a list, of `records`, of `value` or of `log.entries`
    /// come one by one, any other object as it is. Calls `record` when `fields` is filled.
    bool readRecords(std::string_view text, LogFields& fields, const std::function<void()>& record);
    /// A member that is JSON as text (columns of a table, and properties of some exports) becomes the object or list
    /// that it stands for; one that is an object or list already stays. False for anything else, and when it is no
    /// valid JSON; the member is then as it was.
    bool expand(LogFields& fields, LogFields::Index index);
    /// Texts that were expanded before are of no use any more; `read` and `readRecords` do it themselves.
    void beginRecord();

    static constexpr unsigned kMaxDepth = 64;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::gatewaylog
