// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTextBrowser>

namespace gatescope::ui {

/// A text that is as high as its lines need at the width it has; it never scrolls by itself. Can be chosen and copied.
class GrowingText : public QTextBrowser {
    Q_OBJECT
public:
    explicit GrowingText(const QString& name, QWidget* parent = nullptr);
    /// HTML; an empty one takes no room.
    void show(const QString& html);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void fit();
};

} // namespace gatescope::ui
