// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/exchange_record.h"
#include "core/analysis/field.h"
#include "core/analysis/retention.h"
#include "core/base/string_pool.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatescope::path {
struct Trust;
}

namespace gatescope::analysis {

/// Index of an exchange in arrival order. Stable for the life of a dataset; `Snapshot::id` is what people see.
using Row = std::uint32_t;

/// One cell. Integer and Boolean and Time (nanoseconds) and Duration (nanoseconds) are int64; Text is a view that lives
/// as long as the snapshot; TextList is a vector of views.
using Value = std::variant<std::monostate, std::int64_t, std::string_view, std::vector<std::string_view>>;

/// "No value" in a number column.
inline constexpr std::int64_t kNoNumber = std::numeric_limits<std::int64_t>::min();

class Attempts;
struct JoinResult;

enum class Direction : std::uint8_t { Request, Response };

/// A numbered connection.
struct Flow {
    std::uint64_t number = 0; ///< from 1, in the order of first time, then input, then first packet
    FlowRecord record;
};

/// A numbered TLS session.
struct TlsSession {
    std::uint64_t number = 0;                ///< from 1, in the order of first time, then input, then packet
    std::shared_ptr<const TlsRecord> record; ///< never null
    bool isOpen = false;                     ///< goes on: what is known of it will change, and its number may
};

/// A finding with its place in the result.
struct PlacedFinding {
    Finding finding;
    std::optional<Row> row;
};

/// What is known of an input as a capture.
struct CaptureSpan {
    bool isCapture = false;
    TimeNs clockOffset = 0; ///< how far its clock is ahead of the first capture's; its times were corrected by it
    TimeNs firstTime = kNoTime;
    TimeNs lastTime = kNoTime; ///< kNoTime: not read to its end yet
};

/// What the dataset held at one moment. Immutable and safe to read from any thread.
/// Values are raw: whoever shows or writes them masks secrets with `masking.h` first.
class Snapshot {
public:
    struct State; ///< for this room only

    /// Of an empty dataset.
    Snapshot();

    /// One more than the highest row. Calls under way stand behind a gap, so not every row below holds an exchange:
    /// those in `order` do, and the records behind joined ones.
    std::size_t size() const;
    /// A call under way: what is known of it will change, and in later snapshots its row is another one.
    bool isOpen(Row row) const;
    std::size_t openExchanges() const;
    /// The exchange with that place in its connection; how a choice outlives snapshots whose rows were renumbered.
    std::optional<Row> find(PacketRef flowStart, std::uint32_t indexInFlow) const;
    /// Grows when old exchanges were forgotten: rows of ended exchanges have other numbers since.
    std::uint64_t renumberings() const;
    /// Rows in `order`: what people see. `size` counts the records behind joined rows as well.
    std::size_t exchanges() const { return order().size(); }
    /// True when nothing more will come. Ids and flow numbers may still change before.
    bool complete() const;
    const std::vector<std::string>& inputs() const;
    /// By input; empty until the captures were opened.
    const std::vector<CaptureSpan>& captures() const;

    /// All rows in the order of time (then input, then packet): `order()[id - 1]` is the row with that id.
    const std::vector<Row>& order() const;
    std::int64_t id(Row row) const;
    std::optional<Row> rowOfId(std::int64_t id) const;

    /// Any field of any row. Number columns: kNoNumber never appears here, it becomes monostate.
    Value value(const Field& field, Row row) const;
    /// Raw column access, for loops over many rows. `number`: Integer, Duration, Time and Boolean fields, kNoNumber
    /// when missing. `code`: Text fields, StringPool::kNone when missing; header fields included when `field.header`
    /// was resolved with `headerCode`.
    std::int64_t number(FieldId field, Row row) const;
    StringPool::Code code(FieldId field, Row row) const;
    /// The same for many rows: `out` has room for as many as `rows`. `headerName`: code of the lower-case name for the
    /// two header forms. A list field gives the code of its text as sent, for `listEntries`.
    void numbers(FieldId field, std::span<const Row> rows, std::int64_t* out) const;
    void codes(FieldId field, StringPool::Code headerName, std::span<const Row> rows, StringPool::Code* out) const;
    /// Of several fields of that name the first.
    StringPool::Code headerValue(Direction direction, StringPool::Code lowerName, Row row) const;
    /// Code of a header name in lower case, if any exchange has it.
    StringPool::Code headerCode(std::string_view lowerName) const;
    std::string_view text(StringPool::Code code) const;
    /// Code of a text that some exchange holds, else StringPool::kNone.
    StringPool::Code textCode(std::string_view text) const;
    /// One more than the highest code in this snapshot, for tables by code.
    StringPool::Code codeLimit() const;
    /// Entries of a list field; empty when there is no value.
    std::vector<std::string_view> list(FieldId field, Row row) const;
    std::vector<std::string_view> listEntries(StringPool::Code code) const;

