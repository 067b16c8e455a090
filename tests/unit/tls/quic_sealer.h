// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QByteArray>
#include <QMessageAuthenticationCode>
#include <cstdint>
#include <openssl/evp.h>
#include <stdexcept>
#include <utility>

/// Writes QUIC packets as the ends of a connection would (RFC 9000, RFC 9001). HKDF is Qt's HMAC, so that nothing here
/// is shared with what is tested.
namespace gatescope::test {

/// RFC 9000, 16; the shortest form.
inline QByteArray quicInteger(std::uint64_t value) {
    const auto octets = [&](int count, unsigned prefix) {
        QByteArray text;
        for (int i = count - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xff);
        text[0] = static_cast<char>(static_cast<unsigned char>(text[0]) | prefix << 6);
        return text;
    };
    if (value < 1U << 6) return octets(1, 0);
    if (value < 1U << 14) return octets(2, 1);
    return value < 1U << 30 ? octets(4, 2) : octets(8, 3);
}
inline QByteArray quicNumber32(std::uint32_t value) {
    QByteArray text;
    for (int i = 3; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xff);
    return text;
}
/// RFC 9000, 19.6.
inline QByteArray cryptoFrame(std::uint64_t offset, const QByteArray& data) {
    return QByteArray("\x06") + quicInteger(offset) + quicInteger(static_cast<std::uint64_t>(data.size())) + data;
}
/// RFC 9000, 19.19: type 0x1c, about a CRYPTO frame.
inline QByteArray closeFrame(std::uint64_t error, const QByteArray& reason = "no") {
    return QByteArray("\x1c") + quicInteger(error) + QByteArray("\x06") +
           quicInteger(static_cast<std::uint64_t>(reason.size())) + reason;
}

struct QuicSalt {
    std::uint32_t version = 1;
    QByteArray salt = QByteArray::fromHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
    QByteArray prefix = "quic ";
    unsigned initialBits = 0; ///< in the first octet
};
inline QuicSalt quicVersion2() {
    return {0x6b3343cf, QByteArray::fromHex("0dede3def700a6db819381be6e269dcbf9bd2ed9"), "quicv2 ", 0x10};
}

/// A long header with a stated length; what follows it is not sealed.
inline QByteArray quicLongPacket(unsigned first, std::uint32_t version, const QByteArray& destination,
                                 const QByteArray& source, const QByteArray& rest) {
    return static_cast<char>(first) + quicNumber32(version) + static_cast<char>(destination.size()) + destination +
           static_cast<char>(source.size()) + source + rest;
}
inline QByteArray quicHandshake(const QByteArray& destination, const QByteArray& source, int size = 200) {
    return quicLongPacket(0xe3, 1, destination, source,
                          quicInteger(static_cast<std::uint64_t>(size)) + QByteArray(size, 'h'));
}
inline QByteArray quicShort(int size = 100) {
    return "\x4c" + QByteArray(size - 1, 's');
}

/// Seals Initial packets.
class QuicSealer {
public:
    explicit QuicSealer(QByteArray clientDestination, QuicSalt salt = {}) : m_salt(std::move(salt)) {
        const QByteArray initial = hmac(m_salt.salt, clientDestination);
        m_keys[0] = keysOf(expand(initial, "client in", 32));
        m_keys[1] = keysOf(expand(initial, "server in", 32));
    }

    struct Packet {
        bool fromClient = true;
        QByteArray destination;
        QByteArray source;
        std::uint64_t number = 0;
        int numberBytes = 1;
        QByteArray frames;
        QByteArray token;
    };

