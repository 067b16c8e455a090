// SPDX-License-Identifier: Apache-2.0
// Input: an octet that says what follows - a distinguished name, or the value of one of the headers that tell of a
// certificate - and the text. A name that was read is read again from its own writing as the same.
#include "core/trust/certificate_headers.h"
#include "core/trust/dn_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace gatescope;
using namespace gatescope::trust;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool isPlain(const std::string& text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7f; });
}

void tryName(std::string_view text) {
    const auto name = readDnText(text);
    if (!name) return;
    require(!name->attributes.empty() && name->attributes.size() <= DnText::kMaxAttributes);
    require(!name->attributes.front().joins);
    const std::string written = toRfc4514(*name);
    require(isPlain(written));
    if (written.size() > DnText::kMaxOctets) return;
    const auto again = readDnText(written);
    require(again.has_value() && comparableKey(*again) == comparableKey(*name));
}

void tryHeader(std::string_view header, std::string_view value) {
    const auto read = readCertificateHeader(header, value);
    if (!read) return;
    require(read->certificates.size() <= CertificateHeader::kMaxCertificates);
    require(isPlain(read->names.subject) && isPlain(read->names.issuer));
    require(std::ranges::all_of(read->hosts, isPlain));
    require(!read->names.subject.empty() || !read->names.issuer.empty() || !read->hosts.empty() ||
            !read->certificates.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<std::string_view, 6> kHeaders = {"x-arr-ssl",         "x-forwarded-client-cert",
                                                          "ssl-client-s-dn",   "x-client-cert",
                                                          "client-cert-chain", "x-forwarded-tls-client-cert-info"};
    if (size < 1) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t choice = data[0] % (kHeaders.size() + 1);
    if (choice == kHeaders.size())
        tryName(text);
    else
        tryHeader(kHeaders[choice], text);
    return 0;
}
