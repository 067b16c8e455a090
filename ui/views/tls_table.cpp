// SPDX-License-Identifier: Apache-2.0
#include "ui/views/tls_table.h"

#include "core/report/escape.h"
#include "ui/bridge/text.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QStyle>

#include <algorithm>

namespace gatescope::ui {
namespace {

/// A text of usual length, by TlsColumn.
constexpr std::array<const char*, kTlsColumns.size()> kUsual{"1,000",
                                                             "00:00:00.000",
                                                             "100.64.100.100:50000",
                                                             "100.100.100.100:443",
                                                             "apimeus.azure-api.net.com",
                                                             "1.3",
                                                             "TLS_AES_256_GCM_SHA384",
                                                             "http/1.1",
                                                             "client-alert:unknown_ca",
                                                             "no: no secrets for this client random",
                                                             "Exchanges",
                                                             "t13d1516h2_8daaf6152771_02713d6af862"};

} // namespace

TlsTable::TlsTable(QWidget* parent) : ListTable(tr("TLS sessions"), 6, parent), m_model(new TlsTableModel(this)) {
    setObjectName(QStringLiteral("tlsTable"));
    setModel(m_model);
    setTextElideMode(Qt::ElideRight);
    auto* header = horizontalHeader();
    header->setStretchLastSection(true);
    setSortingEnabled(true);
    setWidths();
    // What matters most is seen without scrolling.
    constexpr int kFirst = 2;
    header->moveSection(static_cast<int>(TlsColumn::Readable), kFirst);
    header->moveSection(header->visualIndex(static_cast<int>(TlsColumn::Ended)), kFirst);
}

void TlsTable::setWidths() {
    const int margins = 2 * style()->pixelMetric(QStyle::PM_FocusFrameHMargin) + 8;
    for (int column = 0; column < m_model->columnCount(); ++column) {
        const auto which = kTlsColumns[static_cast<std::size_t>(column)];
        const bool sign = which == TlsColumn::Ended || which == TlsColumn::Readable || which == TlsColumn::Exchanges;
        const int wide =
            std::max(fontMetrics().horizontalAdvance(QLatin1String(kUsual[static_cast<std::size_t>(which)])),
                     fontMetrics().horizontalAdvance(tlsColumnTitle(which)) + 10);
        setColumnWidth(column, margins + wide + (sign ? style()->pixelMetric(QStyle::PM_SmallIconSize) + 4 : 0));
    }
}

void TlsTable::show(std::shared_ptr<const TlsAnswer> answer) {
    m_model->show(std::move(answer));
    placeEmptyLabel();
}

void TlsTable::clear() {
    m_model->clear();
    placeEmptyLabel();
}

const analysis::TlsSession* TlsTable::current() const {
    return m_model->sessionAt(currentIndex().row());
}

bool TlsTable::select(std::uint64_t number) {
    const auto row = m_model->rowOf(number);
    if (!row) return false;
    const QModelIndex index = m_model->index(*row, std::max(0, currentIndex().column()));
    setCurrentIndex(index);
    scrollTo(index);
    return true;
}

QString TlsTable::currentCell() const {
    return currentIndex().data().toString();
}

QByteArray TlsTable::csv() const {
    std::string out;
    const auto line = [&](auto&& cellOf) {
        for (std::size_t i = 0; i < kTlsColumns.size(); ++i) {
            if (i > 0) out += ',';
            report::appendCsvText(out, toUtf8(cellOf(kTlsColumns[i])));
        }
        out += "\r\n";
    };
    line([](TlsColumn column) { return tlsColumnField(column); });
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const auto& session = *m_model->sessionAt(row);
        line([&](TlsColumn column) {
            if (column == TlsColumn::Exchanges) return QString::number(session.record->exchanges);
            const TimeNs time = session.record->facts.firstTime;
            if (column == TlsColumn::Time) return time == kNoTime ? QString() : toText(formatTime(time));
            return tlsCell(session, column, true);
        });
    }
    return QByteArray::fromStdString(out);
}

void TlsTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    ListTable::currentChanged(current, previous);
    if (current.row() != previous.row()) Q_EMIT currentSessionChanged();
}

void TlsTable::step(int rows) {
    const int last = m_model->rowCount() - 1;
    if (last < 0) return;
    const int from = currentIndex().isValid() ? currentIndex().row() + rows : 0;
    setCurrentIndex(m_model->index(std::clamp(from, 0, last), std::max(0, currentIndex().column())));
}

void TlsTable::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy)) return QGuiApplication::clipboard()->setText(chosenLines());
    const bool plain = event->modifiers() == Qt::NoModifier;
    if (plain && (event->key() == Qt::Key_J || event->key() == Qt::Key_K))
        return step(event->key() == Qt::Key_J ? 1 : -1);
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && current())
        return Q_EMIT activatedSession();
    // The base class would search the first column for typed letters, in the GUI thread.
    if (!event->text().isEmpty() && event->text().front().isPrint() && event->key() != Qt::Key_Space) {
        event->ignore();
        return;
    }
    ListTable::keyPressEvent(event);
}

void TlsTable::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && indexAt(event->pos()).isValid()) Q_EMIT activatedSession();
}

void TlsTable::contextMenuEvent(QContextMenuEvent* event) {
    QPoint place = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard && currentIndex().isValid())
        place = viewport()->mapToGlobal(visualRect(currentIndex()).center());
    else if (!indexAt(event->pos()).isValid())
        return;
    if (current()) Q_EMIT menuWanted(place);
}

} // namespace gatescope::ui