    QByteArray operator()(Packet packet) const {
        if (packet.frames.size() < 4) packet.frames += QByteArray(4, '\0'); // RFC 9001, 5.4.2
        const Keys& keys = m_keys[packet.fromClient ? 0 : 1];
        const auto length = static_cast<std::uint64_t>(packet.numberBytes + packet.frames.size() + 16);
        QByteArray header = quicLongPacket(0xc0U | m_salt.initialBits | static_cast<unsigned>(packet.numberBytes - 1),
                                           m_salt.version, packet.destination, packet.source,
                                           quicInteger(static_cast<std::uint64_t>(packet.token.size())) + packet.token +
                                               quicInteger(length));
        const qsizetype numberAt = header.size();
        for (int i = packet.numberBytes - 1; i >= 0; --i) header += static_cast<char>(packet.number >> (8 * i) & 0xff);
        QByteArray nonce = keys.iv;
        for (int i = 0; i < 8; ++i) flip(nonce, 11 - i, packet.number >> (8 * i) & 0xff);
        const QByteArray sealed = gcm(keys.key, nonce, header, packet.frames);
        const QByteArray mask = ecb(keys.hp, sealed.mid(4 - packet.numberBytes, 16));
        flip(header, 0, static_cast<unsigned char>(mask[0]) & 0x0fU);
        for (int i = 0; i < packet.numberBytes; ++i)
            flip(header, numberAt + i, static_cast<unsigned char>(mask[1 + i]));
        return header + sealed;
    }

private:
    struct Keys {
        QByteArray key, iv, hp;
    };

    static QByteArray hmac(const QByteArray& key, const QByteArray& data) {
        return QMessageAuthenticationCode::hash(data, key, QCryptographicHash::Sha256);
    }
    /// One block of HKDF-Expand-Label (RFC 8446, 7.1) is enough for all of them.
    static QByteArray expand(const QByteArray& secret, const QByteArray& label, int length) {
        const QByteArray full = "tls13 " + label;
        QByteArray info;
        info += '\0';
        info += static_cast<char>(length);
        info += static_cast<char>(full.size());
        info += full;
        info += '\0';
        info += '\1';
        return hmac(secret, info).left(length);
    }
    Keys keysOf(const QByteArray& secret) const {
        return {expand(secret, m_salt.prefix + "key", 16), expand(secret, m_salt.prefix + "iv", 12),
                expand(secret, m_salt.prefix + "hp", 16)};
    }
    static void flip(QByteArray& text, qsizetype at, std::uint64_t mask) {
        text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ static_cast<unsigned char>(mask));
    }
    static const unsigned char* octets(const QByteArray& text) {
        return reinterpret_cast<const unsigned char*>(text.constData());
    }
    static QByteArray ecb(const QByteArray& key, const QByteArray& block) {
        QByteArray out(32, '\0');
        int length = 0;
        EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
        const bool ok =
            EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nullptr, octets(key), nullptr) == 1 &&
            EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &length, octets(block), 16) == 1;
        EVP_CIPHER_CTX_free(context);
        if (!ok || length != 16) throw std::runtime_error("QuicSealer: AES-ECB");
        return out.left(16);
    }
    static QByteArray gcm(const QByteArray& key, const QByteArray& nonce, const QByteArray& header,
                          const QByteArray& plain) {
        QByteArray out(plain.size(), '\0');
        QByteArray tag(16, '\0');
        auto* to = reinterpret_cast<unsigned char*>(out.data());
        int length = 0;
        EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
        const bool ok =
            EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nullptr, octets(key), octets(nonce)) == 1 &&
            EVP_EncryptUpdate(context, nullptr, &length, octets(header), static_cast<int>(header.size())) == 1 &&
            EVP_EncryptUpdate(context, to, &length, octets(plain), static_cast<int>(plain.size())) == 1 &&
            EVP_EncryptFinal_ex(context, to + length, &length) == 1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag.data()) == 1;
        EVP_CIPHER_CTX_free(context);
        if (!ok) throw std::runtime_error("QuicSealer: AES-GCM");
        return out + tag;
    }

    QuicSalt m_salt;
    Keys m_keys[2];
};

} // namespace gatescope::test
