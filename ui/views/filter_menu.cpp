// SPDX-License-Identifier: Apache-2.0
#include "ui/views/filter_menu.h"

#include <QCoreApplication>
#include <QMenu>

#include <array>

namespace gatescope::ui {
namespace {

struct Way {
    const char* title;
    Combine how;
};
constexpr std::array kWays{
    Way{"Selected", Combine::Selected},
    Way{"Not selected", Combine::NotSelected},
    Way{"… and selected", Combine::AndSelected},
    Way{"… or selected", Combine::OrSelected},
    Way{"… and not selected", Combine::AndNotSelected},
    Way{"… or not selected", Combine::OrNotSelected},
};

} // namespace

QString combined(const QString& filter, const QString& condition, Combine how) {
    const bool negated = how == Combine::NotSelected || how == Combine::AndNotSelected || how == Combine::OrNotSelected;
    const QString wanted = negated ? QStringLiteral("!(%1)").arg(condition) : condition;
    const bool replaces = how == Combine::Selected || how == Combine::NotSelected || filter.trimmed().isEmpty();
    if (replaces) return wanted;
    const bool both = how == Combine::AndSelected || how == Combine::AndNotSelected;
    return QStringLiteral("(%1) %2 %3")
        .arg(filter.trimmed(), both ? QStringLiteral("&&") : QStringLiteral("||"), wanted);
}

Combine combineFor(Qt::KeyboardModifiers modifiers) {
    if (!(modifiers & Qt::ControlModifier)) return Combine::Selected;
    return modifiers & Qt::ShiftModifier ? Combine::AndNotSelected : Combine::AndSelected;
}

void addFilterMenus(QMenu* menu, const QString& condition, const UseCondition& use) {
    for (const bool apply : {true, false}) {
        QMenu* part = menu->addMenu(apply ? QCoreApplication::translate("FilterMenu", "Apply as filter")
                                          : QCoreApplication::translate("FilterMenu", "Prepare as filter"));
        part->setEnabled(!condition.isEmpty());
        for (const auto& way : kWays) {
            part->addAction(QString::fromUtf8(way.title),
                            [use, condition, how = way.how, apply] { use(condition, how, apply); });
        }
    }
}

} // namespace gatescope::ui
