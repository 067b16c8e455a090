// SPDX-License-Identifier: Apache-2.0
// Reports of the Common CA Database with certificates in them: RFC 4180, PEM in a quoted field, often in single quotes
// inside of it. Columns are found by their names, since each report has others.
#include "core/trust/file_reading.h"
#include "core/trust/pem_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace gatescope::trust {

namespace {

constexpr std::size_t kMaxColumns = 256;
constexpr std::string_view kPem = "-----BEGIN CERTIFICATE-----";

std::string folded(std::string_view text) {
    std::string small(text);
    for (char& letter : small)
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    return small;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

class CsvReader {
public:
    explicit CsvReader(std::string_view text) : m_text(text) {
        if (m_text.starts_with("\xef\xbb\xbf")) m_text.remove_prefix(3);
    }

    /// Fields of the next row; what is behind kMaxColumns is dropped. False: the end.
    bool next(std::vector<std::string>& fields) {
        fields.clear();
        if (m_text.empty()) return false;
        bool more = true;
        while (more) {
            std::string field = nextField();
            if (fields.size() < kMaxColumns) fields.push_back(std::move(field));
            more = m_text.starts_with(',');
            if (more) m_text.remove_prefix(1);
        }
        if (m_text.starts_with('\r')) m_text.remove_prefix(1);
        if (m_text.starts_with('\n')) m_text.remove_prefix(1);
        return true;
    }

private:
    std::string nextField() {
        std::string field;
        if (m_text.starts_with('"')) {
            m_text.remove_prefix(1);
            for (;;) {
                const std::size_t quote = std::min(m_text.find('"'), m_text.size());
                field.append(m_text.substr(0, quote));
                m_text.remove_prefix(std::min(quote + 1, m_text.size()));
                if (!m_text.starts_with('"')) break;
                field += '"'; // two stand for one
                m_text.remove_prefix(1);
            }
        }
        // Without quotes; or what a careless writer put behind them.
        const std::size_t end = std::min(m_text.find_first_of(",\r\n"), m_text.size());
        field.append(m_text.substr(0, end));
        m_text.remove_prefix(end);
        return field;
    }

    std::string_view m_text;
};

struct Columns {
    std::vector<std::size_t> purposes; ///< `Trust Bits`, `Microsoft EKUs`
    std::vector<std::size_t> standing; ///< `Microsoft Status`
    std::vector<std::size_t> distrust; ///< `Distrust for TLS After Date`
};

Columns columnsOf(const std::vector<std::string>& names) {
    Columns columns;
    for (std::size_t at = 0; at < names.size(); ++at) {
        const std::string name = folded(names[at]);
        if (contains(name, "trust bits") || contains(name, "ekus")) columns.purposes.push_back(at);
        if (name == "status" || name.ends_with(" status")) columns.standing.push_back(at);
        if (contains(name, "distrust for tls after")) columns.distrust.push_back(at);
    }
    return columns;
}

/// Something in one of the columns. None: nothing is said there.
std::optional<bool> anyHas(const std::vector<std::string>& row, const std::vector<std::size_t>& columns,
                           std::initializer_list<std::string_view> words) {
    std::optional<bool> answer;
    for (const std::size_t column : columns) {
        if (column >= row.size() || row[column].empty()) continue;
        const std::string value = folded(row[column]);
        answer = answer.value_or(false) ||
                 std::ranges::any_of(words, [&](std::string_view word) { return contains(value, word); });
    }
    return answer;
}

bool isForServers(const std::vector<std::string>& row, const Columns& columns) {
    if (!anyHas(row, columns.purposes, {"websites", "server authentication", "serverauth", "tls"}).value_or(true))
        return false;
    return !anyHas(row, columns.standing, {"disabled", "removed", "not included", "blocked", "not trusted"})
                .value_or(false);
}

} // namespace

bool isCcadbCsv(std::string_view text) {
    constexpr std::size_t kMaxHeader = 16U << 10;
    const std::size_t end = text.find('\n');
    if (end == text.npos || end > kMaxHeader || text.starts_with('#')) return false;
    std::vector<std::string> names;
    CsvReader(text.substr(0, end)).next(names);
    const auto isForPem = [](const std::string& name) { return contains(folded(name), "pem"); };
    return names.size() > 1 && std::ranges::any_of(names, isForPem) && !contains(text.substr(0, end), "-----BEGIN");
}

void readCcadbCsv(std::string_view text, FileReading& reading) {
    CsvReader rows(text);
    std::vector<std::string> row;
    if (!rows.next(row)) return;
    const Columns columns = columnsOf(row);
    std::size_t distrusted = 0;
    while (rows.next(row)) {
        const auto field = std::ranges::find_if(row, [](const std::string& each) { return contains(each, kPem); });
        if (field == row.end()) continue;
        if (!isForServers(row, columns)) {
            reading.leaveOut();
            continue;
        }
        std::string_view pem = *field;
        const auto block = nextPemBlock(pem);
        const auto der = block ? decodeBase64(block->body) : std::nullopt;
        if (!der)
            reading.remark("a certificate in PEM cannot be decoded");
        else if (reading.addCertificate(*der) && anyHas(row, columns.distrust, {""}).value_or(false))
            ++distrusted;
    }
    if (distrusted != 0)
        reading.remark("of " + std::to_string(distrusted) +
                       " roots, certificates issued after a date in the file are refused; that is not considered");
}

} // namespace gatescope::trust
