// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QProxyStyle>

namespace gatescope::ui {

/// Fusion with more air in tables and headers.
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
};

} // namespace gatescope::ui
