// SPDX-License-Identifier: Apache-2.0
#include "core/tls/record_cipher_kinds.h"
#include "core/tls/record_mac.h"

#include <numeric>
#include <utility>

namespace gatescope::tls {

namespace {

/// RFC 5246, 6.2.3.1 with NULL: only integrity.
class PlainCipher final : public RecordCipher {
public:
    explicit PlainCipher(RecordMac mac) : m_mac(std::move(mac)) {}

    std::optional<OpenedRecord> open(std::uint64_t sequence, const SealedRecord& record) override {
        const Bytes fragment = record.fragment;
        if (fragment.size() < m_mac.size() || fragment.size() > kMaxCiphertext) return std::nullopt;
        const Bytes content = fragment.first(fragment.size() - m_mac.size());
        if (!m_mac.matches(sequence, record, content, fragment.last(m_mac.size()))) return std::nullopt;
        m_content.assign(content.begin(), content.end());
        return OpenedRecord{record.type, m_content};
    }
    bool chains() const override { return false; }
    std::size_t overhead() const override { return m_mac.size(); }

private:
    RecordMac m_mac;
    std::vector<std::uint8_t> m_content;
};

/// The stream cipher of the early web. Written out here because OpenSSL 3 keeps it in a provider that has to be
/// installed and loaded for the whole program.
class Rc4 {
public:
    explicit Rc4(Bytes key) {
        std::iota(m_state.begin(), m_state.end(), std::uint8_t{0});
        std::uint8_t j = 0;
        for (std::size_t i = 0; i < m_state.size(); ++i) {
            j = static_cast<std::uint8_t>(j + m_state[i] + key[i % key.size()]);
            std::swap(m_state[i], m_state[j]);
        }
    }
    ~Rc4() { explicit_bzero(m_state.data(), m_state.size()); }
    Rc4(const Rc4&) = default;
    Rc4& operator=(const Rc4&) = default;

    void apply(Bytes from, std::uint8_t* to) {
        for (const std::uint8_t octet : from) {
            m_i = static_cast<std::uint8_t>(m_i + 1);
            m_j = static_cast<std::uint8_t>(m_j + m_state[m_i]);
            std::swap(m_state[m_i], m_state[m_j]);
            const auto at = static_cast<std::uint8_t>(m_state[m_i] + m_state[m_j]);
            *to++ = static_cast<std::uint8_t>(octet ^ m_state[at]);
        }
    }

private:
    std::array<std::uint8_t, 256> m_state;
    std::uint8_t m_i = 0;
    std::uint8_t m_j = 0;
};

/// RFC 5246, 6.2.3.1 with RC4.
class Rc4Cipher final : public RecordCipher {
public:
    Rc4Cipher(RecordMac mac, Bytes key) : m_mac(std::move(mac)), m_stream(key) {}

    std::optional<OpenedRecord> open(std::uint64_t sequence, const SealedRecord& record) override {
        const Bytes fragment = record.fragment;
        if (fragment.size() < m_mac.size() || fragment.size() > kMaxCiphertext) return std::nullopt;
        m_output.resize(fragment.size());
        Rc4 after = m_stream;
        after.apply(fragment, m_output.data());
        const Bytes content = Bytes(m_output).first(fragment.size() - m_mac.size());
        if (!m_mac.matches(sequence, record, content, Bytes(m_output).last(m_mac.size()))) return std::nullopt;
        m_stream = after;
        return OpenedRecord{record.type, content};
    }
    bool chains() const override { return true; }
    std::size_t overhead() const override { return m_mac.size(); }

private:
    RecordMac m_mac;
    Rc4 m_stream;
    std::vector<std::uint8_t> m_output;
};

} // namespace

std::unique_ptr<RecordCipher> makeStreamCipher(const CipherSuite& suite, const TrafficKeys& keys) {
    auto mac = RecordMac::create(suite.macHash, keys.mac);
    if (!mac) return nullptr;
    if (suite.cipher == BulkCipher::None) return std::make_unique<PlainCipher>(*std::move(mac));
    if (keys.key.empty()) return nullptr;
    return std::make_unique<Rc4Cipher>(*std::move(mac), keys.key);
}

} // namespace gatescope::tls
