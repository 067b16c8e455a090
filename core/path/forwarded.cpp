// SPDX-License-Identifier: Apache-2.0
#include "core/path/forwarded.h"

#include "core/http/message.h"
#include "core/path/text_scan.h"

#include <optional>

namespace gatescope::path {

namespace {

class ForwardedReader {
public:
    explicit ForwardedReader(std::string_view text) : m_rest(text) {}

    Forwarded read() {
        while (true) {
            skipBlanks();
            if (m_rest.empty()) break;
            if (take(',')) continue; // an empty element is allowed in lists (RFC 9110, 5.6.1)
            readElement();
        }
        return std::move(m_result);
    }

private:
    void readElement() {
        ForwardedElement element;
        bool any = false;
        while (true) {
            skipBlanks();
            if (m_rest.empty() || m_rest.front() == ',') break;
            if (take(';')) continue;
            any |= readPair(element);
        }
        if (!any) return;
        if (m_result.elements.size() == Forwarded::kMaxElements) {
            m_result.elements.erase(m_result.elements.begin());
            ++m_result.droppedElements;
        }
        m_result.elements.push_back(std::move(element));
    }

    bool readPair(ForwardedElement& element) {
        const std::string_view name = readToken();
        skipBlanks(); // the RFC allows none here, but senders do
        if (name.empty() || !take('=')) return skipPair();
        skipBlanks();
        auto value = !m_rest.empty() && m_rest.front() == '"' ? readQuoted() : std::optional(std::string(readValue()));
        if (!value || value->empty()) return skipPair();
        std::string* const place = http::equalsIgnoreCase(name, "for")     ? &element.forText
                                   : http::equalsIgnoreCase(name, "by")    ? &element.byText
                                   : http::equalsIgnoreCase(name, "host")  ? &element.host
                                   : http::equalsIgnoreCase(name, "proto") ? &element.proto
                                                                           : nullptr;
        if (place == nullptr) return true;
        if (!place->empty()) { // each name at most once in an element
            ++m_result.malformed;
            return true;
        }
        *place = std::move(*value);
        return true;
    }

    std::string_view readToken() {
        return takeWhile([](char c) { return c != '=' && c != ';' && c != ',' && c != ' ' && c != '\t' && c != '"'; });
    }
    /// A token; addresses of IPv6 without quotes are taken as they were meant.
    std::string_view readValue() {
        return takeWhile([](char c) { return c != ';' && c != ',' && c != ' ' && c != '\t' && c != '"'; });
    }

    /// quoted-string of RFC 9110, 5.6.4.
    std::optional<std::string> readQuoted() {
        std::string value;
        for (std::size_t i = 1; i < m_rest.size(); ++i) {
            if (m_rest[i] == '"') {
                m_rest.remove_prefix(i + 1);
                return value;
            }
            if (m_rest[i] == '\\' && ++i == m_rest.size()) break;
            value += m_rest[i];
        }
        m_rest = {}; // the quote is never closed: nothing behind it can be told apart
        return std::nullopt;
    }

    bool skipPair() {
        ++m_result.malformed;
        takeWhile([](char c) { return c != ';' && c != ','; });
        return false;
    }
    template <typename Holds>
    std::string_view takeWhile(Holds&& holds) {
        std::size_t length = 0;
        while (length < m_rest.size() && holds(m_rest[length])) ++length;
        const std::string_view taken = m_rest.substr(0, length);
        m_rest.remove_prefix(length);
        return taken;
    }
    bool take(char c) {
        if (m_rest.empty() || m_rest.front() != c) return false;
        m_rest.remove_prefix(1);
        return true;
    }
    void skipBlanks() {
        takeWhile([](char c) { return c == ' ' || c == '\t'; });
    }

    std::string_view m_rest;
    Forwarded m_result;
};

} // namespace

Forwarded readForwarded(std::string_view text) {
    return ForwardedReader(text).read();
}

} // namespace gatescope::path
