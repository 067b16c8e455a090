// SPDX-License-Identifier: Apache-2.0
#include "ui/views/requests_page.h"

#include "ui/views/details_panel.h"
#include "ui/views/request_table.h"

#include <QSplitter>
#include <QVBoxLayout>

namespace gatescope::ui {

RequestsPage::RequestsPage(ContentLoader::Read read, QWidget* parent) : Page(parent) {
    m_table = new RequestTable;
    m_details = new DetailsPanel(std::move(read));
    m_splitter = new QSplitter(Qt::Vertical);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_details);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_splitter);
    connect(m_table, &RequestTable::conditionWanted, this, &Page::conditionWanted);
    connect(m_details, &DetailsPanel::conditionWanted, this, &Page::conditionWanted);
    connect(m_details, &DetailsPanel::columnWanted, m_table, &RequestTable::addField);
}

void RequestsPage::focusMain() {
    m_table->setFocus(Qt::ShortcutFocusReason);
}

} // namespace gatescope::ui
