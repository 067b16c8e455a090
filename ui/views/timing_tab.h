// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "ui/widgets/palette.h"

#include <QTableWidget>
#include <QWidget>

#include <vector>

namespace gatescope::ui {

/// A part of an exchange's time.
struct Phase {
    QString name;
    QString explain;
    std::int64_t from = 0; ///< ns since the request
    std::int64_t length = 0;
    Tone tone = Tone::BarWait;
};

/// What can be told from the times that were seen; missing ones leave their phases out.
std::vector<Phase> phasesOf(const analysis::Snapshot& snapshot, analysis::Row row);

/// The phases as bars on one time axis. The table under it holds the same numbers.
class PhaseBars : public QWidget {
    Q_OBJECT
public:
    explicit PhaseBars(QWidget* parent = nullptr);
    void show(std::vector<Phase> phases, std::int64_t total);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<Phase> m_phases;
    std::int64_t m_total = 0;
};

class TimingTab : public QWidget {
    Q_OBJECT
public:
    explicit TimingTab(QWidget* parent = nullptr);
    void show(const analysis::Snapshot& snapshot, analysis::Row row);
    void clear();

private:
    PhaseBars* m_bars = nullptr;
    QTableWidget* m_table = nullptr;
};

} // namespace gatescope::ui
