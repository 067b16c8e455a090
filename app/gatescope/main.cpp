// SPDX-License-Identifier: Apache-2.0
#include "ui/views/main_window.h"
#include "ui/widgets/icon.h"
#include "ui/widgets/style.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>
#include <QTimer>

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("gatescope"));
    QApplication::setApplicationName(QStringLiteral("gatescope"));
    QApplication::setApplicationDisplayName(QStringLiteral("Gatescope"));
    QApplication::setApplicationVersion(QStringLiteral(GATESCOPE_VERSION));
    QApplication::setStyle(new gatescope::ui::Style);
    QApplication::setWindowIcon(gatescope::ui::icon(gatescope::ui::Glyph::Gate, gatescope::ui::Tone::Accent));

    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Shows who called which model through an AI gateway, from packet captures."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("INPUT"), QStringLiteral("Captures to open (pcap or pcapng)."),
                                 QStringLiteral("[INPUT...]"));
    parser.process(application);

    gatescope::ui::Theme theme;
    QSettings settings;
    gatescope::ui::MainWindow window(theme, settings);
    window.show();
    const QStringList inputs = parser.positionalArguments();
    // Once the window is on screen: opening answers with signals to it.
    if (!inputs.isEmpty()) QTimer::singleShot(0, &window, [&] { window.open(inputs); });
    return QApplication::exec();
}
