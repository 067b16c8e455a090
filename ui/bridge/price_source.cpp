// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/price_source.h"

#include "ui/bridge/text.h"

#include <QFile>
#include <QFileInfo>
#include <QLocale>
#include <QStandardPaths>

namespace gatescope::ui {

QString userPricesPath() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) +
           QStringLiteral("/gatescope/prices.json");
}

std::expected<std::optional<cost::PriceTable>, QString> readPrices(const QString& path, bool mayBeMissing) {
    QFile file(path);
    if (mayBeMissing && !file.exists()) return std::nullopt;
    const QString name = QFileInfo(path).fileName();
    if (!file.open(QIODevice::ReadOnly)) {
        return std::unexpected(QStringLiteral("%1: %2").arg(name, file.errorString()));
    }
    const QByteArray bytes = file.read(static_cast<qint64>(cost::PriceTable::kMaxBytes) + 1);
    auto table = cost::PriceTable::parse(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    if (!table) return std::unexpected(QStringLiteral("%1: %2").arg(name, toText(table.error().message)));
    return *std::move(table);
}

QString amountText(double amount, const QString& currency) {
    const int digits = amount >= 1 || amount <= 0 ? 2 : amount >= 0.01 ? 4 : 6;
    const QLocale english(QLocale::English, QLocale::UnitedStates);
    return QStringLiteral("%1 %2").arg(english.toString(amount, 'f', digits), currency);
}

} // namespace gatescope::ui
