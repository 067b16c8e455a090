// SPDX-License-Identifier: Apache-2.0
// The widgets of the page of certificates, what it saves and copies, and what it remembers.
#include "ui/bridge/text.h"
#include "ui/views/cell_table.h"
#include "ui/views/certificates_page.h"
#include "ui/views/chain_report.h"
#include "ui/views/chain_tree.h"
#include "ui/views/export_button.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/notice.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr int kHostLetters = 24;
constexpr int kListLetters = 44;
constexpr int kReportLetters = 110;
constexpr auto kSplitter = "certificates/splitter";
constexpr auto kHost = "certificates/host";

QToolButton* button(Glyph glyph, const QString& text, const QString& tip) {
    auto* made = new QToolButton;
    made->setIcon(icon(glyph));
    made->setText(text);
    made->setToolTip(tip);
    made->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return made;
}

QByteArray pemOf(const std::vector<trust::CertificatePtr>& chain) {
    std::string text;
    for (const auto& certificate : chain) text += trust::toPem(*certificate);
    return QByteArray::fromStdString(text);
}

} // namespace

CertificatesPage::CertificatesPage(TrustRoots& roots, TrustEngine engine, ChooseSave chooseSave, ChooseOpen chooseOpen,
                                   QWidget* parent)
    : Page(parent), m_roots(roots), m_engine(std::move(engine)), m_chooseSave(std::move(chooseSave)),
      m_chooseOpen(std::move(chooseOpen)) {
    setAcceptDrops(true);
    m_banner = new Banner;
    m_banner->setObjectName(QStringLiteral("certificatesBanner"));
    m_chains = new CellTable(tr("Chains that were seen"));
    m_chains->setObjectName(QStringLiteral("chains"));
    m_chains->setSelectionMode(QAbstractItemView::SingleSelection);
    m_chains->setMinimumWidth(fontMetrics().averageCharWidth() * 20);
    m_report = new ChainReport;
    m_splitter = new QSplitter(Qt::Horizontal);
    m_splitter->addWidget(m_chains);
    m_splitter->addWidget(m_report);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 0);
    m_splitter->setStretchFactor(1, 1);
    const int letter = fontMetrics().averageCharWidth();
    m_splitter->setSizes({letter * kListLetters, letter * kReportLetters});
    m_nothing = new Notice;
    m_nothing->set(Glyph::Shield, Tone::Muted, tr("No certificates and no handshakes"),
                   tr("What is open has no TLS handshake, and no header that tells of a certificate. Drop the "
                      "certificates of a server here (PEM, DER, PKCS#7, key stores) or a dump of headers with "
                      "x-arr-ssl, to see which clients would trust it."));
    connect(m_nothing->addButton(tr("Judge a certificate file…"), icon(Glyph::Open)), &QPushButton::clicked, this,
            &CertificatesPage::askForFile);
    m_stack = new QStackedWidget;
    m_stack->addWidget(m_splitter);
    m_stack->addWidget(m_nothing);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(buildControls());
    layout->addWidget(m_banner);
    layout->addWidget(m_stack, 1);
    connectParts();
    forget();
}

QWidget* CertificatesPage::buildControls() {
    m_host = new QLineEdit;
    m_host->setObjectName(QStringLiteral("judgedHost"));
    m_host->setPlaceholderText(tr("host to judge files for"));
    m_host->setToolTip(tr("The name that clients ask for; certificates of files are held against it. Chains of "
                          "handshakes are held against the name that their client asked for."));
    m_host->setAccessibleName(tr("Host to judge files for"));
    m_host->setClearButtonEnabled(true);
    m_host->setMinimumWidth(fontMetrics().averageCharWidth() * kHostLetters);
    auto* file = button(Glyph::Open, tr("Judge a file…"), tr("Certificates, or a dump of headers (Ctrl+Shift+J)"));
    connect(file, &QToolButton::clicked, this, &CertificatesPage::askForFile);
    auto* roots = button(Glyph::Shield, tr("Trust…"), tr("Which lists of roots, and which roots of yours"));
    roots->setObjectName(QStringLiteral("rootsButton"));
    connect(roots, &QToolButton::clicked, this, &CertificatesPage::editRoots);
    auto* copy = button(Glyph::Copy, tr("Copy report"), tr("Everything about the chosen chain as text"));
    copy->setObjectName(QStringLiteral("copyReport"));
    connect(copy, &QToolButton::clicked, this, &CertificatesPage::copyReport);
    m_summary = new ElidedLabel;
    m_summary->setObjectName(QStringLiteral("certificatesSummary"));
    m_summary->setElideMode(Qt::ElideRight);
    setMuted(m_summary, true);
    auto* controls = new QWidget;
    auto* row = new QHBoxLayout(controls);
    row->setContentsMargins(6, 0, 6, 0);
    row->setSpacing(6);
    row->addWidget(file);
    row->addWidget(m_host, 1);
    row->addWidget(roots);
    row->addWidget(m_summary, 2);
    row->addWidget(copy);
    row->addWidget(makeExportButton([this](QMenu* menu) { fillExportMenu(menu); }));
    return controls;
}

