// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cost/price_table.h"
#include "ui/bridge/newest_job.h"

#include <QToolButton>

#include <memory>

class QSettings;

namespace gatescope::ui {

/// The price table in force: the user's own, or one that was chosen. Reads it off the GUI thread.
class PriceChoice : public QToolButton {
    Q_OBJECT
public:
    explicit PriceChoice(QWidget* parent = nullptr);

    /// Null: no table, so nothing has a price.
    const std::shared_ptr<const cost::PriceTable>& table() const { return m_table; }
    /// An empty path: the user's own table, if there is one.
    void load(const QString& path);
    bool settled() const { return !m_job.busy(); }
    void restore(QSettings& settings);
    void save(QSettings& settings) const;

Q_SIGNALS:
    void changed();
    /// A table could not be read.
    void failed(const QString& message);

private:
    void askForFile();
    void describe();

    QString m_path;
    std::shared_ptr<const cost::PriceTable> m_table;
    NewestJob m_job{this};
};

} // namespace gatescope::ui
