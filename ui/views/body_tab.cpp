// SPDX-License-Identifier: Apache-2.0
#include "ui/views/body_tab.h"

#include "ui/bridge/text.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/icon.h"
#include "ui/widgets/json_highlighter.h"
#include "ui/widgets/notice.h"

#include <QClipboard>
#include <QEvent>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QToolButton>
#include <QVBoxLayout>

namespace gatescope::ui {
namespace {

/// Colouring more than this takes longer than a frame.
constexpr qsizetype kMostColoured = 64 * 1024;

QString aboutBody(const ShownBody& body) {
    QStringList parts;
    if (!body.contentType.isEmpty()) parts << body.contentType;
    parts << (body.octets == 0 && !body.damaged ? QStringLiteral("empty") : bytesText(body.octets));
    if (body.damaged) parts << QStringLiteral("damaged: bytes are missing or the coding is broken");
    if (body.truncated) parts << QStringLiteral("cut at the reading limit");
    if (body.shortened) parts << QStringLiteral("the first %1 are shown").arg(bytesText(kMaxShownOctets));
    return parts.join(QStringLiteral(", "));
}

} // namespace

BodyView::BodyView(const QString& title, QWidget* parent) : QWidget(parent) {
    auto* name = new QLabel(title);
    QFont bold = font();
    bold.setBold(true);
    name->setFont(bold);
    m_about = new ElidedLabel;
    setMuted(m_about, true);
    auto* copy = new QToolButton;
    copy->setIcon(icon(Glyph::Copy));
    copy->setAutoRaise(true);
    copy->setToolTip(tr("Copy this body as shown"));
    copy->setAccessibleName(tr("Copy this body as shown"));
    m_edit = new QPlainTextEdit;
    m_edit->setReadOnly(true);
    m_edit->setFrameShape(QFrame::NoFrame);
    m_edit->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_edit->setAccessibleName(title);
    m_edit->setTabChangesFocus(true);
    m_edit->document()->setDocumentMargin(10);
    m_highlighter = new JsonHighlighter(static_cast<QTextDocument*>(nullptr));
    m_highlighter->setParent(this);
    connect(copy, &QToolButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_edit->toPlainText()); });
    auto* line = new QHBoxLayout;
    line->setContentsMargins(10, 2, 4, 2);
    line->setSpacing(10);
    line->addWidget(name);
    line->addWidget(m_about, 1);
    line->addWidget(copy);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(line);
    layout->addWidget(m_edit, 1);
}

void BodyView::show(const ShownBody& body) {
    m_about->setFullText(aboutBody(body));
    m_highlighter->setDocument(nullptr);
    m_edit->setPlainText(body.text);
    if (body.json && body.text.size() <= kMostColoured) m_highlighter->setDocument(m_edit->document());
}

QString BodyView::text() const {
    return m_edit->toPlainText();
}

QWidget* BodyView::editor() const {
    return m_edit;
}

void BodyView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_highlighter && m_highlighter->document()) {
        m_highlighter->rehighlight();
    }
}

BodyTab::BodyTab(QWidget* parent) : QStackedWidget(parent) {
    m_notice = new Notice;
    m_request = new BodyView(tr("Request"));
    m_response = new BodyView(tr("Response"));
    m_splitter = new QSplitter;
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(m_request);
    m_splitter->addWidget(m_response);
    m_splitter->setSizes({1000, 1000});
    addWidget(m_notice);
    addWidget(m_splitter);
    setFocusProxy(m_response->editor());
}

void BodyTab::show(const ShownContent& content) {
    m_request->show(content.request);
    m_response->show(content.response);
    setCurrentWidget(m_splitter);
}

void BodyTab::showLoading() {
    m_notice->set(Glyph::History, Tone::Muted, tr("Reading the bodies…"),
                  tr("Bodies are not kept in memory: they are read again from the capture."));
    setCurrentWidget(m_notice);
}

void BodyTab::showError(const QString& message) {
    m_notice->set(Glyph::Cross, Tone::Bad, tr("The bodies could not be read"), message);
    setCurrentWidget(m_notice);
}

void BodyTab::clear() {
    m_notice->set(Glyph::Info, Tone::Muted, tr("No request chosen"), tr("Choose a request to read its bodies."));
    setCurrentWidget(m_notice);
}

} // namespace gatescope::ui
