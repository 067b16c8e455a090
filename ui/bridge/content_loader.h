// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/analysis/dataset.h"
#include "core/pipeline/content.h"

#include <QObject>
#include <QString>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace gatescope::ui {

/// A body as it is shown: laid out, masked unless revealed, and short enough for a text widget.
struct ShownBody {
    QString text;
    QString contentType;
    std::uint64_t octets = 0; ///< decoded
    bool json = false;
    bool shortened = false; ///< more than kMaxShownOctets: the rest is not shown here
    bool truncated = false; ///< longer than the reading limit
    bool damaged = false;
};

struct ShownEvent {
    TimeNs time = kNoTime;
    QString name;
    QString data;
    QString text; ///< what it adds to the answer
};

struct ShownContent {
    ShownBody request;
    ShownBody response;
    std::vector<ShownEvent> events;
    QString streamText; ///< what all events add up to
    bool streamShortened = false;
    bool revealed = false;
};

/// Longest text put into a text widget: laying it out must stay within a frame.
inline constexpr std::size_t kMaxShownOctets = 256U << 10;
inline constexpr std::size_t kMaxShownEventOctets = 2U << 10;
inline constexpr std::size_t kMaxShownEvents = 100'000;

/// Where the bodies of a row can be read again.
pipeline::ContentPlace placeOf(const analysis::Snapshot& snapshot, analysis::Row row);

ShownContent shownContent(const pipeline::ExchangeContent& content, bool reveal, std::stop_token stop = {});

/// Reads one exchange's bodies again in a thread of its own. A new request overtakes the one in work. The last content
/// read is kept, so that revealing does not read again.
class ContentLoader : public QObject {
    Q_OBJECT
public:
    using Read = std::function<std::expected<pipeline::ExchangeContent, Error>(
        const pipeline::ContentPlace&, const pipeline::ContentLimits&, std::stop_token)>;

    explicit ContentLoader(Read read = pipeline::readExchange, QObject* parent = nullptr);
    ~ContentLoader() override;

    /// `key` names the exchange; the same key may be answered from what was read before.
    void load(std::uint64_t key, const pipeline::ContentPlace& place, bool reveal);
    /// What to decrypt with from now on; null: nothing.
    void setSecrets(std::shared_ptr<tls::SecretStore> secrets) { m_secrets = std::move(secrets); }
    /// Nothing is wanted any more; no answer comes.
    void forget();

Q_SIGNALS:
    void loaded(std::uint64_t key, const gatescope::ui::ShownContent& content);
    void failed(std::uint64_t key, const QString& message);

private:
    struct Request {
        std::uint64_t key = 0;
        pipeline::ContentPlace place;
        bool reveal = false;
    };
    struct Answer {
        std::uint64_t key = 0;
        std::optional<ShownContent> content;
        QString error;
    };
    void work(std::stop_token stop);
    Answer answer(const Request& request, std::stop_token stop);
    void deliver();

    Read m_read;
    std::shared_ptr<tls::SecretStore> m_secrets;
    std::optional<std::uint64_t> m_keptKey; ///< worker only
    pipeline::ExchangeContent m_kept;       ///< worker only
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::optional<Request> m_next;
    std::optional<Answer> m_answer;
    std::stop_source m_current;
    std::jthread m_thread;
};

} // namespace gatescope::ui
