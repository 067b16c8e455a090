// SPDX-License-Identifier: Apache-2.0
// Writes pictures of each view into $GATESCOPE_PICTURES. With arguments: opens these captures with the real engine.
#include "ui/views/cell_table.h"
#include "ui/views/certificates_page.h"
#include "ui/views/chain_report.h"
#include "ui/views/details_panel.h"
#include "ui/views/filter_bar.h"
#include "ui/views/flow_page.h"
#include "ui/views/group_panel.h"
#include "ui/views/headers_page.h"
#include "ui/views/limits_page.h"
#include "ui/views/page_stack.h"
#include "ui/views/paths_page.h"
#include "ui/views/roots_dialog.h"
#include "ui/views/series_panel.h"
#include "ui/views/time_bar.h"
#include "ui/views/tls_page.h"
#include "ui/views/tls_session_view.h"
#include "ui/views/tls_table.h"
#include "ui/views/trust_dialog.h"
#include "ui/widgets/hop_graph_view.h"
#include "ui/widgets/sankey_view.h"
#include "ui/widgets/tls_ladder_view.h"

#include "tests/ui/tls_traffic.h"
#include "tests/ui/trust_traffic.h"
#include "tests/ui/window_fixture.h"

#include <QElapsedTimer>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSpinBox>
#include <QTabWidget>
#include <QTest>
#include <QToolButton>

#include <algorithm>
#include <cstdio>
#include <functional>

using namespace gatescope;
using namespace gatescope::ui;

namespace {

void waitFor(const std::function<bool()>& done, int ms = 5'000) {
    QElapsedTimer clock;
    clock.start();
    while (!done() && clock.elapsed() < ms) QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
}

void pause(int ms) {
    waitFor([] { return false; }, ms);
}

class Album {
public:
    explicit Album(QString folder, QStringList captures)
        : m_folder(std::move(folder)), m_captures(std::move(captures)) {}

