// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pipeline/secrets.h"
#include "ui/bridge/newest_job.h"

#include <QObject>
#include <QStringList>

#include <memory>
#include <vector>

namespace gatescope::ui {

/// A file that the user gave.
struct GivenFile {
    enum class As {
        KeyLog,
        PrivateKey,
        Secrets, ///< one of the two, by its content
        Anything ///< or else a capture or log to open
    };
    QString path;
    As as = As::Anything;
};

/// What became of given files. Never holds what is in them.
struct SecretsAnswer {
    std::size_t secrets = 0; ///< new ones out of key logs
    std::size_t known = 0;   ///< had been there before
    std::size_t keys = 0;    ///< private keys
    QStringList names;       ///< of the files that were read
    QStringList problems;    ///< a line for each file that was not
    QStringList others;      ///< neither key logs nor keys, where those were allowed
    bool anythingNew() const { return secrets + keys > 0; }
};

/// Reads key logs and private keys off the GUI thread, all of them in the order in which they were given. Secrets stay
/// in memory only, and as long as this or a reader of captures holds them.
class SecretsReader : public QObject {
    Q_OBJECT
public:
    explicit SecretsReader(QObject* parent = nullptr);

    /// Never null. Captures add their own secrets while they are read.
    const std::shared_ptr<pipeline::Secrets>& secrets() const { return m_secrets; }
    void read(const std::vector<GivenFile>& files);
    bool busy() const { return m_busy; }

Q_SIGNALS:
    void answered(const gatescope::ui::SecretsAnswer& answer);

private:
    void readWaiting();

    std::shared_ptr<pipeline::Secrets> m_secrets;
    std::vector<GivenFile> m_waiting;
    bool m_busy = false;
    NewestJob m_job;
};

} // namespace gatescope::ui
