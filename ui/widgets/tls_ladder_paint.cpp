// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/tls_ladder_layout.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace gatescope::ui {
namespace {

constexpr double kTip = 8; ///< of an arrow's head
constexpr double kSign = 15;
constexpr double kEndSign = 18;
constexpr float kHaloAlpha = 0.9F;
constexpr double kPause = 3; ///< half the distance of the two strokes that break a lifeline

QString words(const char* text) {
    return QCoreApplication::translate("TlsLadder", text);
}

QPen linePen(TlsReading reading, const QColor& ink, double width) {
    QPen pen(ink, width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    if (reading == TlsReading::Encrypted) pen.setDashPattern({5 / width, 4 / width});
    return pen;
}

std::optional<Glyph> signOf(const TlsLadderStep& step) {
    if (step.shape == TlsLadderStep::Shape::Alert && step.tone == Tone::Bad) return Glyph::Warning; // no goodbye
    if (step.reading == TlsReading::Clear) return std::nullopt;
    return step.reading == TlsReading::Opened ? Glyph::LockOpen : Glyph::Lock;
}

class LadderPainter {
public:
    LadderPainter(QPainter& painter, const TlsLadderData& data, const TlsLadderLayout& layout, const QPalette& palette,
                  const QFont& font)
        : m_painter(painter), m_data(data), m_layout(layout), m_palette(palette), m_metrics(font) {}

    void paintLifelines(const QRectF& area) {
        const double bottom = m_layout.steps().empty() ? m_layout.headHeight() : m_layout.end().top() + 12;
        m_painter.setPen(QPen(ink(Tone::Line), 2));
        for (const double x : {m_layout.clientX(), m_layout.serverX()}) {
            m_painter.drawLine(QPointF(x, area.top()), QPointF(x, std::min(bottom, area.bottom())));
        }
    }

    void paintPause(const TlsLadderLayout::Step& step) {
        if (step.pause.isEmpty()) return;
        const double y = step.pause.center().y();
        for (const double x : {m_layout.clientX(), m_layout.serverX()}) {
            m_painter.fillRect(QRectF(x - 4, y - kPause, 8, 2 * kPause), m_palette.color(QPalette::Base));
            m_painter.setPen(QPen(ink(Tone::Warning), 1.4));
            for (const double at : {y - kPause, y + kPause})
                m_painter.drawLine(QPointF(x - 6, at + 2), QPointF(x + 6, at - 2));
        }
        m_painter.setPen(QPen(ink(Tone::Line), 1, Qt::DotLine));
        m_painter.drawLine(QPointF(m_layout.clientX() + 12, y), QPointF(m_layout.serverX() - 12, y));
        const double wide = m_metrics.horizontalAdvance(step.pauseText) + 22;
        QRectF room(0, 0, wide, m_metrics.height());
        room.moveCenter({(m_layout.clientX() + m_layout.serverX()) / 2, y});
        m_painter.fillRect(room.adjusted(-4, 0, 4, 0), m_palette.color(QPalette::Base));
        paintGlyph(m_painter, Glyph::History, QRectF(room.left(), room.center().y() - 7, 14, 14), ink(Tone::Warning));
        m_painter.setPen(ink(Tone::Warning));
        m_painter.drawText(room.adjusted(20, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, step.pauseText);
    }

    void paintStep(const TlsLadderStep& source, const TlsLadderLayout::Step& step) {
        using Shape = TlsLadderStep::Shape;
        if (source.shape == Shape::Damage)
            paintDamage(source, step);
        else
            paintArrow(source, step);
        paintName(source, step);
        paintNumbers(source, step);
    }

    void paintEnd() {
        const QRectF room = m_layout.end();
        const double y = room.top() + 12;
        const QColor tone = ink(m_data.end.tone);
        std::vector<double> places;
        if (!m_data.end.side || *m_data.end.side == TlsSide::Client) places.push_back(m_layout.clientX());
        if (!m_data.end.side || *m_data.end.side == TlsSide::Server) places.push_back(m_layout.serverX());
        for (const double x : {m_layout.clientX(), m_layout.serverX()}) {
            if (std::find(places.begin(), places.end(), x) != places.end()) continue;
            m_painter.setPen(QPen(ink(Tone::Line), 2));
            m_painter.drawLine(QPointF(x - 6, y), QPointF(x + 6, y));
        }
        for (const double x : places) {
            m_painter.setPen(Qt::NoPen);
            m_painter.setBrush(m_palette.color(QPalette::Base));
            m_painter.drawEllipse(QPointF(x, y), kEndSign / 2 + 2, kEndSign / 2 + 2);
            paintGlyph(m_painter, m_data.end.glyph, QRectF(x - kEndSign / 2, y - kEndSign / 2, kEndSign, kEndSign),
                       tone);
        }
        paintEndWords(room, y, tone);
    }

private:
    QColor ink(Tone tone) const { return colour(tone, m_palette); }

    void paintEndWords(const QRectF& room, double y, const QColor& tone) {
        const bool right = m_data.end.side == TlsSide::Server;
        const double left = m_layout.clientX() + 18;
        const QRectF title(left, y - m_metrics.height() / 2, m_layout.serverX() - 18 - left, m_metrics.height());
        const auto align = Qt::AlignVCenter | (right             ? Qt::AlignRight
                                               : m_data.end.side ? Qt::AlignLeft
                                                                 : Qt::AlignHCenter);
        QFont bold = m_painter.font();
        const QFont plain = bold;
        bold.setBold(true);
        m_painter.setFont(bold);
        m_painter.setPen(tone);
        m_painter.drawText(title, align,
                           QFontMetricsF(bold).elidedText(m_data.end.title, Qt::ElideRight, title.width()));
        m_painter.setFont(plain);
        if (m_data.end.words.isEmpty()) return;
        const QRectF wide(m_layout.clientX() - 4, title.bottom() + 3, m_layout.packetRight() - m_layout.clientX() + 4,
                          room.bottom() - title.bottom());
        const QRectF below = m_data.end.side ? title.translated(0, title.height() + 3) : wide;
        const QRectF& at = m_metrics.horizontalAdvance(m_data.end.words) <= below.width() ? below : wide;
        m_painter.setPen(ink(Tone::Muted));
        m_painter.drawText(at, Qt::AlignTop | (right && &at == &below ? Qt::AlignRight : Qt::AlignLeft),
                           m_metrics.elidedText(m_data.end.words, Qt::ElideRight, at.width()));
    }

    void paintArrow(const TlsLadderStep& source, const TlsLadderLayout::Step& step) {
        using Shape = TlsLadderStep::Shape;
        const bool right = source.from == TlsSide::Client;
        const double toward = right ? 1 : -1;
        const double from = m_layout.xOf(source.from) + toward * 2;
        const double to = m_layout.xOf(right ? TlsSide::Server : TlsSide::Client) - toward * 3;
        const double y = step.arrowY;
        const QColor tone = ink(source.tone);
        const double width = source.shape == Shape::Alert || source.shape == Shape::Break ? 2.2 : 1.6;
        m_painter.setPen(linePen(source.reading, tone, source.shape == Shape::Close ? 1 : width));
        m_painter.drawLine(QPointF(from, y), QPointF(to - toward * kTip, y));
        const QPointF tip(to, y);
        if (source.shape == Shape::Break) {
            m_painter.setPen(QPen(tone, 2.2, Qt::SolidLine, Qt::RoundCap));
            const QPointF middle(to - toward * 6, y);
            m_painter.drawLine(middle + QPointF(-5, -5), middle + QPointF(5, 5));
            m_painter.drawLine(middle + QPointF(-5, 5), middle + QPointF(5, -5));
            return;
        }
        const double tall = source.shape == Shape::Close ? 3.5 : 4.5;
        const QPolygonF head(
            {tip, tip + QPointF(-toward * kTip - toward, -tall), tip + QPointF(-toward * kTip - toward, tall)});
        m_painter.setPen(source.shape == Shape::Close ? QPen(tone, 1) : QPen(Qt::NoPen));
        m_painter.setBrush(source.shape == Shape::Close ? QBrush(m_palette.color(QPalette::Base)) : QBrush(tone));
        m_painter.drawPolygon(head);
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(tone);
        m_painter.drawEllipse(QPointF(m_layout.xOf(source.from), y), 3, 3);
    }

    /// A hatched band from the end that sent what is missing.
    void paintDamage(const TlsLadderStep& source, const TlsLadderLayout::Step& step) {
        const double left = m_layout.clientX() + 2;
        const QRectF band(left, step.row.top() + 2, m_layout.serverX() - 2 - left, step.row.height() - 4);
        m_painter.setPen(QPen(ink(Tone::Warning), 1, Qt::DashLine));
        m_painter.setBrush(QBrush(ink(Tone::Line), Qt::BDiagPattern));
        m_painter.drawRect(band);
        m_painter.setPen(Qt::NoPen);
        m_painter.setBrush(ink(Tone::Warning));
        m_painter.drawEllipse(QPointF(m_layout.xOf(source.from), band.center().y()), 3, 3);
    }

    void paintName(const TlsLadderStep& source, const TlsLadderLayout::Step& step) {
        const bool damage = source.shape == TlsLadderStep::Shape::Damage;
        QRectF room = step.name;
        if (damage) room.moveCenter({room.center().x(), step.row.center().y()});
        const auto sign = signOf(source);
        const double extra = sign && source.reading == TlsReading::Clear ? kSign + 3 : 0;
        room.adjust(-extra / 2, 0, extra / 2, 0);
        QColor halo = m_palette.color(QPalette::Base);
        halo.setAlphaF(kHaloAlpha);
        m_painter.fillRect(room.adjusted(-4, 0, 4, damage ? 0 : -1), halo);
        if (sign) {
            paintGlyph(m_painter, *sign, QRectF(room.left(), room.center().y() - kSign / 2, kSign, kSign),
                       source.tone == Tone::BarReceive || source.tone == Tone::BarSend ? ink(Tone::Muted)
                                                                                       : ink(source.tone));
            room.setLeft(room.left() + kSign + 3);
        }
        const bool loud = source.tone == Tone::Bad || source.tone == Tone::Warning;
        const bool quiet = source.shape == TlsLadderStep::Shape::Close || source.reading == TlsReading::Encrypted;
        m_painter.setPen(loud ? ink(source.tone) : quiet ? ink(Tone::Muted) : m_palette.color(QPalette::Text));
        m_painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, source.name);
    }

    void paintNumbers(const TlsLadderStep& source, const TlsLadderLayout::Step& step) {
        const auto write = [&](const QString& text, double right) {
            if (text.isEmpty()) return;
            const QRectF room(right - 400, step.row.top(), 400, step.row.height());
            m_painter.drawText(room, Qt::AlignRight | Qt::AlignVCenter, text);
        };
        m_painter.setPen(ink(Tone::Muted));
        if (source.offset) write(ladderTime(*source.offset), m_layout.timeRight());
        write(source.packet, m_layout.packetRight());
        m_painter.setPen(m_palette.color(QPalette::Text));
        write(source.size, m_layout.sizeRight());
    }

    QPainter& m_painter;
    const TlsLadderData& m_data;
    const TlsLadderLayout& m_layout;
    const QPalette& m_palette;
    QFontMetricsF m_metrics;
};

/// One entry of the legend; gives where the next one begins.
double paintEntry(QPainter& painter, QPointF place, TlsReading reading, const QString& text, const QPalette& palette) {
    constexpr double kLine = 26;
    const QFontMetricsF metrics(painter.font());
    const double middle = place.y() + metrics.height() / 2;
    painter.setPen(linePen(reading, colour(Tone::BarReceive, palette), 1.6));
    painter.drawLine(QPointF(place.x(), middle), QPointF(place.x() + kLine, middle));
    double x = place.x() + kLine + 6;
    if (reading != TlsReading::Clear) {
        paintGlyph(painter, reading == TlsReading::Opened ? Glyph::LockOpen : Glyph::Lock,
                   QRectF(x, middle - kSign / 2, kSign, kSign), colour(Tone::Muted, palette));
        x += kSign + 3;
    }
    painter.setPen(colour(Tone::Muted, palette));
    painter.drawText(QPointF(x, place.y() + metrics.ascent()), text);
    return x + metrics.horizontalAdvance(text) + 18;
}

} // namespace

void paintTlsLadder(QPainter& painter, const TlsLadderData& data, const TlsLadderLayout& layout, const QRectF& area,
                    const QPalette& palette, const QFont& font) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font);
    painter.fillRect(area, palette.color(QPalette::Base));
    LadderPainter ladder(painter, data, layout, palette, font);
    ladder.paintLifelines(area);
    for (std::size_t i = 0; i < layout.steps().size(); ++i) {
        const auto& step = layout.steps()[i];
        if (!step.row.united(step.pause).intersects(area)) continue;
        ladder.paintPause(step);
        ladder.paintStep(data.steps[i], step);
    }
    if (layout.end().intersects(area)) ladder.paintEnd();
}

