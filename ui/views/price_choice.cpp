// SPDX-License-Identifier: Apache-2.0
#include "ui/views/price_choice.h"

#include "ui/bridge/price_source.h"
#include "ui/bridge/text.h"

#include <QDir>
#include <QFileDialog>
#include <QMenu>
#include <QSettings>

namespace gatescope::ui {
namespace {

constexpr auto kPrices = "prices/path";

} // namespace

PriceChoice::PriceChoice(QWidget* parent) : QToolButton(parent) {
    setObjectName(QStringLiteral("priceChoice"));
    setPopupMode(InstantPopup);
    auto* menu = new QMenu(this);
    menu->addAction(tr("Price table from a file…"), this, &PriceChoice::askForFile);
    menu->addAction(tr("My own table (%1)").arg(QDir::toNativeSeparators(userPricesPath())), this,
                    [this] { load({}); });
    setMenu(menu);
    describe();
}

void PriceChoice::load(const QString& path) {
    m_path = path;
    auto job = [this, path](std::stop_token) -> NewestJob::Deliver {
        auto read = readPrices(path.isEmpty() ? userPricesPath() : path, path.isEmpty());
        return [this, read = std::move(read)] {
            m_table = read && *read ? std::make_shared<const cost::PriceTable>(**read) : nullptr;
            describe();
            if (!read) Q_EMIT failed(tr("No prices: %1").arg(read.error()));
            Q_EMIT changed();
        };
    };
    m_job.ask(std::move(job));
}

void PriceChoice::describe() {
    setText(m_table ? tr("Prices: %1").arg(toText(m_table->currency())) : tr("No prices"));
    const QString date = m_table && !m_table->asOf().empty() ? tr(" of %1").arg(toText(m_table->asOf())) : QString();
    setToolTip(m_table ? tr("Price table “%1”%2").arg(toText(m_table->name()), date)
                       : tr("No price table is loaded: every call is unpriced."));
}

void PriceChoice::askForFile() {
    auto* dialog = new QFileDialog(this, tr("Price Table"), QString(), tr("Price tables (*.json);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &PriceChoice::load);
    dialog->open();
}

void PriceChoice::restore(QSettings& settings) {
    load(settings.value(kPrices).toString());
}

void PriceChoice::save(QSettings& settings) const {
    settings.setValue(kPrices, m_path);
}

} // namespace gatescope::ui
