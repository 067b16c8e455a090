// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/cli/gscope_run.h"

#include <QElapsedTimer>
#include <QJsonObject>
#include <QList>
#include <QProcess>
#include <csignal>
#include <functional>
#include <optional>
#include <sys/types.h>

namespace gatescope::test {

/// A `gscope` that goes on while the test looks at its lines.
class RunningGscope {
public:
    RunningGscope(const QStringList& arguments, const QString& folder, const QStringList& before = {}) {
        m_process.setWorkingDirectory(folder);
        QStringList words = before + QStringList{QStringLiteral(GSCOPE)} + arguments;
        const QString program = words.takeFirst();
        m_process.start(program, words);
        m_process.waitForStarted();
    }
    ~RunningGscope() {
        if (m_process.state() == QProcess::NotRunning) return;
        m_process.kill();
        m_process.waitForFinished();
    }

    QProcess& process() { return m_process; }
    pid_t id() const { return static_cast<pid_t>(m_process.processId()); }
    void interrupt() { ::kill(id(), SIGINT); }

    /// The first line that is so, of those that came and those that come within the time.
    std::optional<QJsonObject> waitFor(const std::function<bool(const QJsonObject&)>& isIt, int milliseconds = 10'000) {
        QElapsedTimer timer;
        timer.start();
        while (true) {
            take();
            for (const QJsonObject& row : m_rows)
                if (isIt(row)) return row;
            if (timer.elapsed() >= milliseconds) return std::nullopt;
            m_process.waitForReadyRead(20);
            if (m_process.state() == QProcess::NotRunning && m_process.bytesAvailable() == 0 && timer.elapsed() > 100)
                milliseconds = 0;
        }
    }
    /// The exit status; -1: it did not end.
    int wait(int milliseconds = 20'000) {
        const bool hasEnded = m_process.state() == QProcess::NotRunning || m_process.waitForFinished(milliseconds);
        take();
        m_errors += m_process.readAllStandardError();
        return hasEnded && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    const QList<QJsonObject>& rows() {
        take();
        return m_rows;
    }
    /// After `wait`.
    const QByteArray& errors() const { return m_errors; }

private:
    void take() {
        m_text += m_process.readAllStandardOutput();
        for (qsizetype end = m_text.indexOf('\n'); end >= 0; end = m_text.indexOf('\n')) {
            m_rows.append(QJsonDocument::fromJson(m_text.left(end)).object());
            m_text.remove(0, end + 1);
        }
    }

    QProcess m_process;
    QByteArray m_text, m_errors;
    QList<QJsonObject> m_rows;
};

/// Where each block of a little-endian pcapng ends, and whether it is a packet.
struct CaptureBlock {
    qsizetype end = 0;
    bool isPacket = false;
};
inline QList<CaptureBlock> blocksOf(const QByteArray& capture) {
    constexpr quint32 kEnhancedPacket = 6;
    const auto number = [&](qsizetype at) {
        quint32 value = 0;
        memcpy(&value, capture.constData() + at, sizeof value);
        return value;
    };
    QList<CaptureBlock> blocks;
    for (qsizetype at = 0; at + 12 <= capture.size();) {
        const quint32 length = number(at + 4);
        if (length < 12) break;
        const bool isPacket = number(at) == kEnhancedPacket;
        at += length;
        blocks.append({at, isPacket});
    }
    return blocks;
}
/// Octets up to and with that packet, from 1.
inline qsizetype endOfPacket(const QByteArray& capture, int packet) {
    for (const CaptureBlock& block : blocksOf(capture))
        if (block.isPacket && --packet == 0) return block.end;
    return capture.size();
}

/// Without the fields that depend on when or where it was read.
inline QByteArray comparable(QJsonObject row, const QStringList& without) {
    for (const QString& name : without) row.remove(name);
    return QJsonDocument(row).toJson(QJsonDocument::Compact);
}

} // namespace gatescope::test
