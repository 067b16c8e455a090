// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tls/types.h"

#include <array>
#include <cstdint>
#include <memory>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string>
#include <string_view>
#include <vector>

namespace gatescope::test {

template <auto Free>
struct OpensslFree {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
using OpensslKey = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using OpensslCertificate = std::unique_ptr<X509, OpensslFree<X509_free>>;
using OpensslContext = std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>>;
using OpensslConnection = std::unique_ptr<SSL, OpensslFree<SSL_free>>;
using OpensslSession = std::unique_ptr<SSL_SESSION, OpensslFree<SSL_SESSION_free>>;

/// A key and a certificate that it signed itself, made now. RSA takes a moment: make one and use it often.
struct OpensslIdentity {
    OpensslKey key;
    OpensslCertificate certificate;

    static OpensslIdentity rsa(const std::string& name = "gw.example") {
        return signedBy(OpensslKey(EVP_RSA_gen(2048)), name);
    }
    static OpensslIdentity ec(const std::string& name = "gw.example") {
        return signedBy(OpensslKey(EVP_EC_gen("P-256")), name);
    }
    static OpensslIdentity dsa(const std::string& name = "gw.example") {
        EVP_PKEY_CTX* parameters = EVP_PKEY_CTX_new_from_name(nullptr, "DSA", nullptr);
        EVP_PKEY* group = nullptr;
        EVP_PKEY* key = nullptr;
        EVP_PKEY_paramgen_init(parameters);
        EVP_PKEY_CTX_set_dsa_paramgen_bits(parameters, 1024);
        EVP_PKEY_paramgen(parameters, &group);
        EVP_PKEY_CTX_free(parameters);
        EVP_PKEY_CTX* generator = EVP_PKEY_CTX_new_from_pkey(nullptr, group, nullptr);
        EVP_PKEY_keygen_init(generator);
        EVP_PKEY_keygen(generator, &key);
        EVP_PKEY_CTX_free(generator);
        EVP_PKEY_free(group);
        return signedBy(OpensslKey(key), name);
    }

    /// PKCS#8.
    std::string privateKeyPem() const {
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        char* text = nullptr;
        const long length = BIO_get_mem_data(out, &text);
        std::string pem(text, static_cast<std::size_t>(length));
        BIO_free(out);
        return pem;
    }
    std::string certificateDer() const {
        unsigned char* der = nullptr;
        const int length = i2d_X509(certificate.get(), &der);
        std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
        OPENSSL_free(der);
        return text;
    }

private:
    static OpensslIdentity signedBy(OpensslKey key, const std::string& name) {
        OpensslCertificate made(X509_new());
        X509_set_version(made.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), 24 * 3600);
        X509_set_pubkey(made.get(), key.get());
        X509_NAME* subject = X509_get_subject_name(made.get());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.data()),
                                   static_cast<int>(name.size()), -1, 0);
        X509_set_issuer_name(made.get(), subject);
        X509_sign(made.get(), key.get(), EVP_sha256());
        return {std::move(key), std::move(made)};
    }
};

struct OpensslPairOptions {
    int version = TLS1_2_VERSION;           ///< the only one
    std::string ciphers;                    ///< OpenSSL names, up to TLS 1.2; empty: its defaults
    std::string suites;                     ///< OpenSSL names, TLS 1.3; empty: its defaults
    std::string serverName = "gw.example";  ///< empty: no SNI
    std::vector<std::string> clientAlpn;    ///< offered
    std::string serverAlpn;                 ///< chosen; empty: the server knows no ALPN
    std::string clientGroups, serverGroups; ///< as SSL_CTX_set1_groups_list; different first ones make a retry
    bool tickets = true;                    ///< else sessions are resumed by id (up to TLS 1.2)
    bool encryptThenMac = true;             ///< RFC 7366
    bool extendedMasterSecret = true;       ///< RFC 7627
    bool clientCertificate = false;         ///< the server asks for one
    bool clientHasCertificate = true;       ///< and the client has one to give
    bool clientVerifies = false;            ///< and trusts nobody
    bool fragments = true;                  ///< empty records first for CBC of TLS 1.0
    std::uint32_t maxEarlyData = 0;         ///< TLS 1.3
    std::size_t padding = 0;                ///< TLS 1.3: records are padded to a multiple of it
};

