// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>

namespace gatescope::ui {

/// One line of text that ends in an ellipsis when there is no room; the whole text is the tool tip, and a context menu
/// copies it.
class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(QWidget* parent = nullptr);
    void setFullText(const QString& text);
    /// Where the ellipsis stands; in the middle unless set.
    void setElideMode(Qt::TextElideMode mode);
    const QString& fullText() const { return m_full; }
    QSize minimumSizeHint() const override;
    QSize sizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void elide();
    QString m_full;
    Qt::TextElideMode m_mode = Qt::ElideMiddle;
};

/// Makes a label's text secondary, missing or normal; follows the palette by itself.
void setMuted(QLabel* label, bool muted);

} // namespace gatescope::ui
