// SPDX-License-Identifier: Apache-2.0
// Input: suite (2 octets), version (its last octet), encrypt-then-MAC (1), then records: sequence number (1), type,
// length (2), fragment. All keys consist of the octet 7; seeds hold records that verify.
#include "core/tls/record_cipher.h"

#include <algorithm>
#include <array>
#include <cstdlib>

using namespace gatescope;
using namespace gatescope::tls;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::size_t macSize(const CipherSuite& suite) {
    if (suite.isAead) return 0;
    constexpr std::array<std::size_t, 4> kSizes{16, 20, 32, 48};
    return kSizes[static_cast<std::size_t>(suite.macHash)];
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteReader reader({data, size});
    const auto suite = findCipherSuite(reader.u16());
    const auto version = static_cast<std::uint16_t>(0x0300 | reader.u8());
    const bool encryptThenMac = reader.u8() % 2 == 1;
    if (!suite || reader.failed()) return 0;
    const TrafficKeys keys{.key = SecretBytes(suite->keySize, 7),
                           .iv = SecretBytes(suite->fixedIvSize, 7),
                           .mac = SecretBytes(macSize(*suite), 7)};
    const auto cipher = RecordCipher::create(version, *suite, keys, encryptThenMac);
    if (!cipher) return 0;
    while (reader.remaining() != 0) {
        const std::uint64_t sequence = reader.u8();
        SealedRecord record;
        record.type = reader.u8();
        record.version = version == kTls13 ? kTls12 : version;
        const std::size_t length = reader.u16();
        record.fragment = reader.take(std::min(length, reader.remaining()));
        if (reader.failed()) return 0;
        const auto opened = cipher->open(sequence, record);
        if (!opened) continue;
        require(opened->content.size() + cipher->overhead() <= record.fragment.size());
        require(version == kTls13 ? opened->type != 0 : opened->type == record.type);
        std::uint8_t sum = 0;
        for (const std::uint8_t octet : opened->content) sum ^= octet;
        // Nothing but its own number opens it.
        if (!cipher->chains()) {
            const auto again = cipher->open(sequence, record);
            require(again.has_value());
            for (const std::uint8_t octet : again->content) sum ^= octet;
            require(sum == 0 && !cipher->open(sequence + 1, record));
        }
    }
    return 0;
}
