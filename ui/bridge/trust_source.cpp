// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/trust_source.h"

#include "ui/bridge/text.h"

#include <QFile>
#include <QSettings>

namespace gatescope::ui {
namespace {

constexpr auto kTopology = "paths/topology";
constexpr qint64 kMostOctets = 4 << 20; ///< of a topology file: tens of thousands of subnets

} // namespace

TrustSource::TrustSource(QObject* parent) : QObject(parent), m_trust(std::make_shared<const path::Trust>()) {}

void TrustSource::set(path::Trust trust) {
    m_trust = std::make_shared<const path::Trust>(std::move(trust));
    Q_EMIT changed();
}

void TrustSource::restore(const QSettings& settings) {
    const QString text = settings.value(kTopology).toString();
    if (text.isEmpty()) return;
    if (auto trust = path::readTopology(toUtf8(text))) set(std::move(*trust));
}

void TrustSource::save(QSettings& settings) const {
    settings.setValue(kTopology, QString::fromStdString(path::writeTopology(*m_trust)));
}

std::expected<path::Trust, Error> readTopologyFile(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return std::unexpected(Error{ErrorKind::CannotOpen, toUtf8(file.errorString())});
    }
    const QByteArray bytes = file.read(kMostOctets + 1);
    if (bytes.size() > kMostOctets) {
        return std::unexpected(Error{ErrorKind::UnknownFormat, "a topology file has at most 4 MiB"});
    }
    return path::readTopology(std::string_view(bytes.data(), static_cast<std::size_t>(bytes.size())));
}

} // namespace gatescope::ui
