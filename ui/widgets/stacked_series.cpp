// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/stacked_series.h"

#include "ui/bridge/text.h"

#include <QHBoxLayout>
#include <QIconEngine>
#include <QMouseEvent>
#include <QPainter>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace gatescope::ui {
namespace {

constexpr double kGrip = 4; ///< how near the limit line must be to take it
constexpr double kMark = 8; ///< height of the sign of a 429
constexpr double kHeadroom = 1.08;
constexpr int kScaleSteps = 3;

/// 1, 2 or 5 times a power of ten.
double niceStep(double total) {
    const double rough = std::max(total / kScaleSteps, 1e-3);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (power * factor >= rough) return power * factor;
    }
    return power * 10;
}

QString valueText(double value) {
    return value < 10 && value != std::floor(value) ? QString::number(value, 'g', 2)
                                                    : shortCount(static_cast<std::int64_t>(std::llround(value)));
}

void fill(QPainter& painter, const QRectF& box, const SeriesLayer& layer, const QPalette& palette) {
    painter.fillRect(box, colour(layer.tone, palette));
    if (layer.pattern == Qt::SolidPattern) return;
    QColor lines = palette.color(QPalette::Base);
    lines.setAlphaF(0.75F);
    painter.fillRect(box, QBrush(lines, layer.pattern));
}

class SwatchEngine : public QIconEngine {
public:
    SwatchEngine(Tone tone, Qt::BrushStyle pattern) : m_layer{{}, tone, pattern} {}
    void paint(QPainter* painter, const QRect& rect, QIcon::Mode, QIcon::State) override {
        fill(*painter, QRectF(rect).adjusted(1, 1, -1, -1), m_layer, QGuiApplication::palette());
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }
    QIconEngine* clone() const override { return new SwatchEngine(m_layer.tone, m_layer.pattern); }

private:
    SeriesLayer m_layer;
};

} // namespace

QIcon swatch(Tone tone, Qt::BrushStyle pattern) {
    return QIcon(new SwatchEngine(tone, pattern));
}

StackedSeries::StackedSeries(QWidget* parent) : TimePlot(parent) {
    setObjectName(QStringLiteral("series"));
    setAccessibleName(tr("Over time; the table “Over time” has the same numbers"));
}

void StackedSeries::show(SeriesData data) {
    m_data = std::move(data);
    if (m_solo && *m_solo >= m_data.layers.size()) m_solo.reset();
    setAxis(m_data.span, m_data.interval, m_data.severalDays);
    rescale();
    Q_EMIT layersChanged(m_data.layers);
}

void StackedSeries::setLimit(std::optional<double> limit) {
    m_limit = limit;
    rescale();
}

void StackedSeries::setNote(const QString& note) {
    m_note = note;
    setAccessibleDescription(note);
    update();
}

void StackedSeries::setSolo(std::optional<std::size_t> layer) {
    m_solo = layer;
    rescale();
}

double StackedSeries::heightOf(const SeriesBucket& bucket) const {
    double sum = 0;
    for (std::size_t i = 0; i < bucket.values.size(); ++i) sum += !m_solo || *m_solo == i ? bucket.values[i] : 0;
    return sum;
}

void StackedSeries::rescale() {
    update();
    // While it is dragged the line would run away from the mouse.
    if (m_draggingLimit) return;
    double highest = 0;
    for (const auto& bucket : m_data.buckets) highest = std::max(highest, heightOf(bucket));
    if (showsLastMinute()) {
        for (const auto& point : m_data.lastMinute) highest = std::max(highest, point.sum);
    }
    // A limit far over everything would press the bars flat.
    constexpr double kFar = 3;
    if (m_limit && (highest <= 0 || *m_limit <= kFar * highest)) highest = std::max(highest, *m_limit);
    m_top = std::max(highest, 1.0) * kHeadroom;
}