void paintTlsLadderHead(QPainter& painter, const TlsLadderData& data, const TlsLadderLayout& layout, double y,
                        const QPalette& palette, const QFont& font) {
    QFont bold = font;
    bold.setBold(true);
    const QFontMetricsF metrics(font);
    const double line = metrics.height();
    painter.fillRect(QRectF(0, y, layout.size().width(), layout.headHeight()), palette.color(QPalette::Base));
    const QString titles[] = {words("Client"), words("Server")};
    const double gap = metrics.averageCharWidth();
    // The client's words begin at its lifeline, the server's end at its own.
    const double left = layout.clientX() - 4, right = layout.serverX() + 4;
    const double titleWide = QFontMetricsF(bold).horizontalAdvance(titles[0]) + gap;
    const double serverWide = metrics.horizontalAdvance(data.server);
    painter.setPen(palette.color(QPalette::Text));
    painter.setFont(bold);
    painter.drawText(QPointF(left, y + 4 + metrics.ascent()), titles[0]);
    painter.drawText(
        QPointF(right - serverWide - gap - QFontMetricsF(bold).horizontalAdvance(titles[1]), y + 4 + metrics.ascent()),
        titles[1]);
    painter.setFont(font);
    painter.drawText(QPointF(left + titleWide, y + 4 + metrics.ascent()), data.client);
    painter.drawText(QPointF(right - serverWide, y + 4 + metrics.ascent()), data.server);
    painter.setPen(colour(Tone::Muted, palette));
    painter.drawText(QPointF(left, y + 6 + line + metrics.ascent()), data.clientName);
    painter.drawText(QPointF(right - metrics.horizontalAdvance(data.serverName), y + 6 + line + metrics.ascent()),
                     data.serverName);
    const auto title = [&](const QString& text, double end) {
        painter.drawText(QPointF(end - metrics.horizontalAdvance(text), y + 6 + line + metrics.ascent()), text);
    };
    title(QStringLiteral("ms"), layout.timeRight());
    title(words("Size"), layout.sizeRight());
    title(words("Packet"), layout.packetRight());
    painter.setPen(QPen(colour(Tone::Line, palette), 1));
    const double bottom = std::round(y + layout.headHeight()) - 0.5;
    painter.drawLine(QPointF(0, bottom), QPointF(layout.size().width(), bottom));
}

double paintTlsLegend(QPainter& painter, const QPointF& place, const QPalette& palette, const QFont& font) {
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font);
    double x = paintEntry(painter, place, TlsReading::Clear, words("in the clear"), palette);
    x = paintEntry(painter, {x, place.y()}, TlsReading::Opened, words("encrypted, decrypted here"), palette);
    x = paintEntry(painter, {x, place.y()}, TlsReading::Encrypted, words("encrypted, not readable"), palette);
    return x - place.x();
}

} // namespace gatescope::ui
