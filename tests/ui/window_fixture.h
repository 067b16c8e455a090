// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/ui/sample_traffic.h"
#include "ui/views/main_window.h"
#include "ui/widgets/style.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QSettings>
#include <QTemporaryDir>

namespace gatescope::ui::test {

/// A window over the stand-ins, with settings of its own that nobody else sees.
struct WindowFixture {
    explicit WindowFixture(Sources sources = {analyseStandIn, readStandIn, {}})
        : settings(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat),
          window(theme, settings, std::move(sources)) {
        theme.setChoice(Theme::Choice::Light);
        window.resize(1280, 800);
        window.show();
    }

    QTemporaryDir folder;
    QSettings settings;
    Theme theme;
    MainWindow window;
};

/// The action of the window with that key.
inline QAction* actionFor(MainWindow& window, const char* key) {
    for (auto* action : window.actions()) {
        if (action->shortcuts().contains(QKeySequence(QLatin1String(key)))) return action;
    }
    return nullptr;
}

} // namespace gatescope::ui::test
