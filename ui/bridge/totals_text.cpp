// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/totals_text.h"

#include "ui/bridge/text.h"

#include <QStringList>

namespace gatescope::ui {
using namespace analysis;
namespace {

QString errorShare(const Totals& totals) {
    const double share = 100.0 * static_cast<double>(totals.errors) / static_cast<double>(totals.exchanges);
    return QStringLiteral("%1 %").arg(share, 0, 'f', 1);
}

} // namespace

QString totalsText(const Totals& totals) {
    QStringList lines;
    lines << counted(totals.exchanges, "request", "requests");
    if (totals.withUsage > 0) {
        lines << QStringLiteral("%1 tokens: %2 in (%3 cached), %4 out")
                     .arg(countText(static_cast<std::uint64_t>(totals.totalTokens)),
                          countText(static_cast<std::uint64_t>(totals.inputTokens)),
                          countText(static_cast<std::uint64_t>(totals.cachedTokens)),
                          countText(static_cast<std::uint64_t>(totals.outputTokens)));
    }
    if (totals.withoutUsage > 0) {
        lines << counted(totals.withoutUsage, "model call", "model calls") + QStringLiteral(" without a token count");
    }
    if (totals.errors > 0) {
        lines << counted(totals.errors, "error", "errors") + QStringLiteral(" (%1)").arg(errorShare(totals));
    }
    if (totals.throttled > 0) lines << counted(totals.throttled, "answer", "answers") + QStringLiteral(" 429");
    if (totals.durationP50 && totals.durationP95) {
        lines << QStringLiteral("duration: median %1, 95 % under %2")
                     .arg(durationText(*totals.durationP50), durationText(*totals.durationP95));
    }
    return lines.join(QChar('\n'));
}

} // namespace gatescope::ui
