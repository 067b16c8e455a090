// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/key_log_file.h"

#include "core/pipeline/secrets.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace gatescope::pipeline {

namespace {

std::string_view viewOf(const SecretText& text) {
    return {text.data(), text.size()};
}

void add(tls::KeyLogCount& sum, const tls::KeyLogCount& more) {
    sum.secrets += more.secrets;
    sum.known += more.known;
    sum.ignored += more.ignored;
    sum.damaged += more.damaged;
    sum.leftOut += more.leftOut;
}

bool isNoKeyLog(const tls::KeyLogCount& counts) {
    return counts.damaged != 0 && counts.secrets + counts.known + counts.ignored + counts.leftOut == 0;
}

} // namespace

tls::KeyLogCount KeyLogFile::takeLines(SecretText& text) {
    tls::KeyLogCount counts;
    const std::size_t last = viewOf(text).find_last_of("\r\n");
    if (last == std::string_view::npos) {
        if (text.size() <= kLongestLine) return counts;
        m_inLongLine = true;
        m_offset += text.size();
        text.clear();
        return counts;
    }
    std::string_view lines = viewOf(text).substr(0, last + 1);
    if (m_inLongLine) { // its end
        lines.remove_prefix(lines.find_first_of("\r\n"));
        m_inLongLine = false;
        ++counts.damaged;
    }
    add(counts, m_store.addKeyLog(lines));
    m_offset += last + 1;
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(last + 1);
    m_anchor.assign(end - static_cast<std::ptrdiff_t>(std::min(kAnchorBytes, last + 1)), end);
    text.erase(text.begin(), end);
    return counts;
}

tls::KeyLogCount KeyLogFile::takeRest(const SecretText& text, bool isKeyLog) {
    if (m_inLongLine) return {.damaged = 1};
    tls::KeyLogCount counts = m_store.addKeyLog(viewOf(text));
    if (isKeyLog || tls::looksLikeKeyLog(viewOf(text))) counts.damaged = 0;
    return counts;
}

std::expected<tls::KeyLogCount, Error> KeyLogFile::readFrom(const SecretFile& file, std::uint64_t offset) {
    tls::KeyLogCount counts;
    m_offset = offset;
    m_inLongLine = false;
    if (offset == 0) m_anchor.clear();
    m_state = file.state();
    SecretText text;
    text.reserve(kReadBytes + kLongestLine);
    for (;;) {
        const auto more = file.read(text, kReadBytes);
        if (!more) return std::unexpected(more.error());
        if (!*more) break;
        add(counts, takeLines(text));
        if (offset == 0 && isNoKeyLog(counts)) break; // of a large file of another kind the beginning is enough
        if (m_offset > Secrets::kMaxKeyLogBytes)
            return std::unexpected(Error{ErrorKind::Usage, fmt::format("{}: a key log of more than {} MiB is not read",
                                                                       m_path, Secrets::kMaxKeyLogBytes >> 20)});
    }
    add(counts, takeRest(text, offset != 0 || counts.secrets + counts.known + counts.ignored != 0));
    return counts;
}

std::expected<tls::KeyLogCount, Error> KeyLogFile::readAll() {
    const auto file = SecretFile::open(m_path);
    if (!file) return std::unexpected(file.error());
    auto counts = readFrom(*file, 0);
    if (counts && isNoKeyLog(*counts))
        return std::unexpected(
            Error{ErrorKind::UnknownFormat,
                  fmt::format("{}: is no key log: there is no line like `CLIENT_RANDOM <32 octets> <secret>` in it",
                              m_path)});
    return counts;
}

bool KeyLogFile::continues(const SecretFile& file) const {
    if (!file.state().isSameFile(m_state) || file.state().size < m_offset) return false;
    if (m_offset < m_anchor.size() || !file.seek(m_offset - m_anchor.size())) return false;
    SecretText before;
    while (before.size() < m_anchor.size()) {
        const auto more = file.read(before, m_anchor.size() - before.size());
        if (!more || !*more) return false;
    }
    return before == m_anchor;
}

tls::KeyLogCount KeyLogFile::readNew() {
    const FileState now = fileState(m_path);
    if (now == m_state || !now.isRegular) return {};
    const auto file = SecretFile::open(m_path);
    if (!file || !file->state().isRegular) return {};
    const std::uint64_t offset = continues(*file) ? m_offset : 0;
    if (!file->seek(offset)) return {};
    return readFrom(*file, offset).value_or(tls::KeyLogCount{});
}

} // namespace gatescope::pipeline
