// SPDX-License-Identifier: Apache-2.0
// What the menus of the main window do, what is remembered between runs, and what it offers on its own.
#include "ui/bridge/curl_command.h"
#include "ui/bridge/text.h"
#include "ui/views/certificates_page.h"
#include "ui/views/details_panel.h"
#include "ui/views/filter_bar.h"
#include "ui/views/flow_page.h"
#include "ui/views/headers_tab.h"
#include "ui/views/help_dialog.h"
#include "ui/views/limits_page.h"
#include "ui/views/live_page.h"
#include "ui/views/main_window.h"
#include "ui/views/page_stack.h"
#include "ui/views/path_tab.h"
#include "ui/views/paths_page.h"
#include "ui/views/requests_page.h"
#include "ui/views/tls_page.h"
#include "ui/widgets/icon.h"
#include "ui/widgets/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QMenu>
#include <QMessageBox>
#include <QScreen>
#include <QSettings>
#include <QSplitter>

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr qsizetype kMostRecent = 12;
constexpr int kStateVersion = 1;
constexpr double kSmallestFont = 6;
constexpr double kLargestFont = 32;
constexpr auto kRecent = "recentFiles";
constexpr int kSampleFolderDepth = 5;

void chooseWithDialog(QWidget* parent, const QString& folder, std::function<void(const QStringList&)> chosen) {
    auto* dialog = new QFileDialog(parent, QFileDialog::tr("Open Captures"), folder);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setNameFilters({QFileDialog::tr("Captures (*.pcap *.pcapng *.cap *.pcap.* *.pcapng.* *.dmp)"),
                            QFileDialog::tr("All files (*)")});
    QObject::connect(dialog, &QFileDialog::filesSelected, parent, chosen);
    dialog->open();
}

} // namespace

void MainWindow::askForFiles() {
    const QStringList recent = m_settings.value(kRecent).toStringList();
    const QString folder = recent.isEmpty() ? QDir::homePath() : QFileInfo(recent.front()).absolutePath();
    const auto choose = m_sources.chooseFiles ? m_sources.chooseFiles : chooseWithDialog;
    choose(this, folder, [this](const QStringList& paths) { open(paths); });
}

void MainWindow::openSample() {
    const QDir folder(sampleFolder());
    const auto files = folder.entryList({QStringLiteral("*.pcap*")}, QDir::Files, QDir::Name);
    if (sampleFolder().isEmpty() || files.isEmpty()) return say(tr("The sample captures are not installed."));
    open({folder.filePath(files.front())});
}

void MainWindow::fillRecentMenu() {
    m_recentMenu->clear();
    for (const auto& path : m_settings.value(kRecent).toStringList()) {
        QAction* action =
            m_recentMenu->addAction(QDir::toNativeSeparators(path).replace(QChar('&'), QStringLiteral("&&")), this,
                                    [this, path] { open({path}); });
        action->setEnabled(QFileInfo::exists(path));
    }
    if (m_recentMenu->isEmpty())
        m_recentMenu->addAction(tr("No file was opened yet"))->setEnabled(false);
    else {
        m_recentMenu->addSeparator();
        m_recentMenu->addAction(tr("Forget These"), this, [this] { m_settings.remove(kRecent); });
    }
}

void MainWindow::rememberRecent(const QStringList& paths) {
    QStringList recent = m_settings.value(kRecent).toStringList();
    for (const auto& path : paths) {
        recent.removeAll(path);
        recent.prepend(path);
    }
    m_settings.setValue(kRecent, recent.mid(0, kMostRecent));
}

void MainWindow::askForRequestNumber() {
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setInputMode(QInputDialog::IntInput);
    dialog->setWindowTitle(tr("Go to Request"));
    dialog->setLabelText(tr("Number of the request (column #):"));
    const auto& order = m_table->requests().order();
    if (!order) return;
    dialog->setIntRange(1, std::max(1, static_cast<int>(order->snapshot.exchanges())));
    connect(dialog, &QInputDialog::intValueSelected, this, [this](int number) { goToRequest(number); });
    dialog->open();
}

void MainWindow::goToRequest(int number) {
    const auto& order = m_table->requests().order();
    const auto row = order ? order->snapshot.rowOfId(number) : std::nullopt;
    if (!row) return say(tr("There is no request %1.").arg(number));
    if (!m_table->requests().placeOf(*row))
        return say(tr("Request %1 is hidden by the filter or the group.").arg(number));
    goToRow(*row);
}

void MainWindow::goToRow(Row row) {
    m_table->select(row);
    showPage(0);
}

