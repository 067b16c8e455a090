// SPDX-License-Identifier: Apache-2.0
// Files that are dropped, key logs and private keys: asking for them, telling what became of them, and keeping what the
// user chose while the same captures are read once more with them; and how the pages of TLS and of certificates lead to
// each other.
#include "ui/bridge/text.h"
#include "ui/bridge/tls_text.h"
#include "ui/models/group_tree_model.h"
#include "ui/views/certificates_page.h"
#include "ui/views/details_panel.h"
#include "ui/views/filter_bar.h"
#include "ui/views/group_panel.h"
#include "ui/views/headers_page.h"
#include "ui/views/main_window.h"
#include "ui/views/page_stack.h"
#include "ui/views/tls_page.h"
#include "ui/widgets/notice.h"

#include <QDropEvent>
#include <QMimeData>
#include <QStackedWidget>

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;

void MainWindow::connectTls() {
    connect(m_tls, &TlsPage::keyLogWanted, this, &MainWindow::askForSecrets);
    connect(m_tls, &TlsPage::exchangesWanted, this, [this](const QString& condition) {
        useCondition(condition, Combine::Selected, true);
        showPage(0);
    });
    connect(m_details, &DetailsPanel::tlsSessionWanted, this, [this](std::uint64_t number) {
        m_tls->showSession(number);
        showPage(m_tls);
    });
    connect(&m_session, &AnalysisSession::secretsRead, this, &MainWindow::onSecretsRead);
    m_details->setSecrets(m_session.secrets()->store());
    m_copyLoader.setSecrets(m_session.secrets()->store());
    m_headers->useSecretsOf(m_session);
}

void MainWindow::connectCertificates() {
    connect(m_certificates, &CertificatesPage::keyLogWanted, this, &MainWindow::askForSecrets);
    connect(m_certificates, &CertificatesPage::sessionWanted, this, [this](std::uint64_t number) {
        m_tls->showSession(number);
        showPage(m_tls);
    });
    connect(m_tls, &TlsPage::judgementWanted, this, [this](std::uint64_t number) {
        m_certificates->showSession(number);
        showPage(m_certificates);
    });
    connect(m_details, &DetailsPanel::certificateWanted, this, [this](Row row) {
        m_certificates->showExchange(row);
        showPage(m_certificates);
    });
    connect(m_certificates, &CertificatesPage::othersGiven, this, [this](const QStringList& paths) {
        std::vector<GivenFile> files;
        for (const auto& path : paths) files.push_back({path, GivenFile::As::Anything});
        addFiles(files);
    });
}

CertificatesPage& MainWindow::showCertificates() {
    m_pages->setCurrentWidget(m_workspace); // certificates can be judged while nothing else is open
    showPage(m_certificates);
    return *m_certificates;
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    std::vector<GivenFile> files;
    QStringList certificates;
    for (const auto& url : event->mimeData()->urls()) {
        if (!url.isLocalFile()) continue;
        const QString path = url.toLocalFile();
        if (looksLikeCertificates(path))
            certificates << path;
        else
            files.push_back({path, GivenFile::As::Anything});
    }
    if (files.empty() && certificates.isEmpty()) return;
    event->acceptProposedAction();
    if (!files.empty()) addFiles(files);
    if (!certificates.isEmpty()) showCertificates().judgeFiles(certificates);
}

void MainWindow::askForSecrets() {
    m_sources.chooseOpen(this, tr("Add Key Log or Private Key"),
                         tr("Key logs and keys (*.log *.txt *.keys *.keylog *.pem *.key *.der);;All files (*)"),
                         [this](const QString& path) { addFiles({{path, GivenFile::As::Secrets}}); });
}

void MainWindow::openWith(const QStringList& paths, const std::vector<GivenFile>& secrets) {
    if (secrets.empty()) return open(paths);
    m_openNext = paths;
    addFiles(secrets);
}

void MainWindow::onSecretsRead(const SecretsAnswer& answer) {
    const QStringList next = std::exchange(m_openNext, {}) + answer.others;
    if (!next.isEmpty()) {
        open(next);
        m_added = answer;
        return;
    }
    if (m_session.isLive() && m_session.running() && answer.anythingNew())
        return say(tr("%1 is used for sessions from now on.").arg(answer.names.join(QStringLiteral(", "))));
    const bool open = !m_session.paths().isEmpty();
    if (answer.anythingNew() && open) {
        m_added = answer; // the session reads again, and that is told at its end
        return;
    }
    if (!answer.problems.isEmpty() && !open) return say(answer.problems.join(QStringLiteral("; ")));
    if (!answer.problems.isEmpty()) return m_banner->say(Tone::Bad, answer.problems.join(QChar('\n')));
    if (answer.anythingNew())
        return say(tr("%1 will be used for what is opened.").arg(answer.names.join(QStringLiteral(", "))));
    if (!answer.names.isEmpty()) say(tr("There is nothing new in %1.").arg(answer.names.join(QStringLiteral(", "))));
}

QStringList MainWindow::secretsLines() const {
    if (!m_added) return {};
    QStringList lines = m_added->problems;
    if (!m_added->anythingNew()) return lines;
    QStringList read;
    if (m_added->secrets > 0) read << counted(m_added->secrets, "secret", "secrets");
    if (m_added->keys > 0) read << counted(m_added->keys, "private key", "private keys");
    QString line = tr("%1 read from %2").arg(read.join(tr(" and ")), m_added->names.join(QStringLiteral(", ")));
    if (m_session.snapshot()) {
        const auto& sessions = m_session.snapshot()->tlsSessions();
        const auto readable = std::count_if(sessions.begin(), sessions.end(), [](const auto& session) {
            return readableOf(session.record->facts) == TlsReadable::Yes;
        });
        line += sessions.empty() ? tr("; no TLS session is in what is open")
                                 : tr("; %1 of %2 readable now")
                                       .arg(countText(static_cast<std::uint64_t>(readable)),
                                            counted(sessions.size(), "session", "sessions"));
    }
    lines << line + QChar('.');
    return lines;
}

QString MainWindow::bannerText() const {
    return m_banner->text();
}

void MainWindow::keepChosen() {
    const auto row = m_table->currentRow();
    const auto& order = m_table->requests().order();
    if (!row || !order) return; // twice in a row: the first choice holds
    const auto& snapshot = order->snapshot;
    m_kept = Kept{snapshot.inputIndex(*row), snapshot.flowStart(*row), snapshot.indexInFlow(*row)};
}

void MainWindow::chooseKept(const RowOrder& order) {
    const auto* groups = qobject_cast<const GroupTreeModel*>(m_groups->model());
    if (groups && !m_groupFilter.empty() && !m_groups->currentIndex().isValid()) {
        // It is the chosen one already, so nothing is asked for anew.
        if (const QModelIndex group = groups->indexOf(m_groupFilter); group.isValid()) m_groups->setCurrentIndex(group);
    }
    if (!m_kept || m_table->currentRow()) return;
    const auto& snapshot = order.snapshot;
    const auto same = std::find_if(order.rows->begin(), order.rows->end(), [&](Row row) {
        return snapshot.flowStart(row) == m_kept->flowStart && snapshot.indexInFlow(row) == m_kept->indexInFlow &&
               snapshot.inputIndex(row) == m_kept->input;
    });
    if (same == order.rows->end()) return;
    m_table->select(*same);
    if (snapshot.complete()) m_kept.reset();
}

} // namespace gatescope::ui
