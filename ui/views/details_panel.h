// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ui/bridge/content_loader.h"
#include "ui/views/request_table.h"

#include <QTabWidget>

#include <memory>

class QTimer;
class QToolButton;

namespace gatescope::ui {

class BodyTab;
class HeadersTab;
class OverviewTab;
class PathTab;
class StreamTab;
class TimingTab;
class TlsTab;

/// Everything about one exchange. Secrets are masked until the user asks, and masked again with the next exchange.
/// Bodies are read from the capture only when a tab that needs them is looked at.
class DetailsPanel : public QTabWidget {
    Q_OBJECT
public:
    enum Tab { Overview, Headers, Body, Stream, Timing, Path, Tls };

    explicit DetailsPanel(ContentLoader::Read read, QWidget* parent = nullptr);

    /// The same exchange again (a newer snapshot) keeps what is loaded and revealed.
    void show(const analysis::Snapshot& snapshot, analysis::Row row);
    void clear();
    std::optional<analysis::Row> row() const { return m_row; }
    bool revealed() const;
    void setRevealed(bool revealed);
    void focusTab();
    /// The header chosen in the Headers tab, when that tab has the focus.
    HeadersTab& headers() { return *m_headers; }
    PathTab& path() { return *m_path; }
    TlsTab& tls() { return *m_tls; }
    /// What to decrypt bodies with.
    void setSecrets(std::shared_ptr<tls::SecretStore> secrets) { m_loader.setSecrets(std::move(secrets)); }

Q_SIGNALS:
    void conditionWanted(const QString& condition, gatescope::ui::Combine how, bool apply);
    void columnWanted(const gatescope::analysis::Field& field);
    void tlsSessionWanted(std::uint64_t number);
    /// The certificate that a header of this exchange names.
    void certificateWanted(gatescope::analysis::Row row);

private:
    void applyReveal();
    void loadIfNeeded();
    void onLoaded(std::uint64_t key, const ShownContent& content);
    void onFailed(std::uint64_t key, const QString& message);

    ContentLoader m_loader;
    OverviewTab* m_overview = nullptr;
    HeadersTab* m_headers = nullptr;
    BodyTab* m_body = nullptr;
    StreamTab* m_stream = nullptr;
    TimingTab* m_timing = nullptr;
    PathTab* m_path = nullptr;
    TlsTab* m_tls = nullptr;
    QToolButton* m_reveal = nullptr;
    QTimer* m_delay = nullptr;
    std::optional<analysis::Snapshot> m_snapshot;
    std::optional<analysis::Row> m_row;
    std::uint64_t m_key = 0;     ///< grows with each exchange shown
    bool m_contentShown = false; ///< or asked for
};

} // namespace gatescope::ui
