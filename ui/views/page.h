// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/row_order.h"
#include "ui/views/filter_menu.h"

#include <QWidget>

#include <optional>

namespace gatescope::ui {

/// One view of what is open. All pages see the same rows (filter, group and brush are the window's); a page works its
/// own answer out off the GUI thread, and only while it can be seen.
class Page : public QWidget {
    Q_OBJECT
public:
    explicit Page(QWidget* parent = nullptr) : QWidget(parent) {}

    /// Title in the page bar and the menu, with its key mark: `Token &Flow`.
    virtual QString title() const = 0;
    /// Newest rows. `urgent`: the user asked for them; else more was read meanwhile.
    void setOrder(const RowOrder& order, bool urgent);
    /// Nothing is open.
    void clear();
    /// Nothing is being worked out.
    virtual bool settled() const { return true; }
    /// Gives the keyboard to the most important part.
    virtual void focusMain() = 0;

Q_SIGNALS:
    void conditionWanted(const QString& condition, gatescope::ui::Combine how, bool apply);
    void spanWanted(const std::optional<gatescope::ui::TimeSpan>& span);
    /// A short word for the status bar.
    void said(const QString& message);
    /// An answer is on screen.
    void answered();

protected:
    virtual void showOrder(const RowOrder& order, bool urgent) = 0;
    virtual void forget() = 0;
    const std::optional<RowOrder>& order() const { return m_order; }
    void showEvent(QShowEvent* event) override;

private:
    std::optional<RowOrder> m_order;
    bool m_stale = false; ///< rows came while the page was hidden
};

} // namespace gatescope::ui
