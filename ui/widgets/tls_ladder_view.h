// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/tls_ladder_layout.h"

#include <QAbstractScrollArea>

#include <optional>

namespace gatescope::ui {

/// A handshake as a ladder: time runs down, the client stands left, the server right. Small enough
/// (tls::SessionFacts::kMaxSteps) to be laid out and painted in the GUI thread.
///
/// Keys: up and down step through it, Home and End go to the first and last, Enter chooses, Copy copies the current
/// step, or all of it when there is none. The menu key asks for a menu.
class TlsLadderView : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit TlsLadderView(QWidget* parent = nullptr);

    /// Nothing is current afterwards.
    void show(TlsLadderData data);
    void clear();
    const TlsLadderData& data() const { return m_data; }
    const TlsLadderLayout& layoutOnScreen() const { return m_layout; }
    std::optional<std::size_t> current() const { return m_current; }
    void setCurrent(std::size_t step);
    void setEmptyText(const QString& text);
    /// Words of the current step, or of the whole ladder.
    QString textToCopy() const;
    /// A place of the layout as a place of the viewport.
    QPointF toViewport(const QPointF& place) const { return place - offset(); }
    QSize sizeHint() const override { return {560, 320}; }
    QSize minimumSizeHint() const override { return {260, 120}; }

Q_SIGNALS:
    /// Enter or double click.
    void chosen(std::size_t step);
    void currentChanged(std::size_t step);
    void menuWanted(const QPoint& globalPlace);

protected:
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void layOut();
    QPointF offset() const;
    std::optional<std::size_t> stepAt(const QPointF& viewportPlace) const;
    void step(int steps);
    void bringIntoView(const QRectF& row);

    TlsLadderData m_data;
    TlsLadderLayout m_layout;
    std::optional<std::size_t> m_current;
    QString m_emptyText;
};

/// What the lines of the ladder mean.
class TlsLegend : public QWidget {
    Q_OBJECT
public:
    explicit TlsLegend(QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace gatescope::ui
