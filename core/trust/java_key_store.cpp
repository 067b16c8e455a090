// SPDX-License-Identifier: Apache-2.0
// The forms that the JDK's own sources describe: JKS (sun.security.provider.JavaKeyStore) and JCEKS
// (com.sun.crypto.provider.JceKeyStore). Certificates in them are not encrypted; the digest at the end needs the
// password, so it is not checked.
#include "core/base/byte_reader.h"
#include "core/trust/file_reading.h"

#include <fmt/format.h>

namespace gatescope::trust {

namespace {

constexpr std::uint32_t kPrivateKey = 1, kTrustedCertificate = 2, kSecretKey = 3;

class KeyStoreReader {
public:
    KeyStoreReader(std::string_view content, FileReading& reading) : m_bytes(asBytes(content)), m_reading(reading) {}

    void read() {
        m_bytes.skip(4); // the magic number
        m_version = m_bytes.u32();
        if (m_version != 1 && m_version != 2)
            return m_reading.remark(fmt::format("version {} of key stores is not known", m_version));
        const std::uint32_t entries = m_bytes.u32();
        for (std::uint32_t entry = 1; entry <= entries && !m_reading.isFull(); ++entry) {
            if (!readEntry()) return;
            if (m_bytes.failed()) return m_reading.remark(fmt::format("the key store ends inside entry {}", entry));
        }
    }

private:
    /// False: entries behind this one cannot be found.
    bool readEntry() {
        const std::uint32_t kind = m_bytes.u32();
        m_bytes.skip(m_bytes.u16()); // alias
        m_bytes.u64();               // when it was made
        if (kind == kTrustedCertificate) {
            readCertificate();
        } else if (kind == kPrivateKey) {
            m_bytes.skip(m_bytes.u32());
            if (!m_bytes.failed()) m_reading.passOver("private key");
            for (std::uint32_t left = m_bytes.u32(); left > 0 && !m_bytes.failed(); --left) readCertificate();
        } else if (!m_bytes.failed()) {
            // A secret key is an object of Java's in a form whose length is not told.
            m_reading.remark(kind == kSecretKey ? "a secret key; the entries behind it cannot be read"
                                                : fmt::format("an entry of the unknown kind {}", kind));
            return false;
        }
        return true;
    }

    void readCertificate() {
        if (m_version == 2) m_bytes.skip(m_bytes.u16()); // `X.509`
        const Bytes der = m_bytes.take(m_bytes.u32());
        if (!m_bytes.failed()) m_reading.addCertificate(asText(der));
    }

    ByteReader m_bytes;
    FileReading& m_reading;
    std::uint32_t m_version = 0;
};

} // namespace

void readJavaKeyStore(std::string_view content, FileReading& reading) {
    KeyStoreReader(content, reading).read();
}

} // namespace gatescope::trust
