// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/widgets/icon.h"

#include <QLabel>
#include <QWidget>

class QHBoxLayout;
class QPushButton;

namespace gatescope::ui {

/// A page that says one thing in the middle: a sign, a title, a text, and buttons for what to do next.
class Notice : public QWidget {
    Q_OBJECT
public:
    explicit Notice(QWidget* parent = nullptr);

    void set(Glyph glyph, Tone tone, const QString& title, const QString& text);
    QPushButton* addButton(const QString& text, const QIcon& sign = {});
    QString title() const;
    QString text() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void paintSign();

    Glyph m_glyph = Glyph::Info;
    Tone m_tone = Tone::Muted;
    QLabel* m_sign = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_text = nullptr;
    QHBoxLayout* m_buttons = nullptr;
};

/// A line over a view: something went wrong, but what there is can be used.
class Banner : public QWidget {
    Q_OBJECT
public:
    explicit Banner(QWidget* parent = nullptr);
    /// Bad, Warning, or Good for what went well. An empty text hides it.
    void say(Tone tone, const QString& text);
    QString text() const;
    /// What can be done about it, before the button that hides it.
    QPushButton* addButton(const QString& text, const QIcon& sign = {});

protected:
    void changeEvent(QEvent* event) override;

private:
    void paintSign();

    Tone m_tone = Tone::Warning;
    QLabel* m_sign = nullptr;
    QLabel* m_text = nullptr;
    QHBoxLayout* m_buttons = nullptr;
};

} // namespace gatescope::ui
