// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/pipeline/analysis_run.h"
#include "tests/support/capture_builder.h"

#include <QByteArray>
#include <QFile>
#include <QTemporaryDir>
#include <string>
#include <variant>
#include <vector>

namespace gatescope::test {

inline const std::string kAskA =
    "POST /openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21 HTTP/1.1\r\nHost: gw\r\n"
    "openai-project: alpha\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"messages\": []}";
inline const std::string kAnswerBody =
    R"({"model": "gpt-4o", "choices": [{"finish_reason": "stop"}], "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}})";
inline const std::string kAnswerA =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(kAnswerBody.size()) +
    "\r\n\r\n" + kAnswerBody;

/// Captures in a folder that goes away with it.
class CaptureFolder {
public:
    std::string write(const char* name, const std::string& bytes) const {
        const QString path = m_folder.filePath(QLatin1String(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes.data(), static_cast<qint64>(bytes.size())) < 0)
            return {};
        return path.toStdString();
    }
    std::string path(const char* name) const { return m_folder.filePath(QLatin1String(name)).toStdString(); }

private:
    QTemporaryDir m_folder;
};

/// Connections that run side by side: whole ones, one with a loss, one out of order, one of another protocol.
inline CaptureBuilder mixedCapture(int connections = 40) {
    CaptureBuilder capture;
    std::vector<TcpFlow> flows;
    for (int i = 0; i < connections; ++i) {
        capture.clientSequence += 100'000;
        flows.push_back(capture.connect("100.64.9.87:" + std::to_string(40'000 + i),
                                        i % 2 == 0 ? "10.0.9.213:80" : "10.0.9.214:8080"));
    }
    for (int i = 0; i < connections; ++i) {
        TcpFlow& flow = flows[static_cast<std::size_t>(i)];
        if (i % 10 == 9) {
            flow.client(std::string_view("\x16\x03\x01\x00\x05hello", 10)).close();
            continue;
        }
        flow.client(kAskA);
        if (i % 10 == 4) {
            flow.server(kAnswerA.substr(0, 100)).lostFromServer(kAnswerA.substr(100, 20)).server(kAnswerA.substr(120));
        } else if (i % 10 == 5) {
            flow.server(kAnswerA.substr(0, 100), kAnswerA.substr(100));
            capture.swap(capture.packets().size() - 1, capture.packets().size());
        } else {
            flow.server(kAnswerA);
        }
        flow.client(kAskA).server(kAnswerA);
        if (i % 3 == 0) flow.close();
        if (i % 3 == 1) flow.reset(false);
    }
    return capture;
}

/// Everything that a snapshot says, as text.
inline QByteArray described(const analysis::Snapshot& snapshot) {
    QByteArray text;
    const auto add = [&](std::string_view part) {
        text.append(part.data(), static_cast<qsizetype>(part.size())).append(' ');
    };
    for (const analysis::Row row : snapshot.order()) {
        for (const analysis::FieldInfo& info : analysis::fields()) {
            const analysis::Value value = snapshot.value({info.id, info.type, {}}, row);
            if (const auto* number = std::get_if<std::int64_t>(&value))
                add(std::to_string(*number));
            else if (const auto* view = std::get_if<std::string_view>(&value))
                add(*view);
            else if (const auto* list = std::get_if<std::vector<std::string_view>>(&value)) {
                for (const std::string_view entry : *list) add(entry);
            } else {
                add("-");
            }
        }
        text += '\n';
    }
    for (const analysis::Flow& flow : snapshot.flows()) {
        const analysis::FlowRecord& r = flow.record;
        add(std::to_string(flow.number) + ' ' + std::to_string(r.input) + ' ' + std::to_string(r.firstPacket) + ' ' +
            r.client.toString() + ' ' + r.server.toString() + ' ' + std::to_string(r.packets) + ' ' +
            std::to_string(r.payloadBytes) + ' ' + std::to_string(r.lostBytes) + ' ' + r.protocol + '\n');
    }
    for (const analysis::PlacedFinding& placed : snapshot.findings()) {
        add(placed.finding.kind->id);
        add(std::to_string(placed.finding.packet.value_or(0)) + ' ' + std::to_string(placed.finding.input.value_or(0)));
        for (const std::string& evidence : placed.finding.evidence) add(evidence);
        text += '\n';
    }
    return text;
}

} // namespace gatescope::test
