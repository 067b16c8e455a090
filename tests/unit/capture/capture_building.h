// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writes captures field by field as the drafts lay them out, without any code of the readers.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatescope::capture::testing {

inline constexpr bool kLittle = false;
inline constexpr bool kBig = true;

/// Octets in one byte order.
class Octets {
public:
    explicit Octets(bool bigEndian) : m_bigEndian(bigEndian) {}

    Octets& u16(std::uint16_t value) { return number(value, 2); }
    Octets& u32(std::uint32_t value) { return number(value, 4); }
    Octets& u64(std::uint64_t value) { return number(value, 8); }
    Octets& text(std::string_view octets) {
        m_text += octets;
        return *this;
    }
    Octets& pad() {
        m_text.resize((m_text.size() + 3) / 4 * 4);
        return *this;
    }
    const std::string& done() const { return m_text; }

private:
    Octets& number(std::uint64_t value, unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            const unsigned shift = 8 * (m_bigEndian ? count - 1 - i : i);
            m_text += static_cast<char>(value >> shift & 0xffU);
        }
        return *this;
    }

    bool m_bigEndian;
    std::string m_text;
};

struct PcapHeader {
    bool bigEndian = kLittle;
    std::uint32_t magic = 0xa1b2c3d4;
    std::uint16_t major = 2;
    std::uint16_t minor = 4;
    std::uint32_t linkType = 1;
};

inline std::string pcapHeader(const PcapHeader& header = {}) {
    return Octets(header.bigEndian)
        .u32(header.magic)
        .u16(header.major)
        .u16(header.minor)
        .u32(0)
        .u32(0)
        .u32(262144)
        .u32(header.linkType)
        .done();
}

inline std::string pcapRecord(bool bigEndian, std::uint32_t seconds, std::uint32_t fraction, std::uint32_t original,
                              std::string_view data) {
    return Octets(bigEndian)
        .u32(seconds)
        .u32(fraction)
        .u32(static_cast<std::uint32_t>(data.size()))
        .u32(original)
        .text(data)
        .done();
}

using Options = std::vector<std::pair<std::uint16_t, std::string>>;

/// The blocks of one pcapng section.
class Section {
public:
    explicit Section(bool bigEndian) : m_bigEndian(bigEndian) {}

    Octets octets() const { return Octets(m_bigEndian); }

    std::string block(std::uint32_t type, const std::string& body) const {
        const std::string whole = octets().text(body).pad().done();
        const auto length = static_cast<std::uint32_t>(whole.size() + 12);
        return octets().u32(type).u32(length).text(whole).u32(length).done();
    }
    std::string options(const Options& options) const {
        if (options.empty()) return {};
        Octets out = octets();
        for (const auto& [code, value] : options)
            out.u16(code).u16(static_cast<std::uint16_t>(value.size())).text(value).pad();
        return out.u16(0).u16(0).done();
    }
    std::string header(const Options& list = {}, std::uint64_t length = ~0ULL, std::uint16_t major = 1,
                       std::uint16_t minor = 0) const {
        return block(0x0a0d0d0a, octets().u32(0x1a2b3c4d).u16(major).u16(minor).u64(length).text(options(list)).done());
    }
    std::string interface(std::uint16_t linkType, std::uint32_t snapLength = 0, const Options& list = {}) const {
        return block(1, octets().u16(linkType).u16(0).u32(snapLength).text(options(list)).done());
    }
    std::string enhanced(std::uint32_t interface, std::uint64_t ticks, std::uint32_t original, std::string_view data,
                         const Options& list = {}) const {
        return block(6, octets()
                            .u32(interface)
                            .u32(static_cast<std::uint32_t>(ticks >> 32U))
                            .u32(static_cast<std::uint32_t>(ticks))
                            .u32(static_cast<std::uint32_t>(data.size()))
                            .u32(original)
                            .text(data)
                            .pad()
                            .text(options(list))
                            .done());
    }
    std::string obsolete(std::uint16_t interface, std::uint16_t drops, std::uint64_t ticks, std::uint32_t original,
                         std::string_view data, const Options& list = {}) const {
        return block(2, octets()
                            .u16(interface)
                            .u16(drops)
                            .u32(static_cast<std::uint32_t>(ticks >> 32U))
                            .u32(static_cast<std::uint32_t>(ticks))
                            .u32(static_cast<std::uint32_t>(data.size()))
                            .u32(original)
                            .text(data)
                            .pad()
                            .text(options(list))
                            .done());
    }
    std::string simple(std::uint32_t original, std::string_view data) const {
        return block(3, octets().u32(original).text(data).done());
    }
    std::string statistics(std::uint32_t interface, const Options& list) const {
        return block(5, octets().u32(interface).u64(0).text(options(list)).done());
    }
    std::string secrets(std::uint32_t type, std::string_view text, const Options& list = {}) const {
        return block(10, octets()
                             .u32(type)
                             .u32(static_cast<std::uint32_t>(text.size()))
                             .text(text)
                             .pad()
                             .text(options(list))
                             .done());
    }
    std::string number64(std::uint64_t value) const { return octets().u64(value).done(); }

private:
    bool m_bigEndian;
};

} // namespace gatescope::capture::testing
