// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/content_loader.h"
#include "ui/views/page.h"

class QSplitter;

namespace gatescope::ui {

class DetailsPanel;
class RequestTable;

/// The table of requests over the details of the current one. Filled by the window, which sorts and selects.
class RequestsPage : public Page {
    Q_OBJECT
public:
    explicit RequestsPage(ContentLoader::Read read, QWidget* parent = nullptr);

    QString title() const override { return tr("&Requests"); }
    void focusMain() override;
    RequestTable& table() { return *m_table; }
    DetailsPanel& details() { return *m_details; }
    QSplitter& splitter() { return *m_splitter; }

protected:
    void showOrder(const RowOrder&, bool) override {}
    void forget() override {}

private:
    RequestTable* m_table = nullptr;
    DetailsPanel* m_details = nullptr;
    QSplitter* m_splitter = nullptr;
};

} // namespace gatescope::ui
