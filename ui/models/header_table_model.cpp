// SPDX-License-Identifier: Apache-2.0
#include "ui/models/header_table_model.h"

#include "core/trust/certificate_headers.h"
#include "ui/bridge/text.h"
#include "ui/widgets/icon.h"

#include <algorithm>
#include <array>

#include <QFont>

namespace gatescope::ui {
using namespace analysis;
namespace {

struct Care {
    const char* word;
    Tone tone;
    std::optional<Glyph> glyph;
    const char* meaning;
};

/// By Sensitivity.
const Care& careOf(Sensitivity sensitivity) {
    static constexpr std::array<Care, 5> kCare{{
        {"", Tone::Muted, std::nullopt, ""},
        {"network", Tone::Muted, std::nullopt, "Says how the network is built"},
        {"id", Tone::Muted, std::nullopt, "Identifies a resource or a request"},
        {"personal", Tone::Warning, Glyph::Agent, "May say who a person is"},
        {"secret", Tone::Bad, Glyph::Key, "A credential: masked unless revealed"},
    }};
    return kCare[static_cast<std::size_t>(sensitivity)];
}

} // namespace

HeaderTableModel::HeaderTableModel(QObject* parent) : QAbstractTableModel(parent) {}

void HeaderTableModel::show(const Snapshot& snapshot, Row row) {
    beginResetModel();
    m_lines.clear();
    for (const auto direction : {Direction::Request, Direction::Response}) {
        for (const auto& header : snapshot.headers(direction, row)) {
            Line line{.direction = direction,
                      .name = std::string(header.name),
                      .value = std::string(snapshot.text(header.value)),
                      .knowledge = headerKnowledge(snapshot.text(header.lowerName)),
                      .sensitivity = Sensitivity::None};
            if (line.knowledge) line.sensitivity = line.knowledge->sensitivity;
            if (isSecretHeader(line.name)) line.sensitivity = Sensitivity::Secret;
            if (direction == Direction::Request) {
                const auto told = trust::readCertificateHeader(line.name, line.value);
                line.certificate = told && told->whose == trust::CertificateHeader::Whose::Server;
            }
            m_lines.push_back(std::move(line));
        }
    }
    endResetModel();
}

void HeaderTableModel::clear() {
    beginResetModel();
    m_lines.clear();
    endResetModel();
}

void HeaderTableModel::setRevealed(bool revealed) {
    if (m_revealed == revealed) return;
    m_revealed = revealed;
    if (m_lines.empty()) return;
    Q_EMIT dataChanged(index(0, Value), index(rowCount() - 1, Value));
}

std::optional<Field> HeaderTableModel::fieldAt(int row) const {
    if (row < 0 || row >= rowCount()) return std::nullopt;
    const auto& line = m_lines[static_cast<std::size_t>(row)];
    const char* form = line.direction == Direction::Request ? "header:" : "response-header:";
    const auto field = Field::parse(form + line.name);
    if (!field) return std::nullopt;
    return *field;
}

QString HeaderTableModel::valueAt(int row) const {
    if (row < 0 || row >= rowCount()) return {};
    return display(m_lines[static_cast<std::size_t>(row)], Value);
}

std::string HeaderTableModel::rawValueAt(int row) const {
    if (row < 0 || row >= rowCount()) return {};
    return m_lines[static_cast<std::size_t>(row)].value;
}

bool HeaderTableModel::namesCertificate(int row) const {
    return row >= 0 && row < rowCount() && m_lines[static_cast<std::size_t>(row)].certificate;
}

int HeaderTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int HeaderTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QString HeaderTableModel::display(const Line& line, int column) const {
    switch (column) {
    case Side:
        return line.direction == Direction::Request ? QStringLiteral("request") : QStringLiteral("response");
    case Name:
        return toText(line.name);
    case Value:
        return toText(m_revealed ? line.value : maskHeader(line.name, line.value));
    case Sensitivity:
        return QLatin1String(careOf(line.sensitivity).word);
    case Meaning:
        return line.knowledge ? toText(line.knowledge->meaning) : QString();
    default:
        return {};
    }
}

QString HeaderTableModel::toolTip(const Line& line) const {
    QStringList parts{toText(line.name) + QStringLiteral(": ") + display(line, Value)};
    if (line.knowledge) {
        parts << toText(line.knowledge->meaning) << QStringLiteral("Set by: ") + toText(line.knowledge->setBy)
              << QStringLiteral("Source: ") + toText(line.knowledge->source);
    } else {
        parts << QStringLiteral("Not in the header catalogue.");
    }
    if (line.certificate) parts << QStringLiteral("Click to judge this certificate.");
    const QString care = QLatin1String(careOf(line.sensitivity).meaning);
    if (!care.isEmpty()) parts << care;
    // Rich text, so that long values wrap.
    for (auto& part : parts) part = part.toHtmlEscaped();
    return QStringLiteral("<p>") + parts.join(QStringLiteral("</p><p>")) + QStringLiteral("</p>");
}

QVariant HeaderTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const auto& line = m_lines[static_cast<std::size_t>(index.row())];
    const Care& care = careOf(line.sensitivity);
    switch (role) {
    case Qt::DisplayRole:
        return display(line, index.column());
    case Qt::ToolTipRole:
        return toolTip(line);
    case Qt::DecorationRole:
        if (index.column() == Side) {
            return icon(line.direction == Direction::Request ? Glyph::Request : Glyph::Response, Tone::Muted);
        }
        if (index.column() == Sensitivity && care.glyph) return icon(*care.glyph, care.tone);
        return {};
    case Qt::ForegroundRole:
        if (index.column() == Meaning || index.column() == Side) return colour(Tone::Muted);
        if (index.column() == Sensitivity) return colour(care.tone);
        if (index.column() == Value && line.certificate) return colour(Tone::Accent);
        return {};
    case Qt::FontRole:
        if (index.column() == Value && line.certificate) {
            QFont link;
            link.setUnderline(true);
            return link;
        }
        return {};
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::AlignVCenter | Qt::AlignLeft);
    default:
        return {};
    }
}

QVariant HeaderTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    static constexpr std::array<const char*, ColumnCount> kTitles{"Message", "Header", "Value", "Sensitivity",
                                                                  "Meaning"};
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) return {};
    if (role == Qt::DisplayRole) return QLatin1String(kTitles[static_cast<std::size_t>(section)]);
    if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::AlignVCenter | Qt::AlignLeft);
    return {};
}

} // namespace gatescope::ui
