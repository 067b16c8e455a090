// SPDX-License-Identifier: Apache-2.0
#include "ui/views/roots_dialog.h"

#include "ui/bridge/text.h"
#include "ui/models/trust_shapes.h"
#include "ui/widgets/icon.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace gatescope::ui {
namespace {

QStringList pathsOf(const QListWidget& list) {
    QStringList paths;
    for (int i = 0; i < list.count(); ++i) paths << list.item(i)->data(Qt::UserRole).toString();
    return paths;
}

void addPath(QListWidget& list, const QString& path) {
    if (pathsOf(list).contains(path)) return;
    auto* item = new QListWidgetItem(QDir::toNativeSeparators(path), &list);
    item->setData(Qt::UserRole, path);
    item->setToolTip(item->text());
}

} // namespace

RootsDialog::RootsDialog(TrustRoots& source, ChooseOpen chooseOpen, QWidget* parent)
    : QDialog(parent), m_source(source), m_chooseOpen(std::move(chooseOpen)) {
    setObjectName(QStringLiteral("rootsDialog"));
    setWindowTitle(tr("Trusted Roots"));
    resize(960, 560);
    auto* explain = new QLabel(
        tr("A chain is held against each list that is marked. The first one answers the question whether a managed "
           "agent would trust it. Lists are tables of names, key ids and digests with a date; signatures are checked "
           "with the certificates that are on this computer and in your files."));
    explain->setWordWrap(true);
    m_profiles = new QTreeWidget;
    m_profiles->setObjectName(QStringLiteral("profiles"));
    m_profiles->setAccessibleName(tr("Lists of trusted roots"));
    m_profiles->setRootIsDecorated(false);
    m_profiles->setAlternatingRowColors(true);
    m_profiles->setUniformRowHeights(true);
    m_profiles->setToolTip(tr("Mark the lists to hold chains against"));
    m_use = new QComboBox;
    m_use->setAccessibleName(tr("How your roots are used"));
    m_use->addItems({tr("added to every list"), tr("the only roots")});
    m_use->setCurrentIndex(static_cast<int>(source.choice().use));
    auto* use = new QWidget;
    auto* useRow = new QHBoxLayout(use);
    useRow->setContentsMargins(0, 0, 0, 0);
    useRow->addWidget(new QLabel(tr("They are")));
    useRow->addWidget(m_use, 1);
    m_message = new QLabel;
    m_message->setTextFormat(Qt::PlainText);
    m_message->setWordWrap(true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::Apply);
    m_apply = buttons->button(QDialogButtonBox::Apply);
    connect(m_apply, &QPushButton::clicked, this, &RootsDialog::apply);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        apply();
        accept();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* files = new QHBoxLayout;
    files->addWidget(buildFiles(tr("Your &roots"), m_rootFiles, tr("Add Roots"), use));
    files->addWidget(buildFiles(tr("&Intermediates to build chains with"), m_intermediates, tr("Add Intermediates"),
                                new QLabel(tr("PEM, DER, PKCS#7, key stores, CCADB's lists"))));
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(explain);
    layout->addWidget(m_profiles, 3);
    auto* refresh = new QPushButton(icon(Glyph::Reload), tr("Re&fresh the list from a file…"));
    refresh->setToolTip(tr("CCADB's reports, Microsoft's authroot.stl, Java key stores, folders of PEM made by the "
                           "vendor; the current list is replaced by it"));
    refresh->setAutoDefault(false);
    connect(refresh, &QPushButton::clicked, this, &RootsDialog::refreshList);
    auto* refreshRow = new QHBoxLayout;
    refreshRow->addWidget(refresh);
    refreshRow->addStretch(1);
    layout->addLayout(refreshRow);
    layout->addLayout(files, 2);
    layout->addWidget(m_message);
    layout->addWidget(buttons);
    m_refreshed = source.choice().refreshed;
    for (const auto& path : source.choice().files) addPath(*m_rootFiles, path);
    for (const auto& path : source.choice().intermediates) addPath(*m_intermediates, path);
    connect(&source, &TrustRoots::changed, this, &RootsDialog::showRead);
    showRead();
    source.need();
}

