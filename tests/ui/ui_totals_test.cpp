// SPDX-License-Identifier: Apache-2.0
// The desktop shows the totals that the command line writes, on every sample.
#include "ui/views/cell_table.h"
#include "ui/views/flow_page.h"

#include "tests/ui/window_fixture.h"

#include <QDir>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

using namespace gatescope;
using namespace gatescope::ui;
using test::WindowFixture;

namespace {

const QDir kSamples{QStringLiteral(GATESCOPE_SOURCE_DIR "/resources/samples")};

QJsonObject summaryOf(const QString& sample) {
    QProcess process;
    process.start(QStringLiteral(GSCOPE), {"summary", "--format", "json", sample});
    process.waitForFinished();
    return QJsonDocument::fromJson(process.readAllStandardOutput()).object();
}

/// The sum of a column as it is shown: `1,204`, `~310`; what is not known is a dash.
qint64 sumShown(const QAbstractItemModel& model, const QString& title) {
    qint64 sum = 0;
    for (int column = 0; column < model.columnCount(); ++column) {
        if (model.headerData(column, Qt::Horizontal).toString() != title) continue;
        for (int row = 0; row < model.rowCount(); ++row)
            sum += model.index(row, column).data().toString().remove(',').remove('~').toLongLong();
        return sum;
    }
    return -1;
}

} // namespace

class UiTotalsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QApplication::setStyle(new Style); }

    void asOnTheCommandLine_data() {
        QTest::addColumn<QString>("sample");
        for (const QString& name : kSamples.entryList({"*.pcap*"}, QDir::Files))
            QTest::newRow(qPrintable(name)) << kSamples.filePath(name);
    }

    void asOnTheCommandLine() {
        QFETCH(QString, sample);
        const QJsonObject summary = summaryOf(sample);
        QVERIFY(summary.contains("exchanges"));
        const qint64 exchanges = summary.value("exchanges").toInteger();
        const qint64 tokens = summary.value("total_tokens").toInteger();

        WindowFixture fixture(Sources{});
        MainWindow& window = fixture.window;
        window.open({sample});
        QTRY_VERIFY_WITH_TIMEOUT(window.settled(), 20'000);
        QCOMPARE(qint64{window.table().model()->rowCount()}, exchanges);
        if (exchanges == 0) return; // TLS only: the page says so
        QVERIFY2(window.statusText().contains(QLocale(QLocale::English).toString(tokens)),
                 qPrintable(window.statusText()));

        test::actionFor(window, "Ctrl+2")->trigger();
        QTRY_VERIFY(window.flow().settled() && window.flow().answer());
        const auto& links = *window.flow().links().model();
        const auto& times = *window.flow().times().model();
        QTRY_COMPARE(sumShown(times, QStringLiteral("Tokens")), tokens);
        QCOMPARE(sumShown(times, QStringLiteral("Requests")), exchanges);
        // Everything passes from each layer to the next.
        const auto layers = static_cast<qint64>(window.flow().answer()->fields.size());
        QCOMPARE(sumShown(links, QStringLiteral("Tokens")), tokens * (layers - 1));
        QCOMPARE(sumShown(links, QStringLiteral("Requests")), exchanges * (layers - 1));
        QCOMPARE(sumShown(links, QStringLiteral("429")), summary.value("throttled").toInteger() * (layers - 1));
    }
};

QTEST_MAIN(UiTotalsTest)
#include "ui_totals_test.moc"
