// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/text.h"
#include "ui/models/event_table_model.h"
#include "ui/models/exchange_table_model.h"
#include "ui/models/group_tree_model.h"
#include "ui/models/header_table_model.h"

#include "tests/ui/sample_traffic.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace gatescope;
using namespace gatescope::ui;
using analysis::FieldId;

namespace {

/// The worker's answer to a query, without waiting for signals in each test.
RowOrder orderOf(const analysis::Snapshot& snapshot, const char* filter = "", const char* group = "",
                 std::optional<SortKey> sort = {}) {
    RowOrderWorker worker;
    QSignalSpy spy(&worker, &RowOrderWorker::answered);
    std::optional<RowOrder> order;
    QObject::connect(&worker, &RowOrderWorker::answered, [&](const RowOrder& answer) { order = answer; });
    worker.ask({snapshot, 1, analysis::Filter::parse(filter).value(), analysis::Filter::parse(group).value(), {}, sort},
               true);
    if (!order) spy.wait();
    return order.value();
}

QStringList column(const QAbstractItemModel& model, int column, const QModelIndex& parent = {}) {
    QStringList texts;
    for (int row = 0; row < model.rowCount(parent); ++row) texts << model.index(row, column, parent).data().toString();
    return texts;
}

} // namespace

class UiModelsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void tableShowsWhatTheCallsAre() {
        ExchangeTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.rowCount(), 0);
        model.show(orderOf(test::twelveCallSnapshot()));
        QCOMPARE(model.rowCount(), 12);
        const auto at = [&](int row, FieldId id) {
            return model.index(row, *model.columnOf(fieldOf(id))).data().toString();
        };
        QCOMPARE(at(0, FieldId::Time), QStringLiteral("18:23:14.203"));
        QCOMPARE(at(0, FieldId::Project), QStringLiteral("sampleproject1"));
        QCOMPARE(at(0, FieldId::Agent), QStringLiteral("TestAgent :5"));
        QCOMPARE(at(0, FieldId::Model), QStringLiteral("gpt-4o"));
        QCOMPARE(at(0, FieldId::Status), QStringLiteral("200"));
        QCOMPARE(at(0, FieldId::InputTokens), QStringLiteral("1,204"));
        QCOMPARE(at(0, FieldId::Duration), QStringLiteral("4.20 s"));
        QCOMPARE(at(0, FieldId::Ttft), QStringLiteral("640 ms"));
        QCOMPARE(at(4, FieldId::InputTokens), QStringLiteral("~310")); // estimated
        QCOMPARE(at(5, FieldId::Project), QStringLiteral("–"));
        QCOMPARE(at(9, FieldId::Status), QStringLiteral("–"));
        QCOMPARE(at(9, FieldId::InputTokens), QStringLiteral("–")); // unknown is not 0
    }

    void tableTakesAnyHeaderAsColumnAndMasksIt() {
        ExchangeTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show(orderOf(test::twelveCallSnapshot()));
        const int before = model.columnCount();
        for (const char* name : {"header:api-key", "header:Authorization", "response-header:x-ms-region"}) {
            model.insertField(model.columnCount(), analysis::Field::parse(name).value());
        }
        QCOMPARE(model.columnCount(), before + 3);
        QCOMPARE(model.index(0, before + 2).data().toString(), QStringLiteral("East US 2"));
        for (const int role : {int(Qt::DisplayRole), int(Qt::ToolTipRole)}) {
            const QString secret = toText(test::kSecret);
            QVERIFY(!model.index(0, before).data(role).toString().contains(secret));
            QVERIFY(!model.index(0, before + 1).data(role).toString().contains(secret));
        }
        QVERIFY(model.index(0, before + 1).data().toString().startsWith(QStringLiteral("Bearer ")));
        model.insertField(0, analysis::Field::parse("header:api-key").value()); // there already
        QCOMPARE(model.columnCount(), before + 3);
        model.removeField(before);
        QCOMPARE(model.columnCount(), before + 2);
    }

    void indexesStayWithTheirExchanges() {
        ExchangeTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto snapshot = test::twelveCallSnapshot();
        model.show(orderOf(snapshot));
        const auto row = model.rowAt(3);
        const QPersistentModelIndex kept(model.index(3, 0));
        const QPersistentModelIndex lost(model.index(0, 0));
        model.show(orderOf(snapshot, "project == \"team-b\"", "", SortKey{fieldOf(FieldId::Time), true}));
        QCOMPARE(model.rowCount(), 3);
        QVERIFY(kept.isValid());
        QCOMPARE(model.rowAt(kept.row()), row);
        QCOMPARE(kept.row(), 2);
        QVERIFY(!lost.isValid());
        model.show(orderOf(snapshot));
        QCOMPARE(kept.row(), 3);
    }

    void sortingPutsMissingValuesLastBothWays() {
        const auto snapshot = test::twelveCallSnapshot();
        for (const bool descending : {false, true}) {
            const auto rows = sortedRows(snapshot, snapshot.order(), {fieldOf(FieldId::InputTokens), descending});
            std::vector<std::int64_t> values;
            for (const auto row : rows) values.push_back(snapshot.number(FieldId::InputTokens, row));
            const std::vector<std::int64_t> up{87, 305, 310, 1204, 1204, 1590, 1711, 2210};
            const std::vector<std::int64_t> expected =
                descending ? std::vector<std::int64_t>(up.rbegin(), up.rend()) : up;
            QVERIFY(std::equal(expected.begin(), expected.end(), values.begin()));
            for (std::size_t i = expected.size(); i < values.size(); ++i) QCOMPARE(values[i], analysis::kNoNumber);
        }
    }

    void sortingByTextListsAndHeaders() {
        const auto snapshot = test::twelveCallSnapshot();
        const auto projects = sortedRows(snapshot, snapshot.order(), {fieldOf(FieldId::Project), true});
        QCOMPARE(valueText(snapshot, fieldOf(FieldId::Project), projects.front()), QStringLiteral("team-b"));
        QCOMPARE(valueText(snapshot, fieldOf(FieldId::Project), projects.back()), QString());
        const auto header = analysis::Field::parse("response-header:retry-after").value();
        const auto retries = sortedRows(snapshot, snapshot.order(), {header, false});
        QCOMPARE(valueText(snapshot, header, retries[0]), QStringLiteral("7"));
        QCOMPARE(valueText(snapshot, header, retries[1]), QString());
        // Ties keep the order of time.
        QCOMPARE(snapshot.id(retries[1]), 1);
        QCOMPARE(sortedRows(snapshot, snapshot.order(), {fieldOf(FieldId::Findings), false}).size(), std::size_t{12});
    }

    void treeGroupsByProjectAgentAndModel() {
        GroupTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show(orderOf(test::twelveCallSnapshot()));
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("All requests"));
        QCOMPARE(model.index(0, GroupTreeModel::Requests).data().toString(), QStringLiteral("12"));
        const auto names = column(model, 0);
        QCOMPARE(names.size(), 4);
        const auto find = [&](const QString& name, const QModelIndex& parent = {}) {
            for (int row = 0; row < model.rowCount(parent); ++row) {
                const auto index = model.index(row, 0, parent);
                if (index.data().toString() == name) return index;
            }
            return QModelIndex();
        };
        const auto sample = find(QStringLiteral("sampleproject1"));
        QVERIFY(sample.isValid());
        QCOMPARE(sample.siblingAtColumn(GroupTreeModel::Requests).data().toString(), QStringLiteral("7"));
        QCOMPARE(sample.siblingAtColumn(GroupTreeModel::Throttled).data().toString(), QStringLiteral("1"));
        const auto agent = find(QStringLiteral("TestAgent :5"), sample);
        QVERIFY(agent.isValid());
        QCOMPARE(agent.siblingAtColumn(GroupTreeModel::Requests).data().toString(), QStringLiteral("5"));
        const auto gpt = find(QStringLiteral("gpt-4o"), agent);
        QVERIFY(gpt.isValid());
        QCOMPARE(model.pathText(gpt), QStringLiteral("sampleproject1 › TestAgent :5 › gpt-4o"));
        const auto rows = analysis::Filter::parse(model.filterText(gpt)).value();
        const auto snapshot = test::twelveCallSnapshot();
        QCOMPARE(rows.apply(snapshot, snapshot.order()).size(), std::size_t{5});
        const auto nameless = find(QStringLiteral("(no project)"));
        QVERIFY(nameless.isValid());
        QCOMPARE(analysis::Filter::parse(model.filterText(nameless)).value().apply(snapshot, snapshot.order()).size(),
                 std::size_t{2});
        QCOMPARE(nameless.siblingAtColumn(GroupTreeModel::Errors).data().toString(), QStringLiteral("1"));
        QCOMPARE(model.indexOf(model.filterText(gpt)), gpt);
    }

    void treeKeepsChosenGroupsThroughUpdates() {
        GroupTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto snapshot = test::twelveCallSnapshot();
        model.show(orderOf(snapshot));
        QPersistentModelIndex team;
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.index(row, 0).data().toString() == QStringLiteral("team-b")) team = model.index(row, 0);
        }
        QVERIFY(team.isValid());
        model.show(orderOf(snapshot, "status == 500"));
        QVERIFY(team.isValid());
        QCOMPARE(team.data().toString(), QStringLiteral("team-b"));
        QCOMPARE(model.rowCount(), 2);
        model.show(orderOf(snapshot, "status == 429"));
        QVERIFY(!team.isValid());
        model.clear();
        QCOMPARE(model.rowCount(), 0);
    }

    void headersAreMaskedUntilRevealed() {
        HeaderTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto snapshot = test::twelveCallSnapshot();
        model.show(snapshot, snapshot.order().front());
        const auto names = column(model, HeaderTableModel::Name);
        const auto key = static_cast<int>(names.indexOf(QStringLiteral("api-key")));
        QVERIFY(key >= 0);
        QVERIFY(!model.valueAt(key).contains(toText(test::kSecret)));
        QCOMPARE(model.index(key, HeaderTableModel::Sensitivity).data().toString(), QStringLiteral("secret"));
        QVERIFY(!model.index(key, HeaderTableModel::Value)
                     .data(Qt::ToolTipRole)
                     .toString()
                     .contains(toText(test::kSecret)));
        QVERIFY(!model.index(key, HeaderTableModel::Meaning).data().toString().isEmpty());
        model.setRevealed(true);
        QCOMPARE(model.valueAt(key), toText(test::kSecret));
        QCOMPARE(model.fieldAt(key)->name(), std::string("header:api-key"));
        QCOMPARE(column(model, HeaderTableModel::Side).last(), QStringLiteral("response"));
        model.clear();
    }

    void eventsHaveTheirTimes() {
        EventTableModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.show({{1'000'000'000, "", "{}", "Hi"}, {1'250'000'000, "done", "[DONE]", ""}, {kNoTime, "", "x", ""}},
                   400'000'000);
        QCOMPARE(column(model, EventTableModel::After),
                 QStringList({QStringLiteral("600 ms"), QStringLiteral("850 ms"), QString()}));
        QCOMPARE(column(model, EventTableModel::Gap), QStringList({QString(), QStringLiteral("250 ms"), QString()}));
        model.clear();
        QCOMPARE(model.rowCount(), 0);
    }
};

QTEST_MAIN(UiModelsTest)
#include "ui_models_test.moc"
