// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/elided_label.h"

#include "ui/widgets/icon.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QMenu>

namespace gatescope::ui {

ElidedLabel::ElidedLabel(QWidget* parent) : QLabel(parent) {
    setTextFormat(Qt::PlainText);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
}

void ElidedLabel::setFullText(const QString& text) {
    if (m_full == text) return;
    m_full = text;
    setAccessibleName(text);
    updateGeometry();
    elide();
}

QSize ElidedLabel::minimumSizeHint() const {
    return {fontMetrics().averageCharWidth() * 4, QLabel::sizeHint().height()};
}

QSize ElidedLabel::sizeHint() const {
    const int margins = contentsMargins().left() + contentsMargins().right();
    return {fontMetrics().horizontalAdvance(m_full) + 2 + margins, QLabel::sizeHint().height()};
}

void ElidedLabel::resizeEvent(QResizeEvent* event) {
    QLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::changeEvent(QEvent* event) {
    QLabel::changeEvent(event);
    if (event->type() == QEvent::FontChange) elide();
}

void ElidedLabel::contextMenuEvent(QContextMenuEvent* event) {
    if (m_full.isEmpty()) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(icon(Glyph::Copy), tr("Copy value"), this,
                    [this] { QGuiApplication::clipboard()->setText(m_full); });
    menu->popup(event->globalPos());
}

void ElidedLabel::setElideMode(Qt::TextElideMode mode) {
    m_mode = mode;
    elide();
}

void ElidedLabel::elide() {
    const QString shown = fontMetrics().elidedText(m_full, m_mode, std::max(0, contentsRect().width() - margin() * 2));
    setText(shown);
    setToolTip(shown == m_full ? QString() : m_full);
}

void setMuted(QLabel* label, bool muted) {
    // A role, not a colour: it follows a change between light and dark.
    label->setForegroundRole(muted ? QPalette::PlaceholderText : QPalette::WindowText);
}

} // namespace gatescope::ui
