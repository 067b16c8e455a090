// SPDX-License-Identifier: Apache-2.0
#include "core/capture/feed_reader.h"

#include "core/capture/set_member.h"
#include "core/capture/source_opening.h"

#include <optional>
#include <utility>

namespace gatescope::capture {

struct FeedReader::State {
    State(CaptureFeed& from, Begin onBegin, End onEnd, std::stop_token stopToken, const ReaderLimits& readerLimits)
        : feed(from), begin(std::move(onBegin)), end(std::move(onEnd)), stop(std::move(stopToken)),
          limits(readerLimits), notes(readerLimits) {}

    bool open();
    void close();

    CaptureFeed& feed;
    Begin begin;
    End end;
    std::stop_token stop;
    ReaderLimits limits;
    SetNotes notes;
    std::vector<Finding> findings;
    std::uint32_t interfaces = 0;
    std::uint32_t input = 0;
    std::uint64_t bytesDone = 0;
    SetMemberResult result;             ///< of `member`
    std::optional<MemberReader> member; ///< nothing: between two captures
};

/// False: no more captures.
bool FeedReader::State::open() {
    auto next = feed.next(stop);
    if (!next) {
        FedCapture unread{};
        unread.name = unread.path = next.error().message;
        result = {};
        result.error = std::move(next).error();
        input = begin(unread);
        end(input, result);
        return true;
    }
    if (!*next) return false;
    FedCapture& fed = **next;
    result = {};
    input = begin(fed);
    auto source = openCaptureFrom(std::move(fed.bytes), limits);
    if (!source) {
        result.error = std::move(source).error();
        end(input, result);
        return true;
    }
    // Its path is not told: what is still being written is read by its own source, never opened again.
    member.emplace(CaptureSet::Opened{{input, {}, 0}, *std::move(source)}, input, false, result);
    return true;
}

void FeedReader::State::close() {
    if (!member) return;
    bytesDone += member->bytesRead();
    member.reset();
    end(input, result);
}

FeedReader::FeedReader(CaptureFeed& feed, Begin begin, End end, std::stop_token stop, ReaderLimits limits)
    : m_state(std::make_unique<State>(feed, std::move(begin), std::move(end), std::move(stop), limits)) {}

FeedReader::~FeedReader() = default;

FeedReader::Step FeedReader::read(PacketBlock& block) {
    State& state = *m_state;
    block.packets.clear();
    for (;;) {
        if (state.stop.stop_requested()) {
            if (state.member) state.member->stop();
            state.close();
            return Step::End;
        }
        if (!state.member) {
            if (!state.open()) return Step::End;
            continue;
        }
        if (!state.member->read(block, state.notes, state.findings, state.interfaces)) {
            state.close();
            continue;
        }
        return block.packets.empty() ? Step::Idle : Step::Packets;
    }
}

const SourceInfo& FeedReader::info() const {
    return m_state->notes.info();
}

std::vector<Finding> FeedReader::takeFindings() {
    State& state = *m_state;
    if (state.member) state.member->takeFindings(state.findings);
    for (Finding& finding : state.notes.findings().take(!state.member)) state.findings.push_back(std::move(finding));
    for (Finding& finding : state.feed.takeFindings()) {
        finding.input = state.input;
        state.findings.push_back(std::move(finding));
    }
    return std::exchange(state.findings, {});
}

const SetMemberResult* FeedReader::current() const {
    return m_state->member ? &m_state->result : nullptr;
}

std::uint32_t FeedReader::input() const {
    return m_state->input;
}

std::uint64_t FeedReader::bytesRead() const {
    return m_state->bytesDone + (m_state->member ? m_state->member->bytesRead() : 0);
}

} // namespace gatescope::capture
