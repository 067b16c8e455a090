// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/event_table_model.h"

#include <QStackedWidget>

class QPlainTextEdit;
class QSplitter;
class QTableView;

namespace gatescope::ui {

class ElidedLabel;
class Notice;

/// A streamed answer: the text that it adds up to, and each event with its time.
class StreamTab : public QStackedWidget {
    Q_OBJECT
public:
    explicit StreamTab(QWidget* parent = nullptr);
    /// `start`: time of the request.
    void show(const ShownContent& content, TimeNs start);
    void showLoading();
    void showError(const QString& message);
    void clear();
    QString text() const;
    EventTableModel& events() { return *m_model; }

private:
    QWidget* titled(const QString& title, ElidedLabel*& about, QWidget* view);

    Notice* m_notice = nullptr;
    QSplitter* m_splitter = nullptr;
    QPlainTextEdit* m_text = nullptr;
    ElidedLabel* m_textAbout = nullptr;
    ElidedLabel* m_eventsAbout = nullptr;
    QTableView* m_table = nullptr;
    EventTableModel* m_model = nullptr;
};

} // namespace gatescope::ui
