// SPDX-License-Identifier: Apache-2.0
#include "core/pipeline/secrets.h"

#include "core/pipeline/key_log_file.h"
#include "core/pipeline/secret_file.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace gatescope::pipeline {

namespace {

/// Up to `limit` octets of the beginning of a file, and one more if there are more.
std::expected<SecretText, Error> readBeginning(const SecretFile& file, std::size_t limit) {
    SecretText text;
    while (text.size() <= limit) {
        const auto more = file.read(text, limit + 1 - text.size());
        if (!more) return std::unexpected(more.error());
        if (!*more) break;
    }
    return text;
}

std::string_view viewOf(const SecretText& text) {
    return {text.data(), text.size()};
}

/// PKCS#1 and PKCS#8 in DER: a sequence that begins with the version, zero (RFC 8017, A.1.2; RFC 5958, 2).
bool looksLikeDerKey(std::string_view text) {
    constexpr std::string_view kVersion("\x02\x01\x00", 3);
    if (text.size() < 2 || text[0] != 0x30) return false;
    const auto length = static_cast<std::uint8_t>(text[1]);
    const std::size_t lengthOctets = length < 0x80 ? 0 : length & 0x7f;
    return lengthOctets <= 4 && text.size() > 2 + lengthOctets && text.substr(2 + lengthOctets).starts_with(kVersion);
}

} // namespace

struct Secrets::File : KeyLogFile {
    using KeyLogFile::KeyLogFile;
};

Secrets::Secrets() : m_store(std::make_shared<tls::SecretStore>()) {}
Secrets::~Secrets() = default;

std::expected<tls::KeyLogCount, Error> Secrets::addKeyLogFile(const std::string& path) {
    const std::lock_guard lock(m_mutex);
    const auto known = std::ranges::find(m_files, path, [](const auto& file) { return file->path(); });
    if (known != m_files.end()) return (*known)->readAll();
    auto file = std::make_unique<File>(path, *m_store);
    auto counts = file->readAll();
    if (counts) m_files.push_back(std::move(file));
    return counts;
}

std::expected<void, Error> Secrets::addPrivateKeyFile(const std::string& path) {
    const auto file = SecretFile::open(path);
    if (!file) return std::unexpected(file.error());
    const auto text = readBeginning(*file, kMaxKeyBytes);
    if (!text) return std::unexpected(text.error());
    const auto refused = [&path](std::string_view why) {
        return std::unexpected(Error{ErrorKind::Usage, fmt::format("{}: {}", path, why)});
    };
    if (text->size() > kMaxKeyBytes) return refused("too long for a private key");
    if (tls::looksLikeKeyLog(viewOf(*text))) return refused("is a key log, not a private key");
    const auto added = m_store->addPrivateKey(viewOf(*text));
    if (!added) return refused(added.error().message);
    return {};
}

bool Secrets::followsFiles() const {
    const std::lock_guard lock(m_mutex);
    return !m_files.empty();
}

bool Secrets::refresh() {
    const std::lock_guard lock(m_mutex);
    std::size_t fresh = 0;
    for (const auto& file : m_files) fresh += file->readNew().secrets;
    return fresh != 0;
}

SecretsFile secretsFileKind(const std::string& path) {
    constexpr std::size_t kEnough = 64U << 10; // a certificate chain may stand before the key
    if (!fileState(path).isRegular) return SecretsFile::None;
    const auto file = SecretFile::open(path);
    if (!file) return SecretsFile::None;
    const auto text = readBeginning(*file, kEnough);
    if (!text) return SecretsFile::None;
    if (tls::looksLikeKeyLog(viewOf(*text))) return SecretsFile::KeyLog;
    if (tls::looksLikePrivateKey(viewOf(*text)) || looksLikeDerKey(viewOf(*text))) return SecretsFile::PrivateKey;
    return SecretsFile::None;
}

} // namespace gatescope::pipeline
