// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/analysis_session.h"
#include "ui/bridge/capture_saver.h"
#include "ui/bridge/content_loader.h"
#include "ui/bridge/live_capture.h"
#include "ui/bridge/row_order.h"
#include "ui/bridge/trust_answer.h"
#include "ui/bridge/trust_roots.h"
#include "ui/bridge/trust_source.h"
#include "ui/views/request_table.h"
#include "ui/views/save_file.h"

#include <QMainWindow>

#include <functional>

class QDockWidget;
class QLabel;
class QPushButton;
class QSettings;
class QStackedWidget;
class QTimer;

namespace gatescope::ui {

class Banner;
class CertificatesPage;
class DetailsPanel;
class FilterBar;
class FlowPage;
class GroupPanel;
class HeadersPage;
class LimitsPage;
class LivePage;
class LoadStatus;
class Notice;
class PageStack;
class Page;
class PathsPage;
class RequestsPage;
class Theme;
class TimeBar;
class TlsPage;

/// What becomes of a capture that is running or was not saved, before something takes its place.
enum class Keep { Save, Discard, Cancel };
/// Asks that: the parent, what to say, whether there is something to save, and what to do with the answer.
using AskKeep = std::function<void(QWidget*, const QString&, bool, std::function<void(Keep)>)>;
/// The box of the desktop; does not block.
void askKeepWithBox(QWidget* parent, const QString& text, bool canSave, std::function<void(Keep)> answered);

/// Where the window gets its data and its answers from; tests put their own in place.
struct Sources {
    AnalysisSession::Analyse analyse = pipeline::analyse;
    ContentLoader::Read read = pipeline::readExchange;
    /// Asks for files to open; called with the folder to begin in, calls back with the choice.
    std::function<void(QWidget*, const QString&, std::function<void(const QStringList&)>)> chooseFiles;
    ChooseSave chooseSave = chooseSaveWithDialog;
    ChooseOpen chooseOpen = chooseOpenWithDialog; ///< one file: a topology, a file to compare with
    TrustEngine trust{};
    TrustRoots::Read roots = readRoots;
    LiveEngine live{};
    AskKeep askKeep = askKeepWithBox;
};

/// The window: one session, one filter, one chosen group, one span of time, one chosen request, shared by all pages.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(Theme& theme, QSettings& settings, Sources sources = {}, QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Asks first when a capture would be lost.
    void open(const QStringList& paths);
    /// Opens captures once these secrets are read.
    void openWith(const QStringList& paths, const std::vector<GivenFile>& secrets);
    /// Reads key logs and private keys, then opens what else there is, or decrypts what is open in place.
    void addFiles(const std::vector<GivenFile>& files) { m_session.addSecrets(files); }
    /// Captures at once, with what the page Live has for the rest. `filter`: null keeps that of the page.
    void captureOn(const QStringList& interfaces, const QString& filter);
    /// Reads a capture while another program writes it: a file, a folder, `tcp://HOST:PORT`.
    void follow(const QString& input);
    AnalysisSession& session() { return m_session; }
    LiveCapture& capture() { return m_capture; }
    LivePage& live() { return *m_live; }
    /// The view stays as it is while more is captured.
    bool viewHeld() const { return m_held; }
    FilterBar& filterBar() { return *m_filterBar; }
    GroupPanel& groups() { return *m_groups; }
    RequestTable& table() { return *m_table; }
    DetailsPanel& details() { return *m_details; }
    TimeBar& timeBar() { return *m_timeBar; }
    PageStack& pages() { return *m_pageStack; }
    FlowPage& flow() { return *m_flow; }
    LimitsPage& limits() { return *m_limits; }
    PathsPage& paths() { return *m_paths; }
    HeadersPage& headers() { return *m_headers; }
    TlsPage& tls() { return *m_tls; }
    CertificatesPage& certificates() { return *m_certificates; }
    /// The line over all pages: what went wrong, or what became of a key log.
    QString bannerText() const;
    TrustSource& trust() { return m_trust; }
    const std::optional<TimeSpan>& span() const { return m_span; }
    QString statusText() const;

    /// True when nothing is being read, sorted or worked out: what is on screen is the whole answer.
    bool settled() const;

Q_SIGNALS:
    /// A new order of rows is on screen.
    void shown();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    // main_window.cpp: widgets and the flow of data
    void buildPages();
    void buildWorkspace();
    void buildStatusBar();
    void connectSession();
    void onOpened();
    void onClosed();
    void onSnapshot();
    void onFinished();
    void ask(bool urgent);
    void onAnswered(const RowOrder& order);
    void chooseGroup(const QString& filter, const QString& path);
    void chooseSpan(const std::optional<TimeSpan>& span);
    void showPage(int index);
    void showPage(Page* page);
    void useCondition(const QString& condition, Combine how, bool apply);
    void showProblems();
    void updateStatus();
    void updateTitle();
    void showCurrentRequest();
    void updateWords();
    QString sampleFolder() const;
    /// A short word in the status bar that goes away by itself.
    void say(const QString& message);

