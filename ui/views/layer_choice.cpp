// SPDX-License-Identifier: Apache-2.0
#include "ui/views/layer_choice.h"

#include "ui/bridge/text.h"
#include "ui/widgets/icon.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QInputDialog>
#include <QLabel>
#include <QToolButton>

#include <algorithm>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr auto kHeaderItem = "header";

/// Lists are no single value, and places in a capture are different for each request.
bool canBeLayer(const FieldInfo& info) {
    return info.type != FieldType::TextList && info.type != FieldType::Time && info.id != FieldId::Id &&
           info.id != FieldId::Packet;
}

} // namespace

LayerChoice::LayerChoice(QString name, QString between, std::size_t least, std::size_t most, QWidget* parent)
    : QWidget(parent), m_name(std::move(name)), m_between(std::move(between)), m_least(least), m_most(most) {
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(3);
    rebuild();
}

void LayerChoice::setFields(const std::vector<Field>& fields) {
    m_fields = fields;
    rebuild();
}

QStringList LayerChoice::names() const {
    QStringList names;
    for (const auto& field : m_fields) names << toText(field.name());
    return names;
}

void LayerChoice::setNames(const QStringList& names) {
    std::vector<Field> fields;
    for (const auto& name : names) {
        const auto field = Field::parse(toUtf8(name));
        const bool fresh = field && std::find(fields.begin(), fields.end(), *field) == fields.end();
        if (fresh && fields.size() < m_most) fields.push_back(*field);
    }
    if (fields.size() >= m_least) setFields(fields);
}

QComboBox* LayerChoice::comboFor(std::size_t place) {
    auto* combo = new QComboBox;
    combo->setAccessibleName(QStringLiteral("%1 %2").arg(m_name).arg(place + 1));
    combo->setSizeAdjustPolicy(QComboBox::AdjustToContentsOnFirstShow);
    combo->setMaxVisibleItems(24);
    const Field& current = m_fields[place];
    for (const auto& info : analysis::fields()) {
        const Field field = fieldOf(info.id);
        const bool taken = field != current && std::find(m_fields.begin(), m_fields.end(), field) != m_fields.end();
        if (!canBeLayer(info) || taken) continue;
        combo->addItem(fieldTitle(field), toText(field.name()));
        combo->setItemData(combo->count() - 1, fieldMeaning(field), Qt::ToolTipRole);
        if (field == current) combo->setCurrentIndex(combo->count() - 1);
    }
    combo->insertSeparator(combo->count());
    if (!current.header.empty()) {
        combo->addItem(fieldTitle(current), toText(current.name()));
        combo->setCurrentIndex(combo->count() - 1);
    }
    combo->addItem(tr("Header…"), QLatin1String(kHeaderItem));
    // The popup may be as wide as its longest title; the box itself is as wide as what it says.
    combo->setMinimumContentsLength(0);
    combo->setFixedWidth(fontMetrics().horizontalAdvance(combo->currentText()) + 40);
    combo->setToolTip(fieldMeaning(current));
    connect(combo, &QComboBox::activated, this, [this, place](int index) { choose(place, index); });
    return combo;
}

void LayerChoice::rebuild() {
    // A combo box may be sending the signal that brought us here.
    while (auto* item = m_row->takeAt(0)) {
        if (auto* widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
    for (std::size_t place = 0; place < m_fields.size(); ++place) {
        if (place > 0) m_row->addWidget(new QLabel(m_between));
        m_row->addWidget(comboFor(place));
    }
    const auto button = [this](Glyph glyph, const QString& words) {
        auto* made = new QToolButton;
        made->setIcon(icon(glyph));
        made->setIconSize(QSize(12, 12));
        made->setAutoRaise(true);
        made->setToolTip(words);
        made->setAccessibleName(words);
        m_row->addWidget(made);
        return made;
    };
    auto* remove = button(Glyph::Minus, tr("Remove the last field of “%1”").arg(m_name));
    remove->setEnabled(m_fields.size() > m_least);
    connect(remove, &QToolButton::clicked, this, [this] {
        m_fields.pop_back();
        rebuild();
        Q_EMIT changed();
    });
    auto* add = button(Glyph::Plus, tr("Add a field to “%1”").arg(m_name));
    add->setEnabled(m_fields.size() < m_most);
    connect(add, &QToolButton::clicked, this, [this] {
        for (const auto& info : analysis::fields()) {
            const Field field = fieldOf(info.id);
            const bool offered = info.id >= FieldId::Project && canBeLayer(info);
            if (!offered || std::find(m_fields.begin(), m_fields.end(), field) != m_fields.end()) continue;
            m_fields.push_back(field);
            break;
        }
        rebuild();
        Q_EMIT changed();
    });
}

void LayerChoice::choose(std::size_t place, int index) {
    const auto* combo = qobject_cast<QComboBox*>(sender());
    const QString name = combo ? combo->itemData(index).toString() : QString();
    if (name == QLatin1String(kHeaderItem)) return askForHeader(place);
    const auto field = Field::parse(toUtf8(name));
    if (field) replace(place, *field);
}

void LayerChoice::askForHeader(std::size_t place) {
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(m_name);
    dialog->setLabelText(tr("Name of the header. Begin with “response-header:” for one of the response."));
    connect(dialog, &QInputDialog::textValueSelected, this, [this, place](const QString& text) {
        QString name = text.trimmed();
        if (!name.contains(QChar(':'))) name.prepend(QStringLiteral("header:"));
        const auto field = Field::parse(toUtf8(name));
        if (field) return replace(place, *field);
        rebuild();
    });
    connect(dialog, &QDialog::rejected, this, &LayerChoice::rebuild);
    dialog->open();
}

void LayerChoice::replace(std::size_t place, const Field& field) {
    if (place >= m_fields.size() || m_fields[place] == field) return;
    if (std::find(m_fields.begin(), m_fields.end(), field) != m_fields.end()) return rebuild();
    m_fields[place] = field;
    rebuild();
    Q_EMIT changed();
}

} // namespace gatescope::ui
