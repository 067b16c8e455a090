// SPDX-License-Identifier: Apache-2.0
#include "app/gatescope/end_signals.h"
#include "ui/bridge/slot_watch.h"
#include "ui/views/main_window.h"
#include "ui/widgets/icon.h"
#include "ui/widgets/style.h"
#include "ui/widgets/theme.h"

#include <QCommandLineParser>
#include <QSettings>
#include <QTimer>

int main(int argc, char** argv) {
    gatescope::ui::WatchedApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("gatescope"));
    QApplication::setApplicationName(QStringLiteral("gatescope"));
    QApplication::setApplicationDisplayName(QStringLiteral("Gatescope"));
    QApplication::setApplicationVersion(QStringLiteral(GATESCOPE_VERSION));
    QApplication::setStyle(new gatescope::ui::Style);
    QApplication::setWindowIcon(gatescope::ui::icon(gatescope::ui::Glyph::Gate, gatescope::ui::Tone::Accent));

    const EndSignals endSignals;

    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Shows who called which model through an AI gateway, from packet captures."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("INPUT"), QStringLiteral("Captures to open (pcap or pcapng)."),
                                 QStringLiteral("[INPUT...]"));
    const QCommandLineOption keyLog(QStringLiteral("keylog"),
                                    QStringLiteral("Key log (SSLKEYLOGFILE) to decrypt with; may be given again."),
                                    QStringLiteral("FILE"));
    const QCommandLineOption key(QStringLiteral("key"),
                                 QStringLiteral("RSA private key to decrypt with; may be given again."),
                                 QStringLiteral("FILE"));
    const QCommandLineOption live(QStringLiteral("live"),
                                  QStringLiteral("Interface to capture on at once; may be given again."),
                                  QStringLiteral("IFACE"));
    const QCommandLineOption filter(QStringLiteral("f"), QStringLiteral("Capture filter for --live, as of tcpdump."),
                                    QStringLiteral("FILTER"));
    const QCommandLineOption follow(
        QStringLiteral("follow"),
        QStringLiteral("Reads INPUT while it is written: a file, a folder, tcp://HOST:PORT."));
    parser.addOptions({keyLog, key, live, filter, follow});
    parser.process(application);

    gatescope::ui::Theme theme;
    QSettings settings;
    gatescope::ui::Sources sources;
    sources.live = gatescope::ui::realLiveEngine();
    gatescope::ui::MainWindow window(theme, settings, std::move(sources));
    window.show();
    const QStringList inputs = parser.positionalArguments();
    std::vector<gatescope::ui::GivenFile> secrets;
    using As = gatescope::ui::GivenFile::As;
    for (const auto& path : parser.values(keyLog)) secrets.push_back({path, As::KeyLog});
    for (const auto& path : parser.values(key)) secrets.push_back({path, As::PrivateKey});
    // Once the window is on screen: opening answers with signals to it.
    QTimer::singleShot(0, &window, [&] {
        const bool following = parser.isSet(follow) && inputs.size() == 1;
        window.openWith(following || parser.isSet(live) ? QStringList() : inputs, secrets);
        if (parser.isSet(live))
            window.captureOn(parser.values(live), parser.isSet(filter) ? parser.value(filter) : QStringLiteral(""));
        else if (following)
            window.follow(inputs.front());
    });
    return QApplication::exec();
}
