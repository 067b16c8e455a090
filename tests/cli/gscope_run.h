// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/cli/cli_captures.h"

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <QProcess>
#include <QProcessEnvironment>
#include <QStringList>
#include <QTemporaryDir>
#include <stdexcept>
#include <string>

namespace gatescope::test {

struct GscopeResult {
    int status = -1; ///< -1: crashed or did not end
    QByteArray out, err;
};

inline GscopeResult runProgram(const QString& program, const QStringList& arguments, const QString& folder,
                               const QByteArray& input = {}) {
    QProcess process;
    process.setWorkingDirectory(folder);
    // No price table of whoever runs the tests; a test puts its own at `gatescope/prices.json`.
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("XDG_CONFIG_HOME", folder);
    process.setProcessEnvironment(environment);
    process.start(program, arguments);
    process.write(input);
    process.closeWriteChannel();
    GscopeResult result;
    if (process.waitForFinished(60'000) && process.exitStatus() == QProcess::NormalExit)
        result.status = process.exitCode();
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}

/// Runs the program that was built, in `folder`.
inline GscopeResult runGscope(const QStringList& arguments, const QString& folder, const QByteArray& input = {}) {
    return runProgram(QStringLiteral(GSCOPE), arguments, folder, input);
}

inline void writeFile(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        throw std::runtime_error("cannot write " + path.toStdString());
}

inline QByteArray readFile(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline QByteArray toBytes(const std::string& text) {
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

/// One object for each line.
inline QList<QJsonObject> jsonLines(const QByteArray& text) {
    QList<QJsonObject> rows;
    for (const QByteArray& line : text.split('\n'))
        if (!line.isEmpty()) rows.append(QJsonDocument::fromJson(line).object());
    return rows;
}

/// A folder with the captures of cli_captures.h.
struct CaptureFolder {
    QTemporaryDir folder;
    CaptureFolder() {
        writeFile(folder.filePath("gateway.pcapng"), toBytes(gatewayCapture()));
        writeFile(folder.filePath("hostile.pcap"), toBytes(hostileCapture()));
        writeFile(folder.filePath("gap.pcap"), toBytes(gapCapture()));
        writeFile(folder.filePath("proxy.pcap"), toBytes(proxyCapture()));
    }
    QString path() const { return folder.path(); }
    GscopeResult run(const QStringList& arguments, const QByteArray& input = {}) const {
        return runGscope(arguments, path(), input);
    }
};

} // namespace gatescope::test
