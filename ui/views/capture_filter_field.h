// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/live_engine.h"
#include "ui/bridge/newest_job.h"

#include <QStringList>
#include <QWidget>

class QLabel;
class QLineEdit;
class QMenu;
class QToolButton;

namespace gatescope::ui {

/// A capture filter (BPF), checked while it is typed, with those used before. Under it: what is wrong, and the filter
/// with the wrong word marked.
class CaptureFilterField : public QWidget {
    Q_OBJECT
public:
    static constexpr qsizetype kMostHistory = 20;

    explicit CaptureFilterField(decltype(LiveEngine::check) check, QWidget* parent = nullptr);

    QString text() const;
    void setText(const QString& text);
    /// What was typed last is checked, and good.
    bool isGood() const { return m_good && !m_job.busy(); }
    bool settled() const { return !m_job.busy(); }
    /// The words under the field, for tests and screen readers; empty: nothing is wrong.
    const QString& problem() const { return m_problem; }
    QLineEdit& edit() { return *m_edit; }
    /// Puts the text into the history.
    void remember();
    QStringList history() const { return m_history; }
    void setHistory(const QStringList& history);

Q_SIGNALS:
    void checked();

protected:
    void changeEvent(QEvent* event) override;

private:
    void check();
    void take(const std::string& filter, const std::optional<live::FilterProblem>& problem);
    void paintState();
    void fillHistory();

    decltype(LiveEngine::check) m_check;
    QLineEdit* m_edit = nullptr;
    QAction* m_sign = nullptr;
    QLabel* m_message = nullptr;
    QMenu* m_historyMenu = nullptr;
    QStringList m_history;
    QString m_problem;
    QString m_marked; ///< the filter with its wrong word, as HTML
    bool m_good = true;
    NewestJob m_job{this};
};

} // namespace gatescope::ui
