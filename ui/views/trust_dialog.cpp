// SPDX-License-Identifier: Apache-2.0
#include "ui/views/trust_dialog.h"

#include "ui/bridge/text.h"
#include "ui/models/limit_shapes.h"
#include "ui/models/path_shapes.h"
#include "ui/views/cell_table.h"
#include "ui/widgets/elided_label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

namespace gatescope::ui {
namespace {

constexpr int kMostHops = 32;

/// A list of the roles.
class RoleDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem&, const QModelIndex& index) const override {
        auto* box = new QComboBox(parent);
        box->addItems(SubnetTableModel::roles());
        const QString role = index.data(Qt::EditRole).toString();
        if (box->findText(role) < 0) box->addItem(role);
        return box;
    }
    void setEditorData(QWidget* editor, const QModelIndex& index) const override {
        auto* box = static_cast<QComboBox*>(editor);
        box->setCurrentIndex(box->findText(index.data(Qt::EditRole).toString()));
    }
    void setModelData(QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const override {
        model->setData(index, static_cast<QComboBox*>(editor)->currentText(), Qt::EditRole);
    }
};

std::vector<CellTableModel::Row> rowsOf(const std::vector<Finding>& findings) {
    auto rows = findingRows(findings);
    std::size_t row = 0;
    for (const auto& finding : findings) {
        if (!finding.kind || row == rows.size()) continue;
        auto& severity = rows[row++].front();
        severity.glyph = severityGlyph(finding.kind->severity);
        severity.tone = severityTone(finding.kind->severity);
    }
    return rows;
}

} // namespace

TrustDialog::TrustDialog(TrustSource& source, ChooseOpen chooseOpen, ChooseSave chooseSave, QWidget* parent)
    : QDialog(parent), m_source(source), m_chooseOpen(std::move(chooseOpen)), m_chooseSave(std::move(chooseSave)) {
    setObjectName(QStringLiteral("trustDialog"));
    setWindowTitle(tr("Trusted Networks"));
    resize(900, 560);
    auto* explain =
        new QLabel(tr("Nothing is trusted on its own, neither private addresses nor CGNAT. A hop in a trusted "
                      "network tells the truth about who called it; the first address that is in none of "
                      "them is the effective client."));
    explain->setWordWrap(true);
    m_findings = new CellTable(tr("What is wrong with these networks"));
    m_findings->setEmptyText(tr("Nothing is wrong with these networks."));
    m_findings->setMaximumHeight(fontMetrics().height() * 8);
    m_message = new QLabel;
    m_message->setTextFormat(Qt::PlainText);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::Apply);
    m_apply = buttons->button(QDialogButtonBox::Apply);
    connect(m_apply, &QPushButton::clicked, this, &TrustDialog::apply);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        apply();
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(explain);
    layout->addWidget(buildTable(), 1);
    layout->addWidget(m_findings);
    layout->addWidget(buildHops());
    layout->addWidget(m_message);
    layout->addWidget(buttons);
    connect(m_model, &SubnetTableModel::edited, this, &TrustDialog::check);
    showTrust(*source.trust());
}

QWidget* TrustDialog::buildTable() {
    m_model = new SubnetTableModel(this);
    m_table = new QTableView;
    m_table->setModel(m_model);
    m_table->setAccessibleName(tr("Networks"));
    m_table->setItemDelegateForColumn(SubnetTableModel::Role, new RoleDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                             QAbstractItemView::AnyKeyPressed | QAbstractItemView::SelectedClicked);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setAlternatingRowColors(true);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    const int letter = fontMetrics().averageCharWidth();
    const std::array letters{11, 24, 24, 20, 20};
    for (std::size_t column = 0; column < letters.size(); ++column) {
        m_table->setColumnWidth(static_cast<int>(column), letters[column] * letter);
    }
    const auto button = [this](const QString& text, Glyph glyph, auto run) {
        auto* made = new QPushButton(icon(glyph), text);
        made->setAutoDefault(false);
        connect(made, &QPushButton::clicked, this, run);
        return made;
    };
    auto* row = new QHBoxLayout;
    row->addWidget(button(tr("A&dd"), Glyph::Plus, [this] { addSubnet({}); }));
    row->addWidget(button(tr("&Remove"), Glyph::Minus, [this] { m_model->remove(m_table->currentIndex().row()); }));
    row->addStretch(1);
    row->addWidget(button(tr("&Import…"), Glyph::Open, [this] {
        m_chooseOpen(this, tr("Open Topology"), tr("Topology (*.json);;All files (*)"),
                     [this](const QString& path) { importFile(path); });
    }));
    row->addWidget(button(tr("&Export…"), Glyph::Save, [this] { exportFile(); }));
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_table, 1);
    layout->addLayout(row);
    return box;
}

