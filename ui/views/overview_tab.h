// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"

#include <QScrollArea>

#include <vector>

class QGridLayout;
class QLabel;
class QVBoxLayout;

namespace gatescope::ui {

class ElidedLabel;

/// The exchange in one look: what was asked and how it ended, then who, which model, tokens and connection side by
/// side, then what is odd.
class OverviewTab : public QScrollArea {
    Q_OBJECT
public:
    explicit OverviewTab(QWidget* parent = nullptr);
    void show(const analysis::Snapshot& snapshot, analysis::Row row);
    void clear();

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Fact {
        analysis::Field field;
        ElidedLabel* value = nullptr;
    };
    void showHeadline(const analysis::Snapshot& snapshot, analysis::Row row);
    void showFindings(const analysis::Snapshot& snapshot, analysis::Row row);
    void paintStatusSign();

    QLabel* m_statusSign = nullptr;
    QLabel* m_status = nullptr;
    ElidedLabel* m_request = nullptr;
    QLabel* m_when = nullptr;
    QLabel* m_findings = nullptr;
    QWidget* m_content = nullptr;
    QLabel* m_nothing = nullptr;
    std::optional<std::int64_t> m_statusCode;
    std::vector<Fact> m_facts;
};

} // namespace gatescope::ui
