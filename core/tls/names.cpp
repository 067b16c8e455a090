// SPDX-License-Identifier: Apache-2.0
#include "core/tls/names.h"

#include "core/tls/name_table.h"

#include <fmt/format.h>

namespace gatescope::tls {

namespace {

// IANA, TLS Alerts. Reserved ones are of SSL 3.0 and TLS 1.0.
constexpr auto kAlerts = std::to_array<NamedValue>({
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {52, "too_many_cids_requested"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {117, "general_error"},
    {120, "no_application_protocol"},
    {121, "ech_required"},
});
static_assert(isSorted(kAlerts));

// IANA, TLS HandshakeType, and NPN's message, which was never registered.
constexpr auto kHandshakeTypes = std::to_array<NamedValue>({
    {0, "hello_request"},
    {1, "client_hello"},
    {2, "server_hello"},
    {3, "hello_verify_request"},
    {4, "new_session_ticket"},
    {5, "end_of_early_data"},
    {6, "hello_retry_request"},
    {8, "encrypted_extensions"},
    {9, "request_connection_id"},
    {10, "new_connection_id"},
    {11, "certificate"},
    {12, "server_key_exchange"},
    {13, "certificate_request"},
    {14, "server_hello_done"},
    {15, "certificate_verify"},
    {16, "client_key_exchange"},
    {17, "client_certificate_request"},
    {20, "finished"},
    {21, "certificate_url"},
    {22, "certificate_status"},
    {23, "supplemental_data"},
    {24, "key_update"},
    {25, "compressed_certificate"},
    {26, "ekt_key"},
    {67, "next_protocol"},
    {254, "message_hash"},
    {static_cast<std::uint16_t>(HandshakeType::Encrypted), "encrypted handshake message"},
});
static_assert(isSorted(kHandshakeTypes));

// IANA, TLS ContentType.
constexpr auto kRecordTypes = std::to_array<NamedValue>({
    {20, "change_cipher_spec"},
    {21, "alert"},
    {22, "handshake"},
    {23, "application_data"},
    {24, "heartbeat"},
    {25, "tls12_cid"},
    {26, "ACK"},
});
static_assert(isSorted(kRecordTypes));

constexpr auto kVersions = std::to_array<NamedValue>({
    {0x0002, "ssl 2.0"},
    {kSsl3, "ssl 3.0"},
    {kTls10, "1.0"},
    {kTls11, "1.1"},
    {kTls12, "1.2"},
    {kTls13, "1.3"},
});
static_assert(isSorted(kVersions));

} // namespace

std::string numberOf(std::uint16_t value) {
    return fmt::format("0x{:04x}", value);
}
std::string numberOf(std::uint8_t value) {
    return fmt::format("0x{:02x}", value);
}

std::string alertName(std::uint8_t description) {
    return nameOrNumber(kAlerts, description);
}
std::string handshakeTypeName(HandshakeType type) {
    return nameOrNumber(kHandshakeTypes, static_cast<std::uint8_t>(type));
}
std::string recordTypeName(std::uint8_t type) {
    return nameOrNumber(kRecordTypes, type);
}
std::string versionName(std::uint16_t version) {
    // Drafts of RFC 8446, 4.2.1.
    if (version >> 8 == 0x7f) return fmt::format("1.3-draft{:02}", version & 0xff);
    return nameOrNumber(kVersions, version);
}

} // namespace gatescope::tls
