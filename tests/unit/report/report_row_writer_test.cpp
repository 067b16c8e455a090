// SPDX-License-Identifier: Apache-2.0
#include "core/report/row_writer.h"

#include <QElapsedTimer>
#include <QtTest>

using namespace gatescope;
using namespace gatescope::report;

namespace {

class TextSink : public ByteSink {
public:
    bool write(std::string_view bytes) override {
        if (text.size() >= limit) return false;
        text += bytes;
        return true;
    }
    std::string text;
    std::size_t limit = std::string::npos;
};

const std::vector<Column> kColumns{{"n", ColumnType::Integer},    {"when", ColumnType::Time},
                                   {"ms", ColumnType::Duration},  {"share", ColumnType::Decimal},
                                   {"ok", ColumnType::Boolean},   {"name", ColumnType::Text},
                                   {"list", ColumnType::TextList}};

/// One row with all values, one with none, one with some.
std::string threeRows(Format format, std::size_t width = 0) {
    TextSink sink;
    RowWriter writer({format, width}, kColumns, sink);
    writer.cell(std::int64_t{-7});
    writer.cell(std::int64_t{1'767'225'600'000'000'001});
    writer.cell(std::int64_t{2'500'000});
    writer.cell(1.0 / 3);
    writer.cell(std::int64_t{1});
    writer.text("a,\"b\"");
    writer.cell(std::vector<std::string_view>{"x", "y"});
    writer.endRow();
    for (std::size_t i = 0; i < kColumns.size(); ++i) writer.missing();
    writer.endRow();
    for (std::size_t i = 0; i < 5; ++i) writer.cell(Cell());
    writer.cell(std::string_view(""));
    writer.cell(std::vector<std::string_view>{});
    writer.endRow();
    return writer.finish() ? sink.text : std::string("refused");
}

} // namespace

class ReportRowWriterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void jsonLines() {
        QCOMPARE(threeRows(Format::Jsonl),
                 std::string(
                     "{\"n\":-7,\"when\":\"2026-01-01T00:00:00.000000001Z\",\"ms\":2.500,\"share\":0.3333,\"ok\":true,"
                     "\"name\":\"a,\\\"b\\\"\",\"list\":[\"x\",\"y\"]}"
                     "\n{}\n{\"name\":\"\",\"list\":[]}\n"));
    }
    void jsonArray() {
        const std::string text = threeRows(Format::Json);
        QVERIFY(text.starts_with("[\n{\"n\":-7,"));
        QVERIFY(text.ends_with("},\n{},\n{\"name\":\"\",\"list\":[]}\n]\n"));
        TextSink sink;
        QVERIFY(RowWriter({Format::Json, 0}, kColumns, sink).finish());
        QCOMPARE(sink.text, std::string("[]\n"));
    }
    void csv() {
        QCOMPARE(threeRows(Format::Csv),
                 std::string("n,when,ms,share,ok,name,list\r\n"
                             "-7,2026-01-01T00:00:00.000000001Z,2.500,0.3333,true,\"a,\"\"b\"\"\",\"x;y\"\r\n"
                             ",,,,,,\r\n,,,,,\"\",\r\n"));
    }
    void tsv() { QVERIFY(threeRows(Format::Tsv).starts_with("n\twhen\tms\tshare\tok\tname\tlist\n-7\t2026-01-01T")); }
    void table() {
        QCOMPARE(threeRows(Format::Table),
                 std::string(" n  when                               ms   share  ok   name   list\n"
                             "-7  2026-01-01T00:00:00.000000001Z  2.500  0.3333  yes  a,\"b\"  x;y\n"
                             " -  -                                   -       -  -    -      -\n"
                             " -  -                                   -       -  -           -\n"));
    }
    void tableIsCutToTheTerminal() {
        const QString text = QString::fromStdString(threeRows(Format::Table, 50));
        for (const QString& line : text.split('\n')) QVERIFY2(line.size() <= 50, qPrintable(line));
        QVERIFY(text.contains("2026-01-01")); // the time gives way first, being the widest; numbers stay whole
        QVERIFY(text.contains("2.500  0.3333"));
        QVERIFY(text.contains(QChar(0x2026)));
        for (std::size_t width = 1; width < 90; ++width) {
            const QString narrow = QString::fromStdString(threeRows(Format::Table, width));
            for (const QString& line : narrow.split('\n')) QVERIFY(line.size() <= static_cast<qsizetype>(width));
        }
    }
    void aClosedSinkStopsTheWriter() {
        TextSink sink;
        sink.limit = 1;
        RowWriter writer({Format::Jsonl, 0}, {{"t", ColumnType::Text}}, sink);
        const std::string text(1000, 'x');
        for (int i = 0; i < 1000 && !writer.refused(); ++i) {
            writer.text(text);
            writer.endRow();
        }
        QVERIFY(writer.refused());
        QVERIFY(!writer.finish());
    }
    void manyRowsAreQuick() {
        std::vector<Column> columns;
        for (int i = 0; i < 50; ++i) columns.push_back({"column_" + std::to_string(i), ColumnType::Text});
        TextSink sink;
        RowWriter writer({Format::Jsonl, 0}, columns, sink);
        QElapsedTimer timer;
        timer.start();
        for (int row = 0; row < 22'000; ++row) {
            for (int i = 0; i < 50; ++i) i % 3 == 0 ? writer.missing() : writer.text("a value of common length");
            writer.endRow();
        }
        writer.finish();
        qInfo("22,000 rows of 50 fields in %lld ms", timer.elapsed());
        QCOMPARE(std::ranges::count(sink.text, '\n'), 22'000);
    }
};

QTEST_APPLESS_MAIN(ReportRowWriterTest)
#include "report_row_writer_test.moc"
