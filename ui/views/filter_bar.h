// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/filter.h"

#include <QStringList>
#include <QWidget>

class QCompleter;
class QLabel;
class QLineEdit;
class QMenu;
class QStringListModel;
class QToolButton;

namespace gatescope::ui {

class ElidedLabel;

/// The filter text, checked while it is typed, applied with Enter. Under it: the chosen group as a chip that can be
/// taken away, and one line that says what is wrong or what is shown.
class FilterBar : public QWidget {
    Q_OBJECT
public:
    explicit FilterBar(QWidget* parent = nullptr);

    QString text() const;
    void setText(const QString& text);
    /// Applies the text if it is valid; else says what is wrong and keeps the filter that is in force.
    void apply();
    void clear();
    void focusText();
    /// The filter in force.
    const analysis::Filter& filter() const { return m_filter; }

    /// Words offered while typing.
    void setWords(const QStringList& words);
    QStringList history() const { return m_history; }
    void setHistory(const QStringList& history);
    /// Empty takes the chip away.
    void setGroupChip(const QString& path);
    void setSpanChip(const QString& span);
    /// Shown when nothing is wrong and nothing waits for Enter.
    void setSummary(const QString& summary);
    /// What the line says now; for tests and for screen readers.
    QString message() const;

Q_SIGNALS:
    void applied();
    void groupRemoved();
    void spanRemoved();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum class State { InForce, Ready, Wrong };
    void buildEdit();
    QToolButton* makeChip(const QString& toolTip);
    void check();
    void sayWords();
    void paintState();
    void offerWords(bool all);
    void insertWord(const QString& word);
    void remember(const QString& text);
    void fillHistoryMenu();

    QLineEdit* m_edit = nullptr;
    QAction* m_sign = nullptr;
    QToolButton* m_applyButton = nullptr;
    QMenu* m_historyMenu = nullptr;
    QToolButton* m_chip = nullptr;     ///< the chosen group
    QToolButton* m_spanChip = nullptr; ///< the chosen span of time
    QLabel* m_messageSign = nullptr;
    ElidedLabel* m_message = nullptr;
    QCompleter* m_completer = nullptr;
    QStringListModel* m_words = nullptr;
    QStringList m_history;
    QString m_summary;
    QString m_problem;
    State m_state = State::InForce;
    analysis::Filter m_filter;
};

} // namespace gatescope::ui
