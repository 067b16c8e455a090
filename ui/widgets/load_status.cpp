// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/load_status.h"

#include "ui/bridge/text.h"
#include "ui/widgets/icon.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QToolButton>

namespace gatescope::ui {
namespace {

constexpr int kSteps = 1000;
/// Before that, a rate or a remaining time would jump about.
constexpr qint64 kRateAfterMs = 500;

} // namespace

LoadStatus::LoadStatus(QWidget* parent) : QWidget(parent) {
    m_text = new QLabel;
    m_text->setTextFormat(Qt::PlainText);
    m_bar = new QProgressBar;
    m_bar->setFixedWidth(140);
    m_bar->setFixedHeight(fontMetrics().height());
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Reading progress"));
    m_cancel = new QToolButton;
    m_cancel->setObjectName(QStringLiteral("cancelLoad"));
    m_cancel->setIcon(icon(Glyph::Stop));
    m_cancel->setText(tr("Cancel"));
    m_cancel->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_cancel->setAutoRaise(true);
    m_cancel->setToolTip(tr("Stop reading and keep what was read (Esc)"));
    connect(m_cancel, &QToolButton::clicked, this, &LoadStatus::cancelled);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_text);
    layout->addWidget(m_bar);
    layout->addWidget(m_cancel);
    hide();
}

void LoadStatus::start(const QStringList& paths) {
    m_names.clear();
    for (const auto& path : paths) m_names << QFileInfo(path).fileName();
    m_clock.start();
    m_bar->setRange(0, 0);
    m_text->setText(tr("Opening %1").arg(m_names.join(QStringLiteral(", "))));
    m_cancel->setEnabled(true);
    QWidget::show();
}

void LoadStatus::show(const pipeline::Progress& progress) {
    QStringList parts;
    if (static_cast<qsizetype>(progress.input) < m_names.size()) {
        parts << m_names[static_cast<qsizetype>(progress.input)];
    }
    if (progress.inputs > 1) parts << tr("file %1 of %2").arg(progress.input + 1).arg(progress.inputs);
    const double done =
        progress.totalBytes == 0
            ? 0
            : std::min(1.0, static_cast<double>(progress.bytesRead) / static_cast<double>(progress.totalBytes));
    if (progress.totalBytes > 0) {
        m_bar->setRange(0, kSteps);
        m_bar->setValue(static_cast<int>(done * kSteps));
        parts << QStringLiteral("%1 %").arg(static_cast<int>(done * 100));
    } else {
        parts << bytesText(progress.bytesRead);
    }
    const qint64 elapsed = m_clock.elapsed();
    if (elapsed >= kRateAfterMs) {
        parts << bytesText(progress.bytesRead * 1000 / static_cast<std::uint64_t>(elapsed)) + QStringLiteral("/s");
        if (done > 0 && done < 1) {
            const auto left = static_cast<double>(elapsed) * (1 - done) / done / 1000.0;
            parts << tr("%1 s left").arg(static_cast<int>(left) + 1);
        }
    }
    m_text->setText(parts.join(QStringLiteral("   ")));
}

void LoadStatus::stop() {
    hide();
}

} // namespace gatescope::ui