void CertificatesPage::connectParts() {
    connect(m_host, &QLineEdit::textChanged, this, [this] {
        if (!m_files.isEmpty()) ask(true);
    });
    connect(&m_roots, &TrustRoots::changed, this, [this] {
        if (isVisible() || m_answer || !m_files.isEmpty()) ask(true);
    });
    connect(m_chains, &CellTable::currentRowChanged, this, &CertificatesPage::showChosen);
    connect(m_chains, &CellTable::rowActivated, this, [this] { m_report->verdicts().setFocus(); });
    connect(m_chains, &CellTable::menuWanted, this, [this](std::size_t, const QPoint& place) { showMenu(place); });
    auto* forgetAction = new QAction(m_chains);
    forgetAction->setShortcut(QKeySequence::Delete);
    forgetAction->setShortcutContext(Qt::WidgetShortcut);
    m_chains->addAction(forgetAction);
    connect(forgetAction, &QAction::triggered, this, &CertificatesPage::forgetFile);
    connect(m_report, &ChainReport::said, this, &Page::said);
    connect(m_report, &ChainReport::sessionWanted, this, &CertificatesPage::sessionWanted);
    connect(m_report, &ChainReport::keyLogWanted, this, &CertificatesPage::keyLogWanted);
    connect(m_report, &ChainReport::fileWanted, this, &CertificatesPage::askForFile);
}

void CertificatesPage::showMenu(const QPoint& place) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(icon(Glyph::Copy), tr("Copy report"), this, &CertificatesPage::copyReport);
    const auto row = m_chains->currentRow();
    if (m_answer && row && m_answer->lines[*row].isFile)
        menu->addAction(icon(Glyph::Close), tr("Forget this file"), this, &CertificatesPage::forgetFile);
    menu->addSeparator();
    fillExportMenu(menu);
    menu->popup(place);
}

void CertificatesPage::copyReport() {
    const QString text = m_report->text();
    if (text.isEmpty()) return Q_EMIT said(tr("There is nothing to copy yet."));
    QGuiApplication::clipboard()->setText(text);
    Q_EMIT said(tr("Copied the report."));
}

void CertificatesPage::fillExportMenu(QMenu* menu) {
    const QString csv = tr("CSV (*.csv)");
    menu->addAction(tr("Chain as it was sent, PEM…"), this, &CertificatesPage::saveSent);
    menu->addAction(tr("Chain that should be served, PEM…"), this, &CertificatesPage::saveServed);
    menu->addAction(tr("Report as text…"), this, [this] {
        saveText(QStringLiteral("certificates.txt"), tr("Text (*.txt)"), m_report->text().toUtf8());
    });
    menu->addSeparator();
    menu->addAction(tr("Chains as CSV…"), this,
                    [this, csv] { saveText(QStringLiteral("chains.csv"), csv, m_chains->csv()); });
    menu->addAction(tr("Verdicts as CSV…"), this,
                    [this, csv] { saveText(QStringLiteral("verdicts.csv"), csv, m_report->verdicts().csv()); });
    menu->addAction(tr("Handshakes as CSV…"), this,
                    [this, csv] { saveText(QStringLiteral("handshakes.csv"), csv, m_report->sessions().csv()); });
}

void CertificatesPage::saveText(const QString& name, const QString& filter, const QByteArray& bytes) {
    if (!m_report->line()) return Q_EMIT said(tr("There is nothing to save yet."));
    m_chooseSave(this, name, filter, [this, bytes](const QString& path) { Q_EMIT said(saveFile(path, bytes, false)); });
}

void CertificatesPage::saveSent() {
    const auto* line = m_report->line();
    if (!line || !line->chain || line->chain->answer.sent.empty())
        return Q_EMIT said(tr("The certificates themselves are not at hand."));
    saveText(QStringLiteral("chain.pem"), tr("PEM (*.pem)"), pemOf(line->chain->answer.sent));
}

void CertificatesPage::saveServed() {
    const auto* line = m_report->line();
    if (!line || !line->chain || line->chain->answer.sent.empty())
        return Q_EMIT said(tr("The certificates themselves are not at hand."));
    const auto served = trust::servedChain(line->chain->answer);
    if (!served) {
        QStringList names;
        for (const auto& missing : line->chain->answer.missing) {
            if (!missing.isRoot && !missing.certificate) names << toText(missing.name);
        }
        return Q_EMIT said(tr("Not at hand: %1. Add it in Trust…, as an intermediate.")
                               .arg(names.isEmpty() ? tr("an intermediate") : names.join(QStringLiteral("; "))));
    }
    saveText(QStringLiteral("fixed.pem"), tr("PEM (*.pem)"), pemOf(*served));
}

void CertificatesPage::restore(const QSettings& settings) {
    m_splitter->restoreState(settings.value(kSplitter).toByteArray());
    m_host->setText(settings.value(kHost).toString());
}

void CertificatesPage::save(QSettings& settings) const {
    settings.setValue(kSplitter, m_splitter->saveState());
    settings.setValue(kHost, m_host->text());
}

} // namespace gatescope::ui
