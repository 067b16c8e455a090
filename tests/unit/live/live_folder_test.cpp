// SPDX-License-Identifier: Apache-2.0
// What killed programs leave among temporary files, and who removes it.
#include <QTest>

#include "core/live/own_folder.h"

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gatescope::live;
namespace fs = std::filesystem;

class LiveFolderTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void goesWithItsOwner();
    void leavesThoseOfLivingPrograms();
    void removesThoseOfKilledPrograms();
    void keepsWhatIsNotOurs();
    void tellsWhyThereIsNone();

private:
    std::string place() const { return m_place->path().toStdString(); }
    std::size_t folders() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(place()), fs::directory_iterator()));
    }

    std::unique_ptr<QTemporaryDir> m_place;
};

void LiveFolderTest::init() {
    qunsetenv("TMPDIR"); // or it would lie in the one of the test before
    m_place = std::make_unique<QTemporaryDir>();
    qputenv("TMPDIR", m_place->path().toLocal8Bit());
}

void LiveFolderTest::goesWithItsOwner() {
    {
        const auto own = OwnFolder::create();
        QVERIFY(own);
        struct stat status{};
        QCOMPARE(::stat(own->path().c_str(), &status), 0);
        QCOMPARE(status.st_mode & 0777U, 0700U);
        std::ofstream(own->path() + "/capture_00001.pcapng") << "x";
    }
    QCOMPARE(folders(), 0U);
}

void LiveFolderTest::leavesThoseOfLivingPrograms() {
    const auto one = OwnFolder::create();
    const auto other = OwnFolder::create();
    QVERIFY(one && other);
    QCOMPARE(folders(), 2U);
    QVERIFY(one->path() != other->path());
}

void LiveFolderTest::removesThoseOfKilledPrograms() {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto own = OwnFolder::create();
        if (own) std::ofstream(own->path() + "/capture_00001.pcapng") << "x";
        ::_exit(own ? 0 : 1); // as a kill: no destructor
    }
    int status = -1;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(status, 0);
    QCOMPARE(folders(), 1U);
    const auto own = OwnFolder::create();
    QVERIFY(own);
    QCOMPARE(folders(), 1U);
    QVERIFY(fs::is_empty(own->path()));
}

void LiveFolderTest::keepsWhatIsNotOurs() {
    fs::create_directory(place() + "/gatescope-live-notes");
    std::ofstream(place() + "/gatescope-live-notes/important") << "x";
    fs::create_directory(place() + "/elsewhere");
    std::ofstream(place() + "/elsewhere/capture_00001.pcapng") << "x";
    fs::create_directory_symlink(place() + "/elsewhere", place() + "/gatescope-live-link");
    std::ofstream(place() + "/gatescope-live-file") << "x";
    const auto own = OwnFolder::create();
    QVERIFY(own);
    QVERIFY(fs::exists(place() + "/gatescope-live-notes/important"));
    QVERIFY(fs::exists(place() + "/elsewhere/capture_00001.pcapng"));
    QVERIFY(fs::exists(place() + "/gatescope-live-file"));
}

void LiveFolderTest::tellsWhyThereIsNone() {
    qputenv("TMPDIR", (place() + "/missing").c_str());
    const auto own = OwnFolder::create();
    QVERIFY(!own);
    QVERIFY2(QString::fromStdString(own.error().message).contains("No such file"), own.error().message.c_str());
}

QTEST_APPLESS_MAIN(LiveFolderTest)
#include "live_folder_test.moc"
