// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

class QMenu;
class QToolButton;

namespace gatescope::ui {

/// The button with the menu of what a page can save; `fill` puts its actions into the menu, once.
QToolButton* makeExportButton(const std::function<void(QMenu*)>& fill);

} // namespace gatescope::ui
