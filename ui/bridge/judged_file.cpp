// SPDX-License-Identifier: Apache-2.0
// Files that are judged: certificates, and dumps of headers, told apart by what is in them.
#include "core/trust/certificate_file.h"
#include "ui/bridge/text.h"
#include "ui/bridge/trust_answer.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>

namespace gatescope::ui {
using namespace analysis;
namespace {

constexpr std::size_t kMostMessages = 10'000;
constexpr qsizetype kLongestName = 200;

using Headers = std::vector<std::pair<QString, QString>>;

/// The heads of messages in a JSON text: any object whose members are texts, `{"name": ..., "value": ...}` in a list
/// (HAR), or texts in lists (Python's and Go's dumps).
class HeaderDump {
public:
    explicit HeaderDump(const QJsonDocument& document) {
        if (document.isArray()) walk(document.array(), 0);
        if (document.isObject()) walk(document.object(), 0);
    }
    std::vector<Headers> take() { return std::move(m_messages); }

private:
    static constexpr int kDeepest = 32;

    void add(Headers headers) {
        if (!headers.empty() && m_messages.size() < kMostMessages) m_messages.push_back(std::move(headers));
    }
    void walk(const QJsonObject& object, int depth) {
        if (depth > kDeepest) return;
        Headers headers;
        for (auto member = object.begin(); member != object.end(); ++member) {
            const QJsonValue value = member.value();
            if (value.isString()) headers.emplace_back(member.key(), value.toString());
            if (value.isObject()) walk(value.toObject(), depth + 1);
            if (!value.isArray()) continue;
            const QJsonArray list = value.toArray();
            for (const auto& each : list) {
                if (each.isString()) headers.emplace_back(member.key(), each.toString());
            }
            walk(list, depth + 1);
        }
        add(std::move(headers));
    }
    void walk(const QJsonArray& list, int depth) {
        if (depth > kDeepest) return;
        Headers pairs;
        for (const auto& each : list) {
            const QJsonObject object = each.toObject();
            const QJsonValue name = object[QStringLiteral("name")];
            const QJsonValue value = object[QStringLiteral("value")];
            if (name.isString() && value.isString())
                pairs.emplace_back(name.toString(), value.toString());
            else if (each.isObject())
                walk(object, depth + 1);
            else if (each.isArray())
                walk(each.toArray(), depth + 1);
        }
        add(std::move(pairs));
    }

