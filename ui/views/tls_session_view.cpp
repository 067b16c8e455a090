// SPDX-License-Identifier: Apache-2.0
#include "ui/views/tls_session_view.h"

#include "ui/models/tls_shapes.h"
#include "ui/views/cell_table.h"
#include "ui/widgets/tls_ladder_view.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QMenu>
#include <QPushButton>
#include <QScrollBar>
#include <QSplitter>
#include <QTabWidget>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace gatescope::ui {

TlsSessionView::TlsSessionView(QWidget* parent) : QWidget(parent) {
    m_facts = new QTextBrowser;
    m_facts->setObjectName(QStringLiteral("tlsFacts"));
    m_facts->setAccessibleName(tr("What is known of this session"));
    m_facts->setFrameShape(QFrame::NoFrame);
    m_facts->setOpenLinks(false);
    m_facts->setTabChangesFocus(true);
    // Fingerprints are longer than the column is wide.
    m_facts->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_ladder = new TlsLadderView;
    m_ladder->setEmptyText(tr("Choose a session to see its handshake."));
    auto* sheet = new QWidget;
    auto* column = new QVBoxLayout(sheet);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_ladder, 1);
    column->addWidget(new TlsLegend);
    sheet->setFocusProxy(m_ladder);
    m_steps = new CellTable(tr("Steps of the handshake"));
    m_tabs = new QTabWidget;
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(sheet, tr("Handshake"));
    m_tabs->addTab(m_steps, tr("Steps"));
    m_judge = new QPushButton(icon(Glyph::Shield), tr("&Judge certificate"));
    m_judge->setToolTip(tr("Show what the client made of the certificate, and which clients would trust it"));
    m_judge->setFlat(true);
    m_judge->setEnabled(false);
    m_tabs->setCornerWidget(m_judge, Qt::TopRightCorner);
    connect(m_judge, &QPushButton::clicked, this, [this] {
        if (m_session) Q_EMIT judgementWanted(m_session->number);
    });
    auto* splitter = new QSplitter(Qt::Horizontal);
    splitter->addWidget(m_facts);
    splitter->addWidget(m_tabs);
    splitter->setChildrenCollapsible(false);
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 5);
    const int letter = fontMetrics().averageCharWidth();
    splitter->setSizes({letter * 58, letter * 110});
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(splitter);
    connect(m_ladder, &TlsLadderView::menuWanted, this, &TlsSessionView::showMenu);
    connect(m_ladder, &TlsLadderView::chosen, this, &TlsSessionView::copyStep);
}

void TlsSessionView::show(const analysis::TlsSession& session) {
    const bool same = m_session && m_session->record == session.record;
    const bool renumbered = m_session && m_session->number != session.number;
    m_session = session;
    m_judge->setEnabled(true);
    if (!same || renumbered) showFacts();
    if (same) return;
    m_ladder->show(tlsLadderOf(*session.record));
    m_steps->show(tlsStepColumns(), tlsStepRows(*session.record));
}

void TlsSessionView::clear() {
    m_session.reset();
    m_judge->setEnabled(false);
    m_facts->clear();
    m_ladder->clear();
    m_steps->clear();
}

void TlsSessionView::showFacts() {
    const int place = m_facts->verticalScrollBar()->value();
    m_facts->setHtml(tlsFactsPage(*m_session, palette()));
    m_facts->verticalScrollBar()->setValue(place);
}

QString TlsSessionView::ladderAsText() const {
    return m_session ? ladderText(m_ladder->data()) : QString();
}

QString TlsSessionView::factsAsText() const {
    return m_session ? tlsFactsText(*m_session) : QString();
}

QByteArray TlsSessionView::stepsAsCsv() const {
    return m_steps->csv();
}

void TlsSessionView::copyStep(std::size_t step) {
    const auto& shown = m_ladder->data().steps[step];
    QGuiApplication::clipboard()->setText(shown.words);
    Q_EMIT said(shown.packet.isEmpty() ? tr("Copied the step.") : tr("Copied the step, packet %1.").arg(shown.packet));
}

void TlsSessionView::showMenu(const QPoint& place) {
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto copy = [this](const QString& text, const QString& words) {
        QGuiApplication::clipboard()->setText(text);
        Q_EMIT said(words);
    };
    if (const auto step = m_ladder->current()) {
        const auto shown = m_ladder->data().steps[*step];
        menu->addAction(icon(Glyph::Copy), tr("Copy this step"), this, [this, at = *step] { copyStep(at); });
        if (!shown.packet.isEmpty()) {
            menu->addAction(tr("Copy packet number"), this, [copy, packet = shown.packet] {
                copy(QString(packet).remove(QChar('#')), tr("Copied the packet number."));
            });
        }
    }
    menu->addAction(tr("Copy as text"), this, [this, copy] { copy(ladderAsText(), tr("Copied the ladder as text.")); });
    menu->addAction(tr("Copy facts as text"), this,
                    [this, copy] { copy(factsAsText(), tr("Copied the facts as text.")); });
    menu->popup(place);
}

void TlsSessionView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_session) showFacts();
}

} // namespace gatescope::ui
