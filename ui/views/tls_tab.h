// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <QWidget>

#include <optional>

class QPushButton;
class QTextBrowser;

namespace gatescope::ui {

class ElidedLabel;

/// The TLS session that carried one exchange.
class TlsTab : public QWidget {
    Q_OBJECT
public:
    explicit TlsTab(QWidget* parent = nullptr);

    void show(const analysis::Snapshot& snapshot, analysis::Row row);
    void clear();
    /// In one line: version, cipher, server name, protocol; or why there is none.
    QString summary() const;
    QPushButton& sessionButton() { return *m_open; }

Q_SIGNALS:
    void sessionWanted(std::uint64_t number);

protected:
    void changeEvent(QEvent* event) override;

private:
    void showFacts();

    std::optional<analysis::TlsSession> m_session;
    ElidedLabel* m_summary = nullptr;
    QPushButton* m_open = nullptr;
    QTextBrowser* m_facts = nullptr;
};

} // namespace gatescope::ui
