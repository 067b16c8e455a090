// SPDX-License-Identifier: Apache-2.0
#include "ui/views/path_tab.h"

#include "core/analysis/path_graph.h"
#include "ui/bridge/join_text.h"
#include "ui/bridge/text.h"
#include "ui/models/path_shapes.h"
#include "ui/widgets/elided_label.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr int kRailWidth = 22;
constexpr int kEvidenceIndent = 16;

QPen penOf(HopLine line, const QColor& ink) {
    QPen pen(ink, 2, Qt::SolidLine, Qt::FlatCap);
    if (line == HopLine::Dashed) pen.setDashPattern({3, 2});
    if (line == HopLine::Dotted) pen.setDashPattern({1, 1.5});
    return pen;
}

/// The first column, with the rail of the ladder before its text.
class RailDelegate : public QStyledItemDelegate {
public:
    RailDelegate(const PathLadderModel& model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyleOptionViewItem text = option;
        const auto kind = m_model.kindAt(index.row());
        const bool evidence = kind == PathLadderModel::Kind::For || kind == PathLadderModel::Kind::Against;
        const int indent = kind == PathLadderModel::Kind::Finding ? 0 : kRailWidth + (evidence ? kEvidenceIndent : 0);
        text.rect.setLeft(option.rect.left() + indent);
        QStyleOptionViewItem room = option;
        room.rect.setRight(text.rect.left());
        option.widget->style()->drawPrimitive(QStyle::PE_PanelItemViewItem, &room, painter, option.widget);
        QStyledItemDelegate::paint(painter, text, index);
        if (kind != PathLadderModel::Kind::Finding) paintRail(*painter, option, m_model.railAt(index.row()));
    }

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        return QStyledItemDelegate::sizeHint(option, index) + QSize(kRailWidth + kEvidenceIndent, 0);
    }

private:
    static void paintRail(QPainter& painter, const QStyleOptionViewItem& option, const PathLadderModel::Rail& rail) {
        const QRectF room = option.rect;
        const double x = room.left() + kRailWidth / 2.0 + 2;
        const QPointF middle(x, room.center().y());
        const QColor ink = colour(Tone::BarReceive, option.palette);
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        if (rail.above) {
            painter.setPen(penOf(*rail.above, ink));
            painter.drawLine(QPointF(x, room.top()), middle);
        }
        if (rail.below) {
            painter.setPen(penOf(*rail.below, ink));
            painter.drawLine(middle, QPointF(x, room.bottom() + 1));
        }
        if (rail.stop) {
            painter.setPen(QPen(ink, 2));
            painter.setBrush(option.palette.color(QPalette::Base));
            painter.drawEllipse(middle, 4.5, 4.5);
        }
        if (rail.gap) {
            const QRectF mark(x - 8, middle.y() - 7, 16, 14);
            painter.setPen(QPen(colour(Tone::Muted, option.palette), 1));
            painter.setBrush(option.palette.color(QPalette::Base));
            painter.drawRoundedRect(mark, 3, 3);
            painter.setPen(option.palette.color(QPalette::Text));
            painter.drawText(mark, Qt::AlignCenter, QStringLiteral("?"));
        }
        painter.restore();
    }

    const PathLadderModel& m_model;
};

QString clientText(const path::SourcePath& path) {
    if (path.hops.empty()) return PathTab::tr("This call says nothing of its way.");
    if (path.effectiveClientText.empty()) return PathTab::tr("Effective client: not known");
    const QString client = PathTab::tr("Effective client: %1").arg(toText(path.effectiveClientText));
    if (path.verifiedBy) return client + PathTab::tr(", verified by %1").arg(toText(path.verifiedBy->toString()));
    for (const auto& hop : path.hops) {
        if (hop.address && hop.address == path.effectiveClient) {
            return client + QStringLiteral(", ") + standingText(hop.standing);
        }
    }
    return client;
}

} // namespace

PathTab::PathTab(QWidget* parent) : QWidget(parent), m_trust(std::make_shared<const path::Trust>()) {
    m_client = new ElidedLabel;
    m_client->setObjectName(QStringLiteral("effectiveClient"));
    m_client->setContentsMargins(8, 4, 8, 2);
    m_join = new ElidedLabel;
    m_join->setObjectName(QStringLiteral("joinLine"));
    m_join->setElideMode(Qt::ElideRight);
    m_join->setContentsMargins(8, 0, 8, 2);
    m_model = new PathLadderModel(this);
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("pathLadder"));
    m_table->setAccessibleName(tr("Path of this call, hop by hop"));
    m_table->setModel(m_model);
    m_table->setItemDelegateForColumn(PathLadderModel::What, new RailDelegate(*m_model, m_table));
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    const int letter = fontMetrics().averageCharWidth();
    m_table->setColumnWidth(PathLadderModel::What, letter * 42);
    m_table->setColumnWidth(PathLadderModel::Value, letter * 34);
    m_table->setColumnWidth(PathLadderModel::Range, letter * 44);
    m_table->setColumnWidth(PathLadderModel::Standing, letter * 34);
    connect(m_table, &QWidget::customContextMenuRequested, this, &PathTab::showMenu);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_client);
    layout->addWidget(m_join);
    layout->addWidget(m_table, 1);
    setFocusProxy(m_table);
    clear();
}

void PathTab::show(const Snapshot& snapshot, Row row) {
    m_snapshot = snapshot;
    m_row = row;
    update();
}

void PathTab::clear() {
    m_snapshot.reset();
    update();
}

void PathTab::setTrust(std::shared_ptr<const path::Trust> trust) {
    m_trust = std::move(trust);
    update();
}

void PathTab::update() {
    if (!m_snapshot) {
        m_model->clear();
        m_client->setFullText({});
        m_join->hide();
        return;
    }
    const auto path = pathOf(*m_snapshot, m_row, *m_trust);
    m_model->show(path);
    m_client->setFullText(clientText(path));
    const QString joined = joinText(*m_snapshot, m_row);
    m_join->setFullText(joined);
    m_join->setVisible(!joined.isEmpty());
}

QString PathTab::clientLine() const {
    return m_client->fullText();
}

QString PathTab::joinLine() const {
    return m_join->fullText();
}

void PathTab::showMenu(const QPoint& place) {
    const QModelIndex index = m_table->indexAt(place);
    if (!index.isValid()) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QString value = index.siblingAtColumn(PathLadderModel::Value).data().toString();
    menu->addAction(icon(Glyph::Copy), tr("Copy value"), this,
                    [value] { QGuiApplication::clipboard()->setText(value); });
    if (const QString header = m_model->headerAt(index.row()); !header.isEmpty()) {
        addFilterMenus(menu, QStringLiteral("exists(header:%1)").arg(header),
                       [this](const QString& condition, Combine how, bool apply) {
                           Q_EMIT conditionWanted(condition, how, apply);
                       });
    }
    menu->popup(m_table->viewport()->mapToGlobal(place));
}

} // namespace gatescope::ui
