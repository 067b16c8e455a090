// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

#include <functional>

class QMenu;

namespace gatescope::ui {

/// How a new condition joins the filter in force; the words are Wireshark's.
enum class Combine { Selected, NotSelected, AndSelected, OrSelected, AndNotSelected, OrNotSelected };

/// `filter` joined with `condition`.
QString combined(const QString& filter, const QString& condition, Combine how);

/// The way that the modifier keys of a click stand for: none selects, Ctrl is "and selected", Ctrl with Shift
/// "and not selected".
Combine combineFor(Qt::KeyboardModifiers modifiers);

using UseCondition = std::function<void(const QString& condition, Combine how, bool apply)>;

/// Adds "Apply as filter" and "Prepare as filter" with all ways; disabled when there is no condition.
void addFilterMenus(QMenu* menu, const QString& condition, const UseCondition& use);

} // namespace gatescope::ui
