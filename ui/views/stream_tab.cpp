// SPDX-License-Identifier: Apache-2.0
#include "ui/views/stream_tab.h"

#include "ui/bridge/text.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/notice.h"

#include <QHeaderView>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace gatescope::ui {
namespace {

QString aboutEvents(const ShownContent& content) {
    const auto& events = content.events;
    QString text = counted(events.size(), "event", "events");
    std::int64_t longest = 0;
    for (std::size_t i = 1; i < events.size(); ++i) {
        if (events[i].time == kNoTime || events[i - 1].time == kNoTime) continue;
        longest = std::max(longest, events[i].time - events[i - 1].time);
    }
    if (longest > 0) text += QStringLiteral(", longest gap ") + durationText(longest);
    return text;
}

} // namespace

StreamTab::StreamTab(QWidget* parent) : QStackedWidget(parent) {
    m_notice = new Notice;
    m_text = new QPlainTextEdit;
    m_text->setReadOnly(true);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setAccessibleName(tr("Streamed text"));
    m_text->setTabChangesFocus(true);
    m_text->document()->setDocumentMargin(10);
    m_model = new EventTableModel(this);
    m_table = new QTableView;
    m_table->setAccessibleName(tr("Events"));
    m_table->setModel(m_model);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setSelectionBehavior(QTableView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 5);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setHighlightSections(false);
    const int letter = fontMetrics().averageCharWidth();
    m_table->setColumnWidth(EventTableModel::Number, letter * 6);
    m_table->setColumnWidth(EventTableModel::After, letter * 11);
    m_table->setColumnWidth(EventTableModel::Gap, letter * 11);
    m_table->setColumnWidth(EventTableModel::Name, letter * 16);
    m_table->setColumnWidth(EventTableModel::Adds, letter * 22);
    m_splitter = new QSplitter;
    m_splitter->setChildrenCollapsible(false);
    m_splitter->addWidget(titled(tr("Text"), m_textAbout, m_text));
    m_splitter->addWidget(titled(tr("Events"), m_eventsAbout, m_table));
    m_splitter->setSizes({800, 1200});
    addWidget(m_notice);
    addWidget(m_splitter);
    setFocusProxy(m_table);
}

QWidget* StreamTab::titled(const QString& title, ElidedLabel*& about, QWidget* view) {
    auto* box = new QWidget;
    auto* name = new QLabel(title);
    QFont bold = font();
    bold.setBold(true);
    name->setFont(bold);
    about = new ElidedLabel;
    setMuted(about, true);
    auto* line = new QHBoxLayout;
    line->setContentsMargins(10, 4, 8, 4);
    line->setSpacing(10);
    line->addWidget(name);
    line->addWidget(about, 1);
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(line);
    layout->addWidget(view, 1);
    return box;
}

void StreamTab::show(const ShownContent& content, TimeNs start) {
    if (content.events.empty()) {
        m_model->clear();
        m_notice->set(Glyph::Info, Tone::Muted, tr("This answer is not a stream"),
                      tr("It came in one piece. The Body tab shows it."));
        setCurrentWidget(m_notice);
        return;
    }
    m_text->setPlainText(content.streamText);
    QString about = content.streamText.isEmpty() ? tr("no text in the events") : tr("merged from the events");
    if (content.streamShortened) about += tr(", shortened");
    if (content.response.damaged) about += tr(", with gaps");
    m_textAbout->setFullText(about);
    m_eventsAbout->setFullText(aboutEvents(content));
    m_model->show(content.events, start);
    setCurrentWidget(m_splitter);
}

void StreamTab::showLoading() {
    m_notice->set(Glyph::History, Tone::Muted, tr("Reading the stream…"),
                  tr("Bodies are not kept in memory: they are read again from the capture."));
    setCurrentWidget(m_notice);
}

void StreamTab::showError(const QString& message) {
    m_notice->set(Glyph::Cross, Tone::Bad, tr("The stream could not be read"), message);
    setCurrentWidget(m_notice);
}

void StreamTab::clear() {
    m_model->clear();
    m_notice->set(Glyph::Info, Tone::Muted, tr("No request chosen"), tr("Choose a request to see its stream."));
    setCurrentWidget(m_notice);
}

QString StreamTab::text() const {
    return m_text->toPlainText();
}

} // namespace gatescope::ui
