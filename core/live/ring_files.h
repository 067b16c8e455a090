// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/live/capture_request.h"
#include "core/live/own_folder.h"
#include "core/live/ring_feed.h"

#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gatescope::live {

/// Files on disk that packets go into, mode 0600. One thread.
class RingFiles {
public:
    struct File {
        std::string path;
        std::shared_ptr<Descriptor> descriptor;
    };

    /// Makes the folder, if it has to be one of its own. CannotOpen: there is no place.
    static std::expected<std::unique_ptr<RingFiles>, Error> create(RingOptions options);
    ~RingFiles();
    RingFiles(const RingFiles&) = delete;
    RingFiles& operator=(const RingFiles&) = delete;

    bool rotates() const;
    /// Opens the first file, which gets its name at once.
    std::expected<int, Error> openFirst();
    /// Opens the file that comes next. It is called `NAME.next` until it is begun.
    std::expected<int, Error> openSpare();
    /// The spare file is written now: it gets its name.
    std::expected<void, Error> beginSpare();
    /// Removes the oldest file while there are too many; true: it did.
    bool removeOne();
    /// After the last octet: no half block, no spare file.
    void finish(std::uint64_t knownWhole);

    const std::deque<File>& files() const { return m_files; } ///< oldest first
    std::uint64_t removed() const { return m_removed; }
    std::uint64_t currentBytes() const;
    /// Of all files but the newest.
    std::uint64_t completeBytes() const;

private:
    explicit RingFiles(RingOptions options);
    std::string spareName() const;
    std::string nameOfNext() const;
    std::expected<std::shared_ptr<Descriptor>, Error> open(const std::string& path) const;

    RingOptions m_options;
    std::optional<OwnFolder> m_ownFolder; ///< nothing: the user named a place
    std::string m_stem, m_ending;
    std::deque<File> m_files;
    std::shared_ptr<Descriptor> m_spare;
    std::uint32_t m_begun = 0;
    std::uint64_t m_removed = 0;
};

/// Where the last whole block ends, from `from` on, which is the end of one. Reads the file.
std::uint64_t endOfWholeBlocks(int descriptor, std::uint64_t from);

} // namespace gatescope::live