void MainWindow::askForHeaderColumn() {
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Header as Column"));
    dialog->setLabelText(tr("Name of the header. Begin with “response-header:” for one of the response."));
    connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString& text) {
        QString name = text.trimmed();
        if (!name.contains(QChar(':'))) name.prepend(QStringLiteral("header:"));
        const auto field = Field::parse(toUtf8(name));
        if (field)
            m_table->addField(*field);
        else
            say(toText(field.error().message));
    });
    dialog->open();
}

void MainWindow::applyAsColumn() {
    const auto field =
        m_details->isAncestorOf(QApplication::focusWidget()) ? m_details->headers().currentField() : std::nullopt;
    if (field)
        m_table->addField(*field);
    else
        say(tr("Choose a header in the Headers tab first, then press Shift+Ctrl+I."));
}

void MainWindow::copyValue() {
    const bool header = m_details->headers().hasFocus() && m_details->headers().currentField();
    const QString value = header ? m_details->headers().currentValue() : m_table->currentValue();
    QGuiApplication::clipboard()->setText(value);
    say(value.isEmpty() ? tr("Nothing to copy: there is no value.") : tr("Copied, with secrets masked unless shown."));
}

void MainWindow::copyAsCurl() {
    const auto row = m_table->currentRow();
    const auto& order = m_table->requests().order();
    if (!row || !order) return;
    m_copyLoader.load((m_session.generation() << 32U) | *row, placeOf(order->snapshot, *row), false);
    say(tr("Reading the body…"));
}

void MainWindow::finishCopyAsCurl(std::uint64_t key, const ShownContent& content) {
    const auto& order = m_table->requests().order();
    const auto row = static_cast<Row>(key & 0xFFFFFFFFU);
    if (!order || row >= order->snapshot.size()) return;
    const auto& body = content.request;
    const bool whole = !body.shortened && !body.truncated && !body.damaged;
    const std::string text = toUtf8(body.text);
    QGuiApplication::clipboard()->setText(QString::fromStdString(
        curlCommand(order->snapshot, row, whole ? std::optional<std::string_view>(text) : std::nullopt)));
    say(whole ? tr("Copied as cURL, credentials masked.") : tr("Copied as cURL without its body: it is not whole."));
}

void MainWindow::go(int direction) {
    const auto target = static_cast<std::ptrdiff_t>(m_visit) + direction;
    if (target < 0 || target >= static_cast<std::ptrdiff_t>(m_visited.size())) return;
    m_visit = static_cast<std::size_t>(target);
    m_walking = true;
    m_table->select(m_visited[m_visit]);
    m_walking = false;
    updateActions();
}

void MainWindow::zoom(int step) {
    QFont font = QApplication::font();
    const double size = step == 0 ? m_normalFontSize : font.pointSizeF() + step;
    font.setPointSizeF(std::clamp(size, kSmallestFont, kLargestFont));
    QApplication::setFont(font);
}

/// Whoever needs to know whom the user trusts hears of it here; the page of the paths listens by itself.
void MainWindow::useTrust() {
    m_session.setTrust(m_trust.trust());
    m_details->path().setTrust(m_trust.trust());
}

