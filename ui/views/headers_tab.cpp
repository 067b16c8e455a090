// SPDX-License-Identifier: Apache-2.0
#include "ui/views/headers_tab.h"

#include "core/analysis/filter.h"
#include "ui/bridge/text.h"
#include "ui/widgets/icon.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>

namespace gatescope::ui {

HeadersTab::HeadersTab(QWidget* parent) : QTableView(parent), m_model(new HeaderTableModel(this)) {
    setObjectName(QStringLiteral("headerTable"));
    setAccessibleName(tr("Headers"));
    setModel(m_model);
    setFrameShape(QFrame::NoFrame);
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    setShowGrid(false);
    setAlternatingRowColors(true);
    setWordWrap(false);
    setTabKeyNavigation(false);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    auto* header = horizontalHeader();
    header->setHighlightSections(false);
    header->setStretchLastSection(true);
    const int letter = fontMetrics().averageCharWidth();
    setColumnWidth(HeaderTableModel::Side, letter * 17);
    setColumnWidth(HeaderTableModel::Name, letter * 30);
    setColumnWidth(HeaderTableModel::Value, letter * 50);
    setColumnWidth(HeaderTableModel::Sensitivity, letter * 14);
    connect(this, &QTableView::clicked, this, [this](const QModelIndex& index) {
        const bool link = index.column() == HeaderTableModel::Value && m_model->namesCertificate(index.row());
        if (link && selectionModel()->isRowSelected(index.row())) Q_EMIT certificateWanted();
    });
}

void HeadersTab::show(const analysis::Snapshot& snapshot, analysis::Row row) {
    m_model->show(snapshot, row);
}

void HeadersTab::clear() {
    m_model->clear();
}

void HeadersTab::setRevealed(bool revealed) {
    m_model->setRevealed(revealed);
}

std::optional<analysis::Field> HeadersTab::currentField() const {
    return m_model->fieldAt(currentIndex().row());
}

QString HeadersTab::currentCondition() const {
    const auto field = currentField();
    if (!field) return {};
    const auto quoted = analysis::quoteForFilter(m_model->rawValueAt(currentIndex().row()));
    return QString::fromStdString(field->name() + " == " + quoted);
}

QString HeadersTab::currentValue() const {
    return m_model->valueAt(currentIndex().row());
}

void HeadersTab::fillMenu(QMenu* menu) {
    const auto field = currentField();
    if (!field) return;
    const QString name = toText(field->name());
    if (m_model->namesCertificate(currentIndex().row()))
        menu->addAction(icon(Glyph::Shield), tr("Judge this certificate"), this, &HeadersTab::certificateWanted);
    menu->addAction(tr("Apply as column"), this, [this, field] { Q_EMIT columnWanted(*field); });
    // A secret must not stand readable in the filter bar and its history.
    const std::string raw = m_model->rawValueAt(currentIndex().row());
    const bool secret = analysis::maskHeader(field->header, raw) != raw;
    QMenu* filter = menu->addMenu(tr("Apply as filter"));
    const auto addWay = [&](const QString& title, const QString& condition, Combine how) {
        filter->addAction(title, this, [this, condition, how] { Q_EMIT conditionWanted(condition, how, true); });
    };
    if (!secret) {
        addWay(tr("Has this value"), currentCondition(), Combine::Selected);
        addWay(tr("Does not have this value"), currentCondition(), Combine::NotSelected);
        addWay(tr("… and has this value"), currentCondition(), Combine::AndSelected);
        filter->addSeparator();
    }
    addWay(tr("Has this header"), QStringLiteral("exists(%1)").arg(name), Combine::Selected);
    addWay(tr("Does not have this header"), QStringLiteral("exists(%1)").arg(name), Combine::NotSelected);
    menu->addSeparator();
    menu->addAction(icon(Glyph::Copy), tr("Copy value"), this,
                    [this] { QGuiApplication::clipboard()->setText(currentValue()); });
    menu->addAction(tr("Copy name"), this,
                    [field] { QGuiApplication::clipboard()->setText(QString::fromStdString(field->header)); });
}

void HeadersTab::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && m_model->namesCertificate(currentIndex().row())) return Q_EMIT certificateWanted();
    QTableView::keyPressEvent(event);
}

void HeadersTab::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (!index.isValid()) return;
    setCurrentIndex(index);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillMenu(menu);
    menu->popup(event->globalPos());
}

} // namespace gatescope::ui
