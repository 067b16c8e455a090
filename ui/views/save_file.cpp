// SPDX-License-Identifier: Apache-2.0
#include "ui/views/save_file.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QSaveFile>

namespace gatescope::ui {

void chooseSaveWithDialog(QWidget* parent, const QString& name, const QString& filter,
                          std::function<void(const QString&)> chosen) {
    auto* dialog = new QFileDialog(parent, QFileDialog::tr("Save As"), QString(), filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QFileInfo(name).suffix());
    dialog->selectFile(name);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, chosen);
    dialog->open();
}

void chooseOpenWithDialog(QWidget* parent, const QString& title, const QString& filter,
                          std::function<void(const QString&)> chosen) {
    auto* dialog = new QFileDialog(parent, title, QString(), filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, chosen);
    dialog->open();
}

QString saveFile(const QString& path, const QByteArray& bytes, bool masked) {
    QSaveFile file(path);
    const bool written = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
    const QString name = QFileInfo(path).fileName();
    if (written && !masked) return QCoreApplication::translate("SaveFile", "Saved %1.").arg(name);
    if (written) return QCoreApplication::translate("SaveFile", "Saved %1, with secrets masked.").arg(name);
    return QCoreApplication::translate("SaveFile", "%1 was not saved: %2").arg(name, file.errorString());
}

} // namespace gatescope::ui
