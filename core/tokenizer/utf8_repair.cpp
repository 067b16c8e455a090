// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/utf8_repair.h"

namespace gatescope::tokenizer {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd"; // U+FFFD

bool isAscii(char octet) {
    return static_cast<unsigned char>(octet) < 0x80;
}

} // namespace

void Utf8Repair::begin(std::uint8_t lead, std::string& out) {
    m_lowest = 0x80;
    m_highest = 0xbf;
    if (lead < 0x80) {
        out.push_back(static_cast<char>(lead));
        return;
    }
    // The ranges of the second octet keep out overlong forms, surrogates and what is above U+10FFFF.
    if (lead >= 0xc2 && lead <= 0xdf) {
        m_need = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
        m_need = 2;
        if (lead == 0xe0) m_lowest = 0xa0;
        if (lead == 0xed) m_highest = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
        m_need = 3;
        if (lead == 0xf0) m_lowest = 0x90;
        if (lead == 0xf4) m_highest = 0x8f;
    } else {
        out.append(kReplacement);
        return;
    }
    m_begun[0] = static_cast<char>(lead);
    m_have = 1;
}

void Utf8Repair::octet(std::uint8_t value, std::string& out) {
    if (m_need == 0) {
        begin(value, out);
        return;
    }
    if (value < m_lowest || value > m_highest) {
        m_need = 0;
        out.append(kReplacement);
        begin(value, out); // the octet that does not fit is looked at anew
        return;
    }
    m_lowest = 0x80;
    m_highest = 0xbf;
    m_begun[m_have++] = static_cast<char>(value);
    if (--m_need == 0) out.append(m_begun.data(), m_have);
}

void Utf8Repair::feed(std::string_view part, std::string& out) {
    std::size_t at = 0;
    while (at < part.size()) {
        if (m_need == 0) {
            std::size_t end = at;
            while (end < part.size() && isAscii(part[end])) ++end;
            out.append(part.substr(at, end - at));
            at = end;
            if (at == part.size()) return;
        }
        octet(static_cast<std::uint8_t>(part[at++]), out);
    }
}

void Utf8Repair::finish(std::string& out) {
    if (m_need != 0) out.append(kReplacement);
    m_need = 0;
    m_have = 0;
}

} // namespace gatescope::tokenizer
