// SPDX-License-Identifier: Apache-2.0
#include "ui/views/filter_bar.h"

#include "ui/bridge/text.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/icon.h"

#include <QAbstractItemView>
#include <QAction>
#include <QCompleter>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QScrollBar>
#include <QStringListModel>
#include <QToolButton>
#include <QVBoxLayout>

namespace gatescope::ui {
namespace {

constexpr qsizetype kMostHistory = 30;

bool isWordLetter(QChar letter) {
    return letter.isLetterOrNumber() || letter == QChar('_') || letter == QChar('-') || letter == QChar(':');
}

/// Where the word under the cursor begins; nothing inside quotes.
std::optional<qsizetype> wordStart(const QString& text, qsizetype cursor) {
    if (text.first(cursor).count(QChar('"')) % 2 == 1) return std::nullopt;
    qsizetype at = cursor;
    while (at > 0 && isWordLetter(text[at - 1])) --at;
    return at;
}

} // namespace

FilterBar::FilterBar(QWidget* parent) : QWidget(parent), m_filter(analysis::Filter::parse("").value()) {
    buildEdit();
    m_applyButton = new QToolButton(this);
    m_applyButton->setText(tr("Apply"));
    m_applyButton->setToolTip(tr("Apply the filter (Enter)"));
    connect(m_applyButton, &QToolButton::clicked, this, &FilterBar::apply);
    auto* historyButton = new QToolButton(this);
    historyButton->setIcon(icon(Glyph::History));
    historyButton->setToolTip(tr("Filters used before"));
    historyButton->setAccessibleName(tr("Filters used before"));
    historyButton->setPopupMode(QToolButton::InstantPopup);
    m_historyMenu = new QMenu(historyButton);
    historyButton->setMenu(m_historyMenu);
    connect(m_historyMenu, &QMenu::aboutToShow, this, &FilterBar::fillHistoryMenu);

    m_chip = makeChip(tr("Show all groups again"));
    connect(m_chip, &QToolButton::clicked, this, &FilterBar::groupRemoved);
    m_spanChip = makeChip(tr("Show all the time again"));
    m_spanChip->setObjectName(QStringLiteral("spanChip"));
    connect(m_spanChip, &QToolButton::clicked, this, &FilterBar::spanRemoved);
    m_messageSign = new QLabel(this);
    m_message = new ElidedLabel(this);
    m_message->setObjectName(QStringLiteral("filterMessage"));

    auto* line = new QHBoxLayout;
    line->setSpacing(4);
    line->addWidget(m_edit, 1);
    line->addWidget(m_applyButton);
    line->addWidget(historyButton);
    auto* below = new QHBoxLayout;
    below->setSpacing(6);
    below->addWidget(m_chip);
    below->addWidget(m_spanChip);
    below->addWidget(m_messageSign);
    below->addWidget(m_message, 1);
    // The chip comes and goes; the table under it stays where it is.
    below->addStrut(m_chip->sizeHint().height());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 4);
    layout->setSpacing(3);
    layout->addLayout(line);
    layout->addLayout(below);
    paintState();
}

QToolButton* FilterBar::makeChip(const QString& toolTip) {
    auto* chip = new QToolButton(this);
    chip->setIcon(icon(Glyph::Close));
    chip->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    chip->setLayoutDirection(Qt::RightToLeft); // the cross stands after the text
    chip->setToolTip(toolTip);
    chip->setIconSize(QSize(12, 12));
    chip->hide();
    return chip;
}

void FilterBar::buildEdit() {
    m_edit = new QLineEdit(this);
    m_edit->setObjectName(QStringLiteral("filterEdit"));
    m_edit->setAccessibleName(tr("Filter"));
    m_edit->setPlaceholderText(tr("Filter, for example: status == 429 && model contains \"gpt-4o\""));
    m_edit->setClearButtonEnabled(true);
    m_edit->installEventFilter(this);
    m_sign = m_edit->addAction(icon(Glyph::Search, Tone::Muted), QLineEdit::LeadingPosition);
    m_sign->setText(tr("State of the filter"));
    m_words = new QStringListModel(this);
    m_completer = new QCompleter(m_words, this);
    m_completer->setWidget(m_edit);
    m_completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_completer->setMaxVisibleItems(12);
    connect(m_completer, qOverload<const QString&>(&QCompleter::activated), this, &FilterBar::insertWord);
    connect(m_edit, &QLineEdit::textChanged, this, &FilterBar::check);
    connect(m_edit, &QLineEdit::textEdited, this, [this](const QString& text) {
        if (text.isEmpty())
            apply(); // the clear button
        else
            offerWords(false);
    });
    connect(m_edit, &QLineEdit::returnPressed, this, [this] {
        // The key also reaches the edit when it chooses a word in the list; the filter is not complete then.
        const auto* popup = m_completer->popup();
        if (!popup->isVisible() || !popup->currentIndex().isValid()) apply();
    });
}

QString FilterBar::text() const {
    return m_edit->text();
}

void FilterBar::setText(const QString& text) {
    m_edit->setText(text);
}

void FilterBar::focusText() {
    m_edit->setFocus(Qt::ShortcutFocusReason);
    m_edit->selectAll();
}

void FilterBar::clear() {
    m_edit->clear();
    apply();
}

void FilterBar::apply() {
    auto filter = analysis::Filter::parse(toUtf8(m_edit->text().trimmed()));
    if (!filter) {
        check();
        return;
    }
    m_completer->popup()->hide();
    m_filter = std::move(*filter);
    remember(m_edit->text().trimmed());
    check();
    Q_EMIT applied();
}

