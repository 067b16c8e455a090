// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/icon.h"

#include <QFont>
#include <QFontMetricsF>
#include <QRectF>
#include <QString>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

class QPainter;

namespace gatescope::ui {

/// Which end of a connection.
enum class TlsSide { Client, Server };

/// Who can read a step. Each has its line and its sign.
enum class TlsReading { Clear, Opened, Encrypted };

/// One arrow, or one place where something is missing, in words that are ready.
struct TlsLadderStep {
    enum class Shape {
        Arrow,  ///< records and datagrams
        Alert,  ///< somebody complains
        Damage, ///< octets that were never captured, or that are no TLS
        Close,  ///< FIN
        Break   ///< RST
    };
    Shape shape = Shape::Arrow;
    TlsSide from = TlsSide::Client;
    TlsReading reading = TlsReading::Clear;
    Tone tone = Tone::BarReceive;
    QString name;                       ///< `Client Hello`
    QString size;                       ///< `517 B`; empty: has none
    QString packet;                     ///< `#12`; empty: not known
    std::optional<std::int64_t> offset; ///< nanoseconds after the first step
    QString words;                      ///< all there is to say, in one line
};

/// How it ended.
struct TlsLadderEnd {
    Glyph glyph = Glyph::Info;
    Tone tone = Tone::Muted;
    std::optional<TlsSide> side; ///< who gave up; absent: nobody, or both
    QString title;               ///< `client-alert:unknown_ca`
    QString words;               ///< what that means; may be empty
};

struct TlsLadderData {
    QString client, server;         ///< addresses
    QString clientName, serverName; ///< what else is known of them; may be empty
    std::vector<TlsLadderStep> steps;
    TlsLadderEnd end;
};

/// Time between two steps from which on the pause is drawn.
inline constexpr std::int64_t kLongPauseNs = 100'000'000;

/// Where everything stands. Columns from left to right: time, client, the arrows, server, size and packet. A pause
/// between two steps has a place of its own.
class TlsLadderLayout {
public:
    struct Step {
        QRectF row; ///< all of it, from the left end to the right
        QRectF name;
        double arrowY = 0;
        QRectF pause;      ///< over the row; empty: the step followed soon
        QString pauseText; ///< `after 612 ms`
    };

    TlsLadderLayout() = default;
    /// As wide as `width` when every name can be read whole so, else wider.
    TlsLadderLayout(const TlsLadderData& data, double width, const QFont& font);

    const QSizeF& size() const { return m_size; }
    double headHeight() const { return m_head; }
    double clientX() const { return m_clientX; }
    double serverX() const { return m_serverX; }
    double xOf(TlsSide side) const { return side == TlsSide::Client ? m_clientX : m_serverX; }
    double timeRight() const { return m_timeRight; }
    double sizeRight() const { return m_sizeRight; }
    double packetRight() const { return m_packetRight; }
    const std::vector<Step>& steps() const { return m_steps; }
    const QRectF& end() const { return m_end; }
    std::optional<std::size_t> at(const QPointF& place) const;

private:
    void placeColumns(const TlsLadderData& data, double width, const QFontMetricsF& metrics);
    void placeRows(const TlsLadderData& data, const QFontMetricsF& metrics);

    QSizeF m_size;
    double m_head = 0;
    double m_timeRight = 0, m_clientX = 0, m_serverX = 0, m_sizeRight = 0, m_packetRight = 0;
    std::vector<Step> m_steps;
    QRectF m_end;
};

/// `0.000`, `12.345`: milliseconds, or with five digits and more seconds.
QString ladderTime(std::int64_t ns);

/// The ladder without its head.
void paintTlsLadder(QPainter& painter, const TlsLadderData& data, const TlsLadderLayout& layout, const QRectF& area,
                    const QPalette& palette, const QFont& font);
/// The two ends and the titles of the columns, at the top of what is seen: `y` is that of the drawing there.
void paintTlsLadderHead(QPainter& painter, const TlsLadderData& data, const TlsLadderLayout& layout, double y,
                        const QPalette& palette, const QFont& font);
/// What the lines mean, in one line of text from `place` on; gives its width.
double paintTlsLegend(QPainter& painter, const QPointF& place, const QPalette& palette, const QFont& font);

/// The whole ladder as lines of plain text.
QString ladderText(const TlsLadderData& data);

} // namespace gatescope::ui
