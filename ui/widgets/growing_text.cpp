// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/growing_text.h"

#include <QEvent>
#include <QTextDocument>
#include <QWheelEvent>

#include <cmath>

namespace gatescope::ui {

GrowingText::GrowingText(const QString& name, QWidget* parent) : QTextBrowser(parent) {
    setAccessibleName(name);
    setFrameShape(QFrame::NoFrame);
    setOpenLinks(false);
    setTabChangesFocus(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    viewport()->setAutoFillBackground(false);
    document()->setDocumentMargin(0);
    setFixedHeight(0);
}

void GrowingText::show(const QString& html) {
    setHtml(html);
    setVisible(!html.isEmpty());
    fit();
}

void GrowingText::fit() {
    if (viewport()->width() <= 0) return;
    document()->setTextWidth(viewport()->width());
    setFixedHeight(static_cast<int>(std::ceil(document()->size().height())));
}

void GrowingText::resizeEvent(QResizeEvent* event) {
    QTextBrowser::resizeEvent(event);
    fit();
}

void GrowingText::changeEvent(QEvent* event) {
    QTextBrowser::changeEvent(event);
    if (event->type() == QEvent::FontChange) fit();
}

void GrowingText::wheelEvent(QWheelEvent* event) {
    event->ignore(); // what it stands in scrolls
}

} // namespace gatescope::ui