void MainWindow::showKeys() {
    auto* dialog = new HelpDialog(actions(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

void MainWindow::showAbout() {
    auto* box =
        new QMessageBox(QMessageBox::NoIcon, tr("About Gatescope"),
                        tr("<b>Gatescope %1</b><p>Shows who called which model through an AI gateway, from packet "
                           "captures: by project, agent and model, with tokens, times and throttling.</p>"
                           "<p>Licence: Apache-2.0. Made with Qt %2.</p>")
                            .arg(QApplication::applicationVersion().toHtmlEscaped(), QLatin1String(qVersion())),
                        QMessageBox::Ok, this);
    box->setIconPixmap(icon(Glyph::Gate, Tone::Accent).pixmap(QSize(48, 48), devicePixelRatioF()));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void MainWindow::restoreSettings() {
    m_normalFontSize = QApplication::font().pointSizeF();
    // The window manager's frame and panels need room too.
    constexpr QSize kFrame(16, 48);
    resize(QSize(1280, 800).boundedTo(screen()->availableSize() - kFrame));
    restoreGeometry(m_settings.value(QStringLiteral("geometry")).toByteArray());
    restoreState(m_settings.value(QStringLiteral("windowState")).toByteArray(), kStateVersion);
    m_groupsWanted = m_settings.value(QStringLiteral("groupsShown"), true).toBool();
    m_requestsPage->splitter().restoreState(m_settings.value(QStringLiteral("splitter")).toByteArray());
    QList<int> widths;
    for (const auto& width : m_settings.value(QStringLiteral("columnWidths")).toStringList()) widths << width.toInt();
    m_table->restoreColumns(m_settings.value(QStringLiteral("columns")).toStringList(), widths);
    m_filterBar->setHistory(m_settings.value(QStringLiteral("filters")).toStringList());
    m_flow->restore(m_settings);
    m_limits->restore(m_settings);
    m_paths->restore(m_settings);
    m_tls->restore(m_settings);
    m_roots.restore(m_settings);
    m_certificates->restore(m_settings);
    m_live->restore(m_settings);
    m_actions.tail->setChecked(m_settings.value(QStringLiteral("followTail"), true).toBool());
    m_trust.restore(m_settings);
    m_pageStack->setCurrentIndex(m_settings.value(QStringLiteral("page"), 0).toInt());
    const QString theme = m_settings.value(QStringLiteral("theme")).toString();
    if (theme == QStringLiteral("light")) m_theme.setChoice(Theme::Choice::Light);
    if (theme == QStringLiteral("dark")) m_theme.setChoice(Theme::Choice::Dark);
}

void MainWindow::saveSettings() {
    m_settings.setValue(QStringLiteral("geometry"), saveGeometry());
    m_settings.setValue(QStringLiteral("windowState"), saveState(kStateVersion));
    m_settings.setValue(QStringLiteral("groupsShown"), m_groupsWanted);
    m_settings.setValue(QStringLiteral("splitter"), m_requestsPage->splitter().saveState());
    QStringList widths;
    for (const int width : m_table->columnWidths()) widths << QString::number(width);
    m_settings.setValue(QStringLiteral("columnWidths"), widths);
    m_settings.setValue(QStringLiteral("columns"), m_table->columnNames());
    m_settings.setValue(QStringLiteral("filters"), m_filterBar->history());
    m_settings.setValue(QStringLiteral("page"), m_pageStack->currentIndex());
    m_flow->save(m_settings);
    m_limits->save(m_settings);
    m_paths->save(m_settings);
    m_tls->save(m_settings);
    m_roots.save(m_settings);
    m_certificates->save(m_settings);
    m_live->save(m_settings);
    m_settings.setValue(QStringLiteral("followTail"), m_actions.tail->isChecked());
    m_trust.save(m_settings);
    const auto choice = m_theme.choice();
    m_settings.setValue(QStringLiteral("theme"), choice == Theme::Choice::Dark    ? QStringLiteral("dark")
                                                 : choice == Theme::Choice::Light ? QStringLiteral("light")
                                                                                  : QStringLiteral("auto"));
}

void MainWindow::updateWords() {
    if (m_wordsReady) return;
    const auto& order = m_table->requests().order();
    if (!order || order->rows->empty()) return;
    // The headers of a few requests stand for all: the list is an offer, not a limit.
    constexpr std::size_t kLooked = 200;
    m_wordsReady = order->snapshot.complete() || order->rows->size() >= kLooked;
    QStringList words{QStringLiteral("exists("), QStringLiteral("contains"), QStringLiteral("matches"),
                      QStringLiteral("in"),      QStringLiteral("not"),      QStringLiteral("and"),
                      QStringLiteral("or")};
    for (const auto& info : fields()) words << toText(info.name);
    QSet<QString> headers;
    for (std::size_t i = 0; i < std::min(kLooked, order->rows->size()); ++i) {
        for (const auto direction : {Direction::Request, Direction::Response}) {
            const auto form =
                direction == Direction::Request ? QStringLiteral("header:") : QStringLiteral("response-header:");
            for (const auto& header : order->snapshot.headers(direction, (*order->rows)[i])) {
                headers.insert(form + toText(order->snapshot.text(header.lowerName)));
            }
        }
    }
    words += QStringList(headers.begin(), headers.end());
    words.sort();
    m_filterBar->setWords(words);
}

QString MainWindow::sampleFolder() const {
    QDir folder(QCoreApplication::applicationDirPath());
    for (int i = 0; i < kSampleFolderDepth; ++i) {
        for (const auto* place : {"share/gatescope/samples", "resources/samples"}) {
            const QDir samples(folder.filePath(QLatin1String(place)));
            if (!samples.entryList({QStringLiteral("*.pcap*")}, QDir::Files).isEmpty()) return samples.path();
        }
        if (!folder.cdUp()) break;
    }
    return {};
}

} // namespace gatescope::ui