    void take(bool dark) {
        m_suffix = dark ? QStringLiteral("dark") : QStringLiteral("light");
        Sources sources{test::analyseStandIn, test::readStandIn, {}};
        sources.trust = {test::madeAnswer, test::madeJudgement};
        sources.roots = test::madeRoots;
        if (!m_captures.isEmpty()) sources = Sources{};
        test::WindowFixture fixture(std::move(sources));
        m_window = &fixture.window;
        fixture.theme.setChoice(dark ? Theme::Choice::Dark : Theme::Choice::Light);
        pause(100);
        if (m_captures.isEmpty()) takeStates();
        m_window->open(m_captures.isEmpty() ? QStringList{QStringLiteral("/captures/gw-eastus2.pcapng")} : m_captures);
        waitFor([&] { return m_window->settled(); });
        takeTabs();
        takeFilters();
        takeFlow();
        takeLimits();
        if (m_captures.isEmpty()) m_window->open({QStringLiteral("/captures/hops.pcapng")});
        waitFor([&] { return m_window->settled(); });
        takePaths();
        takeHeaders();
        takeTls();
        takeCertificates();
    }

private:
    void takeStates() {
        save("empty");
        m_window->open({QStringLiteral("/captures/slow-gateway.pcapng")});
        pause(900);
        save("loading");
        m_window->session().cancel();
        waitFor([&] { return m_window->settled(); });
        save("stopped");
        m_window->open({QStringLiteral("/captures/notes.txt")});
        waitFor([&] { return m_window->settled(); });
        save("error");
        m_window->open({QStringLiteral("/captures/cut.pcap")});
        waitFor([&] { return m_window->settled(); });
        save("damaged");
    }
    void takeTabs() {
        for (const auto& [tab, name] :
             {std::pair{0, "overview"}, {1, "headers"}, {2, "body"}, {3, "stream"}, {4, "timing"}, {5, "path"}}) {
            m_window->details().setCurrentIndex(tab);
            pause(400);
            save(name);
        }
        m_window->details().setCurrentIndex(0);
    }
    void takeFilters() {
        auto* edit = m_window->findChild<QLineEdit*>(QStringLiteral("filterEdit"));
        edit->setText(QStringLiteral("status == 429 && model ~"));
        save("filter-wrong");
        edit->setText(QStringLiteral("status == 429 || status >= 500"));
        save("filter-valid");
        m_window->filterBar().apply();
        auto& groups = m_window->groups();
        groups.setCurrentIndex(groups.model()->index(1, 0));
        pause(300);
        save("filtered");
        edit->setText(QStringLiteral("status == 418"));
        m_window->filterBar().apply();
        pause(300);
        save("nothing-matches");
        m_window->filterBar().clear();
        groups.setCurrentIndex(groups.model()->index(0, 0));
    }
    void settle() {
        pause(80);
        waitFor([&] { return m_window->settled(); });
        pause(80);
    }
    void takeFlow() {
        m_window->pages().setCurrentIndex(1);
        settle();
        save("flow");
        auto& sankey = m_window->flow().sankey();
        const auto& bands = sankey.layoutOnScreen().bands();
        if (!bands.empty()) {
            const auto& band = bands.front();
            QTest::mouseMove(
                &sankey,
                QPointF((band.left + band.right) / 2, (band.leftTop + band.rightTop + band.thickness) / 2).toPoint());
        }
        m_window->flow().series().limitBox().setValue(m_window->table().model()->rowCount() < 100 ? 2'000 : 4'000'000);
        settle();
        save("flow-hover-limit");
        m_window->flow().series().limitBox().setValue(0);
        auto& strip = m_window->timeBar().strip();
        const QRectF area = strip.plotArea();
        const int y = static_cast<int>(area.center().y());
        QTest::mousePress(&strip, Qt::LeftButton, {}, QPoint(static_cast<int>(area.left() + 0.3 * area.width()), y));
        QTest::mouseMove(&strip, QPoint(static_cast<int>(area.left() + 0.5 * area.width()), y));
        QTest::mouseRelease(&strip, Qt::LeftButton, {}, QPoint(static_cast<int>(area.left() + 0.6 * area.width()), y));
        settle();
        save("flow-brushed");
        m_window->pages().setCurrentIndex(0);
        settle();
        save("requests-brushed");
        QTest::keyClick(&strip, Qt::Key_Escape);
        settle();
    }
    void takeLimits() {
        m_window->pages().setCurrentIndex(2);
        m_window->limits().tokensBox().setValue(m_window->table().model()->rowCount() < 100 ? 2'000 : 60'000);
        settle();
        save("limits");
        auto& counters = m_window->limits().counters();
        counters.setCurrentIndex(counters.model()->index(0, 0));
        m_window->limits().tabs().setCurrentIndex(1);
        settle();
        save("limits-calls");
        m_window->limits().tabs().setCurrentIndex(3);
        settle();
        save("limits-advice");
        m_window->limits().tabs().setCurrentIndex(4);
        settle();
        save("limits-findings");
        m_window->limits().tabs().setCurrentIndex(0);
        m_window->pages().setCurrentIndex(0);
    }
    void takePaths() {
        m_window->details().setCurrentIndex(5);
        save("path-ladder");
        m_window->details().setCurrentIndex(0);
        auto& page = m_window->paths();
        m_window->pages().setCurrentIndex(3);
        settle();
        save("paths");
        auto& graph = page.graph();
        graph.setFocus();
        QTest::keyClick(&graph, Qt::Key_Home);
        QTest::keyClick(&graph, Qt::Key_Right);
        page.tabs().setCurrentIndex(PathsPage::Hops);
        settle();
        save("paths-node");
        page.editTrust();
        page.trustDialog()->subnets().show({{"10.0.9.0/24", {}, "agents", "agent-subnet", true, "hub"},
                                            {"10.0.4.0/24", {}, "gateways", "gateway", true, "hub"},
                                            {"100.100.0.0/16", {}, "legacy", "customer", false, "spoke"},
                                            {"10.0.300.0/24", {}, "mistyped", "", false, ""}});
        waitFor([&] { return page.settled(); });
        saveWidget(*page.trustDialog(), "trust");
        page.trustDialog()->applyButton().click();
        page.trustDialog()->accept();
        page.tabs().setCurrentIndex(PathsPage::Paths);
        settle();
        save("paths-trusted");
    }
    void takeHeaders() {
        m_window->pages().setCurrentIndex(4);
        settle();
        save("headers-page");
        m_window->headers().halvesButton().click();
        settle();
        save("headers-changes");
        m_window->headers().stopButton().click();
        m_window->pages().setCurrentIndex(0);
    }
    void takeTls() {
        auto& page = m_window->tls();
        m_window->pages().setCurrentIndex(5);
        settle();
        if (m_captures.isEmpty()) save("tls-empty");
        if (m_captures.isEmpty()) m_window->open({QStringLiteral("/captures/tls.pcapng")});
        settle();
        for (const std::uint64_t number : {1, 2, 3, 4, 5, 6}) {
            if (!page.table().select(number)) continue;
            settle();
            save(qPrintable(QStringLiteral("tls-%1").arg(number)));
        }
        page.session().show({99, std::make_shared<const analysis::TlsRecord>(test::longSession(1))});
        page.session().ladder().setFocus();
        QTest::keyClick(&page.session().ladder(), Qt::Key_End);
        save("tls-long");
        page.table().select(1);
        m_window->filterBar().setText(QStringLiteral("status == 429"));
        m_window->filterBar().apply();
        page.session().tabs().setCurrentIndex(1);
        settle();
        save("tls-filtered-steps");
        page.session().tabs().setCurrentIndex(0);
        m_window->filterBar().clear();
        m_window->pages().setCurrentIndex(0);
        m_window->details().setCurrentIndex(DetailsPanel::Tls);
        settle();
        save("tls-tab");
        m_window->details().setCurrentIndex(0);
    }
    void takeCertificates() {
        auto& page = m_window->certificates();
        m_window->pages().setCurrentIndex(6);
        settle();
        for (int line = 0; line < std::min(6, page.chains().model()->rowCount()); ++line) {
            page.chains().select(static_cast<std::size_t>(line));
            settle();
            save(qPrintable(QStringLiteral("certificates-%1").arg(line + 1)));
            auto* bar = page.report().verticalScrollBar();
            bar->setValue(bar->maximum());
            save(qPrintable(QStringLiteral("certificates-%1-end").arg(line + 1)));
        }
        page.editRoots();
        waitFor([&] { return page.settled(); });
        saveWidget(*page.rootsDialog(), "certificates-roots");
        page.rootsDialog()->close();
        if (!m_captures.isEmpty()) return;
        m_window->open({QStringLiteral("/captures/gw-eastus2.pcapng")});
        settle();
        save("certificates-empty");
    }
    void saveWidget(QWidget& widget, const char* name) {
        pause(60);
        widget.grab().save(QStringLiteral("%1/%2-%3.png").arg(m_folder, QLatin1String(name), m_suffix));
    }
    void save(const char* name) {
        pause(60);
        const QString file = QStringLiteral("%1/%2-%3.png").arg(m_folder, QLatin1String(name), m_suffix);
        if (!m_window->grab().save(file)) std::fprintf(stderr, "cannot write %s\n", qPrintable(file));
    }

    QString m_folder;
    QStringList m_captures;
    QString m_suffix;
    MainWindow* m_window = nullptr;
};

} // namespace

int main(int argc, char** argv) {
    const QString folder = qEnvironmentVariable("GATESCOPE_PICTURES");
    if (folder.isEmpty() || !QDir().mkpath(folder)) {
        std::fprintf(stderr, "set GATESCOPE_PICTURES to a folder\n");
        return 2;
    }
    QApplication application(argc, argv);
    QApplication::setApplicationDisplayName(QStringLiteral("Gatescope"));
    QApplication::setStyle(new Style);
    Album album(folder, QApplication::arguments().mid(1));
    album.take(false);
    album.take(true);
    return 0;
}
