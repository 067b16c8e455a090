// SPDX-License-Identifier: Apache-2.0
#include "core/capture/capture_set.h"

#include "core/capture/set_member.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace gatescope::capture {

namespace {

/// A record's header costs as much in a file; counted, so that empty packets fill a block too.
constexpr std::size_t kRoomOfPacket = 16;
/// Blocks of captures that overlap are smaller, the more there are, so that all of them together stay small.
constexpr std::size_t kSmallestBlock = 64 * 1024;

/// A block that packets of several captures are copied into.
class Copies {
public:
    Copies(PacketBlock& block, std::size_t capacity) : m_block(block), m_capacity(capacity) { block.packets.clear(); }

    bool empty() const { return m_block.packets.empty(); }
    /// False: no room; the block goes out first.
    bool add(const Packet& packet) {
        const std::size_t size = packet.data.size();
        if (empty()) layOut(std::max(m_capacity, size));
        if (size > m_block.capacity - m_used || m_spent > m_capacity) return false;
        std::uint8_t* const to = m_block.bytes.get() + m_used;
        if (size != 0) std::memcpy(to, packet.data.data(), size);
        m_block.packets.push_back(packet);
        m_block.packets.back().data = Bytes{to, size};
        m_used += size;
        m_spent += size + kRoomOfPacket;
        return true;
    }

private:
    void layOut(std::size_t capacity) {
        if (m_block.bytes && m_block.capacity == capacity) return;
        m_block.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
        m_block.capacity = capacity;
    }

    PacketBlock& m_block;
    std::size_t m_capacity;
    std::size_t m_used = 0;
    std::size_t m_spent = 0;
};

bool comesLater(const MemberReader* a, const MemberReader* b) {
    return a->turn() > b->turn();
}

} // namespace

struct CaptureSet::State {
    State(std::vector<Opened> given, const ReaderLimits& readerLimits, std::stop_token stopToken)
        : limits(readerLimits), stop(std::move(stopToken)), notes(readerLimits) {
        results.resize(given.size());
        members.reserve(given.size());
        for (std::size_t i = 0; i < given.size(); ++i) {
            members.emplace_back(std::move(given[i]), i, given.size() == 1, results[i]);
            if (members.back().isFile())
                fileBytes += members.back().totalBytes();
            else
                others.push_back(i);
        }
    }

    bool read(PacketBlock& block);
    bool readOnly(PacketBlock& block);
    bool merge(PacketBlock& block);
    bool begin();
    bool stopAll();
    bool isDue();
    void tellTooMany(const MemberReader& late);
    void activate();
    void refill(MemberReader& member);
    Turn bound() const;
    bool passOn(MemberReader& member, const Copies& copies, Turn until) const;
    static bool copyRun(MemberReader& member, Copies& copies, Turn until);

    ReaderLimits limits;
    std::stop_token stop;
    SetNotes notes;
    std::vector<MemberReader> members;
    std::vector<SetMemberResult> results;
    std::vector<Finding> findings;
    bool begun = false;
    std::uint32_t interfaces = 0; ///< of the set so far

    std::vector<MemberReader*> waiting; ///< files that are not begun, the one that begins last first
    std::vector<MemberReader*> active;  ///< heap: whose turn is next is in front
    std::size_t openFiles = 0;
    bool toldTooMany = false;

    std::uint64_t bytesDone = 0; ///< of captures that have ended
    std::uint64_t fileBytes = 0;
    std::vector<std::size_t> others; ///< members that are no files
};

bool CaptureSet::State::read(PacketBlock& block) {
    block.packets.clear();
    return members.size() == 1 ? readOnly(block) : merge(block);
}

/// Straight into the caller's block.
bool CaptureSet::State::readOnly(PacketBlock& block) {
    MemberReader& only = members.front();
    if (only.hasEnded()) return false;
    if (stop.stop_requested()) return stopAll();
    if (only.open(limits, stop) && only.read(block, notes, findings, interfaces)) return true;
    return false;
}

bool CaptureSet::State::stopAll() {
    for (MemberReader& member : members) member.stop();
    waiting.clear();
    active.clear();
    return false;
}

bool CaptureSet::State::begin() {
    begun = true;
    for (MemberReader& member : members) {
        if (stop.stop_requested()) return false;
        if (member.isFile()) {
            member.probe(limits, stop);
            waiting.push_back(&member);
        } else if (member.open(limits, stop)) {
            refill(member);
            if (!member.hasEnded()) active.push_back(&member);
        }
    }
    std::ranges::sort(waiting, comesLater);
    std::ranges::make_heap(active, comesLater);
    return true;
}

