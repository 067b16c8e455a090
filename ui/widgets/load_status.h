// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pipeline/analysis_run.h"

#include <QElapsedTimer>
#include <QWidget>

class QLabel;
class QProgressBar;
class QToolButton;

namespace gatescope::ui {

/// How far reading is, in the status bar: `gw.pcap  61 %  1.2 GB/s  7 s left  [Cancel]`. Never in the way.
class LoadStatus : public QWidget {
    Q_OBJECT
public:
    explicit LoadStatus(QWidget* parent = nullptr);
    void start(const QStringList& paths);
    void show(const pipeline::Progress& progress);
    void stop();

Q_SIGNALS:
    void cancelled();

private:
    QLabel* m_text = nullptr;
    QProgressBar* m_bar = nullptr;
    QToolButton* m_cancel = nullptr;
    QStringList m_names;
    QElapsedTimer m_clock;
};

} // namespace gatescope::ui
