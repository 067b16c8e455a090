// SPDX-License-Identifier: Apache-2.0
#include "ui/views/export_button.h"

#include "ui/widgets/icon.h"

#include <QCoreApplication>
#include <QMenu>
#include <QToolButton>

namespace gatescope::ui {

QToolButton* makeExportButton(const std::function<void(QMenu*)>& fill) {
    auto* button = new QToolButton;
    button->setIcon(icon(Glyph::Save));
    button->setText(QCoreApplication::translate("ExportButton", "Export"));
    button->setToolTip(QCoreApplication::translate("ExportButton", "Save what is shown"));
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(button);
    fill(menu);
    button->setMenu(menu);
    return button;
}

} // namespace gatescope::ui