bool StackedSeries::showsLastMinute() const {
    return m_limit && !m_solo && !m_data.lastMinute.empty();
}

QString StackedSeries::title() const {
    return showsLastMinute() ? m_data.unit + tr("; line: sum of the last 60 s") : m_data.unit;
}

double StackedSeries::leftMargin() const {
    return fontMetrics().horizontalAdvance(QStringLiteral("000.0M")) + 10;
}

double StackedSeries::topMargin() const {
    return fontMetrics().height() + 2;
}

double StackedSeries::yOf(double value) const {
    const QRectF area = plotArea();
    return area.bottom() - area.height() * std::clamp(value / m_top, 0.0, 1.0);
}

QString StackedSeries::readout(TimeNs bucket) const {
    const auto at = std::lower_bound(m_data.buckets.begin(), m_data.buckets.end(), bucket,
                                     [](const SeriesBucket& each, TimeNs time) { return each.time < time; });
    const QString when = spanText({bucket, bucket + m_data.interval}, m_data.severalDays);
    const bool filled = at != m_data.buckets.end() && at->time == bucket;
    return when + QChar('\n') + (filled ? at->words : tr("nothing"));
}

void StackedSeries::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QRectF area = plotArea();
    painter.fillRect(area, palette().color(QPalette::Base));
    painter.setPen(colour(Tone::Muted, palette()));
    painter.drawText(QPointF(8, fontMetrics().ascent()), title());
    if (!m_note.isEmpty()) {
        const double left = 8 + fontMetrics().horizontalAdvance(title()) + 24;
        const QRectF room(left, 0, std::max(0.0, area.right() - left), fontMetrics().height());
        painter.setPen(palette().color(QPalette::Text));
        painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter,
                         fontMetrics().elidedText(m_note, Qt::ElideRight, static_cast<int>(room.width())));
        painter.setPen(colour(Tone::Muted, palette()));
    }
    if (m_data.buckets.empty()) {
        painter.drawText(area, Qt::AlignCenter, m_data.nothing);
    } else {
        paintScale(painter);
        paintBars(painter);
    }
    paintAxis(painter);
    paintLastMinute(painter);
    paintLimit(painter);
    paintBrush(painter);
}

void StackedSeries::paintScale(QPainter& painter) const {
    const QRectF area = plotArea();
    const double step = niceStep(m_top);
    const double half = fontMetrics().height() / 2.0;
    for (double value = 0; value <= m_top; value += step) {
        const double y = yOf(value);
        painter.setPen(colour(Tone::Line, palette()));
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
        painter.setPen(colour(Tone::Muted, palette()));
        painter.drawText(QRectF(0, y - half, area.left() - 6, 2 * half), Qt::AlignRight | Qt::AlignVCenter,
                         valueText(value));
    }
}

void StackedSeries::paintBars(QPainter& painter) const {
    const QRectF area = plotArea();
    for (const auto& bucket : m_data.buckets) {
        const double left = xOf(bucket.time);
        const double wide = xOf(bucket.time + m_data.interval) - left;
        const double gap = wide > 4 ? 1 : 0;
        double below = 0;
        for (std::size_t i = 0; i < bucket.values.size(); ++i) {
            if (m_solo && *m_solo != i) continue;
            const double from = yOf(below);
            below += bucket.values[i];
            const QRectF bar(left, yOf(below), std::max(wide - gap, 1.0), from - yOf(below));
            if (bar.height() > 0) fill(painter, bar, m_data.layers[i], palette());
        }
        if (bucket.marked == 0) continue;
        const double centre = left + wide / 2;
        const double half = std::clamp(wide / 2, 2.0, kMark / 2);
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(palette().color(QPalette::Base), 1));
        painter.setBrush(colour(Tone::Bad, palette()));
        painter.drawPolygon(QPolygonF(
            {{centre, area.bottom() - kMark}, {centre - half, area.bottom()}, {centre + half, area.bottom()}}));
        painter.restore();
    }
}

