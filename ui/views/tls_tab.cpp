// SPDX-License-Identifier: Apache-2.0
#include "ui/views/tls_tab.h"

#include "ui/bridge/text.h"
#include "ui/bridge/tls_text.h"
#include "ui/models/tls_shapes.h"
#include "ui/widgets/elided_label.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace gatescope::ui {
using namespace analysis;
namespace {

/// Nobody can tell what carried an exchange that is only in a log.
QString withoutSession(const Snapshot& snapshot, Row row) {
    if (snapshot.flowStart(row) == 0) return TlsTab::tr("This call was told by a log; its packets are not here.");
    if (!snapshot.complete()) return TlsTab::tr("No TLS session of this connection has ended yet.");
    return TlsTab::tr("This call was not encrypted where it was captured.");
}

} // namespace

TlsTab::TlsTab(QWidget* parent) : QWidget(parent) {
    m_summary = new ElidedLabel;
    m_summary->setObjectName(QStringLiteral("tlsLine"));
    m_summary->setElideMode(Qt::ElideRight);
    m_open = new QPushButton(icon(Glyph::Lock), tr("Show session"));
    m_open->setObjectName(QStringLiteral("showSession"));
    m_open->setToolTip(tr("Show the handshake of this session on the page of TLS"));
    m_facts = new QTextBrowser;
    m_facts->setAccessibleName(tr("TLS session of this exchange"));
    m_facts->setFrameShape(QFrame::NoFrame);
    m_facts->setTabChangesFocus(true);
    m_facts->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(8, 4, 8, 2);
    head->addWidget(m_summary, 1);
    head->addWidget(m_open);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(head);
    layout->addWidget(m_facts, 1);
    setFocusProxy(m_facts);
    connect(m_open, &QPushButton::clicked, this, [this] {
        if (m_session) Q_EMIT sessionWanted(m_session->number);
    });
    clear();
}

void TlsTab::show(const Snapshot& snapshot, Row row) {
    const PacketRef start = snapshot.flowStart(row);
    const TlsSession* session = start == 0 ? nullptr : snapshot.tlsSessionOf(start);
    const bool same =
        session && m_session && m_session->record == session->record && m_session->number == session->number;
    m_session = session ? std::optional(*session) : std::nullopt;
    m_open->setVisible(session != nullptr);
    m_facts->setVisible(session != nullptr);
    if (!session) {
        m_summary->setFullText(withoutSession(snapshot, row));
        return;
    }
    const auto& facts = session->record->facts;
    QStringList parts{tr("Session %1").arg(session->number)};
    for (const QString& part : {tlsVersionText(facts).prepend(QStringLiteral("TLS ")), tlsCipherText(facts),
                                toText(facts.serverName), toText(facts.alpn), toText(facts.ja4)}) {
        if (!part.isEmpty()) parts << part;
    }
    m_summary->setFullText(parts.join(QStringLiteral("   ")));
    if (!same) showFacts();
}

void TlsTab::clear() {
    m_session.reset();
    m_summary->setFullText({});
    m_open->hide();
    m_facts->hide();
}

QString TlsTab::summary() const {
    return m_summary->fullText();
}

void TlsTab::showFacts() {
    m_facts->setHtml(tlsFactsPage(*m_session, palette()));
}

void TlsTab::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_session) showFacts();
}

} // namespace gatescope::ui
