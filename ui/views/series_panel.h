// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/models/flow_shapes.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QSpinBox;

namespace gatescope::ui {

/// The stacked series with its legend, its unit and its limit. The limit can be dragged or typed.
class SeriesPanel : public QWidget {
    Q_OBJECT
public:
    explicit SeriesPanel(QWidget* parent = nullptr);

    void show(std::shared_ptr<const TimeBuckets> time, bool severalDays);
    void clear();
    StackedSeries& series() { return *m_series; }
    SeriesLegend& legend() { return *m_legend; }
    QSpinBox& limitBox() { return *m_limit; }
    SeriesUnit unit() const;
    /// Tokens per minute; absent: none, or requests are shown.
    std::optional<std::int64_t> tokenLimit() const;
    /// What the limit would have done; empty: nothing is known yet.
    void setVerdict(const QString& text);
    QString verdict() const;

Q_SIGNALS:
    void spanWanted(const std::optional<gatescope::ui::TimeSpan>& span);
    void limitChanged();

private:
    void buildControls();
    void redraw();

    QComboBox* m_unit = nullptr;
    SeriesLegend* m_legend = nullptr;
    QSpinBox* m_limit = nullptr;
    StackedSeries* m_series = nullptr;
    std::shared_ptr<const TimeBuckets> m_time;
    bool m_severalDays = false;
};

} // namespace gatescope::ui
