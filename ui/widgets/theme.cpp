// SPDX-License-Identifier: Apache-2.0
#include "ui/widgets/theme.h"

#include "ui/widgets/palette.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
#include <QStyleHints>
#endif

namespace gatescope::ui {
namespace {

constexpr auto kService = "org.freedesktop.portal.Desktop";
constexpr auto kPath = "/org/freedesktop/portal/desktop";
constexpr auto kInterface = "org.freedesktop.portal.Settings";
constexpr auto kGroup = "org.freedesktop.appearance";
constexpr auto kKey = "color-scheme";

/// The portal wraps the number in one variant or two, by version.
QVariant unwrapped(QVariant value) {
    while (value.canConvert<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
    return value;
}

bool saysDark(const QVariant& value) {
    return unwrapped(value).toUInt() == 1;
}

} // namespace

Theme::Theme(QObject* parent) : QObject(parent), m_systemDark(isDark(QGuiApplication::palette())) {
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    const auto* hints = QGuiApplication::styleHints();
    m_systemDark = hints->colorScheme() == Qt::ColorScheme::Dark;
    connect(hints, &QStyleHints::colorSchemeChanged, this,
            [this](Qt::ColorScheme scheme) { setSystemDark(scheme == Qt::ColorScheme::Dark); });
#else
    askPortal();
#endif
    apply();
}

void Theme::askPortal() {
    auto bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    bus.connect(kService, kPath, kInterface, "SettingChanged", this,
                SLOT(onPortalSetting(QString, QString, QDBusVariant)));
    auto call = QDBusMessage::createMethodCall(kService, kPath, kInterface, "Read");
    call << QString(kGroup) << QString(kKey);
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
        const QDBusPendingReply<QDBusVariant> reply = *done;
        if (reply.isValid()) setSystemDark(saysDark(reply.value().variant()));
        done->deleteLater();
    });
}

void Theme::onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group == kGroup && key == kKey) setSystemDark(saysDark(value.variant()));
}

void Theme::setSystemDark(bool dark) {
    if (m_systemDark == dark) return;
    m_systemDark = dark;
    if (m_choice == Choice::Auto) apply();
}

bool Theme::dark() const {
    return m_choice == Choice::Dark || (m_choice == Choice::Auto && m_systemDark);
}

void Theme::setChoice(Choice choice) {
    if (m_choice == choice) return;
    m_choice = choice;
    apply();
}

void Theme::toggle() {
    setChoice(dark() ? Choice::Light : Choice::Dark);
}

void Theme::apply() {
    QApplication::setPalette(dark() ? darkPalette() : lightPalette());
    Q_EMIT changed();
}

} // namespace gatescope::ui
