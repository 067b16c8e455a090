// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <QWidget>

#include <optional>

class QSplitter;
class QPushButton;
class QTabWidget;
class QTextBrowser;

namespace gatescope::ui {

class CellTable;
class TlsLadderView;

/// One TLS session: what is known of it, and its steps as a ladder and as a table. Texts can be chosen and copied.
class TlsSessionView : public QWidget {
    Q_OBJECT
public:
    explicit TlsSessionView(QWidget* parent = nullptr);

    /// The same one again keeps the current step.
    void show(const analysis::TlsSession& session);
    void clear();
    const std::optional<analysis::TlsSession>& session() const { return m_session; }
    TlsLadderView& ladder() { return *m_ladder; }
    CellTable& steps() { return *m_steps; }
    QTabWidget& tabs() { return *m_tabs; }
    QTextBrowser& facts() { return *m_facts; }
    QPushButton& judgeButton() { return *m_judge; }
    QString ladderAsText() const;
    QString factsAsText() const;
    QByteArray stepsAsCsv() const;

Q_SIGNALS:
    void said(const QString& message);
    /// What its client made of the certificate is to be shown.
    void judgementWanted(std::uint64_t number);

protected:
    void changeEvent(QEvent* event) override;

private:
    void showMenu(const QPoint& place);
    void copyStep(std::size_t step);
    void showFacts();

    std::optional<analysis::TlsSession> m_session;
    QTextBrowser* m_facts = nullptr;
    QPushButton* m_judge = nullptr;
    QTabWidget* m_tabs = nullptr;
    TlsLadderView* m_ladder = nullptr;
    CellTable* m_steps = nullptr;
};

} // namespace gatescope::ui
