// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/path/trust.h"

#include <QObject>

#include <memory>

class QSettings;

namespace gatescope::ui {

/// The networks that the user named and trusts, for the whole window. Never null; at first nothing is trusted.
class TrustSource : public QObject {
    Q_OBJECT
public:
    explicit TrustSource(QObject* parent = nullptr);

    const std::shared_ptr<const path::Trust>& trust() const { return m_trust; }
    void set(path::Trust trust);
    void restore(const QSettings& settings);
    void save(QSettings& settings) const;

Q_SIGNALS:
    void changed();

private:
    std::shared_ptr<const path::Trust> m_trust;
};

/// Reads a topology file. Error: for a person, with the place in the file.
std::expected<path::Trust, Error> readTopologyFile(const QString& path);

} // namespace gatescope::ui
