// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>

#include <functional>

class QWidget;

namespace gatescope::ui {

/// Asks where to save: the parent, a name to begin with, a name filter (`CSV (*.csv)`), and what to do with the
/// answer. Tests put their own in its place.
using ChooseSave = std::function<void(QWidget*, const QString&, const QString&, std::function<void(const QString&)>)>;

/// The dialog of the desktop; does not block.
void chooseSaveWithDialog(QWidget* parent, const QString& name, const QString& filter,
                          std::function<void(const QString&)> chosen);

/// Asks for a file to read: the parent, a title, a name filter, and what to do with the answer.
using ChooseOpen = std::function<void(QWidget*, const QString&, const QString&, std::function<void(const QString&)>)>;

/// The dialog of the desktop; does not block.
void chooseOpenWithDialog(QWidget* parent, const QString& title, const QString& filter,
                          std::function<void(const QString&)> chosen);

/// Writes a file whole or not at all. Gives words for the status bar either way. `masked`: they say that secrets are
/// masked in it.
QString saveFile(const QString& path, const QByteArray& bytes, bool masked = true);

} // namespace gatescope::ui
