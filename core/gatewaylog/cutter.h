// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/gatewaylog/csv.h"
#include "core/gatewaylog/json_records.h"
#include "core/gatewaylog/log_reader.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::gatewaylog {

/// Cuts a text into pieces of whole records, one class for each way in which records can lie.
class Cutter {
public:
    explicit Cutter(const LogLimits& limits) : m_limits(limits) {}
    virtual ~Cutter() = default;
    virtual void feed(std::string_view text, std::vector<LogPiece>& pieces) = 0;
    virtual void finish(std::vector<LogPiece>& pieces) = 0;
    std::vector<Finding> findings; ///< what was found so far

protected:
    void find(const FindingKind& kind, std::uint64_t line);
    LogLimits m_limits;
};

/// One record a line. Only the ends of a piece are looked at: that is what makes it fast.
class LineCutter final : public Cutter {
public:
    LineCutter(const LogLimits& limits, bool isJson) : Cutter(limits), m_isJson(isJson) {}
    void feed(std::string_view text, std::vector<LogPiece>& pieces) override;
    void finish(std::vector<LogPiece>& pieces) override;

private:
    void feedSlice(std::string_view slice, std::vector<LogPiece>& pieces);
    void give(std::size_t size, std::vector<LogPiece>& pieces);

    llm::PaddedBuffer m_text;
    std::size_t m_lineAt = 0; ///< where the line under way begins
    std::uint64_t m_line = 1; ///< of the beginning of `m_text`
    bool m_isJson;
    bool m_dropping = false; ///< until the end of a line over the limit
};

/// JSON in any other layout.
class JsonCutter final : public Cutter, private JsonRecordSink {
public:
    using Cutter::Cutter;
    void feed(std::string_view text, std::vector<LogPiece>& pieces) override;
    void finish(std::vector<LogPiece>& pieces) override;

private:
    void onBegin(std::uint64_t line) override;
    void onText(std::string_view part) override;
    void onEnd() override;
    void onEnvelope() override;
    void onStray(std::uint64_t line) override;
    void give();

    JsonRecordScanner m_scanner;
    LogPiece m_piece;
    LogPiece::Place m_place;                   ///< of the record under way
    bool m_dropping = false;                   ///< it is over the limit
    std::vector<LogPiece>* m_pieces = nullptr; ///< during a call
};

/// JSON whose layout shows in its first lines.
class AnyJsonCutter final : public Cutter {
public:
    using Cutter::Cutter;
    void feed(std::string_view text, std::vector<LogPiece>& pieces) override;
    void finish(std::vector<LogPiece>& pieces) override;

private:
    void decide(std::vector<LogPiece>& pieces);
    void takeFindings();

    std::string m_head;
    std::unique_ptr<Cutter> m_cutter;
};

/// Comma-separated values with a line of column names.
class CsvCutter final : public Cutter {
public:
    using Cutter::Cutter;
    void feed(std::string_view text, std::vector<LogPiece>& pieces) override;
    void finish(std::vector<LogPiece>& pieces) override;

private:
    bool takeHeader();
    void takeRows(std::vector<LogPiece>& pieces);
    void beginDropping(std::vector<LogPiece>& pieces);
    void discard(std::size_t size);
    void give(std::size_t size, std::vector<LogPiece>& pieces);
    bool endsInsideRow() const;

    llm::PaddedBuffer m_text;
    CsvRowScanner m_scanner;
    std::shared_ptr<const std::string> m_header;
    std::size_t m_rowAt = 0;   ///< where the row under way begins
    std::size_t m_scanned = 0; ///< of `m_text`
    std::uint64_t m_line = 1;  ///< of the beginning of `m_text`
    bool m_dropping = false;   ///< until the end of a row over the limit
    bool m_noHeader = false;   ///< its line of column names is over the limit: nothing can be read
};

/// One text.
class DocumentCutter final : public Cutter {
public:
    using Cutter::Cutter;
    void feed(std::string_view text, std::vector<LogPiece>& pieces) override;
    void finish(std::vector<LogPiece>& pieces) override;

private:
    llm::PaddedBuffer m_text;
    bool m_dropping = false;
};

} // namespace gatescope::gatewaylog
