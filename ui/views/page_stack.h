// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/views/page.h"

#include <QTimer>

#include <optional>
#include <vector>

class QStackedWidget;
class QTabBar;

namespace gatescope::ui {

/// The page bar (`1 Requests`, `2 Token Flow`, ...) and the page that is shown.
class PageStack : public QWidget {
    Q_OBJECT
public:
    explicit PageStack(QWidget* parent = nullptr);

    void add(Page* page);
    const std::vector<Page*>& pages() const { return m_pages; }
    Page* current() const;
    int currentIndex() const;
    void setCurrentIndex(int index);
    bool settled() const;
    /// What is not urgent reaches the pages at most so often; the last of it always does. 0: at once.
    void setPace(int ms) { m_pace = ms; }
    void setOrder(const RowOrder& order, bool urgent);
    void clear();
    QTabBar& bar() { return *m_bar; }

Q_SIGNALS:
    void currentChanged(int index);
    void conditionWanted(const QString& condition, gatescope::ui::Combine how, bool apply);
    void spanWanted(const std::optional<gatescope::ui::TimeSpan>& span);
    void said(const QString& message);
    void answered();

private:
    void handOn();

    QTabBar* m_bar = nullptr;
    QStackedWidget* m_stack = nullptr;
    std::vector<Page*> m_pages;
    int m_pace = 0;
    std::optional<RowOrder> m_pending; ///< for the pages, when their time has come
    QTimer m_delay;
};

} // namespace gatescope::ui
