// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/trust_answer.h"
#include "ui/bridge/newest_job.h"

#include <QObject>
#include <QStringList>

#include <memory>

class QSettings;

namespace gatescope::ui {

/// Which roots the user wants chains to be held against.
struct RootChoice {
    enum class Use { Added, Only }; ///< beside what every list has, or instead of all lists
    QStringList profiles;           ///< ids; empty: all
    QStringList files;              ///< the user's roots: certificates, lists and key stores
    Use use = Use::Added;
    QStringList intermediates; ///< files of more certificates to build chains with
    QStringList refreshed;     ///< newer lists: `mozilla=/path/of/the/file`
    bool operator==(const RootChoice&) const = default;
};

/// What became of it.
struct RootsRead {
    std::vector<trust::ProfilePtr> all;    ///< every profile there is
    std::vector<trust::ProfilePtr> chosen; ///< in the same order; the first one answers the default question
    std::shared_ptr<const trust::CertificateSet> pool;
    std::shared_ptr<const trust::RevocationLists> revocations; ///< null: none
    QStringList problems;                                      ///< a line for each file that could not be used as asked
};

/// The profiles of trusted roots for the whole window: those of the tables, the system's, and the user's files. Files
/// are read off the GUI thread.
class TrustRoots : public QObject {
    Q_OBJECT
public:
    using Read = std::function<RootsRead(const RootChoice&)>;
    explicit TrustRoots(Read read, QObject* parent = nullptr);

    const RootChoice& choice() const { return m_choice; }
    /// Reads the files once more also when nothing else changed.
    void set(RootChoice choice);
    /// Reads for the first time; later calls do nothing.
    void need();
    /// Null until the first reading has ended.
    const std::shared_ptr<const RootsRead>& roots() const { return m_roots; }
    bool busy() const { return m_job.busy(); }
    void restore(const QSettings& settings);
    void save(QSettings& settings) const;

Q_SIGNALS:
    void changed();

private:
    void read();

    Read m_read;
    RootChoice m_choice;
    std::shared_ptr<const RootsRead> m_roots;
    bool m_needed = false;
    NewestJob m_job;
};

/// Reads the system's store and the files. May run in any thread.
RootsRead readRoots(const RootChoice& choice);

/// The settings with which chains are judged now.
analysis::TrustSettings trustSettings(const RootsRead& roots);

} // namespace gatescope::ui
