// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/tls_answer.h"
#include "ui/views/page.h"
#include "ui/views/save_file.h"

class QCheckBox;
class QLineEdit;
class QMenu;
class QPushButton;
class QSettings;
class QSplitter;
class QStackedWidget;

namespace gatescope::ui {

class Banner;
class ElidedLabel;
class Notice;
class TlsSessionView;
class TlsTable;

/// The TLS sessions of what is open: what was agreed, how each ended, whether it can be read and why not; of the chosen
/// one every step of its handshake. All sessions are listed; those that carried calls which the window's filter lets
/// through are marked, or shown alone.
class TlsPage : public Page {
    Q_OBJECT
public:
    explicit TlsPage(ChooseSave chooseSave = chooseSaveWithDialog, QWidget* parent = nullptr);

    QString title() const override { return tr("TL&S"); }
    bool settled() const override { return !m_job.busy(); }
    void focusMain() override;

    TlsTable& table() { return *m_table; }
    TlsSessionView& session() { return *m_session; }
    QLineEdit& searchBox() { return *m_search; }
    QCheckBox& onlyShownBox() { return *m_onlyShown; }
    Notice& emptyNotice() { return *m_nothing; }
    Banner& secretsBanner() { return *m_banner; }
    QString summary() const;
    const std::shared_ptr<const TlsAnswer>& answer() const { return m_answer; }

    /// Makes it the current one, as soon as it is known; a search that hides it is taken away.
    void showSession(std::uint64_t number);
    /// What comes next is another capture: the current session is not looked for in it.
    void forgetChoice() { m_choice.reset(); }
    void restore(const QSettings& settings);
    void save(QSettings& settings) const;

Q_SIGNALS:
    /// The calls that match are to be shown, on the page of the requests.
    void exchangesWanted(const QString& condition);
    void keyLogWanted();
    /// What the client of this session made of the certificate is to be shown.
    void judgementWanted(std::uint64_t number);

protected:
    void showOrder(const RowOrder& order, bool urgent) override;
    void forget() override;

private:
    /// What tells a session apart, also when its capture is read once more.
    struct Choice {
        PacketRef flowStart = 0;
        std::uint32_t input = 0;
        std::uint64_t packet = 0;
        bool operator==(const Choice&) const = default;
    };
    static Choice choiceOf(const analysis::TlsSession& session);
    QWidget* buildControls();
    void connectParts();
    void ask(bool urgent);
    void take(std::shared_ptr<const TlsAnswer> answer);
    void choose();
    void showCurrent();
    void showState();
    QString emptyText() const;
    QString conditionOf(const analysis::TlsSession& session) const;
    void showExchanges();
    void showMenu(const QPoint& place);
    void fillExportMenu(QMenu* menu);
    void saveText(const QString& name, const QString& filter, const QByteArray& bytes);

    ChooseSave m_chooseSave;
    QLineEdit* m_search = nullptr;
    QCheckBox* m_onlyShown = nullptr;
    Banner* m_banner = nullptr;
    ElidedLabel* m_summary = nullptr;
    QStackedWidget* m_stack = nullptr;
    Notice* m_nothing = nullptr;
    QSplitter* m_splitter = nullptr;
    TlsTable* m_table = nullptr;
    TlsSessionView* m_session = nullptr;
    std::optional<TlsSort> m_sort;
    std::shared_ptr<const TlsAnswer> m_answer;
    std::optional<Choice> m_choice;
    std::optional<std::uint64_t> m_wanted; ///< to be shown with the next answer
    NewestJob m_job{this};
};

} // namespace gatescope::ui
