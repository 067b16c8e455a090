// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QString>
#include <QStringList>

namespace gatescope::test {

/// Captures of other people with what another analyser sees in them; not part of the project. Empty: not there.
inline QString corpusFolder() {
    const QString shared = qEnvironmentVariable("GATESCOPE_SHARED", QStringLiteral(GATESCOPE_SOURCE_DIR "/../shared"));
    const QString folder = shared + QStringLiteral("/corpus");
    return QDir(folder).exists() ? folder : QString();
}

/// Files `X.truth.tsv` beside which there is an `X`; paths of X, sorted.
inline QStringList capturesWithTruth(const QString& folder) {
    QStringList captures;
    const QString suffix = QStringLiteral(".truth.tsv");
    QDirIterator files(folder, {QLatin1Char('*') + suffix}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        const QString path = files.next().chopped(suffix.size());
        if (QFile::exists(path)) captures.append(path);
    }
    captures.sort();
    return captures;
}

/// Rows of that kind in a capture's truth file, as their columns after the kind; a dash is "not seen".
inline QList<QByteArrayList> truthRows(const QString& capture, const QByteArray& kind) {
    QList<QByteArrayList> rows;
    QFile file(capture + QStringLiteral(".truth.tsv"));
    if (!file.open(QIODevice::ReadOnly)) return rows;
    for (const QByteArray& line : file.readAll().split('\n')) {
        QByteArrayList columns = line.split('\t');
        if (columns.takeFirst() == kind) rows.append(columns);
    }
    return rows;
}

} // namespace gatescope::test
