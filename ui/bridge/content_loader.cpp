// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/content_loader.h"

#include "core/analysis/masking.h"
#include "ui/bridge/json_text.h"

#include <algorithm>

namespace gatescope::ui {
namespace {

constexpr pipeline::ContentLimits kLimits{.maxBodyBytes = 16U << 20};

std::string_view clipped(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
    return text.substr(0, limit);
}

/// As toText, but for texts of many lines.
QString linesOf(std::string_view utf8) {
    QString text = QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
    for (QChar& letter : text) {
        const auto code = letter.unicode();
        if (code < 0x20 && code != '\n' && code != '\t' && code != '\r') letter = QChar(0x2400 + code);
    }
    return text;
}

std::string shown(std::string_view text, bool reveal) {
    return reveal ? std::string(text) : analysis::maskText(text);
}

ShownBody shownBody(const pipeline::BodyContent& body, bool reveal) {
    ShownBody result{.text = {},
                     .contentType = linesOf(body.contentType),
                     .octets = body.text.size(),
                     .json = looksLikeJson(body.text),
                     .shortened = false,
                     .truncated = body.truncated,
                     .damaged = body.damaged};
    // Masked whole: a secret may lie across the cut.
    std::string text = shown(body.text, reveal);
    if (result.json) text = indentJson(text);
    const auto part = clipped(text, kMaxShownOctets);
    result.shortened = part.size() < text.size();
    result.text = linesOf(part);
    return result;
}

} // namespace

pipeline::ContentPlace placeOf(const analysis::Snapshot& snapshot, analysis::Row row) {
    return pipeline::placeOf(snapshot, row, snapshot.inputs());
}

ShownContent shownContent(const pipeline::ExchangeContent& content, bool reveal, std::stop_token stop) {
    ShownContent result;
    result.revealed = reveal;
    result.request = shownBody(content.request, reveal);
    result.response = shownBody(content.response, reveal);
    std::string merged;
    const std::size_t count = std::min(content.events.size(), kMaxShownEvents);
    result.events.reserve(count);
    for (std::size_t i = 0; i < count && !stop.stop_requested(); ++i) {
        const auto& event = content.events[i];
        const std::string added = streamedText(event.data);
        merged += added;
        const std::string data = shown(event.data, reveal);
        result.events.push_back({event.time, linesOf(event.name), linesOf(clipped(data, kMaxShownEventOctets)),
                                 linesOf(clipped(shown(added, reveal), kMaxShownEventOctets))});
    }
    const std::string text = shown(merged, reveal);
    const auto part = clipped(text, kMaxShownOctets);
    result.streamShortened = part.size() < text.size() || count < content.events.size();
    result.streamText = linesOf(part);
    return result;
}

ContentLoader::ContentLoader(Read read, QObject* parent) : QObject(parent), m_read(std::move(read)) {
    m_thread = std::jthread([this](std::stop_token stop) { work(stop); });
}

ContentLoader::~ContentLoader() {
    const std::lock_guard lock(m_mutex);
    m_current.request_stop();
    m_thread.request_stop();
}

void ContentLoader::load(std::uint64_t key, const pipeline::ContentPlace& place, bool reveal) {
    const std::lock_guard lock(m_mutex);
    m_current.request_stop();
    m_answer.reset();
    m_next = Request{key, place, reveal};
    m_next->place.secrets = m_secrets;
    m_wake.notify_all();
}

void ContentLoader::forget() {
    const std::lock_guard lock(m_mutex);
    m_current.request_stop();
    m_answer.reset();
    m_next.reset();
}

void ContentLoader::work(std::stop_token stop) {
    while (true) {
        std::unique_lock lock(m_mutex);
        if (!m_wake.wait(lock, stop, [this] { return m_next.has_value(); })) return;
        const Request request = *std::exchange(m_next, std::nullopt);
        m_current = std::stop_source();
        const auto token = m_current.get_token();
        lock.unlock();
        auto result = answer(request, token);
        lock.lock();
        if (token.stop_requested()) continue;
        m_answer = std::move(result);
        QMetaObject::invokeMethod(this, &ContentLoader::deliver, Qt::QueuedConnection);
    }
}

ContentLoader::Answer ContentLoader::answer(const Request& request, std::stop_token stop) {
    if (m_keptKey != request.key) {
        m_keptKey.reset();
        auto content = m_read(request.place, kLimits, stop);
        if (!content) return {request.key, std::nullopt, linesOf(content.error().message)};
        m_kept = std::move(*content);
        m_keptKey = request.key;
    }
    return {request.key, shownContent(m_kept, request.reveal, stop), {}};
}

void ContentLoader::deliver() {
    std::unique_lock lock(m_mutex);
    auto answer = std::exchange(m_answer, std::nullopt);
    lock.unlock();
    if (!answer) return;
    if (answer->content)
        Q_EMIT loaded(answer->key, *answer->content);
    else
        Q_EMIT failed(answer->key, answer->error);
}

} // namespace gatescope::ui