bool CaptureSet::State::merge(PacketBlock& block) {
    if (!begun && !begin()) return stopAll();
    Copies copies(block, limits.blockBytes);
    for (;;) {
        if (stop.stop_requested()) {
            stopAll();
            return !copies.empty();
        }
        if (!active.empty() && active.front()->isSpent()) {
            MemberReader& member = *active.front();
            std::ranges::pop_heap(active, comesLater);
            active.pop_back();
            refill(member);
            if (member.hasEnded()) continue;
            active.push_back(&member);
            std::ranges::push_heap(active, comesLater);
            continue;
        }
        if (isDue()) {
            activate();
            continue;
        }
        if (active.empty()) return !copies.empty();

        MemberReader& member = *active.front();
        const Turn until = bound();
        if (passOn(member, copies, until)) {
            if (!copies.empty()) return true;
            member.handOver(block);
            return true;
        }
        const bool hasRoom = copyRun(member, copies, until);
        std::ranges::pop_heap(active, comesLater);
        std::ranges::push_heap(active, comesLater);
        if (!hasRoom) return true;
    }
}

void CaptureSet::State::refill(MemberReader& member) {
    const bool wasFile = member.isOpen() && member.isFile();
    if (member.readHeld(notes, findings, interfaces)) return;
    bytesDone += member.bytesRead();
    if (wasFile) --openFiles;
}

/// Whether the next file must be opened before anything else is given on.
bool CaptureSet::State::isDue() {
    if (waiting.empty()) return false;
    if (active.empty()) return true;
    if (waiting.back()->turn() > active.front()->turn()) return false;
    if (openFiles < kMaxOpen) return true;
    tellTooMany(*waiting.back());
    return false;
}

void CaptureSet::State::tellTooMany(const MemberReader& late) {
    if (std::exchange(toldTooMany, true)) return;
    findings.push_back({.kind = &kTooManyAtOnce,
                        .evidence = {fmt::format("{} captures are read at once", kMaxOpen)},
                        .input = late.input(),
                        .packet = {},
                        .flowStart = {}});
}

void CaptureSet::State::activate() {
    MemberReader& member = *waiting.back();
    waiting.pop_back();
    ReaderLimits its = limits;
    its.blockBytes = std::max(std::min(limits.blockBytes, kSmallestBlock),
                              limits.blockBytes / std::max<std::size_t>(1, active.size()));
    if (!member.open(its, stop)) {
        bytesDone += member.bytesRead();
        return;
    }
    ++openFiles;
    refill(member);
    if (member.hasEnded()) return;
    active.push_back(&member);
    std::ranges::push_heap(active, comesLater);
}

/// Packets up to this turn may be given on from the capture in front.
Turn CaptureSet::State::bound() const {
    Turn least{std::numeric_limits<TimeNs>::max(), std::numeric_limits<std::size_t>::max()};
    for (std::size_t i = 1; i < std::min<std::size_t>(active.size(), 3); ++i)
        least = std::min(least, active[i]->turn());
    if (!waiting.empty() && openFiles < kMaxOpen) least = std::min(least, waiting.back()->turn());
    return least;
}

/// True: the rest of its block is given on as it is. A short rest is copied behind what is in the block already.
bool CaptureSet::State::passOn(MemberReader& member, const Copies& copies, Turn until) const {
    constexpr std::size_t kWorthAnotherBlock = 512;
    if (member.lastTurn() > until) return false;
    return copies.empty() || member.left() >= kWorthAnotherBlock;
}

/// False: the block is full.
bool CaptureSet::State::copyRun(MemberReader& member, Copies& copies, Turn until) {
    while (!member.isSpent() && member.turn() <= until) {
        if (!copies.add(member.front())) return false;
        member.advance();
    }
    return true;
}

CaptureSet::CaptureSet(std::vector<Opened> members, ReaderLimits limits, std::stop_token stop)
    : m_state(std::make_unique<State>(std::move(members), limits, std::move(stop))) {}

CaptureSet::~CaptureSet() = default;

std::expected<bool, Error> CaptureSet::read(PacketBlock& block) {
    return m_state->read(block);
}

std::uint64_t CaptureSet::bytesRead() const {
    const State& state = *m_state;
    if (state.members.size() == 1) return state.members.front().bytesRead();
    std::uint64_t sum = state.bytesDone;
    for (const MemberReader* member : state.active) sum += member->bytesRead();
    return sum;
}

std::uint64_t CaptureSet::totalBytes() const {
    std::uint64_t sum = m_state->fileBytes;
    for (const std::size_t other : m_state->others) {
        const std::uint64_t size = m_state->members[other].totalBytes();
        if (size == 0 && !m_state->members[other].isMissing()) return 0;
        sum += size;
    }
    return sum;
}

const SourceInfo& CaptureSet::info() const {
    return m_state->notes.info();
}

std::vector<Finding> CaptureSet::takeFindings() {
    State& state = *m_state;
    if (state.members.size() == 1) state.members.front().takeFindings(state.findings);
    for (MemberReader* member : state.active) member->takeFindings(state.findings);
    const bool atEnd = std::ranges::all_of(state.members, &MemberReader::hasEnded);
    for (Finding& finding : state.notes.findings().take(atEnd)) state.findings.push_back(std::move(finding));
    return std::exchange(state.findings, {});
}

const std::vector<SetMemberResult>& CaptureSet::results() const {
    return m_state->results;
}

} // namespace gatescope::capture
