// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/json_text.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace gatescope::ui {
namespace {

constexpr std::size_t kMaxIndentDepth = 64;

bool isSpace(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\n' || letter == '\r';
}

class Indenter {
public:
    std::string layOut(std::string_view json) {
        m_out.reserve(json.size() + json.size() / 4);
        for (std::size_t i = 0; i < json.size(); ++i) {
            if (m_inString)
                continueString(json[i]);
            else if (!isSpace(json[i]))
                structure(json, i);
        }
        return std::move(m_out);
    }

private:
    void continueString(char letter) {
        m_out += letter;
        if (m_escaped)
            m_escaped = false;
        else if (letter == '\\')
            m_escaped = true;
        else if (letter == '"')
            m_inString = false;
    }
    void structure(std::string_view json, std::size_t& i) {
        const char letter = json[i];
        switch (letter) {
        case '{':
        case '[': {
            std::size_t next = i + 1;
            while (next < json.size() && isSpace(json[next])) ++next;
            m_out += letter;
            if (next < json.size() && json[next] == (letter == '{' ? '}' : ']')) {
                m_out += json[next];
                i = next;
                return;
            }
            ++m_depth;
            newLine();
            return;
        }
        case '}':
        case ']':
            if (m_depth > 0) --m_depth;
            newLine();
            m_out += letter;
            return;
        case ',':
            m_out += letter;
            newLine();
            return;
        case ':':
            m_out += ": ";
            return;
        case '"':
            m_inString = true;
            [[fallthrough]];
        default:
            m_out += letter;
        }
    }
    void newLine() {
        m_out += '\n';
        m_out.append(2 * std::min(m_depth, kMaxIndentDepth), ' ');
    }

    std::string m_out;
    std::size_t m_depth = 0;
    bool m_inString = false;
    bool m_escaped = false;
};

QString chatDelta(const QJsonObject& choice) {
    const QJsonObject delta = choice.value(QLatin1String("delta")).toObject();
    QString text = delta.value(QLatin1String("content")).toString();
    text += delta.value(QLatin1String("refusal")).toString();
    for (const auto& call : delta.value(QLatin1String("tool_calls")).toArray()) {
        const QJsonObject function = call.toObject().value(QLatin1String("function")).toObject();
        const QString name = function.value(QLatin1String("name")).toString();
        if (!name.isEmpty()) text += QStringLiteral("\n[tool call] ") + name + QChar(' ');
        text += function.value(QLatin1String("arguments")).toString();
    }
    return text + choice.value(QLatin1String("text")).toString();
}

QString deltaText(const QJsonObject& event) {
    const QString type = event.value(QLatin1String("type")).toString();
    if (type == QLatin1String("content_block_delta")) {
        const QJsonObject delta = event.value(QLatin1String("delta")).toObject();
        return delta.value(QLatin1String("text")).toString() + delta.value(QLatin1String("partial_json")).toString();
    }
    const bool addsText = type == QLatin1String("response.output_text.delta") ||
                          type == QLatin1String("response.refusal.delta") ||
                          type == QLatin1String("response.function_call_arguments.delta");
    if (addsText) return event.value(QLatin1String("delta")).toString();
    QString text;
    // Several choices (n > 1) would interleave: the first one is the answer.
    for (const auto& choice : event.value(QLatin1String("choices")).toArray()) {
        if (choice.toObject().value(QLatin1String("index")).toInt() == 0) text += chatDelta(choice.toObject());
    }
    return text;
}

} // namespace

std::string indentJson(std::string_view json) {
    return Indenter().layOut(json);
}

bool looksLikeJson(std::string_view text) {
    const auto first = std::find_if_not(text.begin(), text.end(), isSpace);
    return first != text.end() && (*first == '{' || *first == '[');
}

std::string streamedText(std::string_view eventData) {
    if (!looksLikeJson(eventData)) return {};
    const auto document =
        QJsonDocument::fromJson(QByteArray::fromRawData(eventData.data(), static_cast<qsizetype>(eventData.size())));
    return deltaText(document.object()).toUtf8().toStdString();
}

} // namespace gatescope::ui