void StackedSeries::paintLastMinute(QPainter& painter) const {
    if (!showsLastMinute()) return;
    QPolygonF line;
    for (const auto& point : m_data.lastMinute) line << QPointF(xOf(point.time), yOf(point.sum));
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(palette().color(QPalette::Text), 1.6));
    painter.drawPolyline(line);
    painter.restore();
}

void StackedSeries::paintLimit(QPainter& painter) const {
    if (!m_limit) return;
    const QRectF area = plotArea();
    const double y = yOf(*m_limit);
    painter.setPen(QPen(colour(Tone::Bad, palette()), 2, Qt::DashLine));
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    const bool above = *m_limit > m_top;
    const QString text = tr("limit %1").arg(valueText(*m_limit)) + (above ? QStringLiteral(" ↑") : QString());
    const double wide = fontMetrics().horizontalAdvance(text) + 8;
    const double tall = fontMetrics().height();
    const QRectF tag(area.right() - wide, std::max(0.0, y - tall - 1), wide, tall);
    painter.fillRect(tag, palette().color(QPalette::Base));
    painter.setPen(colour(Tone::Bad, palette()));
    painter.drawText(tag, Qt::AlignCenter, text);
}

bool StackedSeries::onLimit(const QPointF& place) const {
    return m_limit && m_limitMovable && std::abs(place.y() - yOf(*m_limit)) <= kGrip;
}

void StackedSeries::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && onLimit(event->position())) {
        m_draggingLimit = true;
        return;
    }
    TimePlot::mousePressEvent(event);
}

void StackedSeries::mouseMoveEvent(QMouseEvent* event) {
    if (!m_draggingLimit) {
        TimePlot::mouseMoveEvent(event);
        if (event->buttons() == Qt::NoButton && onLimit(event->position())) setCursor(Qt::SizeVerCursor);
        return;
    }
    const QRectF area = plotArea();
    const double share = (area.bottom() - event->position().y()) / area.height();
    // Round numbers only: nobody sets a limit of 239,817.
    const double step = niceStep(m_top) / 20;
    Q_EMIT limitWanted(std::max(1.0, std::round(std::max(0.0, share) * m_top / step) * step));
}

void StackedSeries::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && std::exchange(m_draggingLimit, false)) {
        rescale();
        return;
    }
    TimePlot::mouseReleaseEvent(event);
}

SeriesLegend::SeriesLegend(QWidget* parent) : QWidget(parent) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(2);
}

void SeriesLegend::show(const std::vector<SeriesLayer>& layers) {
    QStringList before;
    QStringList after;
    for (const auto* button : m_buttons) before << button->text();
    for (const auto& layer : layers) after << layer.name;
    if (before == after) return;
    qDeleteAll(m_buttons);
    m_buttons.clear();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        auto* button = new QToolButton;
        button->setText(layers[i].name);
        button->setIcon(swatch(layers[i].tone, layers[i].pattern));
        button->setIconSize(QSize(14, 14));
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setCheckable(true);
        button->setAutoRaise(true);
        button->setToolTip(tr("Show only “%1”; again: show all").arg(layers[i].name));
        connect(button, &QToolButton::clicked, this, [this, i](bool on) {
            for (std::size_t other = 0; other < m_buttons.size(); ++other) {
                if (other != i) m_buttons[other]->setChecked(false);
            }
            Q_EMIT soloWanted(on ? std::optional(i) : std::nullopt);
        });
        layout()->addWidget(button);
        m_buttons.push_back(button);
    }
    Q_EMIT soloWanted(std::nullopt);
}

std::optional<std::size_t> SeriesLegend::solo() const {
    for (std::size_t i = 0; i < m_buttons.size(); ++i) {
        if (m_buttons[i]->isChecked()) return i;
    }
    return std::nullopt;
}

} // namespace gatescope::ui
