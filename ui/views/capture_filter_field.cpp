// SPDX-License-Identifier: Apache-2.0
#include "ui/views/capture_filter_field.h"

#include "ui/bridge/text.h"
#include "ui/widgets/icon.h"

#include <QAction>
#include <QEvent>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace gatescope::ui {
namespace {

/// The filter with the word at that place in octets underlined; an end that comes too early is marked by a sign.
QString markedText(const std::string& filter, std::size_t column, std::size_t length) {
    const std::size_t begin = std::min(column == 0 ? 0 : column - 1, filter.size());
    const std::size_t octets = std::min(length, filter.size() - begin);
    const auto html = [&](std::size_t from, std::size_t count) {
        return toText(std::string_view(filter).substr(from, count))
            .toHtmlEscaped()
            .replace(QChar(' '), QStringLiteral("&nbsp;"));
    };
    const QString word = octets == 0 ? QStringLiteral("▁") : html(begin, octets);
    return html(0, begin) +
           QStringLiteral("<span style='color:%1;text-decoration:underline;font-weight:bold'>%2</span>")
               .arg(colour(Tone::Bad).name(), word) +
           html(begin + octets, std::string::npos);
}

} // namespace

CaptureFilterField::CaptureFilterField(decltype(LiveEngine::check) check, QWidget* parent)
    : QWidget(parent), m_check(std::move(check)) {
    m_edit = new QLineEdit;
    m_edit->setObjectName(QStringLiteral("captureFilter"));
    m_edit->setAccessibleName(tr("Capture filter"));
    m_edit->setPlaceholderText(tr("Everything; for example: tcp port 443 or tcp port 8080"));
    m_edit->setToolTip(
        tr("What does not match is never captured. Syntax: pcap-filter(7), as of tcpdump and Wireshark."));
    m_edit->setClearButtonEnabled(true);
    m_sign = m_edit->addAction(icon(Glyph::Search, Tone::Muted), QLineEdit::LeadingPosition);
    m_sign->setText(tr("State of the capture filter"));
    auto* button = new QToolButton;
    button->setObjectName(QStringLiteral("captureFilterHistory"));
    button->setIcon(icon(Glyph::History));
    button->setToolTip(tr("Capture filters used before"));
    button->setAccessibleName(tr("Capture filters used before"));
    button->setPopupMode(QToolButton::InstantPopup);
    m_historyMenu = new QMenu(button);
    button->setMenu(m_historyMenu);
    m_message = new QLabel;
    m_message->setObjectName(QStringLiteral("captureFilterMessage"));
    m_message->setTextFormat(Qt::RichText);
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_message->hide();
    auto* line = new QHBoxLayout;
    line->setSpacing(4);
    line->addWidget(m_edit, 1);
    line->addWidget(button);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addLayout(line);
    layout->addWidget(m_message);
    setFocusProxy(m_edit);
    connect(m_edit, &QLineEdit::textChanged, this, &CaptureFilterField::check);
    connect(m_historyMenu, &QMenu::aboutToShow, this, &CaptureFilterField::fillHistory);
}

QString CaptureFilterField::text() const {
    return m_edit->text().trimmed();
}

void CaptureFilterField::setText(const QString& text) {
    m_edit->setText(text);
}

void CaptureFilterField::check() {
    // Compiled elsewhere: most take microseconds, but nobody promises it.
    const std::string filter = toUtf8(text());
    if (!m_check || filter.empty()) {
        m_job.forget();
        return take(filter, std::nullopt);
    }
    auto job = [this, check = m_check, filter](const std::stop_token&) -> NewestJob::Deliver {
        return [this, filter, problem = check(filter)] { take(filter, problem); };
    };
    m_job.ask(std::move(job));
}

void CaptureFilterField::take(const std::string& filter, const std::optional<live::FilterProblem>& problem) {
    m_good = !problem;
    m_problem.clear();
    m_marked.clear();
    if (problem) {
        const auto octets = std::min(filter.size(), problem->column == 0 ? 0 : problem->column - 1);
        const auto letters = QString::fromUtf8(filter.data(), static_cast<qsizetype>(octets)).size() + 1;
        m_problem = tr("Column %1: %2").arg(letters).arg(toText(problem->message));
        m_marked = markedText(filter, problem->column, problem->length);
    }
    paintState();
    Q_EMIT checked();
}

void CaptureFilterField::paintState() {
    const bool filled = !text().isEmpty();
    QPalette colours;
    if (filled) colours.setColor(QPalette::Base, colour(m_good ? Tone::FilterValid : Tone::FilterInvalid));
    m_edit->setPalette(colours);
    m_sign->setIcon(!filled  ? icon(Glyph::Search, Tone::Muted)
                    : m_good ? icon(Glyph::Check, Tone::Good)
                             : icon(Glyph::Cross, Tone::Bad));
    m_edit->setAccessibleDescription(m_problem.isEmpty() && filled ? tr("Valid") : m_problem);
    m_message->setVisible(!m_problem.isEmpty());
    const QString family = QFontDatabase::systemFont(QFontDatabase::FixedFont).family();
    m_message->setText(QStringLiteral("%1<br><span style='font-family:\"%2\",monospace'>%3</span>")
                           .arg(m_problem.toHtmlEscaped(), family.toHtmlEscaped(), m_marked));
    m_message->setAccessibleName(m_problem);
}

void CaptureFilterField::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange && m_message) check();
}

void CaptureFilterField::remember() {
    if (text().isEmpty()) return;
    m_history.removeAll(text());
    m_history.prepend(text());
    if (m_history.size() > kMostHistory) m_history.resize(kMostHistory);
}

void CaptureFilterField::setHistory(const QStringList& history) {
    m_history = history.mid(0, kMostHistory);
}

void CaptureFilterField::fillHistory() {
    m_historyMenu->clear();
    for (const auto& filter : m_history) {
        m_historyMenu->addAction(QString(filter).replace(QChar('&'), QStringLiteral("&&")), this,
                                 [this, filter] { setText(filter); });
    }
    if (m_history.isEmpty()) m_historyMenu->addAction(tr("No capture filter was used yet"))->setEnabled(false);
}

} // namespace gatescope::ui
