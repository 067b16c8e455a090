// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/newest_job.h"
#include "ui/bridge/trust_answer.h"
#include "ui/bridge/trust_roots.h"
#include "ui/views/page.h"
#include "ui/views/save_file.h"

#include <QPointer>

class QLineEdit;
class QMenu;
class QSettings;
class QSplitter;
class QStackedWidget;

namespace gatescope::ui {

class Banner;
class CellTable;
class ChainReport;
class ElidedLabel;
class Notice;
class RootsDialog;

/// Why TLS did not trust: every chain that was seen, sent by a server, named by a header or dropped here as a file;
/// what each kind of client makes of it, and what clients really did. The window's filter does not narrow it: what
/// failed before a request has none to filter by.
class CertificatesPage : public Page {
    Q_OBJECT
public:
    CertificatesPage(TrustRoots& roots, TrustEngine engine, ChooseSave chooseSave = chooseSaveWithDialog,
                     ChooseOpen chooseOpen = chooseOpenWithDialog, QWidget* parent = nullptr);

    QString title() const override { return tr("&Certificates"); }
    bool settled() const override { return !m_job.busy() && !m_roots.busy(); }
    void focusMain() override;

    /// Judges files of certificates or headers; they stay until they are forgotten.
    void judgeFiles(const QStringList& paths);
    void askForFile();
    void editRoots();
    /// Shows the chain that a header of this exchange names, as soon as it is judged.
    void showExchange(analysis::Row row);
    /// Shows what the client of this session made of which chain.
    void showSession(std::uint64_t number);
    void restore(const QSettings& settings);
    void save(QSettings& settings) const;

    CellTable& chains() { return *m_chains; }
    ChainReport& report() { return *m_report; }
    QLineEdit& hostBox() { return *m_host; }
    Notice& emptyNotice() { return *m_nothing; }
    Banner& banner() { return *m_banner; }
    /// Null: it is not open.
    RootsDialog* rootsDialog() const;
    QString summary() const;
    const std::shared_ptr<const CertificatesAnswer>& answer() const { return m_answer; }

Q_SIGNALS:
    /// On the page of TLS.
    void sessionWanted(std::uint64_t number);
    void keyLogWanted();
    /// Given here, and neither certificates nor headers.
    void othersGiven(const QStringList& paths);

protected:
    void showOrder(const RowOrder& order, bool urgent) override;
    void forget() override;
    void showEvent(QShowEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    /// What tells a snapshot from the one before, as far as chains and sessions go.
    struct Seen {
        std::uint64_t generation = 0;
        std::size_t exchanges = 0, sessions = 0;
        bool complete = false;
        bool operator==(const Seen&) const = default;
    };
    QWidget* buildControls();
    void connectParts();
    void ask(bool urgent);
    void take(std::shared_ptr<const CertificatesAnswer> answer);
    void takeFiles();
    std::optional<std::size_t> wantedLine();
    void choose();
    void showChosen();
    void showState();
    void showBanner();
    void copyReport();
    void forgetFile();
    void showMenu(const QPoint& place);
    void fillExportMenu(QMenu* menu);
    void saveText(const QString& name, const QString& filter, const QByteArray& bytes);
    void saveSent();
    void saveServed();

    TrustRoots& m_roots;
    TrustEngine m_engine;
    ChooseSave m_chooseSave;
    ChooseOpen m_chooseOpen;
    QLineEdit* m_host = nullptr;
    ElidedLabel* m_summary = nullptr;
    Banner* m_banner = nullptr;
    QStackedWidget* m_stack = nullptr;
    Notice* m_nothing = nullptr;
    QSplitter* m_splitter = nullptr;
    CellTable* m_chains = nullptr;
    ChainReport* m_report = nullptr;
    QPointer<RootsDialog> m_dialog;
    QStringList m_files;        ///< judged, in the order in which they came
    QStringList m_fileProblems; ///< of those that were not
    QString m_newest;           ///< the file that was given last: its chain is shown
    std::optional<Seen> m_seen;
    std::shared_ptr<const CertificatesAnswer> m_answer;
    QString m_chosen; ///< what tells the chosen line from the others
    std::optional<analysis::Row> m_wantedRow;
    std::optional<std::uint64_t> m_wantedSession;
    NewestJob m_job{this};
};

} // namespace gatescope::ui
