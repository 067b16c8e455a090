// SPDX-License-Identifier: Apache-2.0
#include "ui/views/certificates_page.h"

#include "ui/bridge/text.h"
#include "ui/models/trust_shapes.h"
#include "ui/views/cell_table.h"
#include "ui/views/chain_report.h"
#include "ui/views/roots_dialog.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/notice.h"

#include <QDropEvent>
#include <QHeaderView>
#include <QLineEdit>
#include <QMimeData>
#include <QSplitter>
#include <QStackedWidget>

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;
namespace {

/// What tells a line from the others, also in the next answer.
QString keyOf(const ChainLine& line) {
    const auto* sent = line.chain && !line.chain->answer.sent.empty() ? line.chain->answer.sent.front().get() : nullptr;
    const QString host = line.isFile ? QString() : line.host; // that of a file is what the user types
    return QStringList{host, line.from, sent ? toText(sent->sha256Text()) : QString()}.join(QChar('\n'));
}

} // namespace

void CertificatesPage::focusMain() {
    if (m_stack->currentIndex() == 0) m_chains->setFocus(Qt::ShortcutFocusReason);
}

QString CertificatesPage::summary() const {
    return m_summary->fullText();
}

RootsDialog* CertificatesPage::rootsDialog() const {
    return m_dialog;
}

void CertificatesPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    m_roots.need();
}

void CertificatesPage::showOrder(const RowOrder& order, bool urgent) {
    const auto& snapshot = order.snapshot;
    const Seen seen{order.generation, snapshot.exchanges(), snapshot.tlsSessions().size(), snapshot.complete()};
    if (m_seen == seen && m_answer && m_answer->snapshot) return; // another filter changes nothing here
    m_seen = seen;
    ask(urgent);
}

void CertificatesPage::forget() {
    m_job.forget();
    m_answer.reset();
    m_seen.reset();
    m_wantedRow.reset();
    m_wantedSession.reset();
    m_chains->setEmptyText(tr("Reading… A chain appears here when a handshake has ended."));
    m_chains->clear();
    m_report->clear();
    m_summary->setFullText({});
    m_banner->say(Tone::Warning, {});
    m_stack->setCurrentIndex(0);
    if (!m_files.isEmpty()) ask(false); // what was dropped stays
}

void CertificatesPage::ask(bool urgent) {
    m_roots.need();
    if (!m_roots.roots()) return; // asked again when they are read
    if (!order() && m_files.isEmpty()) return showState();
    TrustQuestion question{.snapshot = order() ? std::optional(order()->snapshot) : std::nullopt,
                           .settings = trustSettings(*m_roots.roots()),
                           .files = m_files,
                           .host = m_host->text().trimmed()};
    auto job = [this, engine = m_engine,
                question = std::move(question)](const std::stop_token& stop) -> NewestJob::Deliver {
        auto answer = answerTrust(question, engine, stop);
        if (!answer) return {};
        return [this, answer = std::move(answer)] { take(answer); };
    };
    m_job.ask(std::move(job), urgent);
}

void CertificatesPage::take(std::shared_ptr<const CertificatesAnswer> answer) {
    m_answer = std::move(answer);
    takeFiles();
    m_chains->show(chainColumns(), chainRows(*m_answer));
    m_chains->horizontalHeader()->resizeSections(QHeaderView::ResizeToContents);
    choose();
    showChosen();
    showState();
    showBanner();
    Q_EMIT answered();
}

/// Files that could not be judged are told of once, and not read again.
void CertificatesPage::takeFiles() {
    QStringList others;
    for (const auto& file : m_answer->files) {
        if (file.error.isEmpty()) continue;
        m_files.removeAll(file.path);
        if (file.foreign)
            others << file.path;
        else
            m_fileProblems << file.error;
    }
    if (!others.isEmpty()) Q_EMIT othersGiven(others);
}

std::optional<std::size_t> CertificatesPage::wantedLine() {
    std::optional<std::size_t> line;
    if (m_wantedRow) {
        line = m_answer->lineOfRow(*m_wantedRow);
        if (!line && m_answer->snapshot && m_answer->snapshot->complete())
            Q_EMIT said(tr("No header of this exchange tells of a certificate."));
    }
    if (m_wantedSession) line = m_answer->lineOfSession(*m_wantedSession);
    return line;
}

/// What was asked for, else the file that was given last, else what was chosen before, else the first.
void CertificatesPage::choose() {
    const auto& lines = m_answer->lines;
    auto line = wantedLine();
    const bool complete = m_answer->snapshot && m_answer->snapshot->complete();
    if (line || complete) m_wantedRow.reset();
    for (std::size_t i = 0; !line && !m_newest.isEmpty() && i < lines.size(); ++i) {
        const auto& files = m_answer->files;
        const auto file = std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.path == m_newest; });
        if (file == files.end()) break;
        for (const auto& chain : file->chains) {
            if (lines[i].chain == &chain) line = i;
        }
    }
    m_newest.clear();
    for (std::size_t i = 0; !line && i < lines.size(); ++i) {
        if (keyOf(lines[i]) == m_chosen) line = i;
    }
    if (!line && !lines.empty()) line = 0;
    if (line) m_chains->select(*line);
}

