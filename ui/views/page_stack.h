// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/views/page.h"

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
    QTabBar* m_bar = nullptr;
    QStackedWidget* m_stack = nullptr;
    std::vector<Page*> m_pages;
};

} // namespace gatescope::ui