void FilterBar::check() {
    const std::string text = toUtf8(m_edit->text().trimmed());
    const auto filter = analysis::Filter::parse(text);
    m_problem.clear();
    if (!filter) {
        m_state = State::Wrong;
        // The column counts octets; people count letters.
        const auto octets = std::min(text.size(), filter.error().column == 0 ? 0 : filter.error().column - 1);
        const auto letters = QString::fromUtf8(text.data(), static_cast<qsizetype>(octets)).size() + 1;
        m_problem = tr("Column %1: %2").arg(letters).arg(toText(filter.error().message));
    } else {
        m_state = filter->text() == m_filter.text() ? State::InForce : State::Ready;
    }
    paintState();
}

void FilterBar::sayWords() {
    QString words = m_summary;
    if (m_state == State::Wrong)
        words = m_problem;
    else if (m_state == State::Ready)
        words = m_edit->text().trimmed().isEmpty() ? tr("Press Enter to show all requests again.")
                                                   : tr("Valid. Press Enter to apply.");
    m_message->setFullText(words);
    m_edit->setAccessibleDescription(words);
}

void FilterBar::paintState() {
    QPalette colours;
    const bool filled = !m_edit->text().trimmed().isEmpty();
    Glyph glyph = Glyph::Search;
    Tone tone = Tone::Muted;
    if (m_state == State::Wrong) {
        glyph = Glyph::Cross;
        tone = Tone::Bad;
        colours.setColor(QPalette::Base, colour(Tone::FilterInvalid));
    } else if (filled) {
        glyph = Glyph::Check;
        tone = Tone::Good;
        colours.setColor(QPalette::Base, colour(Tone::FilterValid));
    }
    m_edit->setPalette(colours);
    m_sign->setIcon(icon(glyph, tone));
    const bool sign = m_state != State::InForce && (filled || m_state == State::Wrong);
    m_messageSign->setVisible(sign);
    if (sign) m_messageSign->setPixmap(icon(glyph, tone).pixmap(QSize(14, 14), devicePixelRatioF()));
    sayWords();
    setMuted(m_message, m_state == State::InForce);
    m_applyButton->setEnabled(m_state == State::Ready);
    QPalette chip;
    chip.setColor(QPalette::Button, colour(Tone::Chip));
    m_chip->setPalette(chip);
    m_spanChip->setPalette(chip);
}

void FilterBar::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_chip && m_message) paintState();
}

bool FilterBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_edit && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Space && key->modifiers() == Qt::ControlModifier) {
            offerWords(true);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void FilterBar::setWords(const QStringList& words) {
    m_words->setStringList(words);
}

void FilterBar::offerWords(bool all) {
    const auto start = wordStart(m_edit->text(), m_edit->cursorPosition());
    const QString word = start ? m_edit->text().mid(*start, m_edit->cursorPosition() - *start) : QString();
    if (!start || (word.isEmpty() && !all)) {
        m_completer->popup()->hide();
        return;
    }
    m_completer->setCompletionPrefix(word);
    const bool done = m_completer->completionCount() == 1 && m_completer->currentCompletion() == word;
    if (m_completer->completionCount() == 0 || done) {
        m_completer->popup()->hide();
        return;
    }
    QRect place = m_edit->inputMethodQuery(Qt::ImCursorRectangle).toRect();
    place.setWidth(m_completer->popup()->sizeHintForColumn(0) +
                   m_completer->popup()->verticalScrollBar()->sizeHint().width() + 12);
    m_completer->complete(place);
}

void FilterBar::insertWord(const QString& word) {
    QString text = m_edit->text();
    const qsizetype cursor = m_edit->cursorPosition();
    const auto start = wordStart(text, cursor).value_or(cursor);
    text.replace(start, cursor - start, word);
    m_edit->setText(text);
    m_edit->setCursorPosition(static_cast<int>(start + word.size()));
}

void FilterBar::remember(const QString& text) {
    if (text.isEmpty()) return;
    m_history.removeAll(text);
    m_history.prepend(text);
    if (m_history.size() > kMostHistory) m_history.resize(kMostHistory);
}

void FilterBar::setHistory(const QStringList& history) {
    m_history = history.mid(0, kMostHistory);
}

void FilterBar::fillHistoryMenu() {
    m_historyMenu->clear();
    for (const auto& text : m_history) {
        // An ampersand would mark a key.
        m_historyMenu->addAction(QString(text).replace(QChar('&'), QStringLiteral("&&")), this, [this, text] {
            setText(text);
            apply();
        });
    }
    if (m_history.isEmpty()) m_historyMenu->addAction(tr("No filter was used yet"))->setEnabled(false);
}

void FilterBar::setGroupChip(const QString& path) {
    m_chip->setText(QChar(0x2009) + path + QChar(0x2009));
    m_chip->setAccessibleName(tr("Group %1, press to remove").arg(path));
    m_chip->setVisible(!path.isEmpty());
}

void FilterBar::setSpanChip(const QString& span) {
    // Digits and dashes would be turned round in a button that is laid out from right to left.
    m_spanChip->setText(QChar(0x2009) + QString(QChar(0x202A)) + span + QChar(0x202C) + QChar(0x2009));
    m_spanChip->setAccessibleName(tr("Time %1, press to remove").arg(span));
    m_spanChip->setVisible(!span.isEmpty());
}

void FilterBar::setSummary(const QString& summary) {
    if (m_summary == summary) return;
    m_summary = summary;
    sayWords(); // often, while requests come: nothing else is drawn again
}

QString FilterBar::message() const {
    return m_message->fullText();
}

} // namespace gatescope::ui