    std::vector<Headers> m_messages;
};

/// `name: value` lines; an empty line, or a line that begins a message, ends a head. Nothing when that is not what the
/// text is.
std::vector<Headers> headersOfLines(const QString& text) {
    static const QRegularExpression name(QStringLiteral("^[<> *]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\\s*:\\s*(.*)$"));
    std::vector<Headers> messages(1);
    std::size_t strange = 0;
    std::size_t fields = 0;
    for (const auto& line : QStringView(text).split(QChar('\n'))) {
        const QString trimmed = line.trimmed().toString();
        if (trimmed.isEmpty()) {
            if (!messages.back().empty() && messages.size() < kMostMessages) messages.emplace_back();
            continue;
        }
        const auto match = name.match(trimmed);
        if (match.hasMatch() && match.capturedLength(1) <= kLongestName) {
            messages.back().emplace_back(match.captured(1), match.captured(2));
            ++fields;
        } else {
            ++strange;
        }
    }
    // Start lines and a body do not make it something else, prose and binary content do.
    if (fields == 0 || strange > fields) return {};
    std::erase_if(messages, [](const Headers& headers) { return headers.empty(); });
    return messages;
}

std::vector<Headers> headersOf(const QByteArray& bytes) {
    const QJsonDocument document = QJsonDocument::fromJson(bytes);
    if (!document.isNull()) return HeaderDump(document).take();
    return headersOfLines(QString::fromUtf8(bytes));
}

/// The messages as exchanges, so that headers of a file are judged as those of a capture are.
Snapshot snapshotOf(const std::vector<Headers>& messages, const QString& name) {
    Dataset dataset({toUtf8(name)});
    Batch batch;
    for (const auto& headers : messages) {
        ExchangeRecord record;
        for (const auto& [key, value] : headers) record.http.request.headers.add(toUtf8(key), toUtf8(value));
        batch.exchanges.push_back(std::move(record));
    }
    dataset.append(std::move(batch));
    dataset.finish();
    return dataset.snapshot();
}

void judgeHeaders(JudgedFile& file, const std::vector<Headers>& messages, const TrustSettings& settings,
                  const TrustEngine& engine, std::stop_token stop) {
    auto asked = settings;
    if (!asked.at) asked.at = settings.now; // a dump tells no time of its own
    auto judged = engine.answer(snapshotOf(messages, file.path), asked, stop);
    if (judged) file.chains = std::move(judged->chains);
    for (auto& chain : file.chains) {
        chain.rows.clear(); // rows of what is not open
        chain.sessions.clear();
    }
    if (file.chains.empty()) {
        file.error = QStringLiteral("%1: none of its headers tells of a certificate. x-arr-ssl does, for example.")
                         .arg(QFileInfo(file.path).fileName());
    }
}

void judgeCertificates(JudgedFile& file, const trust::CertificateFile& read, const QString& host,
                       const TrustSettings& settings, const TrustEngine& engine) {
    const QString name = QFileInfo(file.path).fileName();
    for (const auto& remark : read.remarks) file.remarks << QStringLiteral("%1: %2").arg(name, toText(remark));
    if (read.certificates.empty() || read.certificates.size() > trust::ChainQuestion::kMaxSent) {
        file.error = read.certificates.empty()
                         ? QStringLiteral("%1: no certificate in it (%2).").arg(name, toText(read.format))
                         : QStringLiteral("%1: %2 certificates are no chain that a server sends (at most %3). Such a "
                                          "file can be used as roots, in Trust…")
                               .arg(name, countText(read.certificates.size()))
                               .arg(trust::ChainQuestion::kMaxSent);
        return;
    }
    const TimeNs at = settings.at.value_or(settings.now);
    TrustChain chain;
    chain.number = 1;
    chain.host = toUtf8(host);
    chain.source = "file";
    chain.at = at;
    chain.answer = engine.judge({.sent = read.certificates,
                                 .host = chain.host,
                                 .at = at,
                                 .now = settings.at ? settings.now : kNoTime,
                                 .pool = settings.pool.get(),
                                 .profiles = settings.profiles,
                                 .revocations = settings.revocations.get(),
                                 .ocspResponse = {}});
    file.chains.push_back(std::move(chain));
}

} // namespace

bool looksLikeCertificates(const QString& path) {
    constexpr qint64 kLooked = 64 << 10;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return false;
    const QByteArray begin = file.read(kLooked);
    if (begin.contains("PRIVATE KEY-----")) return false;
    if (begin.contains("-----BEGIN CERTIFICATE") || begin.contains("-----BEGIN PKCS7-----")) return true;
    static const QStringList endings{QStringLiteral("crt"), QStringLiteral("cer"), QStringLiteral("p7b"),
                                     QStringLiteral("p7c"), QStringLiteral("jks")};
    return endings.contains(QFileInfo(path).suffix().toLower());
}

JudgedFile judgeFile(const QString& path, const QString& host, const TrustSettings& settings, const TrustEngine& engine,
                     std::stop_token stop) {
    JudgedFile judged;
    judged.path = path;
    const QString name = QFileInfo(path).fileName();
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        judged.error = QStringLiteral("%1: %2").arg(name, file.errorString());
        return judged;
    }
    const QByteArray bytes = file.read(static_cast<qint64>(trust::CertificateFile::kMaxFileBytes) + 1);
    const auto read =
        trust::readCertificateFile(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    if (read) {
        judgeCertificates(judged, *read, host, settings, engine);
        return judged;
    }
    const auto messages = bytes.size() <= JudgedFile::kMaxHeaderBytes ? headersOf(bytes) : std::vector<Headers>();
    if (!messages.empty()) {
        judgeHeaders(judged, messages, settings, engine, stop);
        return judged;
    }
    judged.foreign = read.error().kind == ErrorKind::UnknownFormat;
    judged.error = QStringLiteral("%1: %2").arg(name, toText(read.error().message));
    return judged;
}

} // namespace gatescope::ui