    struct HeaderField {
        std::string_view name; ///< as sent
        StringPool::Code lowerName;
        StringPool::Code value;
    };
    /// All header fields in the order in which they were sent.
    std::vector<HeaderField> headers(Direction direction, Row row) const;

    std::size_t inputIndex(Row row) const;
    PacketRef flowStart(Row row) const;
    std::uint32_t indexInFlow(Row row) const;
    /// First byte of the request, else of the response: what `order` goes by. kNoTime: neither.
    TimeNs startTime(Row row) const;

    /// Records tied together as one call (joining.h): the row that shows the call, and the rows that it was made of,
    /// which are in no order. Once the dataset is finished.
    const JoinResult& joins() const;
    /// The records behind a joined row, the leading one first; empty for any other row.
    std::vector<Row> parts(Row row) const;
    /// The connection that carried the call of a joined row and whose content nobody could read; else nullptr.
    const Flow* connectionOf(Row row) const;
    /// The joined row that shows this record, or the row itself.
    Row shown(Row row) const;
    /// The record of which a joined row has its value of `field`; the row itself when it is not joined, nothing when
    /// there is no value.
    std::optional<Row> partOf(const Field& field, Row row) const;
    std::vector<gatewaylog::LogMetric> metrics() const;
    /// Octets of the messages as a log counts them, heads and framing included; kNoNumber when it does not say.
    std::int64_t loggedBytes(Direction direction, Row row) const;
    /// Whom the client columns believe; never null.
    std::shared_ptr<const path::Trust> trust() const;

    /// Which exchanges repeat a call that failed before. Worked out when first asked for.
    const Attempts& attempts() const;
    /// Hash of the request body of a model call; 0: none was seen.
    std::uint64_t requestDigest(Row row) const;

    const std::vector<Flow>& flows() const;
    const Flow* flowByNumber(std::uint64_t number) const;
    /// By its identity, FlowRecord::start(). Nullptr while it is not known.
    const Flow* flowOf(PacketRef start) const;
    /// TLS sessions by number: those that have ended, and those under way whose handshake is over.
    const std::vector<TlsSession>& tlsSessions() const;
    /// The last one, that is the innermost, of that connection; nullptr: none, or it has not ended.
    const TlsSession* tlsSessionOf(PacketRef flowStart) const;
    /// The findings, worst first, then by id, then by input, packet and row. At most 20,000, and then a last
    /// one that says how many more there were.
    const std::vector<PlacedFinding>& findings() const;

private:
    friend class Dataset;
    void headerCodes(Direction direction, StringPool::Code lowerName, std::span<const Row> rows,
                     StringPool::Code* out) const;

    std::shared_ptr<const State> m_state;
};

/// The results of one analysis, as columns. Writers append batches from any thread; readers take snapshots.
class Dataset {
public:
    explicit Dataset(std::vector<std::string> inputs);
    ~Dataset();
    Dataset(const Dataset&) = delete;
    Dataset& operator=(const Dataset&) = delete;

    void append(Batch&& batch);
    /// One more input, behind the others; its number.
    std::uint32_t addInput(std::string name);
    /// The same, together with what this writer (a small number) has under way now, instead of what it told before. It
    /// is in snapshots until the writer tells others; `finish` takes it away.
    void append(Batch&& batch, std::size_t writer, OpenRecords open);
    void setOpen(std::size_t writer, OpenRecords open) { append({}, writer, std::move(open)); }
    /// From now on clients are worked out as rows come, not when all is there.
    void followClients();
    /// Forgets what is beyond `keep`, oldest first, once it is a tenth more. Snapshots that were taken stay whole.
    /// Takes up to a second over many rows, while writers go on. True: something was forgotten.
    bool retain(const Retention& keep, TimeNs now);
    /// Grows with everything that is told to the dataset: whether another snapshot would differ.
    std::uint64_t changes() const;
    /// No batch follows: ties records of the same call together and works out who called.
    void finish();
    /// By input; may be told again when more is known.
    void setCaptures(std::vector<CaptureSpan> captures);
    /// Whom to believe about the client; may change at any time. Takes a moment over many rows: not for a GUI thread.
    void setTrust(std::shared_ptr<const path::Trust> trust);
    /// What is there now. Cheap when nothing changed since the last call.
    Snapshot snapshot() const;
    /// Number of exchanges so far; for progress.
    std::size_t size() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace gatescope::analysis
