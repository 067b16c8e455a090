// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/sparkline.h"

#include "ui/widgets/palette.h"

#include <QApplication>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace gatescope::ui {

void paintSparkline(QPainter& painter, const QRectF& rect, const QList<double>& values, qsizetype places,
                    const QColor& ink) {
    if (values.isEmpty() || places < 2 || rect.width() < 4 || rect.height() < 4) return;
    const double most = *std::max_element(values.begin(), values.end());
    const double step = rect.width() / static_cast<double>(places - 1);
    const auto shown = std::min(values.size(), places);
    const double left = rect.right() - step * static_cast<double>(shown - 1);
    QPainterPath line;
    for (qsizetype i = 0; i < shown; ++i) {
        const double value = values[values.size() - shown + i];
        const double height = most <= 0 ? 0 : rect.height() * value / most;
        const QPointF point(left + step * static_cast<double>(i), rect.bottom() - height);
        i == 0 ? line.moveTo(point) : line.lineTo(point);
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath area = line;
    area.lineTo(rect.right(), rect.bottom());
    area.lineTo(left, rect.bottom());
    area.closeSubpath();
    constexpr double kAreaOpacity = 0.2;
    painter.setOpacity(kAreaOpacity);
    painter.fillPath(area, ink);
    painter.setOpacity(1);
    painter.setPen(QPen(ink, 1.3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(line);
    painter.restore();
}

void SparklineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    cell.text.clear();
    const auto* style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, option.widget);
    const bool chosen = option.state.testFlag(QStyle::State_Selected);
    const QColor ink = chosen ? option.palette.color(QPalette::HighlightedText) : colour(Tone::Accent, option.palette);
    constexpr double kAir = 4;
    paintSparkline(*painter, QRectF(option.rect).adjusted(kAir, kAir, -kAir, -kAir),
                   index.data(kValues).value<QList<double>>(), m_places, ink);
}

} // namespace gatescope::ui
