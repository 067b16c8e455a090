// SPDX-License-Identifier: Apache-2.0
#include "core/path/project_claim.h"

#include "core/http/message.h"
#include "core/path/text_scan.h"

#include <array>
#include <nlohmann/json.hpp>

namespace gatescope::path {

namespace {

constexpr std::array<std::int8_t, 256> kBase64Values = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (std::size_t i = 0; i < kDigits.size(); ++i)
        values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::int8_t>(i);
    return values;
}();

/// RFC 4648, 5, without padding.
std::optional<std::string> decodedBase64Url(std::string_view text) {
    while (text.ends_with('=')) text.remove_suffix(1);
    if (text.size() % 4 == 1) return std::nullopt;
    std::string decoded;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const std::int8_t value = kBase64Values[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        decoded += static_cast<char>(bits >> held & 0xff);
    }
    return decoded;
}

/// Takes one text of the outermost object and looks at nothing else, so nothing is built and nesting costs nothing.
class ClaimReader : public nlohmann::json_sax<nlohmann::json> {
public:
    explicit ClaimReader(std::string_view wanted) : m_wanted(wanted) {}
    std::string take() { return std::move(m_value); }

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t& value) override {
        if (m_depth == 1 && m_isWanted) m_value = std::move(value);
        return m_value.empty();
    }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return ++m_depth <= kMaxDepth; }
    bool key(string_t& name) override {
        m_isWanted = m_depth == 1 && name == m_wanted;
        return true;
    }
    bool end_object() override { return --m_depth > 0; }
    bool start_array(std::size_t) override { return ++m_depth <= kMaxDepth; }
    bool end_array() override { return --m_depth > 0; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override { return false; }

private:
    static constexpr int kMaxDepth = 16; ///< claims are flat; two levels were seen
    std::string_view m_wanted;
    std::string m_value;
    int m_depth = 0;
    bool m_isWanted = false;
};

/// The segment behind `/KEY/` of an ARM id, whose keys have no fixed case.
std::string armSegment(std::string_view id, std::string_view key) {
    while (!id.empty()) {
        const auto [segment, rest] = split(id, '/');
        if (http::equalsIgnoreCase(segment, key)) return std::string(split(rest, '/').first);
        id = rest;
    }
    return {};
}

} // namespace

std::optional<ProjectClaim> readProjectClaim(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    if (authorization.size() <= kScheme.size() || authorization.size() > kMaxTokenBytes) return std::nullopt;
    if (!http::equalsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
    const std::string_view token = trimmed(authorization.substr(kScheme.size()));
    const std::string_view payload = split(split(token, '.').second, '.').first;
    const auto text = payload.empty() ? std::nullopt : decodedBase64Url(payload);
    if (!text) return std::nullopt;
    ClaimReader reader("xms_mirid");
    nlohmann::json::sax_parse(*text, &reader, nlohmann::json::input_format_t::json, false);
    const std::string id = reader.take();
    ProjectClaim claim{armSegment(id, "accounts"), armSegment(id, "projects")};
    if (claim.project.empty()) return std::nullopt;
    return claim;
}

} // namespace gatescope::path
