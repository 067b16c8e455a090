// SPDX-License-Identifier: Apache-2.0
#include "ui/bridge/trust_roots.h"

#include "core/pipeline/trust_sources.h"
#include "ui/bridge/text.h"

#include <QDateTime>
#include <QFile>
#include <QSettings>

namespace gatescope::ui {
namespace {

constexpr auto kProfiles = "certificates/profiles";
constexpr auto kFiles = "certificates/rootFiles";
constexpr auto kIntermediates = "certificates/intermediateFiles";
constexpr auto kUse = "certificates/rootsUse";
constexpr auto kRefreshed = "certificates/refreshedLists";

std::vector<std::string> pathsOf(const QStringList& files) {
    std::vector<std::string> paths;
    for (const auto& file : files) paths.push_back(QFile::encodeName(file).toStdString());
    return paths;
}

pipeline::TrustFiles filesOf(const RootChoice& choice) {
    pipeline::TrustFiles files;
    (choice.use == RootChoice::Use::Only ? files.onlyRoots : files.roots) = pathsOf(choice.files);
    files.intermediates = pathsOf(choice.intermediates);
    for (const auto& each : choice.refreshed) {
        const auto border = each.indexOf(QChar('='));
        if (border > 0)
            files.refreshed.push_back(
                {toUtf8(each.left(border)), QFile::encodeName(each.mid(border + 1)).toStdString()});
    }
    return files;
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
    choice.use = use == QStringLiteral("only") ? RootChoice::Use::Only : RootChoice::Use::Added;
    choice.refreshed = settings.value(kRefreshed).toStringList();
    set(std::move(choice));
}

void TrustRoots::save(QSettings& settings) const {
    settings.setValue(kProfiles, m_choice.profiles);
    settings.setValue(kFiles, m_choice.files);
    settings.setValue(kIntermediates, m_choice.intermediates);
    settings.setValue(kUse, m_choice.use == RootChoice::Use::Only ? QStringLiteral("only") : QStringLiteral("added"));
    settings.setValue(kRefreshed, m_choice.refreshed);
}

RootsRead readRoots(const RootChoice& choice) {
    RootsRead read;
    auto sources = pipeline::readTrustSources(filesOf(choice));
    if (!sources) {
        // One file that cannot be read must not take the lists away.
        read.problems << QStringLiteral("Your files of roots and intermediates are not used: %1")
                             .arg(toText(sources.error().message));
        sources = pipeline::readTrustSources({});
    }
    if (!sources) return read;
    read.all = std::move(sources->profiles);
    read.pool = std::move(sources->pool);
    read.revocations = std::move(sources->revocations);
    for (const auto& remark : sources->remarks) read.problems << toText(remark);
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
    settings.revocations = roots.revocations;
    settings.now = QDateTime::currentMSecsSinceEpoch() * kNsPerMs;
    return settings;
}

} // namespace gatescope::ui
