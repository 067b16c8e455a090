// SPDX-License-Identifier: Apache-2.0
// Recordings that were sent again over a network and captured, each with a table of what is in it: the hop in the
// clear, and the one under TLS with the keys beside it. They are not part of the project; the same ground is covered by
// pipeline_analyse_test and pipeline_tls_test.
#include <QTest> // first: moc 6.4 stumbles over <compare> else

#include "core/pipeline/secrets.h"
#include "tests/unit/pipeline/captures.h"

#include <QMap>
#include <cstdlib>
#include <filesystem>

using namespace gatescope;
using namespace gatescope::test;
using analysis::FieldId;
namespace fs = std::filesystem;

namespace {

fs::path replays() {
    const char* given = std::getenv("GATESCOPE_SHARED");
    const fs::path shared = given ? fs::path(given) : fs::path(GATESCOPE_SOURCE_DIR).parent_path() / "shared";
    return shared / "corpus" / "replays";
}

using Row = QMap<QString, QString>;

/// `-` is "not there" and is left out.
QList<Row> rowsOf(const QString& path) {
    QFile file(path);
    QList<Row> rows;
    if (!file.open(QIODevice::ReadOnly)) return rows;
    QStringList names;
    for (const QString& line : QString::fromUtf8(file.readAll()).split('\n', Qt::SkipEmptyParts)) {
        const QStringList cells = line.split('\t');
        if (names.isEmpty()) {
            names = cells;
            continue;
        }
        Row& row = rows.emplace_back();
        for (qsizetype i = 0; i < std::min(cells.size(), names.size()); ++i)
            if (cells[i] != "-") row[names[i]] = cells[i];
    }
    return rows;
}

} // namespace

class PipelineReplaysTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsBothHops_data();
    void readsBothHops();
};

void PipelineReplaysTest::readsBothHops_data() {
    QTest::addColumn<QString>("capture");
    QTest::addColumn<QString>("table");
    QTest::addColumn<bool>("encrypted");
    if (!fs::exists(replays())) return;
    for (const auto& entry : fs::directory_iterator(replays())) {
        const std::string path = entry.path().string();
        const std::string stem = path.substr(0, path.rfind('.'));
        const bool capture = path.ends_with(".pcap") || path.ends_with(".pcapng");
        if (!capture || !fs::exists(stem + ".expected.tsv")) continue;
        for (const bool encrypted : {false, true})
            QTest::addRow("%s %s", entry.path().filename().c_str(), encrypted ? "under TLS" : "in the clear")
                << QString::fromStdString(path) << QString::fromStdString(stem + ".expected.tsv") << encrypted;
    }
}

void PipelineReplaysTest::readsBothHops() {
    if (!QTest::currentDataTag()) QSKIP("the recordings are not here");
    QFETCH(QString, capture);
    QFETCH(QString, table);
    QFETCH(bool, encrypted);
    const std::vector<std::string> paths{capture.toStdString()};
    analysis::Dataset dataset(paths);
    pipeline::RunOptions options;
    options.secrets = std::make_shared<pipeline::Secrets>();
    const std::string keys = paths[0].substr(0, paths[0].rfind('.')) + ".keys.txt"; // or they are inside
    if (fs::exists(keys)) QVERIFY(options.secrets->addKeyLogFile(keys));
    pipeline::analyse(paths, dataset, options, {});
    const analysis::Snapshot snapshot = dataset.snapshot();
    const auto text = [&](FieldId field, analysis::Row row) {
        const std::string_view view = snapshot.text(snapshot.code(field, row));
        return QString::fromUtf8(view.data(), qsizetype(view.size()));
    };
    const auto count = [&](FieldId field, analysis::Row row) {
        const std::int64_t number = snapshot.number(field, row);
        return number == analysis::kNoNumber ? QString() : QString::number(number);
    };
    // Each exchange in the clear is one that the table has, with the same model, outcome and counts.
    QList<Row> wanted = rowsOf(table);
    for (const analysis::Row row : snapshot.order()) {
        if (text(FieldId::Api, row).isEmpty() || (text(FieldId::Tls, row) == "none") == encrypted) continue;
        Row found{{"path", text(FieldId::Path, row)},
                  {"status", count(FieldId::Status, row)},
                  {"req_model", text(FieldId::RequestedModel, row)},
                  {"resp_model", text(FieldId::ServedModel, row)},
                  {"output_tokens", count(FieldId::OutputTokens, row)},
                  {"cached_tokens", count(FieldId::CachedTokens, row)},
                  {"reasoning_tokens", count(FieldId::ReasoningTokens, row)},
                  {"finish", text(FieldId::FinishReason, row)},
                  {"sse_events", count(FieldId::StreamEvents, row)}};
        if (text(FieldId::Api, row).startsWith("openai.")) { // the table has the provider's own input, without cache
            found["input_tokens"] = count(FieldId::InputTokens, row);
            found["total_tokens"] = count(FieldId::TotalTokens, row);
        }
        const auto same = [&](const Row& expected) {
            for (auto cell = found.cbegin(); cell != found.cend(); ++cell)
                if (expected.value(cell.key()).section('?', 0, 0) != cell.value()) return false;
            return true;
        };
        const auto match = std::find_if(wanted.begin(), wanted.end(), same);
        QVERIFY2(match != wanted.end(), qPrintable(found.values().join(' ')));
        wanted.erase(match);
    }
    // And nothing that was answered is missing: what has no status never reached the hop in the clear, and one call
    // without a client certificate was answered by the gateway itself.
    for (const Row& missing : wanted) {
        const bool byGateway = !encrypted && capture.contains("certificate-failures") && missing["n"] == "5";
        QVERIFY2(byGateway || !missing.contains("status"), qPrintable("not found: " + missing.values().join(' ')));
    }
}

QTEST_APPLESS_MAIN(PipelineReplaysTest)
#include "pipeline_replays_test.moc"
