// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/trust_roots.h"

#include "core/trust/certificate_file.h"
#include "ui/bridge/text.h"

#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QSettings>

namespace gatescope::ui {
namespace {

constexpr auto kProfiles = "certificates/profiles";
constexpr auto kFiles = "certificates/rootFiles";
constexpr auto kIntermediates = "certificates/intermediateFiles";
constexpr auto kUse = "certificates/rootsUse";

void addFile(const QString& path, trust::CertificateSet& set, QStringList& problems) {
    const QString name = QFileInfo(path).fileName();
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        problems << QStringLiteral("%1: %2").arg(name, file.errorString());
        return;
    }
    const QByteArray bytes = file.read(static_cast<qint64>(trust::CertificateFile::kMaxFileBytes) + 1);
    const auto read =
        trust::readCertificateFile(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    if (!read) {
        problems << QStringLiteral("%1: %2").arg(name, toText(read.error().message));
        return;
    }
    for (const auto& certificate : read->certificates) set.add(certificate, trust::Origin::User);
    for (const auto& remark : read->remarks) problems << QStringLiteral("%1: %2").arg(name, toText(remark));
}

} // namespace

TrustRoots::TrustRoots(Read read, QObject* parent) : QObject(parent), m_read(std::move(read)) {}

void TrustRoots::set(RootChoice choice) {
    m_choice = std::move(choice);
    if (m_needed) read();
}

void TrustRoots::need() {
    if (std::exchange(m_needed, true)) return;
    read();
}

void TrustRoots::read() {
    auto job = [this, read = m_read, choice = m_choice](std::stop_token) -> NewestJob::Deliver {
        auto roots = std::make_shared<const RootsRead>(read(choice));
        return [this, roots] {
            m_roots = roots;
            Q_EMIT changed();
        };
    };
    m_job.ask(std::move(job));
}

void TrustRoots::restore(const QSettings& settings) {
    RootChoice choice;
    choice.profiles = settings.value(kProfiles).toStringList();
    choice.files = settings.value(kFiles).toStringList();
    choice.intermediates = settings.value(kIntermediates).toStringList();
    const QString use = settings.value(kUse).toString();
    choice.use = use == QStringLiteral("added")  ? RootChoice::Use::Added
                 : use == QStringLiteral("only") ? RootChoice::Use::Only
                                                 : RootChoice::Use::Beside;
    set(std::move(choice));
}

void TrustRoots::save(QSettings& settings) const {
    settings.setValue(kProfiles, m_choice.profiles);
    settings.setValue(kFiles, m_choice.files);
    settings.setValue(kIntermediates, m_choice.intermediates);
    settings.setValue(kUse, m_choice.use == RootChoice::Use::Added  ? QStringLiteral("added")
                            : m_choice.use == RootChoice::Use::Only ? QStringLiteral("only")
                                                                    : QStringLiteral("beside"));
}

RootsRead readRoots(const RootChoice& choice) {
    RootsRead read;
    trust::ProfileSources sources;
    sources.customAdds = choice.use == RootChoice::Use::Added;
    sources.customOnly = choice.use == RootChoice::Use::Only;
    for (const auto& path : choice.files) addFile(path, sources.custom, read.problems);
    auto pool = std::make_shared<trust::CertificateSet>();
    for (const auto& path : choice.intermediates) addFile(path, *pool, read.problems);
    read.all = trust::makeProfiles(sources);
    read.pool = std::move(pool);
    for (const auto& profile : read.all) {
        if (choice.profiles.isEmpty() || choice.profiles.contains(toText(profile->id))) read.chosen.push_back(profile);
    }
    if (read.chosen.empty()) read.chosen = read.all;
    return read;
}

analysis::TrustSettings trustSettings(const RootsRead& roots) {
    constexpr TimeNs kNsPerMs = 1'000'000;
    analysis::TrustSettings settings;
    settings.profiles = roots.chosen;
    settings.pool = roots.pool;
    settings.now = QDateTime::currentMSecsSinceEpoch() * kNsPerMs;
    return settings;
}

} // namespace gatescope::ui
