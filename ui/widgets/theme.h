// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDBusVariant>
#include <QObject>
#include <QString>

namespace gatescope::ui {

/// Light, dark, or as the system says. Puts the palette on the application.
class Theme : public QObject {
    Q_OBJECT
public:
    enum class Choice { Auto, Light, Dark };
    Q_ENUM(Choice)

    /// Must be made before anything else changes the application's palette: it is read as the system's wish.
    explicit Theme(QObject* parent = nullptr);

    Choice choice() const { return m_choice; }
    void setChoice(Choice choice);
    /// Light becomes dark and dark light, whatever Auto said before.
    void toggle();
    bool dark() const;

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void askPortal();
    void setSystemDark(bool dark);
    void apply();

    Choice m_choice = Choice::Auto;
    bool m_systemDark = false;
};

} // namespace gatescope::ui
