// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/capture_saver.h"

#include <QFile>
#include <QSaveFile>

namespace gatescope::ui {
namespace {

constexpr qint64 kPiece = 1 << 20;

/// Empty: all of it is written.
QString append(QSaveFile& to, const QString& path, const std::stop_token& stop) {
    QFile from(path);
    if (!from.open(QIODevice::ReadOnly)) return QStringLiteral("%1: %2").arg(path, from.errorString());
    while (!stop.stop_requested()) {
        const QByteArray piece = from.read(kPiece);
        if (piece.isEmpty()) break;
        if (to.write(piece) != piece.size()) return to.errorString();
    }
    if (stop.stop_requested()) return CaptureSaver::tr("stopped");
    return from.error() == QFileDevice::NoError ? QString() : QStringLiteral("%1: %2").arg(path, from.errorString());
}

QString join(const QStringList& files, const QString& path, const std::stop_token& stop) {
    QSaveFile to(path);
    if (!to.open(QIODevice::WriteOnly)) return to.errorString();
    for (const auto& file : files) {
        if (const QString problem = append(to, file, stop); !problem.isEmpty()) return problem;
    }
    return to.commit() ? QString() : to.errorString();
}

} // namespace

void CaptureSaver::save(const QStringList& files, const QString& path) {
    m_job.ask([this, files, path](const std::stop_token& stop) -> NewestJob::Deliver {
        const QString problem = join(files, path, stop);
        return [this, path, problem] { Q_EMIT saved(path, problem); };
    });
}

} // namespace gatescope::ui
