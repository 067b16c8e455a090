// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/trust_answer.h"

#include <QScrollArea>

class QCheckBox;
class QLabel;
class QPushButton;

namespace gatescope::ui {

class CellTable;
class ChainTree;
class GrowingText;

/// Everything about one chain, the answer first: what each kind of client makes of it, the chain with its break, every
/// problem, and the handshakes that show what clients really did.
class ChainReport : public QScrollArea {
    Q_OBJECT
public:
    explicit ChainReport(QWidget* parent = nullptr);

    /// The same line again keeps what was chosen in it.
    void show(std::shared_ptr<const CertificatesAnswer> answer, std::size_t line);
    void clear();
    /// Nullptr: nothing is shown.
    const ChainLine* line() const;
    /// Makes a session of this chain the current one; its number. False: it is not among them.
    bool selectSession(std::uint64_t number);
    /// The whole report as text.
    QString text() const;

    CellTable& verdicts() { return *m_verdicts; }
    ChainTree& tree() { return *m_tree; }
    GrowingText& headline() { return *m_headline; }
    GrowingText& problems() { return *m_problems; }
    CellTable& groups() { return *m_groups; }
    CellTable& sessions() { return *m_sessions; }
    GrowingText& judgement() { return *m_judgement; }
    QCheckBox& allBox() { return *m_all; }
    QPushButton& handshakeButton() { return *m_handshake; }
    QWidget& hiddenOffers() { return *m_offers; }

Q_SIGNALS:
    void said(const QString& message);
    /// A session is to be shown on the page of TLS.
    void sessionWanted(std::uint64_t number);
    void keyLogWanted();
    void fileWanted();

protected:
    void changeEvent(QEvent* event) override;

private:
    QWidget* buildHead();
    QWidget* buildEvidence();
    QLabel* sectionTitle(const QString& text);
    const trust::ProfileVerdict* currentVerdict() const;
    void showTexts();
    void showTree();
    void showEvidence();
    void showSessions();
    void showJudgement();
    void fitTable(CellTable& table, int most);
    std::optional<std::uint64_t> currentSession() const;

    std::shared_ptr<const CertificatesAnswer> m_answer;
    std::size_t m_line = 0;
    std::vector<std::size_t> m_listed; ///< rows of the table of sessions, as indices into TrustAnswer::sessions
    QLabel* m_sign = nullptr;
    GrowingText* m_headline = nullptr;
    QWidget* m_offers = nullptr;
    QLabel* m_verdictTitle = nullptr;
    CellTable* m_verdicts = nullptr;
    QLabel* m_treeTitle = nullptr;
    ChainTree* m_tree = nullptr;
    QLabel* m_problemTitle = nullptr;
    GrowingText* m_problems = nullptr;
    QWidget* m_evidence = nullptr;
    CellTable* m_groups = nullptr;
    GrowingText* m_group = nullptr;
    QCheckBox* m_all = nullptr;
    QPushButton* m_handshake = nullptr;
    CellTable* m_sessions = nullptr;
    GrowingText* m_judgement = nullptr;
};

} // namespace gatescope::ui
