// SPDX-License-Identifier: Apache-2.0
#include "ui/views/page_stack.h"

#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>

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
    return std::all_of(m_pages.begin(), m_pages.end(), [](const Page* page) { return page->settled(); });
}

void PageStack::setOrder(const RowOrder& order, bool urgent) {
    for (auto* page : m_pages) page->setOrder(order, urgent);
}

void PageStack::clear() {
    for (auto* page : m_pages) page->clear();
}

} // namespace gatescope::ui
