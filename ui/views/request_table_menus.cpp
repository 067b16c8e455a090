// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/text.h"
#include "ui/views/request_table.h"
#include "ui/widgets/icon.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QMenu>

#include <algorithm>
#include <array>

namespace gatescope::ui {
using namespace analysis;
namespace {

struct Section {
    const char* title;
    FieldId first, last; ///< fields of a section are neighbours in the contract
};
constexpr std::array kSections{
    Section{"Request and time", FieldId::Id, FieldId::Ttft},
    Section{"Network and HTTP", FieldId::Client, FieldId::Complete},
    Section{"Who and which model", FieldId::Project, FieldId::Caller},
    Section{"Tokens and answer", FieldId::Stream, FieldId::LimitOrigin},
    Section{"Path and traces", FieldId::ForwardedFor, FieldId::Findings},
};

} // namespace

void RequestTable::fillColumnsMenu(QMenu* menu) {
    qDeleteAll(menu->findChildren<QMenu*>(Qt::FindDirectChildrenOnly));
    menu->clear();
    const auto addToggle = [this](QMenu* to, const Field& field) {
        QAction* action = to->addAction(fieldTitle(field));
        action->setCheckable(true);
        action->setChecked(m_model->columnOf(field).has_value());
        action->setToolTip(fieldMeaning(field));
        connect(action, &QAction::triggered, this, [this, field](bool on) {
            if (on) return addField(field);
            if (const auto column = m_model->columnOf(field)) m_model->removeField(*column);
        });
    };
    for (const auto& section : kSections) {
        QMenu* part = menu->addMenu(QLatin1String(section.title));
        part->setToolTipsVisible(true);
        for (const auto& info : fields()) {
            if (info.id >= section.first && info.id <= section.last) addToggle(part, fieldOf(info.id));
        }
    }
    menu->addSeparator();
    for (const auto& field : m_model->columns()) {
        if (!field.header.empty()) addToggle(menu, field);
    }
    menu->addAction(tr("Header as column…"), this, &RequestTable::headerColumnWanted);
    menu->addAction(tr("Default columns"), this, [this] { restoreColumns({}, {}); });
}

void RequestTable::fillCellMenu(QMenu* menu) {
    addFilterMenus(menu, currentCondition(), [this](const QString& condition, Combine how, bool apply) {
        Q_EMIT conditionWanted(condition, how, apply);
    });
    const auto row = currentRow();
    if (!row) return;
    menu->addAction(tr("Show only this conversation"), this, [this, row = *row] {
        const QString flow =
            QString::fromStdString(equalsExpression(m_model->order()->snapshot, fieldOf(FieldId::Flow), row));
        Q_EMIT conditionWanted(flow, Combine::Selected, true);
    });
    menu->addSeparator();
    menu->addAction(icon(Glyph::Copy), tr("Copy value"), this,
                    [this] { QGuiApplication::clipboard()->setText(currentValue()); });
}

void RequestTable::contextMenuEvent(QContextMenuEvent* event) {
    const QModelIndex index = indexAt(event->pos());
    if (!index.isValid()) return;
    setCurrentIndex(index);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillCellMenu(menu);
    menu->addActions(actions());
    menu->popup(event->globalPos());
}

void RequestTable::showHeaderMenu(const QPoint& place) {
    const int column = horizontalHeader()->logicalIndexAt(place);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (column >= 0) {
        menu->addAction(icon(Glyph::Close),
                        tr("Remove column “%1”").arg(fieldTitle(m_model->columns()[static_cast<std::size_t>(column)])),
                        this, [this, column] { m_model->removeField(column); });
        menu->addAction(tr("Fit column"), this, [this, column] { resizeColumnToContents(column); });
        menu->addSeparator();
    }
    fillColumnsMenu(menu->addMenu(tr("Columns")));
    menu->popup(horizontalHeader()->mapToGlobal(place));
}

} // namespace gatescope::ui
