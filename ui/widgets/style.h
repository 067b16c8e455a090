// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QProxyStyle>
#include <QStyleOptionButton>

namespace gatescope::ui {

/// Fusion with more air in tables and headers, and check boxes that are seen in the dark.
class Style : public QProxyStyle {
    Q_OBJECT
public:
    Style() : QProxyStyle(QStringLiteral("fusion")) {}

    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override {
        constexpr int kCellMargin = 5;
        constexpr int kTabPadding = 28;
        if (metric == PM_HeaderMargin || metric == PM_FocusFrameHMargin) return kCellMargin;
        if (metric == PM_TabBarTabHSpace) return kTabPadding;
        return QProxyStyle::pixelMetric(metric, option, widget);
    }

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override {
        const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
        const bool isBox = element == PE_IndicatorCheckBox || element == PE_IndicatorRadioButton;
        if (!button || !isBox) return QProxyStyle::drawPrimitive(element, option, painter, widget);
        // Fusion draws the outline a little darker than the window, which nobody sees where the window is dark.
        QStyleOptionButton outlined(*button);
        outlined.palette.setColor(QPalette::Window, button->palette.color(QPalette::PlaceholderText));
        QProxyStyle::drawPrimitive(element, &outlined, painter, widget);
    }
};

} // namespace gatescope::ui
