// SPDX-License-Identifier: Apache-2.0
// Measures what opening one record of TLS costs, by suite and size: nanoseconds of CPU, the best of several rounds.
#include "core/tls/record_cipher.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <fmt/core.h>
#include <limits>
#include <openssl/evp.h>

using namespace gatescope;
using namespace gatescope::tls;

namespace {

constexpr int kRounds = 15;
constexpr std::size_t kTag = 16;

double cpuNanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// A record of TLS 1.3 with sequence number 0 whose fragment has that size.
std::vector<std::uint8_t> sealed(const char* cipherName, const TrafficKeys& keys, std::size_t size) {
    std::vector<std::uint8_t> inner(size - kTag - 1, 'x');
    inner.push_back(23);
    std::vector<std::uint8_t> fragment(size);
    const std::array<std::uint8_t, 5> header{23, 3, 3, static_cast<std::uint8_t>(size >> 8),
                                             static_cast<std::uint8_t>(size)};
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, cipherName, nullptr);
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    int written = 0;
    EVP_EncryptInit_ex(context, cipher, nullptr, keys.key.data(), keys.iv.data());
    EVP_EncryptUpdate(context, nullptr, &written, header.data(), static_cast<int>(header.size()));
    EVP_EncryptUpdate(context, fragment.data(), &written, inner.data(), static_cast<int>(inner.size()));
    EVP_EncryptFinal_ex(context, fragment.data() + written, &written);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTag), fragment.data() + inner.size());
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return fragment;
}

void measure(std::uint16_t suiteId, const char* cipherName, std::size_t size) {
    const CipherSuite suite = *findCipherSuite(suiteId);
    const TrafficKeys keys = trafficKeys(suite, SecretBytes(suite.prfHash == Hash::Sha384 ? 48 : 32, 1));
    const auto cipher = RecordCipher::create(kTls13, suite, keys, false);
    const auto fragment = sealed(cipherName, keys, size);
    const SealedRecord record{23, kTls12, fragment};
    const int records = static_cast<int>(40'000'000 / (size + 1000));
    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < kRounds; ++round) {
        const double begin = cpuNanoseconds();
        for (int i = 0; i < records; ++i)
            if (!cipher->open(0, record)) {
                fmt::print("{}: does not open\n", cipherName);
                return;
            }
        best = std::min(best, (cpuNanoseconds() - begin) / records);
    }
    fmt::print("{:<18} {:>6} octets {:>9.1f} ns a record {:>8.2f} GB/s\n", cipherName, size, best,
               static_cast<double>(size) / best);
}

} // namespace

int main() {
    for (const std::size_t size : {std::size_t{100}, std::size_t{400}, std::size_t{1400}, std::size_t{16384}}) {
        measure(0x1301, "AES-128-GCM", size);
        measure(0x1302, "AES-256-GCM", size);
        measure(0x1303, "ChaCha20-Poly1305", size);
    }
    return 0;
}
