// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/live_engine.h"
#include "ui/views/save_file.h"

#include <QWidget>

class QCheckBox;
class QFormLayout;
class QLineEdit;
class QPushButton;
class QRadioButton;
class QSettings;
class QSpinBox;

namespace gatescope::ui {

class CaptureFilterField;

/// What a capture is asked to do, beside its interfaces.
struct CaptureChoice {
    live::CaptureRequest request; ///< interfaces are not the form's
    live::RingOptions ring;
    live::StopConditions stop;
    analysis::Retention retention;
};

/// Filter, packets, files, stop conditions and retention of a capture: all that is chosen before it starts.
class CaptureForm : public QWidget {
    Q_OBJECT
public:
    CaptureForm(decltype(LiveEngine::check) check, ChooseSave chooseSave, QWidget* parent = nullptr);

    CaptureChoice choice() const;
    /// Why a capture cannot start with this; empty: it can.
    QString problem() const;
    CaptureFilterField& filter() { return *m_filter; }
    void setLocked(bool locked);
    void restore(QSettings& settings);
    void save(QSettings& settings) const;

Q_SIGNALS:
    void changed();
    void keyLogWanted();

private:
    QWidget* buildPackets();
    QWidget* buildFiles(ChooseSave chooseSave);
    QWidget* buildLimits();
    QSpinBox* makeSpin(const char* name, int most, int value, const QString& none, const QString& suffix);

    CaptureFilterField* m_filter = nullptr;
    QPushButton* m_keyLog = nullptr;
    QSpinBox* m_snapLength = nullptr;
    QCheckBox* m_headersOnly = nullptr;
    QCheckBox* m_promiscuous = nullptr;
    QRadioButton* m_ownFiles = nullptr;
    QRadioButton* m_namedFile = nullptr;
    QLineEdit* m_path = nullptr;
    QPushButton* m_browse = nullptr;
    QSpinBox* m_fileSize = nullptr;
    QSpinBox* m_fileTime = nullptr;
    QSpinBox* m_files = nullptr;
    QSpinBox* m_stopTime = nullptr;
    QSpinBox* m_stopPackets = nullptr;
    QSpinBox* m_stopSize = nullptr;
    QSpinBox* m_keepCalls = nullptr;
    QSpinBox* m_keepTime = nullptr;
    std::vector<QWidget*> m_lockable;
};

} // namespace gatescope::ui
