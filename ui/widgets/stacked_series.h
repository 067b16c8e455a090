// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/palette.h"
#include "ui/widgets/time_plot.h"

#include <QIcon>

#include <vector>

class QToolButton;

namespace gatescope::ui {

/// A part of the stack. Colour and pattern both tell it from the others.
struct SeriesLayer {
    QString name;
    Tone tone = Tone::TokensInput;
    Qt::BrushStyle pattern = Qt::SolidPattern;
};

struct SeriesBucket {
    TimeNs time = 0;
    std::vector<double> values; ///< by layer
    std::uint64_t marked = 0;   ///< answers 429; a sign stands under the bar
    QString words;
};

/// A sum over the minute that ends at `time`.
struct SeriesSum {
    TimeNs time = 0;
    double sum = 0;
};

struct SeriesData {
    std::optional<TimeSpan> span;
    std::int64_t interval = 0;
    bool severalDays = false;
    QString unit; ///< `tokens/min`
    std::vector<SeriesLayer> layers;
    std::vector<SeriesBucket> buckets; ///< by time
    /// What a limit per minute really looks at, drawn with the limit line where buckets are shorter than a minute.
    std::vector<SeriesSum> lastMinute;
    QString nothing; ///< said where there is nothing to draw
};

/// Stacked bars over time, with an optional limit line that can be dragged.
class StackedSeries : public TimePlot {
    Q_OBJECT
public:
    explicit StackedSeries(QWidget* parent = nullptr);

    void show(SeriesData data);
    const SeriesData& data() const { return m_data; }
    /// Absent: no line. In the unit of the values.
    void setLimit(std::optional<double> limit);
    const std::optional<double>& limit() const { return m_limit; }
    /// A line of words over the plot, at its right.
    void setNote(const QString& note);
    const QString& note() const { return m_note; }
    void setLimitMovable(bool movable) { m_limitMovable = movable; }
    /// Only this layer is drawn; absent: all.
    void setSolo(std::optional<std::size_t> layer);
    double yOf(double value) const;
    QSize sizeHint() const override { return {600, 130}; }
    QSize minimumSizeHint() const override { return {160, 84}; }

Q_SIGNALS:
    /// While the line is dragged, and when it is let go.
    void limitWanted(double limit);
    void layersChanged(const std::vector<gatescope::ui::SeriesLayer>& layers);

protected:
    double leftMargin() const override;
    double topMargin() const override;
    QString readout(TimeNs bucket) const override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    bool showsLastMinute() const;
    QString title() const;
    double heightOf(const SeriesBucket& bucket) const;
    void rescale();
    bool onLimit(const QPointF& place) const;
    void paintScale(QPainter& painter) const;
    void paintBars(QPainter& painter) const;
    void paintLastMinute(QPainter& painter) const;
    void paintLimit(QPainter& painter) const;

    SeriesData m_data;
    std::optional<double> m_limit;
    std::optional<std::size_t> m_solo;
    QString m_note;
    double m_top = 1; ///< value at the upper edge
    bool m_limitMovable = false;
    bool m_draggingLimit = false;
};

/// A sample of a layer, as it is drawn.
QIcon swatch(Tone tone, Qt::BrushStyle pattern);

/// Names of the layers; a click shows only that one, a second click all again.
class SeriesLegend : public QWidget {
    Q_OBJECT
public:
    explicit SeriesLegend(QWidget* parent = nullptr);
    void show(const std::vector<SeriesLayer>& layers);
    std::optional<std::size_t> solo() const;

Q_SIGNALS:
    void soloWanted(const std::optional<std::size_t>& layer);

private:
    std::vector<QToolButton*> m_buttons;
};

} // namespace gatescope::ui
