// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/newest_job.h"
#include "ui/bridge/row_order.h"
#include "ui/widgets/time_strip.h"

class QComboBox;
class QLabel;

namespace gatescope::ui {

/// The time strip with the choice of what it counts. It shows what filter and group let through at any time, so that
/// the brush stands in its surroundings.
class TimeBar : public QWidget {
    Q_OBJECT
public:
    explicit TimeBar(QWidget* parent = nullptr);

    void show(const RowOrder& order, bool urgent);
    void clear();
    TimeStrip& strip() { return *m_strip; }
    bool settled() const { return !m_job.busy(); }

Q_SIGNALS:
    void spanWanted(const std::optional<gatescope::ui::TimeSpan>& span);
    void answered();

private:
    void ask(bool urgent);

    QComboBox* m_measure = nullptr;
    QLabel* m_scale = nullptr;
    TimeStrip* m_strip = nullptr;
    std::optional<RowOrder> m_order;
    NewestJob m_job{this};
};

} // namespace gatescope::ui
