// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/secrets_reader.h"

#include "ui/bridge/text.h"

#include <QFileInfo>

#include <utility>

namespace gatescope::ui {
namespace {

using As = GivenFile::As;
using pipeline::SecretsFile;

SecretsFile kindOf(const GivenFile& file, const std::string& path) {
    if (file.as == As::KeyLog) return SecretsFile::KeyLog;
    if (file.as == As::PrivateKey) return SecretsFile::PrivateKey;
    return pipeline::secretsFileKind(path);
}

void readFile(pipeline::Secrets& secrets, const GivenFile& file, SecretsAnswer& answer) {
    const std::string path = file.path.toLocal8Bit().toStdString();
    const QString name = QFileInfo(file.path).fileName();
    const auto kind = kindOf(file, path);
    if (kind == SecretsFile::None && file.as == As::Anything) {
        answer.others << file.path;
        return;
    }
    const auto refuse = [&](const Error& error) {
        QString why = toText(error.message);
        const QString known = toText(path) + QStringLiteral(": ");
        if (why.startsWith(known)) why.remove(0, known.size());
        answer.problems << QStringLiteral("%1: %2").arg(name, why);
    };
    if (kind == SecretsFile::PrivateKey) {
        const auto added = secrets.addPrivateKeyFile(path);
        if (!added) return refuse(added.error());
        ++answer.keys;
    } else {
        // Also of no known kind: it then says what it missed.
        const auto added = secrets.addKeyLogFile(path);
        if (!added) return refuse(added.error());
        answer.secrets += added->secrets;
        answer.known += added->known;
    }
    answer.names << name;
}

} // namespace

SecretsReader::SecretsReader(QObject* parent) : QObject(parent), m_secrets(std::make_shared<pipeline::Secrets>()) {}

void SecretsReader::read(const std::vector<GivenFile>& files) {
    m_waiting.insert(m_waiting.end(), files.begin(), files.end());
    if (!m_busy) readWaiting();
}

void SecretsReader::readWaiting() {
    m_busy = !m_waiting.empty();
    if (!m_busy) return;
    // One job at a time, so that none is overtaken and forgotten.
    m_job.ask([this, secrets = m_secrets,
               files = std::exchange(m_waiting, {})](const std::stop_token& stop) -> NewestJob::Deliver {
        auto answer = std::make_shared<SecretsAnswer>();
        for (const auto& file : files) {
            if (stop.stop_requested()) break;
            readFile(*secrets, file, *answer);
        }
        return [this, answer] {
            readWaiting();
            Q_EMIT answered(*answer);
        };
    });
}

} // namespace gatescope::ui