/// A client and a server of OpenSSL's libssl that talk over memory; what passes between them is kept in order.
class OpensslPair {
public:
    /// What one end sent at a time: usually several records.
    struct Flight {
        tls::Peer from = tls::Peer::Client;
        std::string octets;
    };

    /// `identity` is used by both ends, and lives longer.
    OpensslPair(const OpensslIdentity& identity, const OpensslPairOptions& options) : m_options(options) {
        m_contexts[0] = context(TLS_client_method(), identity);
        m_contexts[1] = context(TLS_server_method(), identity);
        setClient(m_contexts[0].get());
        setServer(m_contexts[1].get());
    }
    OpensslPair(const OpensslPair&) = delete;
    OpensslPair& operator=(const OpensslPair&) = delete;

    /// A new connection and its handshake; resumes the session of the connection before if there was one. `earlyData`
    /// needs that, TLS 1.3 and `maxEarlyData`. False: the handshake failed.
    bool connect(std::string_view earlyData = {}) {
        OpensslSession session(m_ends[0] ? SSL_get1_session(m_ends[0].get()) : nullptr);
        m_flights.clear();
        for (unsigned i = 0; i < 2; ++i) {
            // A connection that was not closed would take its session with it.
            if (m_ends[i]) SSL_set_shutdown(m_ends[i].get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
            m_ends[i].reset(SSL_new(m_contexts[i].get()));
            SSL_set_bio(m_ends[i].get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        }
        SSL_set_connect_state(m_ends[0].get());
        SSL_set_accept_state(m_ends[1].get());
        if (!m_options.serverName.empty()) SSL_set_tlsext_host_name(m_ends[0].get(), m_options.serverName.c_str());
        if (session) SSL_set_session(m_ends[0].get(), session.get());
        if (!earlyData.empty() && !exchangeEarlyData(earlyData)) return false;
        return shakeHands();
    }

    /// Application data; what the other end reads of it is added to what it received. False: an error.
    bool send(tls::Peer from, std::string_view text) {
        const bool isSent = text.empty() || SSL_write(end(from), text.data(), static_cast<int>(text.size())) ==
                                                static_cast<int>(text.size());
        pump(from);
        return receive(tls::otherPeer(from)) && isSent;
    }
    /// TLS 1.3. `answer`: the other end updates its key too.
    bool updateKey(tls::Peer from, bool answer) {
        return SSL_key_update(end(from), answer ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
               SSL_do_handshake(end(from)) == 1 && send(from, {});
    }
    /// Up to TLS 1.2: another handshake inside the connection, asked for by the client.
    bool renegotiate() {
        if (SSL_renegotiate(end(tls::Peer::Client)) != 1) return false;
        for (int round = 0; round < kMaxRounds; ++round) {
            SSL_do_handshake(end(tls::Peer::Client));
            pump(tls::Peer::Client);
            if (!receive(tls::Peer::Server)) return false;
            pump(tls::Peer::Server);
            if (!receive(tls::Peer::Client)) return false;
            if (SSL_renegotiate_pending(end(tls::Peer::Client)) == 0 && SSL_in_init(end(tls::Peer::Client)) == 0) break;
        }
        return SSL_renegotiate_pending(end(tls::Peer::Client)) == 0;
    }
    void closeNotify(tls::Peer from) {
        SSL_shutdown(end(from));
        pump(from);
        receive(tls::otherPeer(from));
    }

    const std::vector<Flight>& flights() const { return m_flights; }
    /// All that one end sent.
    std::string sent(tls::Peer from) const {
        std::string all;
        for (const Flight& flight : m_flights)
            if (flight.from == from) all += flight.octets;
        return all;
    }
    /// Application data that an end has read, early data included.
    const std::string& received(tls::Peer by) const { return m_received[tls::indexOf(by)]; }
    /// Lines of all connections, as libssl writes them: the client's.
    const std::string& keyLog() const { return m_keyLog; }
    bool resumed() const { return SSL_session_reused(m_ends[0].get()) == 1; }
    bool earlyDataAccepted() const { return SSL_get_early_data_status(m_ends[0].get()) == SSL_EARLY_DATA_ACCEPTED; }
    std::uint16_t cipherSuite() const {
        return static_cast<std::uint16_t>(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(m_ends[0].get())));
    }
    std::uint16_t version() const { return static_cast<std::uint16_t>(SSL_version(m_ends[0].get())); }
    tls::Random clientRandom() const {
        tls::Random random;
        SSL_get_client_random(m_ends[0].get(), random.data(), random.size());
        return random;
    }
    tls::Random serverRandom() const {
        tls::Random random;
        SSL_get_server_random(m_ends[0].get(), random.data(), random.size());
        return random;
    }
    std::string masterSecret() const {
        std::string secret(SSL_MAX_MASTER_KEY_LENGTH, '\0');
        secret.resize(SSL_SESSION_get_master_key(SSL_get_session(m_ends[0].get()),
                                                 reinterpret_cast<unsigned char*>(secret.data()), secret.size()));
        return secret;
    }
    SSL* end(tls::Peer peer) const { return m_ends[tls::indexOf(peer)].get(); }
    /// Of this thread, the latest: for messages of tests.
    static std::string lastError() {
        std::array<char, 256> text{};
        ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
        return text.data();
    }

private:
    static constexpr int kMaxRounds = 20;
    static constexpr std::string_view kPsk = "0123456789abcdef";

    OpensslContext context(const SSL_METHOD* method, const OpensslIdentity& identity) {
        OpensslContext made(SSL_CTX_new(method));
        SSL_CTX* context = made.get();
        SSL_CTX_set_app_data(context, this);
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_min_proto_version(context, m_options.version);
        SSL_CTX_set_max_proto_version(context, m_options.version);
        if (!m_options.ciphers.empty()) SSL_CTX_set_cipher_list(context, (m_options.ciphers + ":@SECLEVEL=0").c_str());
        if (!m_options.suites.empty()) SSL_CTX_set_ciphersuites(context, m_options.suites.c_str());
        std::uint64_t options = SSL_OP_ALLOW_CLIENT_RENEGOTIATION;
        if (!m_options.tickets) options |= SSL_OP_NO_TICKET;
        if (!m_options.encryptThenMac) options |= SSL_OP_NO_ENCRYPT_THEN_MAC;
        if (!m_options.extendedMasterSecret) options |= SSL_OP_NO_EXTENDED_MASTER_SECRET;
        if (!m_options.fragments) options |= SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS;
        SSL_CTX_set_options(context, options);
        if (m_options.fragments) SSL_CTX_clear_options(context, SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS);
        if (m_options.padding != 0) SSL_CTX_set_block_padding(context, m_options.padding);
        if (method == TLS_server_method() || m_options.clientHasCertificate) {
            SSL_CTX_use_certificate(context, identity.certificate.get());
            SSL_CTX_use_PrivateKey(context, identity.key.get());
        }
        return made;
    }

    void setClient(SSL_CTX* context) {
        SSL_CTX_set_keylog_callback(context, [](const SSL* ssl, const char* line) {
            auto* self = static_cast<OpensslPair*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
            self->m_keyLog.append(line).push_back('\n');
        });
        SSL_CTX_set_psk_client_callback(context,
                                        [](SSL*, const char*, char* identity, unsigned, unsigned char* psk, unsigned) {
                                            std::string_view("agent").copy(identity, 5);
                                            identity[5] = '\0';
                                            kPsk.copy(reinterpret_cast<char*>(psk), kPsk.size());
                                            return static_cast<unsigned>(kPsk.size());
                                        });
        if (m_options.version == TLS1_3_VERSION) SSL_CTX_set_psk_client_callback(context, nullptr);
        if (m_options.clientVerifies) SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        std::string alpn;
        for (const std::string& name : m_options.clientAlpn) alpn += static_cast<char>(name.size()) + name;
        if (!alpn.empty())
            SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(alpn.data()),
                                    static_cast<unsigned>(alpn.size()));
        if (!m_options.clientGroups.empty()) SSL_CTX_set1_groups_list(context, m_options.clientGroups.c_str());
    }

    void setServer(SSL_CTX* context) {
        SSL_CTX_set_psk_server_callback(context, [](SSL*, const char*, unsigned char* psk, unsigned) {
            kPsk.copy(reinterpret_cast<char*>(psk), kPsk.size());
            return static_cast<unsigned>(kPsk.size());
        });
        if (m_options.version == TLS1_3_VERSION) SSL_CTX_set_psk_server_callback(context, nullptr);
        SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("pair"), 4);
        SSL_CTX_set_dh_auto(context, 1);
        SSL_CTX_set_max_early_data(context, m_options.maxEarlyData);
        if (!m_options.serverGroups.empty()) SSL_CTX_set1_groups_list(context, m_options.serverGroups.c_str());
        if (!m_options.serverAlpn.empty())
            SSL_CTX_set_alpn_select_cb(
                context,
                [](SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char*, unsigned,
                   void* self) {
                    const std::string& name = static_cast<OpensslPair*>(self)->m_options.serverAlpn;
                    *chosen = reinterpret_cast<const unsigned char*>(name.data());
                    *length = static_cast<unsigned char>(name.size());
                    return SSL_TLSEXT_ERR_OK;
                },
                this);
        if (m_options.clientCertificate)
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    }

