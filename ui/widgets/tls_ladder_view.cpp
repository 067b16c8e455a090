// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/tls_ladder_view.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace gatescope::ui {
namespace {

constexpr int kStep = 24; ///< of the scroll bars, in pixels
constexpr float kCurrentAlpha = 0.55F;

} // namespace

TlsLadderView::TlsLadderView(QWidget* parent) : QAbstractScrollArea(parent) {
    setObjectName(QStringLiteral("tlsLadder"));
    setAccessibleName(tr("Handshake, step by step; the table of steps has the same"));
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(NoFrame);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    horizontalScrollBar()->setSingleStep(kStep);
    verticalScrollBar()->setSingleStep(kStep);
}

void TlsLadderView::show(TlsLadderData data) {
    m_data = std::move(data);
    m_current.reset();
    setAccessibleDescription(m_data.end.title);
    layOut();
    verticalScrollBar()->setValue(0);
}

void TlsLadderView::clear() {
    show({});
}

void TlsLadderView::setEmptyText(const QString& text) {
    m_emptyText = text;
    viewport()->update();
}

QString TlsLadderView::textToCopy() const {
    return m_current ? m_data.steps[*m_current].words : ladderText(m_data);
}

QPointF TlsLadderView::offset() const {
    return QPointF(horizontalScrollBar()->value(), verticalScrollBar()->value());
}

void TlsLadderView::layOut() {
    m_layout = m_data.steps.empty() ? TlsLadderLayout() : TlsLadderLayout(m_data, viewport()->width(), font());
    const QSize room = viewport()->size();
    horizontalScrollBar()->setPageStep(room.width());
    verticalScrollBar()->setPageStep(room.height());
    horizontalScrollBar()->setRange(0,
                                    std::max(0, static_cast<int>(std::ceil(m_layout.size().width())) - room.width()));
    verticalScrollBar()->setRange(0,
                                  std::max(0, static_cast<int>(std::ceil(m_layout.size().height())) - room.height()));
    viewport()->update();
}

void TlsLadderView::scrollContentsBy(int, int) {
    viewport()->update();
}

void TlsLadderView::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    const QRect room = viewport()->rect();
    if (m_data.steps.empty()) {
        painter.fillRect(room, palette().color(QPalette::Base));
        painter.setPen(colour(Tone::Muted, palette()));
        painter.drawText(room.adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
    } else {
        painter.translate(-offset());
        paintTlsLadder(painter, m_data, m_layout, QRectF(room).translated(offset()), palette(), font());
        if (m_current) {
            QColor wash = colour(Tone::Accent, palette());
            painter.setPen(QPen(wash, 1.4));
            wash.setAlphaF(kCurrentAlpha * 0.2F);
            painter.setBrush(wash);
            painter.drawRoundedRect(m_layout.steps()[*m_current].row.adjusted(2, 0.5, -2, -0.5), 3, 3);
        }
        paintTlsLadderHead(painter, m_data, m_layout, offset().y(), palette(), font());
        painter.resetTransform();
    }
    if (hasFocus()) {
        painter.setPen(QPen(colour(Tone::Accent, palette()), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF(room).adjusted(0.5, 0.5, -0.5, -0.5));
    }
}

std::optional<std::size_t> TlsLadderView::stepAt(const QPointF& place) const {
    if (place.y() < m_layout.headHeight()) return std::nullopt;
    return m_layout.at(place + offset());
}

void TlsLadderView::setCurrent(std::size_t step) {
    if (step >= m_data.steps.size()) return;
    m_current = step;
    setAccessibleDescription(m_data.steps[step].words);
    bringIntoView(m_layout.steps()[step].row);
    // How it ended stands below the last step.
    if (m_current == m_data.steps.size() - 1) verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    viewport()->update();
    Q_EMIT currentChanged(step);
}

void TlsLadderView::bringIntoView(const QRectF& row) {
    auto* bar = verticalScrollBar();
    const double top = offset().y() + m_layout.headHeight();
    const double bottom = offset().y() + viewport()->height();
    if (row.top() < top) bar->setValue(bar->value() + static_cast<int>(std::floor(row.top() - top)));
    if (row.bottom() > bottom) bar->setValue(bar->value() + static_cast<int>(std::ceil(row.bottom() - bottom)));
}

void TlsLadderView::step(int steps) {
    if (m_data.steps.empty()) return;
    const auto last = std::ssize(m_data.steps) - 1;
    const std::ptrdiff_t from = m_current ? static_cast<std::ptrdiff_t>(*m_current) + steps : steps > 0 ? 0 : last;
    setCurrent(static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(from, 0, last)));
}

bool TlsLadderView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto step = stepAt(help->pos());
        QToolTip::showText(help->globalPos(), step ? m_data.steps[*step].words : QString(), viewport());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void TlsLadderView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void TlsLadderView::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange) layOut();
    if (event->type() == QEvent::PaletteChange) viewport()->update();
}

void TlsLadderView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton) return QAbstractScrollArea::mousePressEvent(event);
    if (const auto step = stepAt(event->position())) setCurrent(*step);
}

void TlsLadderView::mouseReleaseEvent(QMouseEvent* event) {
    // The press was taken, so this is as well.
    if (event->button() != Qt::LeftButton) QAbstractScrollArea::mouseReleaseEvent(event);
}

void TlsLadderView::mouseDoubleClickEvent(QMouseEvent* event) {
    const auto step = stepAt(event->position());
    if (step && event->button() == Qt::LeftButton) Q_EMIT chosen(*step);
}

void TlsLadderView::keyPressEvent(QKeyEvent* event) {
    if (event->matches(QKeySequence::Copy) && !m_data.steps.empty()) {
        QGuiApplication::clipboard()->setText(textToCopy());
        return;
    }
    const int page = std::max(1, viewport()->height() / std::max(1, fontMetrics().height() + 13) - 3);
    switch (event->key()) {
    case Qt::Key_Up:
        return step(-1);
    case Qt::Key_Down:
        return step(1);
    case Qt::Key_PageUp:
        return step(-page);
    case Qt::Key_PageDown:
        return step(page);
    case Qt::Key_Home:
        return setCurrent(0);
    case Qt::Key_End:
        return setCurrent(m_data.steps.empty() ? 0 : m_data.steps.size() - 1);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current) Q_EMIT chosen(*m_current);
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

void TlsLadderView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TlsLadderView::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void TlsLadderView::contextMenuEvent(QContextMenuEvent* event) {
    if (m_data.steps.empty()) return;
    QPoint place = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard) {
        const QPointF at = m_current ? toViewport(m_layout.steps()[*m_current].name.center()) : QPointF(40, 40);
        place = viewport()->mapToGlobal(at.toPoint());
    } else if (const auto step = stepAt(event->pos())) {
        setCurrent(*step);
    }
    Q_EMIT menuWanted(place);
}

TlsLegend::TlsLegend(QWidget* parent) : QWidget(parent) {
    setAccessibleName(
        tr("Legend: solid lines are in the clear; with an open lock they are encrypted and were decrypted "
           "here; dashed lines with a closed lock are encrypted and cannot be read"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize TlsLegend::sizeHint() const {
    return {480, fontMetrics().height() + 6};
}

QSize TlsLegend::minimumSizeHint() const {
    return {120, fontMetrics().height() + 6};
}

void TlsLegend::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintTlsLegend(painter, {8, 3}, palette(), font());
}

} // namespace gatescope::ui
