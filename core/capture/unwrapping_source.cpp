// SPDX-License-Identifier: Apache-2.0
#include "core/capture/unwrapping_source.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatescope::capture {

UnwrappingSource::UnwrappingSource(std::string name, std::unique_ptr<Decompressor> decompressor,
                                   std::unique_ptr<ByteSource> below, Bytes begun)
    : m_name(std::move(name)), m_decompressor(std::move(decompressor)), m_below(std::move(below)),
      m_room(std::max(kInputBytes, begun.size())) {
    std::ranges::copy(begun, m_room.begin());
    m_input = Bytes{m_room}.first(begun.size());
}

std::size_t UnwrappingSource::read(std::uint8_t* to, std::size_t count) {
    std::size_t written = 0;
    while (written < count && !m_ended) {
        // What waits inside comes out first: with new input, an error in that would lose it.
        const bool flushing = m_outputPending;
        Decompressor::Step step = m_decompressor->step(flushing ? Bytes{} : m_input, {to + written, count - written});
        m_outputPending = step.produced == count - written;
        m_input = m_input.subspan(step.consumed);
        written += step.produced;
        if (!step.problem.empty()) {
            m_error = Error{ErrorKind::Damaged, fmt::format("{} data damaged near byte {} of the file: {}", m_name,
                                                            bytesTaken() - m_input.size(), step.problem)};
            m_ended = true;
        } else if (step.consumed != 0 || step.produced != 0) {
            m_betweenFrames = step.betweenFrames;
        } else if (flushing) {
            continue;
        } else if (written != 0) {
            break; // a slow pipe is not waited for while there is something to give
        } else if (!refill()) {
            if (m_below->idle()) break;
            end();
        }
    }
    return written;
}

bool UnwrappingSource::refill() {
    const std::size_t kept = m_input.size();
    std::ranges::copy(m_input, m_room.begin());
    if (kept == m_room.size()) return false;
    const std::size_t got = m_below->read(m_room.data() + kept, m_room.size() - kept);
    m_input = Bytes{m_room}.first(kept + got);
    return got != 0;
}

void UnwrappingSource::end() {
    m_ended = true;
    if (m_below->error())
        m_error = m_below->error();
    else if (!m_betweenFrames)
        m_error = Error{ErrorKind::Damaged,
                        fmt::format("cut at byte {} of the file, inside the {} data", bytesTaken(), m_name)};
}

} // namespace gatescope::capture
