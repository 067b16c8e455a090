// SPDX-License-Identifier: Apache-2.0
#include "core/analysis/filter.h"
#include "core/analysis/masking.h"

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using namespace gatescope;
using namespace gatescope::analysis;

/// A few exchanges for the filters to be applied to.
Snapshot someExchanges() {
    std::vector<ExchangeRecord> records(6);
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto& record = records[i];
        record.flowStart = 1;
        record.client = {*IpAddress::parse(i % 2 ? "10.0.9.213" : "2001:db8::1"), 10095};
        record.http.indexInConnection = static_cast<std::uint32_t>(i);
        record.http.request.method = "POST";
        record.http.request.target = "/openai/deployments/gpt-4o/chat/completions?api-version=1";
        record.http.request.headers.add("X-Forwarded-For", "100.64.9.87;10.0.9.213:10095");
        record.http.requestTrace = {static_cast<TimeNs>(i), static_cast<TimeNs>(i), 1, 1, 3, true, true, false};
        record.http.response.status = i % 3 ? 200 : 429;
        if (i % 2) record.http.responseTrace = {1'000'000, 2'000'000, 2, 2, 4, true, true, false};
        record.call.api = i % 2 ? "openai.chat" : "";
        record.call.usage.total = static_cast<std::int64_t>(i) * 1000;
    }
    Dataset dataset({"a"});
    dataset.append({std::move(records), {}, {}});
    return dataset.snapshot();
}

void require(bool condition) {
    if (!condition) std::abort();
}

} // namespace

/// Any text is a filter or an error with a place in the text. A filter and its opposite part the rows; a quoted text
/// finds itself. Masking takes any text, and masking again changes nothing of a query.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Snapshot snapshot = someExchanges();
    const std::string text(reinterpret_cast<const char*>(data), size);

    const auto filter = Filter::parse(text);
    if (!filter) {
        require(filter.error().column >= 1 && filter.error().column <= size + 1 && !filter.error().message.empty());
    } else {
        const auto found = filter->apply(snapshot, snapshot.order());
        const auto opposite = Filter::parse("not (" + text + ")");
        if (opposite && !filter->matchesEverything())
            require(found.size() + opposite->apply(snapshot, snapshot.order()).size() == snapshot.size());
    }
    require(Filter::parse("path == " + quoteForFilter(text)).has_value() || size > 100'000);

    (void)maskText(text);
    (void)maskHeader("cookie", text);
    (void)maskHeader("authorization", text);
    const std::string query = maskQuery(text);
    require(maskQuery(query) == query);
    (void)Field::parse(text);
    return 0;
}
