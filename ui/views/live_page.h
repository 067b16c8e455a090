// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/interface_watch.h"
#include "ui/bridge/live_capture.h"
#include "ui/models/capture_words.h"
#include "ui/views/capture_form.h"
#include "ui/views/page.h"
#include "ui/widgets/icon.h"

#include <QElapsedTimer>
#include <QTimer>

#include <deque>

class QLabel;
class QPushButton;
class QSettings;
class QSplitter;

namespace gatescope::ui {

class Banner;
class CellTable;
class ElidedLabel;
class InterfaceTable;
class InterfaceTableModel;

/// Capture: what on, what of it, where to; start, stop, hold the view; what has become of the packets so far. It shows
/// and asks; the window starts captures and opens what they give.
class LivePage : public Page {
    Q_OBJECT
public:
    LivePage(const LiveEngine& engine, LiveCapture& capture, AnalysisSession& session, ChooseSave chooseSave,
             QWidget* parent = nullptr);

    QString title() const override { return tr("Li&ve"); }
    void focusMain() override;
    bool settled() const override;

    /// All that is asked for now, with the interfaces.
    CaptureChoice choice() const;
    /// Why no capture can start; empty: it can.
    QString problem() const;
    void chooseInterfaces(const QStringList& names);
    CaptureForm& form() { return *m_form; }
    InterfaceTableModel& interfaces() { return *m_model; }
    CellTable& numbers() { return *m_numbers; }
    InterfaceWatch& watch() { return m_watch; }
    void refreshInterfaces() { m_watch.refresh(); }
    /// Says why nothing was started.
    void complain(const QString& problem);
    /// The view is held, and so many requests wait.
    void setHeld(bool held, std::size_t waiting);
    /// The capture has files that nobody saved.
    void setUnsaved(bool unsaved);
    QString headline() const;
    QString bannerText() const;

    void restore(QSettings& settings);
    void save(QSettings& settings) const;

Q_SIGNALS:
    void startWanted();
    void stopWanted();
    void holdWanted(bool hold);
    void saveWanted();
    void keyLogWanted();

protected:
    void showOrder(const RowOrder&, bool) override {}
    void forget() override {}
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* buildHead();
    QWidget* buildTables();
    void connectParts();
    void showInterfaces();
    void showState();
    void showTrouble();
    void showNumbers();
    void sample();
    CaptureNumbers gather() const;
    QString interfacesText() const;

    LiveCapture& m_capture;
    AnalysisSession& m_session;
    InterfaceWatch m_watch;
    QLabel* m_sign = nullptr;
    ElidedLabel* m_headline = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_hold = nullptr;
    QPushButton* m_save = nullptr;
    Banner* m_banner = nullptr;
    QPushButton* m_copy = nullptr;
    QSplitter* m_splitter = nullptr;
    InterfaceTableModel* m_model = nullptr;
    InterfaceTable* m_table = nullptr;
    CellTable* m_numbers = nullptr;
    CaptureForm* m_form = nullptr;

    struct Sample {
        qint64 ms = 0;
        std::uint64_t packets = 0, octets = 0;
        std::size_t calls = 0;
    };
    std::deque<Sample> m_samples; ///< of the last seconds
    QElapsedTimer m_clock;        ///< since the capture began
    qint64 m_lastedMs = 0;        ///< of one that is over
    QTimer m_tick;
    std::optional<pipeline::LiveProgress> m_progress;
    QString m_command; ///< that gives the missing rights
    bool m_held = false;
    bool m_unsaved = false;
    std::size_t m_waiting = 0;
    LiveCapture::State m_shownState = LiveCapture::State::Idle;
    struct ShownButtons {
        LiveCapture::State state{};
        bool held = false, unsaved = false, possible = false;
        Glyph sign{};
        qint64 palette = 0; ///< icons have its colours
        bool operator==(const ShownButtons&) const = default;
    };
    ShownButtons m_shownButtons;
};

} // namespace gatescope::ui
