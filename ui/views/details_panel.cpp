// SPDX-License-Identifier: Apache-2.0
#include "ui/views/details_panel.h"

#include "ui/bridge/same_row.h"
#include "ui/views/body_tab.h"
#include "ui/views/headers_tab.h"
#include "ui/views/overview_tab.h"
#include "ui/views/path_tab.h"
#include "ui/views/stream_tab.h"
#include "ui/views/timing_tab.h"
#include "ui/views/tls_tab.h"
#include "ui/widgets/icon.h"

#include <QTabBar>
#include <QTimer>
#include <QToolButton>

namespace gatescope::ui {
using namespace analysis;
namespace {

/// Whoever walks through the list with the arrow keys does not want each body on the way.
constexpr int kLoadDelayMs = 80;

} // namespace

DetailsPanel::DetailsPanel(ContentLoader::Read read, QWidget* parent) : QTabWidget(parent), m_loader(std::move(read)) {
    setObjectName(QStringLiteral("details"));
    setDocumentMode(true);
    m_overview = new OverviewTab;
    m_headers = new HeadersTab;
    m_body = new BodyTab;
    m_stream = new StreamTab;
    m_timing = new TimingTab;
    m_path = new PathTab;
    m_tls = new TlsTab;
    addTab(m_overview, tr("Overview"));
    addTab(m_headers, tr("Headers"));
    addTab(m_body, tr("Body"));
    addTab(m_stream, tr("Stream"));
    addTab(m_timing, tr("Timing"));
    addTab(m_path, tr("Path"));
    addTab(m_tls, tr("TLS"));
    m_reveal = new QToolButton;
    m_reveal->setObjectName(QStringLiteral("reveal"));
    m_reveal->setIcon(icon(Glyph::Eye));
    m_reveal->setText(tr("Show secrets"));
    m_reveal->setToolTip(tr("Show keys and tokens of this request. The next request is masked again."));
    m_reveal->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_reveal->setCheckable(true);
    m_reveal->setAutoRaise(true);
    setCornerWidget(m_reveal, Qt::TopRightCorner);
    m_delay = new QTimer(this);
    m_delay->setSingleShot(true);
    m_delay->setInterval(kLoadDelayMs);
    connect(m_delay, &QTimer::timeout, this, &DetailsPanel::loadIfNeeded);
    connect(m_reveal, &QToolButton::toggled, this, &DetailsPanel::applyReveal);
    connect(this, &QTabWidget::currentChanged, this, [this] { m_delay->start(); });
    connect(&m_loader, &ContentLoader::loaded, this, &DetailsPanel::onLoaded);
    connect(&m_loader, &ContentLoader::failed, this, &DetailsPanel::onFailed);
    connect(m_headers, &HeadersTab::conditionWanted, this, &DetailsPanel::conditionWanted);
    connect(m_path, &PathTab::conditionWanted, this, &DetailsPanel::conditionWanted);
    connect(m_tls, &TlsTab::sessionWanted, this, &DetailsPanel::tlsSessionWanted);
    connect(m_headers, &HeadersTab::certificateWanted, this, [this] {
        if (m_row) Q_EMIT certificateWanted(*m_row);
    });
    connect(m_headers, &HeadersTab::columnWanted, this, &DetailsPanel::columnWanted);
    clear();
}

bool DetailsPanel::revealed() const {
    return m_reveal->isChecked();
}

void DetailsPanel::setRevealed(bool revealed) {
    m_reveal->setChecked(revealed);
}

void DetailsPanel::show(const Snapshot& snapshot, Row row) {
    const bool same = m_row && m_snapshot && sameRow(*m_snapshot, *m_row, snapshot) == row;
    const bool wasOpen = same && m_snapshot->isOpen(*m_row);
    const bool answered =
        wasOpen && m_snapshot->number(FieldId::Status, *m_row) != snapshot.number(FieldId::Status, row);
    m_snapshot = snapshot;
    if (same) {
        m_row = row;
        if (answered || wasOpen != (wasOpen && snapshot.isOpen(row))) m_headers->show(snapshot, row);
        if (wasOpen && !snapshot.isOpen(row)) {
            m_contentShown = false; // what was read was not the whole
            m_delay->start();
        }
        m_overview->show(snapshot, row);
        m_timing->show(snapshot, row);
        m_path->show(snapshot, row);
        m_tls->show(snapshot, row);
        return;
    }
    m_row = row;
    ++m_key;
    m_contentShown = false;
    m_loader.forget();
    {
        const QSignalBlocker blocker(m_reveal);
        m_reveal->setChecked(false);
    }
    m_reveal->setEnabled(true);
    m_headers->setRevealed(false);
    m_overview->show(snapshot, row);
    m_headers->show(snapshot, row);
    m_timing->show(snapshot, row);
    m_path->show(snapshot, row);
    m_tls->show(snapshot, row);
    m_body->showLoading();
    m_stream->showLoading();
    m_delay->start();
}

void DetailsPanel::clear() {
    m_loader.forget();
    m_delay->stop();
    m_snapshot.reset();
    m_row.reset();
    ++m_key;
    m_reveal->setChecked(false);
    m_reveal->setEnabled(false);
    m_overview->clear();
    m_headers->clear();
    m_body->clear();
    m_stream->clear();
    m_timing->clear();
    m_path->clear();
    m_tls->clear();
}

void DetailsPanel::focusTab() {
    QWidget* page = currentWidget();
    QWidget* wanted = page->focusProxy() ? page->focusProxy() : page;
    wanted->setFocus(Qt::ShortcutFocusReason);
}

void DetailsPanel::applyReveal() {
    m_headers->setRevealed(revealed());
    m_reveal->setText(revealed() ? tr("Secrets shown") : tr("Show secrets"));
    m_contentShown = false;
    loadIfNeeded();
}

void DetailsPanel::loadIfNeeded() {
    const bool wanted = currentIndex() == Body || currentIndex() == Stream;
    if (!wanted || m_contentShown || !m_row || !m_snapshot) return;
    m_contentShown = true;
    m_loader.load(m_key, placeOf(*m_snapshot, *m_row), revealed());
}

void DetailsPanel::onLoaded(std::uint64_t key, const ShownContent& content) {
    if (key != m_key || !m_snapshot || !m_row) return;
    m_body->show(content);
    m_stream->show(content, m_snapshot->number(FieldId::Time, *m_row));
}

void DetailsPanel::onFailed(std::uint64_t key, const QString& message) {
    if (key != m_key) return;
    m_body->showError(message);
    m_stream->showError(message);
}

} // namespace gatescope::ui
