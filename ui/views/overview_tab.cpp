// SPDX-License-Identifier: Apache-2.0
#include "ui/views/overview_tab.h"

#include "core/analysis/answer.h"
#include "ui/bridge/text.h"
#include "ui/models/status_sign.h"
#include "ui/widgets/elided_label.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <array>
#include <span>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr std::array kWho{FieldId::Project,      FieldId::ProjectId, FieldId::Agent,
                          FieldId::AgentVersion, FieldId::Caller,    FieldId::RequestId};
constexpr std::array kModel{FieldId::Model,          FieldId::Connection,  FieldId::Deployment,
                            FieldId::RequestedModel, FieldId::ServedModel, FieldId::Api,
                            FieldId::Stream,         FieldId::Tools,       FieldId::ContentFilter};
constexpr std::array kTokens{FieldId::InputTokens,   FieldId::CachedTokens,    FieldId::CacheWriteTokens,
                             FieldId::OutputTokens,  FieldId::ReasoningTokens, FieldId::TotalTokens,
                             FieldId::GatewayTokens, FieldId::TokenSource,     FieldId::FinishReason};
constexpr std::array kAnswer{FieldId::Duration,     FieldId::Ttfb,          FieldId::Ttft,
                             FieldId::RequestBytes, FieldId::ResponseBytes, FieldId::Complete,
                             FieldId::ErrorCode,    FieldId::LimitOrigin,   FieldId::RetryAfter};
constexpr std::array kWay{FieldId::Client, FieldId::Server, FieldId::ForwardedFor, FieldId::Protocol, FieldId::Tls,
                          FieldId::Flow,   FieldId::Packet, FieldId::ClosedBy,     FieldId::Attempt};

constexpr int kLeastLetters = 9;

struct Column {
    const char* title;
    std::span<const FieldId> fields;
    int stretch;
};
const std::array kColumns{Column{"Who", kWho, 3}, Column{"Model", kModel, 3}, Column{"Tokens", kTokens, 2},
                          Column{"Answer", kAnswer, 2}, Column{"Connection", kWay, 3}};

QString factTitle(FieldId id) {
    switch (id) {
    case FieldId::InputTokens:
        return QStringLiteral("Input");
    case FieldId::CachedTokens:
        return QStringLiteral("Cached");
    case FieldId::OutputTokens:
        return QStringLiteral("Output");
    case FieldId::ReasoningTokens:
        return QStringLiteral("Reasoning");
    case FieldId::TotalTokens:
        return QStringLiteral("Total");
    case FieldId::TokenSource:
        return QStringLiteral("Source");
    case FieldId::FinishReason:
        return QStringLiteral("Finish");
    case FieldId::ForwardedFor:
        return QStringLiteral("Hops");
    case FieldId::ErrorCode:
        return QStringLiteral("Error");
    case FieldId::RequestBytes:
        return QStringLiteral("Request");
    case FieldId::ResponseBytes:
        return QStringLiteral("Response");
    case FieldId::CacheWriteTokens:
        return QStringLiteral("Cache write");
    case FieldId::GatewayTokens:
        return QStringLiteral("Gateway");
    case FieldId::ContentFilter:
        return QStringLiteral("Filter");
    case FieldId::LimitOrigin:
        return QStringLiteral("Refused by");
    case FieldId::RetryAfter:
        return QStringLiteral("Wait");
    case FieldId::AgentVersion:
        return QStringLiteral("Version");
    case FieldId::RequestedModel:
        return QStringLiteral("Requested");
    case FieldId::ServedModel:
        return QStringLiteral("Served");
    default:
        return fieldTitle(fieldOf(id));
    }
}

/// What a finding says, as text: `tcp.gap  Bytes were never captured. ...`
QString findingLines(const Snapshot& snapshot, Row row) {
    QStringList lines;
    for (const auto& placed : snapshot.findings()) {
        if (placed.row != row || !placed.finding.kind) continue;
        const auto& kind = *placed.finding.kind;
        QString line = QStringLiteral("<b>%1</b> (%2) %3")
                           .arg(toText(kind.title).toHtmlEscaped(), toText(toString(kind.severity)).toHtmlEscaped(),
                                toText(kind.explain).toHtmlEscaped());
        if (!kind.fix.empty()) line += QStringLiteral(" ") + toText(kind.fix).toHtmlEscaped();
        for (const auto& evidence : placed.finding.evidence) {
            line += QStringLiteral(" <i>%1</i>").arg(toText(evidence).toHtmlEscaped());
        }
        lines << line;
    }
    return lines.join(QStringLiteral("<br>"));
}

} // namespace

