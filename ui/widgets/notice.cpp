// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/notice.h"

#include "ui/widgets/elided_label.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace gatescope::ui {
namespace {

constexpr int kBigSign = 48;
constexpr int kSmallSign = 16;
constexpr int kTextWidth = 560;

} // namespace

Notice::Notice(QWidget* parent) : QWidget(parent) {
    m_sign = new QLabel;
    m_sign->setAlignment(Qt::AlignCenter);
    m_title = new QLabel;
    m_title->setAlignment(Qt::AlignCenter);
    m_title->setTextFormat(Qt::PlainText);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.35);
    large.setBold(true);
    m_title->setFont(large);
    m_text = new QLabel;
    m_text->setTextFormat(Qt::PlainText);
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    m_text->setMinimumWidth(kTextWidth / 2);
    m_text->setMaximumWidth(kTextWidth);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setMuted(m_text, true);
    m_buttons = new QHBoxLayout;
    m_buttons->setSpacing(8);
    auto* column = new QVBoxLayout;
    column->setSpacing(10);
    column->addStretch(2);
    column->addWidget(m_sign);
    column->addWidget(m_title);
    column->addWidget(m_text, 0, Qt::AlignHCenter);
    column->addSpacing(6);
    auto* row = new QHBoxLayout;
    row->addStretch();
    row->addLayout(m_buttons);
    row->addStretch();
    column->addLayout(row);
    column->addStretch(3);
    auto* layout = new QHBoxLayout(this);
    layout->addStretch();
    layout->addLayout(column, 10);
    layout->addStretch();
}

void Notice::set(Glyph glyph, Tone tone, const QString& title, const QString& text) {
    m_glyph = glyph;
    m_tone = tone;
    m_title->setText(title);
    m_text->setText(text);
    // A wrapped label gives its height for a width only when it is asked with that width.
    m_text->setFixedWidth(kTextWidth);
    m_text->setMinimumHeight(m_text->heightForWidth(kTextWidth));
    setAccessibleName(title);
    setAccessibleDescription(text);
    paintSign();
}

QPushButton* Notice::addButton(const QString& text, const QIcon& sign) {
    auto* button = new QPushButton(sign, text);
    button->setMinimumHeight(button->sizeHint().height() + 4);
    m_buttons->addWidget(button);
    return button;
}

QString Notice::title() const {
    return m_title->text();
}

QString Notice::text() const {
    return m_text->text();
}

void Notice::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_sign) paintSign();
}

void Notice::paintSign() {
    m_sign->setPixmap(icon(m_glyph, m_tone).pixmap(QSize(kBigSign, kBigSign), devicePixelRatioF()));
}

Banner::Banner(QWidget* parent) : QWidget(parent) {
    setAutoFillBackground(true);
    m_sign = new QLabel;
    m_text = new QLabel;
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* close = new QToolButton;
    close->setIcon(icon(Glyph::Close));
    close->setAutoRaise(true);
    close->setToolTip(tr("Hide this message"));
    close->setAccessibleName(tr("Hide this message"));
    connect(close, &QToolButton::clicked, this, &QWidget::hide);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(10, 5, 6, 5);
    layout->addWidget(m_sign, 0, Qt::AlignTop);
    layout->addWidget(m_text, 1);
    m_buttons = new QHBoxLayout;
    layout->addLayout(m_buttons);
    layout->addWidget(close, 0, Qt::AlignTop);
    hide();
}

void Banner::say(Tone tone, const QString& text) {
    m_tone = tone;
    m_text->setText(text);
    setAccessibleName(text);
    paintSign();
    setVisible(!text.isEmpty());
}

QPushButton* Banner::addButton(const QString& text, const QIcon& sign) {
    auto* button = new QPushButton(sign, text);
    m_buttons->addWidget(button, 0, Qt::AlignVCenter);
    return button;
}

QString Banner::text() const {
    return m_text->text();
}

void Banner::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    // Of the application: our own palette is what paintSign changes.
    if (event->type() == QEvent::ApplicationPaletteChange && m_sign) paintSign();
}

void Banner::paintSign() {
    QPalette colours;
    const bool good = m_tone == Tone::Good;
    const bool bad = m_tone == Tone::Bad;
    colours.setColor(QPalette::Window, colour(bad ? Tone::BannerBad : good ? Tone::FilterValid : Tone::BannerWarning));
    setPalette(colours);
    const auto sign = icon(bad ? Glyph::Cross : good ? Glyph::Check : Glyph::Warning, m_tone);
    m_sign->setPixmap(sign.pixmap(QSize(kSmallSign, kSmallSign), devicePixelRatioF()));
}

} // namespace gatescope::ui
