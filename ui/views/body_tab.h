// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/content_loader.h"

#include <QSplitter>
#include <QStackedWidget>

class QLabel;
class QPlainTextEdit;

namespace gatescope::ui {

class ElidedLabel;
class JsonHighlighter;
class Notice;

/// One body with a line that says what it is.
class BodyView : public QWidget {
    Q_OBJECT
public:
    explicit BodyView(const QString& title, QWidget* parent = nullptr);
    void show(const ShownBody& body);
    QString text() const;
    QWidget* editor() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    ElidedLabel* m_about = nullptr;
    QPlainTextEdit* m_edit = nullptr;
    JsonHighlighter* m_highlighter = nullptr;
};

/// Request and response body side by side.
class BodyTab : public QStackedWidget {
    Q_OBJECT
public:
    explicit BodyTab(QWidget* parent = nullptr);
    void show(const ShownContent& content);
    void showLoading();
    void showError(const QString& message);
    void clear();
    QString requestText() const { return m_request->text(); }
    QString responseText() const { return m_response->text(); }

private:
    Notice* m_notice = nullptr;
    QSplitter* m_splitter = nullptr;
    BodyView* m_request = nullptr;
    BodyView* m_response = nullptr;
};

} // namespace gatescope::ui