OverviewTab::OverviewTab(QWidget* parent) : QScrollArea(parent) {
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_content = new QWidget;
    auto* layout = new QVBoxLayout(m_content);
    layout->setContentsMargins(12, 10, 12, 10);
    layout->setSpacing(10);

    m_statusSign = new QLabel;
    m_status = new QLabel;
    QFont bold = font();
    bold.setBold(true);
    m_status->setFont(bold);
    m_request = new ElidedLabel;
    auto* headline = new QHBoxLayout;
    headline->addWidget(m_statusSign);
    headline->addWidget(m_status);
    headline->addSpacing(8);
    headline->addWidget(m_request, 1);
    m_when = new QLabel;
    setMuted(m_when, true);
    headline->addWidget(m_when);
    layout->addLayout(headline);

    auto* columns = new QHBoxLayout;
    columns->setSpacing(14);
    for (const auto& column : kColumns) {
        auto* grid = new QGridLayout;
        grid->setHorizontalSpacing(8);
        grid->setVerticalSpacing(3);
        grid->setColumnStretch(1, 1);
        auto* title = new QLabel(QLatin1String(column.title));
        title->setFont(bold);
        grid->addWidget(title, 0, 0, 1, 2);
        int line = 1;
        for (const FieldId id : column.fields) {
            auto* name = new QLabel(factTitle(id));
            name->setToolTip(fieldMeaning(fieldOf(id)));
            name->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred); // never cut; the value gives way
            setMuted(name, true);
            auto* value = new ElidedLabel;
            value->setMinimumWidth(fontMetrics().averageCharWidth() * kLeastLetters);
            grid->addWidget(name, line, 0);
            grid->addWidget(value, line, 1);
            m_facts.push_back({fieldOf(id), value});
            ++line;
        }
        grid->setRowStretch(line, 1);
        columns->addLayout(grid, column.stretch);
    }
    layout->addLayout(columns);
    m_findings = new QLabel;
    m_findings->setWordWrap(true);
    m_findings->setTextFormat(Qt::RichText);
    m_findings->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_findings);
    layout->addStretch();

    auto* pages = new QWidget;
    auto* stack = new QVBoxLayout(pages);
    stack->setContentsMargins(0, 0, 0, 0);
    m_nothing = new QLabel(tr("Choose a request to see what is in it."));
    m_nothing->setAlignment(Qt::AlignCenter);
    setMuted(m_nothing, true);
    stack->addWidget(m_nothing, 1);
    stack->addWidget(m_content);
    setWidget(pages);
}

void OverviewTab::show(const Snapshot& snapshot, Row row) {
    m_nothing->hide();
    m_content->show();
    showHeadline(snapshot, row);
    for (const auto& fact : m_facts) {
        QString text = valueText(snapshot, fact.field, row);
        const bool missing = text.isEmpty();
        fact.value->setFullText(missing ? QStringLiteral("–") : text);
        setMuted(fact.value, missing);
    }
    showFindings(snapshot, row);
}

void OverviewTab::showHeadline(const Snapshot& snapshot, Row row) {
    const auto status = snapshot.number(FieldId::Status, row);
    m_statusCode = status == kNoNumber ? std::nullopt : std::optional(status);
    const auto sign = statusSign(m_statusCode);
    paintStatusSign();
    const bool isSilent = !m_statusCode && !isUnanswered(snapshot, row);
    const QString words = isSilent ? QStringLiteral("the log does not say how it was answered") : sign.words;
    m_statusSign->setVisible(!isSilent);
    m_status->setText(m_statusCode ? QStringLiteral("%1 %2").arg(*m_statusCode).arg(words) : words);
    const auto text = [&](FieldId id) { return valueText(snapshot, fieldOf(id), row); };
    QString target = text(FieldId::Host) + text(FieldId::Path);
    const QString query = text(FieldId::Query);
    if (!query.isEmpty()) target += QChar('?') + query;
    const QString line = text(FieldId::Method) + QChar(' ') + target;
    m_request->setFullText(line);
    m_when->setText(
        QStringLiteral("request %1   %2").arg(text(FieldId::Id), exactText(snapshot, fieldOf(FieldId::Time), row)));
}

void OverviewTab::paintStatusSign() {
    const auto sign = statusSign(m_statusCode);
    m_statusSign->setPixmap(icon(sign.glyph, sign.tone).pixmap(QSize(18, 18), devicePixelRatioF()));
}

void OverviewTab::showFindings(const Snapshot& snapshot, Row row) {
    const QString lines = findingLines(snapshot, row);
    m_findings->setText(lines);
    m_findings->setVisible(!lines.isEmpty());
}

void OverviewTab::clear() {
    m_content->hide();
    m_nothing->show();
}

void OverviewTab::changeEvent(QEvent* event) {
    QScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_statusSign) paintStatusSign();
}

} // namespace gatescope::ui
