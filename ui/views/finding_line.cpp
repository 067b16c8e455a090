// SPDX-License-Identifier: Apache-2.0
#include "ui/views/finding_line.h"

#include "ui/bridge/text.h"
#include "ui/models/path_shapes.h"
#include "ui/widgets/elided_label.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QToolButton>

#include <algorithm>

namespace gatescope::ui {
namespace {

constexpr int kLetters = 102; ///< of all buttons together

} // namespace

FindingLine::FindingLine(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("findingLine"));
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(6, 0, 6, 0);
    m_row->setSpacing(4);
    // The line keeps its height when it is empty, so that nothing under it jumps.
    setFixedHeight(fontMetrics().height() + 10);
}

void FindingLine::clear() {
    while (auto* item = m_row->takeAt(0)) {
        // Its click may be what led here.
        if (auto* widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
}

void FindingLine::show(const std::vector<PathFinding>& findings, const QString& nothing) {
    clear();
    const auto add = [this](const QString& text) {
        auto* button = new QToolButton;
        button->setAutoRaise(true);
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setText(text);
        m_row->addWidget(button);
        return button;
    };
    const int letters = kLetters / static_cast<int>(std::clamp<std::size_t>(findings.size(), 1, kMost));
    for (std::size_t i = 0; i < std::min(kMost, findings.size()); ++i) {
        const auto& finding = findings[i];
        const QString words = QStringLiteral("%1 × %2").arg(countText(finding.count), toText(finding.kind->title));
        auto* button = add(fontMetrics().elidedText(words, Qt::ElideRight, fontMetrics().averageCharWidth() * letters));
        button->setIcon(icon(severityGlyph(finding.kind->severity), severityTone(finding.kind->severity)));
        button->setAccessibleName(QStringLiteral("%1: %2").arg(toText(toString(finding.kind->severity)), words));
        QStringList lines{QStringLiteral("%1, %2").arg(words, toText(toString(finding.kind->severity)))};
        lines << toText(finding.kind->explain);
        for (const auto& each : finding.evidence) lines << toText(each);
        for (auto& line : lines) line = line.toHtmlEscaped();
        button->setToolTip(QStringLiteral("<p>%1</p>").arg(lines.join(QStringLiteral("</p><p>"))));
        connect(button, &QToolButton::clicked, this,
                [this, i] { Q_EMIT chosen(i, QApplication::keyboardModifiers()); });
    }
    if (findings.size() > kMost) {
        connect(add(tr("%1 more…").arg(findings.size() - kMost)), &QToolButton::clicked, this, &FindingLine::allWanted);
    }
    if (findings.empty()) {
        auto* label = new QLabel(nothing);
        setMuted(label, true);
        m_row->addWidget(label);
    }
    m_row->addStretch(1);
}

} // namespace gatescope::ui
