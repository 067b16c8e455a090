// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.h"
#include "core/tls/secret_store.h"

#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatescope::pipeline {

/// The secrets that the user gave: key log files, which may still grow, and private keys. Shared by an analysis and by
/// whoever reads its exchanges again; secrets inside captures come to them while they are read. Safe from any thread.
class Secrets {
public:
    static constexpr std::size_t kMaxKeyLogBytes = 1U << 30; ///< of one file
    static constexpr std::size_t kMaxKeyBytes = 1U << 20;

    Secrets();
    ~Secrets();

    /// Reads the file and remembers it for `refresh`. What its lines were; or why it could not be read, or that it is
    /// no key log.
    std::expected<tls::KeyLogCount, Error> addKeyLogFile(const std::string& path);
    std::expected<void, Error> addPrivateKeyFile(const std::string& path);
    /// Reads what was appended to the key logs since. Cheap when nothing was. True: there are new secrets.
    bool refresh();

    /// There are key logs that may grow.
    bool followsFiles() const;

    const std::shared_ptr<tls::SecretStore>& store() const { return m_store; }

private:
    struct File;
    std::shared_ptr<tls::SecretStore> m_store;
    mutable std::mutex m_mutex;
    std::vector<std::unique_ptr<File>> m_files;
};

/// What a file seems to be, by its first octets; for files that are dropped onto the window.
enum class SecretsFile : std::uint8_t { None, KeyLog, PrivateKey };
SecretsFile secretsFileKind(const std::string& path);

} // namespace gatescope::pipeline