    /// Takes what an end wants to send to the other.
    void pump(tls::Peer from) {
        char* data = nullptr;
        BIO* out = SSL_get_wbio(end(from));
        const long length = BIO_get_mem_data(out, &data);
        if (length <= 0) return;
        m_flights.push_back({from, std::string(data, static_cast<std::size_t>(length))});
        BIO_write(SSL_get_rbio(end(tls::otherPeer(from))), data, static_cast<int>(length));
        BIO_reset(out);
    }

    /// Reads all that has come; what that made the end send is passed on. False: an error.
    bool receive(tls::Peer by) {
        std::array<char, 1U << 14> text;
        for (;;) {
            const int count = SSL_read(end(by), text.data(), static_cast<int>(text.size()));
            if (count > 0) {
                m_received[tls::indexOf(by)].append(text.data(), static_cast<std::size_t>(count));
                continue;
            }
            const int error = SSL_get_error(end(by), count);
            pump(by);
            return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_ZERO_RETURN;
        }
    }

    bool exchangeEarlyData(std::string_view text) {
        std::size_t written = 0;
        if (SSL_write_early_data(end(tls::Peer::Client), text.data(), text.size(), &written) != 1) return false;
        pump(tls::Peer::Client);
        std::string read(text.size(), '\0');
        std::size_t count = 0;
        const int state = SSL_read_early_data(end(tls::Peer::Server), read.data(), read.size(), &count);
        m_received[1].append(read, 0, count);
        pump(tls::Peer::Server);
        return state != SSL_READ_EARLY_DATA_ERROR;
    }

    enum class Progress : std::uint8_t { Done, Waiting, Failed };
    Progress step(tls::Peer by) {
        const int result = SSL_do_handshake(end(by));
        // Asked at once: writing to its memory would make an end forget that it waits.
        const bool isWaiting = result != 1 && SSL_get_error(end(by), result) == SSL_ERROR_WANT_READ;
        pump(by);
        if (result == 1) return Progress::Done;
        return isWaiting ? Progress::Waiting : Progress::Failed;
    }

    bool shakeHands() {
        for (int round = 0; round < kMaxRounds; ++round) {
            const Progress client = step(tls::Peer::Client);
            const Progress server = step(tls::Peer::Server);
            if (client == Progress::Failed || server == Progress::Failed) return false;
            if (client == Progress::Done && server == Progress::Done)
                return receive(tls::Peer::Client); // tickets of TLS 1.3 come behind the handshake
        }
        return false;
    }

    OpensslPairOptions m_options;
    std::string m_keyLog;
    std::array<OpensslContext, 2> m_contexts; ///< by indexOf(Peer)
    std::array<OpensslConnection, 2> m_ends;
    std::vector<Flight> m_flights;
    std::array<std::string, 2> m_received;
};

} // namespace gatescope::test
