// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QList>
#include <QStyledItemDelegate>

namespace gatescope::ui {

/// A small curve without axes: how a number went lately, the newest at the right end. Its highest point touches the
/// top; `places` are the width, so that a short history begins in the middle.
void paintSparkline(QPainter& painter, const QRectF& rect, const QList<double>& values, qsizetype places,
                    const QColor& ink);

/// Paints cells whose kValues role is a list of numbers as sparklines. The cell's words (accessible text, tool tip) are
/// the model's.
class SparklineDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    static constexpr int kValues = Qt::UserRole + 17; ///< QList<double>

    explicit SparklineDelegate(qsizetype places, QObject* parent = nullptr)
        : QStyledItemDelegate(parent), m_places(places) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    qsizetype m_places;
};

} // namespace gatescope::ui
