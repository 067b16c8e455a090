// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/byte_reader.h"
#include "core/gatewaylog/log_record.h"
#include "core/llm/padded_buffer.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::gatewaylog {

struct LogLimits {
    std::size_t pieceBytes = 1U << 20;         ///< a piece ends with the first record that passes this
    std::size_t maxRecordBytes = 16U << 20;    ///< a longer record is left out, with a finding
    std::size_t maxDocumentBytes = 256U << 20; ///< of a log that is one document: HAR, a trace, the answer of a query
};

/// How the records of a log lie in its text.
enum class Container : std::uint8_t {
    JsonValues, ///< JSON one after the other, one a line or not, in lists, or in `records` or `value` of an object
    Csv,        ///< a line of column names, then rows; cells may hold line breaks (RFC 4180)
    Lines,      ///< text, one record a line
    Document    ///< one whole text
};

/// What a log is, by its first octets.
struct LogShape {
    Container container = Container::JsonValues;
    std::string_view format; ///< a constant, as in LogRecord; empty when it is told record by record
    std::string_view title;  ///< a constant, for people: `JSON lines`, `nginx access log`
};

/// Octets of the beginning that `recognise` needs to be sure.
inline constexpr std::size_t kRecogniseBytes = 64 * 1024;

/// Columns that were renamed on export: name in the file, name in the original table or format (any case).
using ColumnNames = std::vector<std::pair<std::string, std::string>>;

/// By content, never by name. `whole`: there is nothing after `head`. Nothing: no log that we know; binary data never
/// is. Text with a byte order mark is recognised (UTF-8, UTF-16 is named in the finding of the caller).
std::optional<LogShape> recognise(Bytes head, bool whole, const ColumnNames& renamed = {});

/// A run of whole records, with readable room behind it. Pieces can be read in any order and by several threads.
struct LogPiece {
    struct Place {
        std::size_t at = 0, length = 0; ///< in `text`
        std::uint64_t line = 0;         ///< of the log
    };
    llm::PaddedBuffer text;
    std::uint64_t firstLine = 1;
    std::vector<Place> records;                ///< where they are; empty: one a line
    std::shared_ptr<const std::string> header; ///< of a CSV: its line of column names
    bool cut = false;                          ///< the log ended inside the last record
};

/// Cuts a log into pieces at the borders of records. Any split of the input gives the same records. One thread.
class LogSplitter {
public:
    explicit LogSplitter(const LogShape& shape, const LogLimits& limits = {});
    ~LogSplitter();
    LogSplitter(LogSplitter&&) noexcept;
    LogSplitter& operator=(LogSplitter&&) noexcept;

    /// Appends the pieces that became whole.
    void feed(Bytes bytes, std::vector<LogPiece>& pieces);
    /// Nothing follows.
    void finish(std::vector<LogPiece>& pieces);
    /// Records left out for a limit, and the like; `packet` holds the line.
    std::vector<Finding> takeFindings();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// Reads pieces. A damaged record is a finding with its line, and the next one is read. One thread at a time.
class PieceReader {
public:
    explicit PieceReader(const LogShape& shape, std::shared_ptr<const ColumnNames> renamed = {});
    ~PieceReader();
    PieceReader(PieceReader&&) noexcept;
    PieceReader& operator=(PieceReader&&) noexcept;

    void read(const LogPiece& piece, LogSink& sink);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::gatewaylog
