// SPDX-License-Identifier: Apache-2.0
#include "ui/views/page.h"

namespace gatescope::ui {
namespace {

/// A new sort order changes nothing for a page that shows sums.
bool sameRows(const RowOrder& a, const RowOrder& b) {
    return a.generation == b.generation && a.filterText == b.filterText && a.groupText == b.groupText &&
           a.span == b.span;
}

} // namespace

void Page::setOrder(const RowOrder& order, bool urgent) {
    const bool same = m_order && sameRows(*m_order, order);
    m_order = order;
    if (same && !m_stale) return;
    m_stale = !isVisible();
    if (!m_stale) showOrder(*m_order, urgent);
}

void Page::clear() {
    m_order.reset();
    m_stale = false;
    forget();
}

void Page::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (!m_stale || !m_order) return;
    m_stale = false;
    showOrder(*m_order, true);
}

} // namespace gatescope::ui