QWidget* RootsDialog::buildFiles(const QString& title, QListWidget*& list, const QString& dialogTitle, QWidget* under) {
    list = new QListWidget;
    list->setTextElideMode(Qt::ElideLeft);
    list->setAlternatingRowColors(true);
    auto* label = new QLabel(title);
    label->setBuddy(list);
    auto* add = new QPushButton(icon(Glyph::Plus), tr("Add…"));
    auto* remove = new QPushButton(icon(Glyph::Minus), tr("Remove"));
    for (auto* button : {add, remove}) button->setAutoDefault(false);
    QListWidget* made = list;
    connect(add, &QPushButton::clicked, this, [this, made, dialogTitle] {
        m_chooseOpen(this, dialogTitle,
                     tr("Certificates (*.pem *.crt *.cer *.der *.p7b *.p7c *.p12 *.pfx *.jks *.csv *.stl);;All files "
                        "(*)"),
                     [made](const QString& path) { addPath(*made, path); });
    });
    connect(remove, &QPushButton::clicked, made, [made] { delete made->currentItem(); });
    auto* row = new QHBoxLayout;
    row->addWidget(add);
    row->addWidget(remove);
    row->addStretch(1);
    row->addWidget(under);
    auto* box = new QWidget;
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(label);
    column->addWidget(list, 1);
    column->addLayout(row);
    return box;
}

void RootsDialog::showRead() {
    const auto& read = m_source.roots();
    m_apply->setEnabled(true);
    if (!read) {
        m_message->setText(tr("Reading the lists…"));
        return;
    }
    m_message->setText(read->problems.join(QChar('\n')));
    const auto now = trustSettings(*read).now;
    const auto columns = profileColumns();
    const auto rows = profileRows(read->all, now);
    QStringList titles;
    for (const auto& column : columns) titles << column.title;
    m_profiles->clear();
    m_profiles->setHeaderLabels(titles);
    const auto& chosen = m_source.choice().profiles;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto* item = new QTreeWidgetItem(m_profiles);
        const QString id = toText(read->all[i]->id);
        item->setData(0, Qt::UserRole, id);
        item->setCheckState(0, chosen.isEmpty() || chosen.contains(id) ? Qt::Checked : Qt::Unchecked);
        for (std::size_t column = 0; column < rows[i].size(); ++column) {
            const auto& cell = rows[i][column];
            const int at = static_cast<int>(column);
            item->setText(at, cell.text);
            item->setToolTip(at, cell.more.isEmpty() ? cell.text : cell.more);
            if (cell.glyph) item->setIcon(at, icon(*cell.glyph, cell.tone));
            if (columns[column].numeric) item->setTextAlignment(at, Qt::AlignRight | Qt::AlignVCenter);
        }
    }
    constexpr int kAir = 12;
    const int widest = fontMetrics().averageCharWidth() * 40;
    for (int column = 0; column < m_profiles->columnCount(); ++column) {
        m_profiles->resizeColumnToContents(column);
        m_profiles->setColumnWidth(column, std::min(widest, m_profiles->columnWidth(column) + kAir));
    }
    if (auto* first = m_profiles->topLevelItem(0)) m_profiles->setCurrentItem(first);
}

RootChoice RootsDialog::choice() const {
    RootChoice choice;
    int marked = 0;
    for (int i = 0; i < m_profiles->topLevelItemCount(); ++i) {
        const auto* item = m_profiles->topLevelItem(i);
        if (item->checkState(0) != Qt::Checked) continue;
        choice.profiles << item->data(0, Qt::UserRole).toString();
        ++marked;
    }
    // All of them: also those that come with a later version.
    if (marked == m_profiles->topLevelItemCount()) choice.profiles.clear();
    choice.files = pathsOf(*m_rootFiles);
    choice.intermediates = pathsOf(*m_intermediates);
    choice.refreshed = m_refreshed;
    choice.use = static_cast<RootChoice::Use>(m_use->currentIndex());
    return choice;
}

void RootsDialog::refreshList() {
    const auto* item = m_profiles->currentItem();
    if (!item) return;
    const QString id = item->data(0, Qt::UserRole).toString();
    m_chooseOpen(this, tr("Newer List of Roots"), tr("Lists of roots (*.pem *.csv *.stl *.jks *.p7b);;All files (*)"),
                 [this, id](const QString& path) { refreshFrom(id, path); });
}

void RootsDialog::refreshFrom(const QString& id, const QString& path) {
    m_refreshed.removeIf([&](const QString& each) { return each.startsWith(id + QChar('=')); });
    m_refreshed << id + QChar('=') + path;
    apply();
}

void RootsDialog::addRoots(const QString& path) {
    addPath(*m_rootFiles, path);
}

void RootsDialog::apply() {
    m_source.set(choice());
}

QString RootsDialog::message() const {
    return m_message->text();
}

} // namespace gatescope::ui