    // main_window_live.cpp: capturing, following, holding the view, and what must not be lost
    void buildLive();
    void buildCaptureMenu();
    void startCapture();
    void onCaptureStarted();
    void onCaptureEnded();
    void toggleCapture();
    void holdView(bool hold);
    void showHeld();
    bool unsavedCapture() const;
    /// Does it at once, or after the user has said what becomes of the capture.
    void unlessUnsaved(std::function<void()> go);
    void saveCapture(std::function<void()> then = {});
    void onSaved(const QString& path, const QString& problem);
    void askForGrowing();
    void offerFollowing();
    void reload();
    void updateLive();
    QString openNames() const;
    void keepVisited(const analysis::Snapshot& before, const analysis::Snapshot& after);

    // main_window_secrets.cpp: key logs, and reading again with them
    void askForSecrets();
    void onSecretsRead(const SecretsAnswer& answer);
    void connectTls();
    void connectCertificates();
    CertificatesPage& showCertificates();
    void keepChosen();
    void chooseKept(const RowOrder& order);
    QStringList secretsLines() const;

    // main_window_actions.cpp: menus, tool bar, keys
    void buildActions();
    void buildFileMenu();
    void buildEditMenu();
    void buildViewMenu();
    void buildGoMenu();
    void buildAnalyseMenu();
    void buildExportMenu();
    void buildHelpMenu();
    void buildToolBar();
    void updateActions();
    QAction* makeAction(const QString& text, const QList<QKeySequence>& keys, std::function<void()> run);
    void askForFiles();
    void openSample();
    void askForRequestNumber();
    void goToRequest(int number);
    void goToRow(analysis::Row row);
    void askForHeaderColumn();
    void copyValue();
    void applyAsColumn();
    void zoom(int step);
    void fillRecentMenu();
    void rememberRecent(const QStringList& paths);
    void copyAsCurl();
    void finishCopyAsCurl(std::uint64_t row, const ShownContent& content);
    void go(int direction);
    void useTrust();
    void showKeys();
    void showAbout();

    void restoreSettings();
    void saveSettings();

    Theme& m_theme;
    QSettings& m_settings;
    Sources m_sources;
    LiveCapture m_capture;
    AnalysisSession m_session;
    CaptureSaver m_saver;
    TrustSource m_trust;
    TrustRoots m_roots;
    RowOrderWorker m_orders;
    ContentLoader m_copyLoader;

    QStackedWidget* m_pages = nullptr;
    Notice* m_emptyPage = nullptr;
    Notice* m_errorPage = nullptr;
    QWidget* m_workspace = nullptr;
    PageStack* m_pageStack = nullptr;
    RequestsPage* m_requestsPage = nullptr;
    FlowPage* m_flow = nullptr;
    LimitsPage* m_limits = nullptr;
    PathsPage* m_paths = nullptr;
    HeadersPage* m_headers = nullptr;
    TlsPage* m_tls = nullptr;
    CertificatesPage* m_certificates = nullptr;
    LivePage* m_live = nullptr;
    TimeBar* m_timeBar = nullptr;
    FilterBar* m_filterBar = nullptr;
    Banner* m_banner = nullptr;
    Banner* m_liveBanner = nullptr; ///< the view is held, or a file grows
    QPushButton* m_resume = nullptr;
    QPushButton* m_followOpen = nullptr;
    RequestTable* m_table = nullptr;
    DetailsPanel* m_details = nullptr;
    GroupPanel* m_groups = nullptr;
    QDockWidget* m_groupDock = nullptr;
    LoadStatus* m_loadStatus = nullptr;
    QLabel* m_counts = nullptr;
    QLabel* m_message = nullptr;
    QTimer* m_messageTimer = nullptr;

    struct Actions {
        QAction *open, *reload, *close, *cancel, *copyValue, *copyCurl, *goTo, *asColumn, *asFilter, *back, *forward;
        QAction *next, *previous, *nextInFlow, *previousInFlow, *theme, *fit, *clearFilter;
        QAction *capture, *hold, *saveCapture, *tail;
    };
    Actions m_actions{};
    QMenu* m_recentMenu = nullptr;

    std::string m_groupFilter;
    QString m_groupPath;
    std::optional<TimeSpan> m_span;
    std::optional<SortKey> m_sort;
    bool m_waiting = false;     ///< an order was asked for and is not on screen yet
    bool m_urgent = false;      ///< the user asked for it
    bool m_groupsWanted = true; ///< the panel is hidden while nothing is open, whatever the user wants
    bool m_wordsReady = false;
    std::vector<analysis::Row> m_visited; ///< for back and forward
    std::size_t m_visit = 0;
    bool m_walking = false;
    double m_normalFontSize = 0; ///< in points, before any zoom

    /// An exchange, also when its capture is read once more.
    struct Kept {
        std::size_t input = 0;
        PacketRef flowStart = 0;
        std::uint32_t indexInFlow = 0;
    };
    bool m_held = false;
    bool m_saved = false;                 ///< what was captured is in a file of the user's
    bool m_closing = false;               ///< nothing need be asked any more
    std::function<void()> m_afterEnd;     ///< when the capture has ended
    std::function<void()> m_afterSave;    ///< when it is saved
    qint64 m_openedSize = 0;              ///< of the only file that is open
    std::optional<Kept> m_kept;           ///< that was current before reading again
    QStringList m_openNext;               ///< when the secrets given with them are read
    std::optional<SecretsAnswer> m_added; ///< to be told of when the reading has ended
};

} // namespace gatescope::ui