QWidget* TrustDialog::buildHops() {
    m_frontDoor = new QLineEdit;
    m_frontDoor->setPlaceholderText(tr("not checked"));
    m_frontDoor->setToolTip(tr("X-Azure-FDID that requests must carry when they come through Azure Front Door"));
    m_hops = new QSpinBox;
    m_hops->setRange(0, kMostHops);
    m_hops->setMaximumWidth(fontMetrics().averageCharWidth() * 26);
    m_hops->setSpecialValueText(tr("by network"));
    m_hops->setToolTip(tr("Count this many hops from the right instead of looking at networks (xff_num_trusted_hops)"));
    m_remote = new QCheckBox(tr("&The connection's own address counts as a hop (use_remote_address)"));
    auto* form = new QFormLayout;
    form->addRow(tr("&Front Door ID"), m_frontDoor);
    form->addRow(tr("Trusted &hops"), m_hops);
    form->addRow(QString(), m_remote);
    auto* box = new QWidget;
    box->setLayout(form);
    form->setContentsMargins(0, 0, 0, 0);
    connect(m_hops, &QSpinBox::valueChanged, m_remote, [this](int hops) { m_remote->setEnabled(hops > 0); });
    return box;
}

path::Trust TrustDialog::trust() const {
    path::Trust trust;
    trust.subnets = m_model->subnets();
    const std::string id = toUtf8(m_frontDoor->text().trimmed());
    if (!id.empty()) trust.frontDoorId = id;
    if (m_hops->value() > 0) trust.trustedHops = static_cast<unsigned>(m_hops->value());
    trust.useRemoteAddress = m_remote->isChecked();
    return trust;
}

void TrustDialog::showTrust(const path::Trust& trust) {
    m_frontDoor->setText(toText(trust.frontDoorId.value_or(std::string())));
    m_hops->setValue(static_cast<int>(std::min<unsigned>(trust.trustedHops.value_or(0), kMostHops)));
    m_remote->setChecked(trust.useRemoteAddress);
    m_remote->setEnabled(m_hops->value() > 0);
    m_model->show(trust.subnets);
}

void TrustDialog::check() {
    const int bad = m_model->badLines();
    m_message->setText(bad == 0 ? QString()
                                : tr("%1 cannot be read and would be left out.")
                                      .arg(counted(static_cast<std::uint64_t>(bad), "line", "lines")));
    auto job = [this, asked = trust()](std::stop_token) -> NewestJob::Deliver {
        auto findings = std::make_shared<std::vector<Finding>>(path::checkTopology(asked));
        return [this, findings] {
            m_findings->show(findingColumns(), rowsOf(*findings));
            m_model->setFindings(std::move(*findings));
        };
    };
    m_checkJob.ask(std::move(job));
}

void TrustDialog::addSubnet(const path::Subnet& subnet) {
    const int row = m_model->add(subnet);
    const QModelIndex place =
        m_model->index(row, subnet.cidr.empty() ? SubnetTableModel::Network : SubnetTableModel::Name);
    m_table->setCurrentIndex(place);
    m_table->scrollTo(place);
    m_table->setFocus();
    m_table->edit(place);
}

void TrustDialog::apply() {
    m_source.set(trust());
}

QString TrustDialog::message() const {
    return m_message->text();
}

void TrustDialog::importFile(const QString& path) {
    auto job = [this, path](std::stop_token) -> NewestJob::Deliver {
        auto read = std::make_shared<std::expected<path::Trust, Error>>(readTopologyFile(path));
        return [this, read, name = QFileInfo(path).fileName()] {
            if (*read) return showTrust(**read);
            m_message->setText(tr("%1 was not read: %2").arg(name, toText(read->error().message)));
        };
    };
    m_readJob.ask(std::move(job));
}

void TrustDialog::exportFile() {
    m_chooseSave(this, QStringLiteral("topology.json"), tr("Topology (*.json)"),
                 [this, bytes = QByteArray::fromStdString(path::writeTopology(trust()))](const QString& path) {
                     m_message->setText(saveFile(path, bytes, false));
                 });
}

} // namespace gatescope::ui
