// SPDX-License-Identifier: Apache-2.0
#include "ui/views/page_stack.h"

#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace gatescope::ui {

PageStack::PageStack(QWidget* parent) : QWidget(parent) {
    m_bar = new QTabBar;
    m_bar->setObjectName(QStringLiteral("pageBar"));
    m_bar->setAccessibleName(tr("Pages"));
    m_bar->setExpanding(false);
    m_bar->setDrawBase(false);
    m_bar->setDocumentMode(true);
    m_stack = new QStackedWidget;
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_bar);
    layout->addWidget(m_stack, 1);
    m_delay.setSingleShot(true);
    connect(&m_delay, &QTimer::timeout, this, &PageStack::handOn);
    connect(m_bar, &QTabBar::currentChanged, this, [this](int index) {
        m_stack->setCurrentIndex(index);
        Q_EMIT currentChanged(index);
    });
}

void PageStack::add(Page* page) {
    m_pages.push_back(page);
    m_stack->addWidget(page);
    const int index =
        m_bar->addTab(QStringLiteral("%1 %2").arg(m_pages.size()).arg(QString(page->title()).remove(QChar('&'))));
    m_bar->setTabToolTip(index, QStringLiteral("Ctrl+%1").arg(m_pages.size()));
    connect(page, &Page::conditionWanted, this, &PageStack::conditionWanted);
    connect(page, &Page::spanWanted, this, &PageStack::spanWanted);
    connect(page, &Page::said, this, &PageStack::said);
    connect(page, &Page::answered, this, &PageStack::answered);
}

Page* PageStack::current() const {
    return m_pages.empty() ? nullptr : m_pages[static_cast<std::size_t>(m_stack->currentIndex())];
}

int PageStack::currentIndex() const {
    return m_bar->currentIndex();
}

void PageStack::setCurrentIndex(int index) {
    m_bar->setCurrentIndex(index);
}

bool PageStack::settled() const {
    return !m_pending && std::all_of(m_pages.begin(), m_pages.end(), [](const Page* page) { return page->settled(); });
}

void PageStack::setOrder(const RowOrder& order, bool urgent) {
    if (!urgent && m_delay.isActive()) {
        m_pending = order;
        return;
    }
    m_pending.reset();
    for (auto* page : m_pages) page->setOrder(order, urgent);
    if (m_pace > 0) m_delay.start(m_pace);
}

void PageStack::handOn() {
    if (const auto order = std::exchange(m_pending, std::nullopt)) setOrder(*order, false);
}

void PageStack::clear() {
    m_pending.reset();
    m_delay.stop();
    for (auto* page : m_pages) page->clear();
}

} // namespace gatescope::ui
