// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/time_plot.h"

#include <vector>

namespace gatescope::ui {

/// One bar of the strip.
struct StripBar {
    TimeNs time = 0; ///< begin of its bucket
    double height = 0;
    double warned = 0; ///< the part of it that was throttled or failed, from the bottom
    QString words;     ///< what the bar says
};

struct StripData {
    std::optional<TimeSpan> span;
    std::int64_t interval = 0;
    bool severalDays = false;
    std::vector<StripBar> bars; ///< by time, only those that are not empty
    QString scale;              ///< what the highest bar means: `37 requests in 10 s`
    QString nothing;            ///< said instead when there is no bar
};

/// How much passed when: bars over the whole capture, and the brush over them.
class TimeStrip : public TimePlot {
    Q_OBJECT
public:
    explicit TimeStrip(QWidget* parent = nullptr);
    void show(StripData data);
    const StripData& data() const { return m_data; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

protected:
    QString readout(TimeNs bucket) const override;
    void paintEvent(QPaintEvent* event) override;

private:
    StripData m_data;
};

} // namespace gatescope::ui
