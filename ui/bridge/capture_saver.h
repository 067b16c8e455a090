// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/newest_job.h"

#include <QObject>
#include <QString>
#include <QStringList>

namespace gatescope::ui {

/// Puts the files of a capture one behind the other into one file, which is a valid pcapng: each begins with a section
/// header. Whole or not at all, off the GUI thread.
class CaptureSaver : public QObject {
    Q_OBJECT
public:
    explicit CaptureSaver(QObject* parent = nullptr) : QObject(parent) {}

    void save(const QStringList& files, const QString& path);
    bool busy() const { return m_job.busy(); }

Q_SIGNALS:
    /// `problem` is empty when it was saved.
    void saved(const QString& path, const QString& problem);

private:
    NewestJob m_job;
};

} // namespace gatescope::ui
