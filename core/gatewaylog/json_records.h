// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::gatewaylog {

/// Takes the records that JsonRecordScanner finds.
class JsonRecordSink {
public:
    virtual ~JsonRecordSink() = default;
    virtual void onBegin(std::uint64_t line) = 0;
    /// A piece of the record under way; it begins with its bracket.
    virtual void onText(std::string_view part) = 0;
    /// The record is whole, or damaged in a way that only its parser can name.
    virtual void onEnd() = 0;
    /// What was taken for a record holds records: its beginning is of no use.
    virtual void onEnvelope() = 0;
    /// Text between records that is none.
    virtual void onStray(std::uint64_t line) = 0;
};

/// Finds the records in JSON text of any layout, through any split: values one after the other, elements of lists, and
/// the elements of `records`, `value` and `log.entries` in an object, however long that is. Looks at strings and
/// brackets only. A string that is not closed on its line, and a record that a new one at the same indentation cuts
/// off, ends there, so that damage stays in its record.
class JsonRecordScanner {
public:
    void feed(std::string_view text, JsonRecordSink& sink);
    /// A record is under way.
    bool inRecord() const { return m_inRecord; }
    /// A list or an envelope is open.
    bool inEnvelope() const { return m_layers.size() > 1 || m_skipping; }
    std::uint64_t line() const { return m_line; }

private:
    struct Layer {
        std::uint64_t base = 0; ///< depth at which its records begin
        bool isList = false;
    };
    enum class Key : std::uint8_t { Other, Records, Log, Entries };

    std::size_t passString(std::string_view text, std::size_t at, JsonRecordSink& sink);
    std::size_t passPlain(std::string_view text, std::size_t at);
    void pass(std::string_view text, std::size_t at, JsonRecordSink& sink);
    void passBetween(char c, JsonRecordSink& sink);
    void passInside(char c, JsonRecordSink& sink);
    void passTail(char c);
    bool cutsRecordOff(char c) const;
    bool endsResync(char c) const;
    void begin(JsonRecordSink& sink);
    void end(JsonRecordSink& sink, std::string_view text, std::size_t upTo);
    void giveUp();
    void newLine();
    bool keysMatter() const { return m_depth == base() + 1 || (m_inLog && m_depth == base() + 2); }
    std::uint64_t base() const { return m_layers.back().base; }
    Key keyRead() const;

    std::vector<Layer> m_layers{Layer{}};
    std::uint64_t m_depth = 0;
    std::uint64_t m_line = 1;
    std::uint64_t m_column = 0;       ///< of the octet under way, in its line
    std::uint64_t m_recordColumn = 0; ///< where the record under way, or the last one, begins
    std::size_t m_from = 0;           ///< in the text under way: what the sink has not got yet
    bool m_inRecord = false;
    bool m_inString = false;
    bool m_escaped = false;
    bool m_atLineStart = true; ///< only blanks on this line so far
    bool m_ledLine = false;    ///< the record under way was the first on its line
    bool m_skipping = false;   ///< behind the list of an envelope, up to its end
    bool m_resync = false;     ///< behind damage: wait for a line that begins a record
    bool m_strayTold = false;
    // Which member of the outermost object this is.
    std::array<char, 8> m_word{}; ///< beginning of the last string there
    std::size_t m_wordLength = 0;
    Key m_key = Key::Other;
    bool m_inLog = false;
    bool m_listOpened = false; ///< `"records": [` was read: a `{` makes it an envelope
    char m_last = '{';         ///< last octet in the record that is no blank
};

/// Behind the JSON value that begins at `from` with a bracket: where its last bracket is closed. npos: it is not closed
/// in this text; `inString` then says whether the text ends inside a string.
std::size_t jsonValueEnd(std::string_view text, std::size_t from, bool* inString = nullptr);

/// Makes JSON out of the beginning of a JSON text: what is not complete is left out and the brackets are closed.
std::string closedJson(std::string_view cut);

} // namespace gatescope::gatewaylog
