// SPDX-License-Identifier: Apache-2.0
#include "ui/views/capture_form.h"

#include "ui/bridge/text.h"
#include "ui/views/capture_filter_field.h"
#include "ui/widgets/icon.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

namespace gatescope::ui {
namespace {

constexpr TimeNs kSecond = 1'000'000'000;
constexpr TimeNs kMinute = 60 * kSecond;
constexpr std::uint64_t kMegabyte = 1U << 20;
constexpr int kMostMegabytes = 1 << 20;
constexpr int kOwnMegabytes = 64;
constexpr int kMostMinutes = 60 * 24 * 31;
constexpr int kMostPackets = 2'000'000'000;
constexpr int kMostFiles = 10'000;

template <typename Number>
Number whole(const QSpinBox* spin) {
    return static_cast<Number>(spin->value());
}

} // namespace

CaptureForm::CaptureForm(decltype(LiveEngine::check) check, ChooseSave chooseSave, QWidget* parent) : QWidget(parent) {
    m_filter = new CaptureFilterField(std::move(check));
    auto* filterLabel = new QLabel(tr("Capture &filter"));
    filterLabel->setBuddy(&m_filter->edit());
    m_keyLog = new QPushButton(icon(Glyph::Key), tr("Add &key log…"));
    m_keyLog->setObjectName(QStringLiteral("liveKeyLog"));
    m_keyLog->setToolTip(tr("TLS is decrypted with the secrets that clients write to the file SSLKEYLOGFILE names"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 4, 8, 8);
    layout->setSpacing(6);
    layout->addWidget(filterLabel);
    layout->addWidget(m_filter);
    layout->addWidget(m_keyLog, 0, Qt::AlignLeft);
    layout->addWidget(buildPackets());
    layout->addWidget(buildFiles(std::move(chooseSave)));
    layout->addWidget(buildLimits());
    layout->addStretch();
    m_lockable.push_back(m_filter);
    connect(m_filter, &CaptureFilterField::checked, this, &CaptureForm::changed);
    connect(m_keyLog, &QPushButton::clicked, this, &CaptureForm::keyLogWanted);
}

QSpinBox* CaptureForm::makeSpin(const char* name, int most, int value, const QString& none, const QString& suffix) {
    auto* spin = new QSpinBox;
    spin->setObjectName(QLatin1String(name));
    spin->setRange(0, most);
    spin->setValue(value);
    spin->setGroupSeparatorShown(true);
    spin->setSpecialValueText(none);
    spin->setSuffix(suffix);
    m_lockable.push_back(spin);
    return spin;
}

QWidget* CaptureForm::buildPackets() {
    auto* box = new QGroupBox(tr("Packets"));
    auto* form = new QFormLayout(box);
    m_snapLength =
        makeSpin("snapLength", static_cast<int>(live::CaptureRequest::kFullPackets), 0, tr("whole"), tr(" octets"));
    m_snapLength->setToolTip(tr("Octets kept of each packet. Calls can be read only from whole packets."));
    form->addRow(tr("Keep of &each"), m_snapLength);
    m_headersOnly = new QCheckBox(tr("&Headers only"));
    m_headersOnly->setObjectName(QStringLiteral("headersOnly"));
    m_headersOnly->setToolTip(
        tr("Bodies are cut off before anything is written: prompts and answers never reach the disk"));
    form->addRow(m_headersOnly);
    m_promiscuous = new QCheckBox(tr("&Promiscuous"));
    m_promiscuous->setObjectName(QStringLiteral("promiscuous"));
    m_promiscuous->setToolTip(tr("Also packets that are not addressed to this machine"));
    form->addRow(m_promiscuous);
    m_lockable.push_back(m_headersOnly);
    m_lockable.push_back(m_promiscuous);
    return box;
}

QWidget* CaptureForm::buildFiles(ChooseSave chooseSave) {
    auto* box = new QGroupBox(tr("Files"));
    auto* form = new QFormLayout(box);
    m_ownFiles = new QRadioButton(tr("&Temporary, until they are saved"));
    m_ownFiles->setObjectName(QStringLiteral("ownFiles"));
    m_ownFiles->setChecked(true);
    m_namedFile = new QRadioButton(tr("&Named"));
    m_namedFile->setObjectName(QStringLiteral("namedFile"));
    m_path = new QLineEdit;
    m_path->setObjectName(QStringLiteral("capturePath"));
    m_path->setAccessibleName(tr("File to capture into"));
    m_path->setPlaceholderText(tr("capture.pcapng"));
    m_browse = new QPushButton(tr("&Browse…"));
    m_browse->setObjectName(QStringLiteral("captureBrowse"));
    auto* line = new QHBoxLayout;
    line->addWidget(m_namedFile);
    line->addWidget(m_path, 1);
    line->addWidget(m_browse);
    form->addRow(m_ownFiles);
    form->addRow(line);
    m_fileSize = makeSpin("fileSize", kMostMegabytes, kOwnMegabytes, tr("never by size"), tr(" MiB"));
    m_fileTime = makeSpin("fileTime", kMostMinutes, 0, tr("never by time"), tr(" min"));
    m_files =
        makeSpin("fileCount", kMostFiles, static_cast<int>(live::RingOptions::kOwnFiles), tr("all"), tr(" files"));
    m_files->setToolTip(tr("When there are more, the oldest is removed"));
    form->addRow(tr("Next file &after"), m_fileSize);
    form->addRow(tr("or after"), m_fileTime);
    form->addRow(tr("Keep the &last"), m_files);
    for (QWidget* each : std::initializer_list<QWidget*>{m_ownFiles, m_namedFile, m_path, m_browse})
        m_lockable.push_back(each);
    const auto choose = [this, chooseSave = std::move(chooseSave)] {
        chooseSave(this, QStringLiteral("capture.pcapng"), tr("Captures (*.pcapng)"), [this](const QString& path) {
            m_path->setText(path);
            m_namedFile->setChecked(true);
        });
    };
    connect(m_browse, &QPushButton::clicked, this, choose);
    connect(m_path, &QLineEdit::textEdited, this, [this] { m_namedFile->setChecked(true); });
    connect(m_path, &QLineEdit::textChanged, this, &CaptureForm::changed);
    connect(m_namedFile, &QRadioButton::toggled, this, [this](bool named) {
        // A file that somebody named is not cut up, and nothing of it removed, unless that is asked for as well.
        const auto swap = [named](QSpinBox* spin, int own) {
            if (spin->value() == (named ? own : 0)) spin->setValue(named ? 0 : own);
        };
        swap(m_fileSize, kOwnMegabytes);
        swap(m_files, static_cast<int>(live::RingOptions::kOwnFiles));
        Q_EMIT changed();
    });
    return box;
}

QWidget* CaptureForm::buildLimits() {
    auto* box = new QGroupBox(tr("Limits"));
    auto* form = new QFormLayout(box);
    m_stopTime = makeSpin("stopTime", kMostMinutes, 0, tr("no time"), tr(" min"));
    m_stopPackets = makeSpin("stopPackets", kMostPackets, 0, tr("no number"), tr(" packets"));
    m_stopSize = makeSpin("stopSize", kMostMegabytes, 0, tr("no size"), tr(" MiB"));
    m_keepCalls = makeSpin("keepCalls", 10'000'000, static_cast<int>(analysis::Retention{}.exchanges), tr("all"),
                           tr(" requests"));
    m_keepCalls->setSingleStep(10'000);
    m_keepCalls->setToolTip(tr("What is older is forgotten, so that memory stays flat; it is still in the files"));
    m_keepTime = makeSpin("keepTime", kMostMinutes, 0, tr("however old"), tr(" min"));
    form->addRow(tr("&Stop after"), m_stopTime);
    form->addRow(tr("or after"), m_stopPackets);
    form->addRow(tr("or after"), m_stopSize);
    form->addRow(tr("&Remember"), m_keepCalls);
    form->addRow(tr("and for"), m_keepTime);
    return box;
}

CaptureChoice CaptureForm::choice() const {
    CaptureChoice choice;
    choice.request.filter = toUtf8(m_filter->text());
    if (m_snapLength->value() > 0) choice.request.snapLength = whole<std::uint32_t>(m_snapLength);
    choice.request.headersOnly = m_headersOnly->isChecked();
    choice.request.promiscuous = m_promiscuous->isChecked();
    if (m_namedFile->isChecked())
        choice.ring.path = QFileInfo(m_path->text().trimmed()).absoluteFilePath().toLocal8Bit().toStdString();
    choice.ring.fileBytes = whole<std::uint64_t>(m_fileSize) * kMegabyte;
    choice.ring.fileTime = m_fileTime->value() * kMinute;
    choice.ring.files = whole<std::uint32_t>(m_files);
    choice.stop.time = m_stopTime->value() * kMinute;
    choice.stop.packets = whole<std::uint64_t>(m_stopPackets);
    choice.stop.bytes = whole<std::uint64_t>(m_stopSize) * kMegabyte;
    choice.retention.exchanges = whole<std::size_t>(m_keepCalls);
    choice.retention.age = m_keepTime->value() * kMinute;
    return choice;
}

QString CaptureForm::problem() const {
    if (m_filter->settled() && !m_filter->isGood())
        return tr("The capture filter is wrong. %1").arg(m_filter->problem());
    if (m_namedFile->isChecked() && m_path->text().trimmed().isEmpty()) return tr("Name the file to capture into.");
    return {};
}

void CaptureForm::setLocked(bool locked) {
    for (auto* widget : m_lockable) widget->setEnabled(!locked);
}

void CaptureForm::restore(QSettings& settings) {
    m_filter->setHistory(settings.value(QStringLiteral("live/filters")).toStringList());
    m_filter->setText(settings.value(QStringLiteral("live/filter")).toString());
    m_headersOnly->setChecked(settings.value(QStringLiteral("live/headersOnly"), false).toBool());
    m_promiscuous->setChecked(settings.value(QStringLiteral("live/promiscuous"), false).toBool());
    for (auto* spin : {m_snapLength, m_fileSize, m_fileTime, m_files, m_keepCalls, m_keepTime}) {
        spin->setValue(settings.value(QStringLiteral("live/") + spin->objectName(), spin->value()).toInt());
    }
}

void CaptureForm::save(QSettings& settings) const {
    settings.setValue(QStringLiteral("live/filters"), m_filter->history());
    settings.setValue(QStringLiteral("live/filter"), m_filter->text());
    settings.setValue(QStringLiteral("live/headersOnly"), m_headersOnly->isChecked());
    settings.setValue(QStringLiteral("live/promiscuous"), m_promiscuous->isChecked());
    for (const auto* spin : {m_snapLength, m_fileSize, m_fileTime, m_files, m_keepCalls, m_keepTime}) {
        settings.setValue(QStringLiteral("live/") + spin->objectName(), spin->value());
    }
}

} // namespace gatescope::ui