void CertificatesPage::showChosen() {
    const auto row = m_chains->currentRow();
    if (!m_answer || !row || *row >= m_answer->lines.size()) return m_report->clear();
    m_chosen = keyOf(m_answer->lines[*row]);
    m_report->show(m_answer, *row);
    const bool complete = m_answer->snapshot && m_answer->snapshot->complete();
    if (m_wantedSession && (m_report->selectSession(*m_wantedSession) || complete)) m_wantedSession.reset();
}

void CertificatesPage::showState() {
    const bool reading = order() && !order()->snapshot.complete();
    const bool empty = !m_answer || m_answer->lines.empty();
    const bool settledEmpty = empty && !reading && (m_answer || !order());
    m_stack->setCurrentIndex(settledEmpty ? 1 : 0);
    if (empty) return m_summary->setFullText({});
    const auto& lines = m_answer->lines;
    const auto chains = std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.chain; });
    std::size_t rejected = 0;
    for (const auto& line : lines) rejected += line.rejected;
    QStringList parts{counted(static_cast<std::uint64_t>(chains), "chain", "chains")};
    if (m_answer->snapshot) {
        parts << counted(m_answer->trust.sessions.size(), "handshake", "handshakes");
        parts << tr("%1 rejected").arg(countText(rejected));
        if (m_answer->hidden > 0) parts << tr("%1 with hidden certificates").arg(countText(m_answer->hidden));
    }
    m_summary->setFullText(parts.join(QStringLiteral(", ")));
}

void CertificatesPage::showBanner() {
    QStringList lines = m_fileProblems;
    const bool bad = !lines.isEmpty();
    for (const auto& file : m_answer->files) lines << file.remarks;
    if (m_roots.roots()) lines << m_roots.roots()->problems;
    QStringList old;
    for (const auto& profile : m_answer->settings.profiles) {
        if (isOutdated(*profile, m_answer->settings.now))
            old << QStringLiteral("“%1” (%2)").arg(toText(profile->title), toText(profile->asOf));
    }
    if (!old.isEmpty())
        lines << tr("Older than a year, so newer roots are not known: %1. Newer lists can be read in Trust….")
                     .arg(old.join(QStringLiteral(", ")));
    m_banner->say(bad ? Tone::Bad : Tone::Warning, lines.join(QChar('\n')));
}

void CertificatesPage::judgeFiles(const QStringList& paths) {
    if (paths.isEmpty()) return;
    for (const auto& path : paths) {
        m_files.removeAll(path);
        m_files << path;
    }
    m_newest = paths.back();
    m_fileProblems.clear();
    m_stack->setCurrentIndex(0);
    if (!m_answer) m_chains->setEmptyText(tr("Judging…"));
    ask(true);
}

void CertificatesPage::askForFile() {
    m_chooseOpen(this, tr("Judge a Certificate File"),
                 tr("Certificates and headers (*.pem *.crt *.cer *.der *.p7b *.p7c *.p12 *.pfx *.jks *.json *.har "
                    "*.txt);;All files (*)"),
                 [this](const QString& path) { judgeFiles({path}); });
}

void CertificatesPage::editRoots() {
    if (m_dialog) return m_dialog->raise();
    m_dialog = new RootsDialog(m_roots, m_chooseOpen, this);
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    m_dialog->show();
}

void CertificatesPage::showExchange(Row row) {
    m_wantedRow = row;
    m_wantedSession.reset();
    if (!m_answer || !m_answer->snapshot) return ask(true);
    choose();
    showChosen();
}

void CertificatesPage::showSession(std::uint64_t number) {
    m_wantedSession = number;
    m_wantedRow.reset();
    if (!m_answer || !m_answer->snapshot) return ask(true);
    choose();
    showChosen();
}

void CertificatesPage::forgetFile() {
    const auto row = m_chains->currentRow();
    if (!m_answer || !row || !m_answer->lines[*row].isFile) return;
    for (const auto& file : m_answer->files) {
        for (const auto& chain : file.chains) {
            if (m_answer->lines[*row].chain == &chain) m_files.removeAll(file.path);
        }
    }
    if (order() || !m_files.isEmpty()) return ask(true);
    m_answer.reset();
    m_chains->clear();
    m_report->clear();
    showState();
}

void CertificatesPage::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void CertificatesPage::dropEvent(QDropEvent* event) {
    QStringList paths;
    for (const auto& url : event->mimeData()->urls()) {
        if (url.isLocalFile()) paths << url.toLocalFile();
    }
    if (paths.isEmpty()) return;
    event->acceptProposedAction();
    judgeFiles(paths);
}

} // namespace gatescope::ui
