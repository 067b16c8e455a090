// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/pipeline/secrets.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace gatescope;
using pipeline::Secrets;
using pipeline::SecretsFile;

namespace {

constexpr std::uint64_t kAny = ~std::uint64_t{0};

/// Of the client whose random is that octet 32 times.
QByteArray line(char octet, char secret = 0x55) {
    return "CLIENT_RANDOM " + QByteArray(32, octet).toHex() + ' ' + QByteArray(48, secret).toHex() + '\n';
}

bool knows(const Secrets& secrets, char octet) {
    tls::Random random;
    random.fill(static_cast<std::uint8_t>(octet));
    return secrets.store()->knows(random, kAny);
}

bool has(const Secrets& secrets, char octet, char secret) {
    tls::Random random;
    random.fill(static_cast<std::uint8_t>(octet));
    const auto found = secrets.store()->find(tls::SecretLabel::ClientRandom, random, kAny);
    return found && *found == SecretBytes(48, static_cast<std::uint8_t>(secret));
}

QString words(const std::expected<tls::KeyLogCount, Error>& result) {
    return result ? QString() : QString::fromStdString(result.error().message);
}

} // namespace

class PipelineSecretsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void growingFile();
    void everySplitOfAGrowingFile();
    void emptyFileGrows();
    void replacedFile();
    void truncatedFile();
    void rewrittenInPlace();
    void sameAgain();
    void vanishesAndComesBack();
    void refusedKeyLogs_data();
    void refusedKeyLogs();
    void fileWithoutReadRight();
    void gatheredFromAPipe();
    void gigantic();
    void largeFile();
    void privateKeys();
    void kinds_data();
    void kinds();

private:
    std::string write(const QByteArray& text, QIODevice::OpenMode mode = QIODevice::WriteOnly,
                      const char* name = "keys.log");
    QTemporaryDir m_folder;
};

std::string PipelineSecretsTest::write(const QByteArray& text, QIODevice::OpenMode mode, const char* name) {
    QFile file(m_folder.filePath(name));
    if (!file.open(mode) || file.write(text) != text.size()) qFatal("cannot write %s", name);
    return file.fileName().toStdString();
}

void PipelineSecretsTest::growingFile() {
    Secrets secrets;
    const std::string path = write("# a title\n" + line(1));
    const auto counts = secrets.addKeyLogFile(path);
    QVERIFY2(counts, qPrintable(words(counts)));
    QCOMPARE(counts->secrets, std::size_t{1});
    QVERIFY(!secrets.refresh());
    write(line(2) + line(3).left(60), QIODevice::Append);
    QVERIFY(secrets.refresh());
    QVERIFY(knows(secrets, 2) && !knows(secrets, 3));
    QVERIFY(!secrets.refresh());
    write(line(3).mid(60) + line(4).chopped(1), QIODevice::Append);
    QVERIFY(secrets.refresh());
    QVERIFY(knows(secrets, 3) && knows(secrets, 4)); // the last one has no end yet, and is whole
    write("\n", QIODevice::Append);
    QVERIFY(!secrets.refresh());
    write("garbage\n" + line(5), QIODevice::Append);
    QVERIFY(secrets.refresh());
    QVERIFY(knows(secrets, 5));
}

void PipelineSecretsTest::everySplitOfAGrowingFile() {
    const QByteArray text = line(1) + "SERVER_TRAFFIC_SECRET_0 " + QByteArray(32, 2).toHex() + ' ' +
                            QByteArray(48, 0x66).toHex() + "\r\n" + line(3);
    for (int cut = 0; cut <= text.size(); ++cut) {
        Secrets secrets;
        const auto counts = secrets.addKeyLogFile(write(text.left(cut)));
        if (cut > 0 && cut < 16) continue; // not even a label and a digit: cannot be told from other files
        QVERIFY2(counts, qPrintable(words(counts)));
        QCOMPARE(counts->damaged, std::size_t{0});
        write(text.mid(cut), QIODevice::Append);
        secrets.refresh();
        QVERIFY(has(secrets, 1, 0x55) && has(secrets, 3, 0x55));
        tls::Random random;
        random.fill(2);
        QVERIFY(secrets.store()->find(tls::SecretLabel::ServerTraffic, random, kAny) == SecretBytes(48, 0x66));
    }
}

void PipelineSecretsTest::emptyFileGrows() {
    Secrets secrets;
    const auto counts = secrets.addKeyLogFile(write(""));
    QVERIFY2(counts, qPrintable(words(counts)));
    QCOMPARE(counts->secrets + counts->damaged, std::size_t{0});
    QVERIFY(!secrets.refresh());
    write(line(1), QIODevice::Append);
    QVERIFY(secrets.refresh());
    QVERIFY(knows(secrets, 1));
}

void PipelineSecretsTest::replacedFile() {
    Secrets secrets;
    const std::string path = write(line(1));
    QVERIFY(secrets.addKeyLogFile(path));
    const std::string other = write(line(2) + line(3), QIODevice::WriteOnly, "other.log");
    QCOMPARE(::rename(other.c_str(), path.c_str()), 0);
    QVERIFY(secrets.refresh());
    QVERIFY(knows(secrets, 1) && knows(secrets, 2) && knows(secrets, 3)); // what was known stays
}

void PipelineSecretsTest::truncatedFile() {
    Secrets secrets;
    QVERIFY(secrets.addKeyLogFile(write(line(1) + line(2))));
    write(line(3));
    QVERIFY(secrets.refresh());
    QVERIFY(knows(secrets, 3));
}

void PipelineSecretsTest::rewrittenInPlace() {
    Secrets secrets;
    QVERIFY(secrets.addKeyLogFile(write(line(1))));
    write(line(2) + line(3) + line(4)); // longer than before: only its content tells
    QVERIFY(secrets.refresh());
    QVERIFY(knows(secrets, 2) && knows(secrets, 3) && knows(secrets, 4));
}

void PipelineSecretsTest::sameAgain() {
    Secrets secrets;
    const std::string path = write(line(1) + line(2));
    QVERIFY(secrets.addKeyLogFile(path));
    const std::uint64_t generation = secrets.store()->generation();
    const auto again = secrets.addKeyLogFile(path);
    QVERIFY2(again, qPrintable(words(again)));
    QCOMPARE(again->known, std::size_t{2});
    QCOMPARE(again->secrets, std::size_t{0});
    QCOMPARE(secrets.store()->generation(), generation);
}

void PipelineSecretsTest::vanishesAndComesBack() {
    Secrets secrets;
    const std::string path = write(line(1));
    QVERIFY(secrets.addKeyLogFile(path));
    QVERIFY(QFile::remove(QString::fromStdString(path)));
    QVERIFY(!secrets.refresh());
    QVERIFY(knows(secrets, 1));
    write(line(2));
    QVERIFY(secrets.refresh());
    QVERIFY(knows(secrets, 2));
}

void PipelineSecretsTest::refusedKeyLogs_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("words") << QByteArray("this is no key log\nnor is this\n");
    QTest::newRow("words without an end") << QByteArray("words");
    QTest::newRow("comments and words") << QByteArray("# words\nwords\n");
    QTest::newRow("octets") << QByteArray("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0", 12);
    QTest::newRow("one line without an end") << QByteArray(3'000'000, 'x');
    QTest::newRow("private key") << QByteArray("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n");
}

void PipelineSecretsTest::refusedKeyLogs() {
    QFETCH(QByteArray, text);
    Secrets secrets;
    const std::string path = write(text);
    const auto counts = secrets.addKeyLogFile(path);
    QVERIFY(!counts);
    QCOMPARE(counts.error().kind, ErrorKind::UnknownFormat);
    QVERIFY(words(counts).startsWith(QString::fromStdString(path) + ": is no key log"));
    QVERIFY(!secrets.refresh());
}

void PipelineSecretsTest::fileWithoutReadRight() {
    Secrets secrets;
    const auto missing = secrets.addKeyLogFile(m_folder.filePath("missing").toStdString());
    QCOMPARE(missing.error().kind, ErrorKind::CannotOpen);
    QVERIFY2(words(missing).endsWith("missing: No such file or directory"), qPrintable(words(missing)));
    const auto folder = secrets.addKeyLogFile(m_folder.path().toStdString());
    QCOMPARE(folder.error().kind, ErrorKind::CannotOpen);
    QVERIFY2(words(folder).endsWith(": Is a directory"), qPrintable(words(folder)));
    QCOMPARE(secrets.addPrivateKeyFile(m_folder.path().toStdString()).error().kind, ErrorKind::CannotOpen);
    if (::geteuid() == 0) QSKIP("root reads everything");
    const std::string path = write(line(1));
    QCOMPARE(::chmod(path.c_str(), 0), 0);
    const auto closed = secrets.addKeyLogFile(path);
    ::chmod(path.c_str(), 0600);
    QVERIFY2(words(closed).endsWith(": Permission denied"), qPrintable(words(closed)));
}

void PipelineSecretsTest::gatheredFromAPipe() {
    const std::string path = m_folder.filePath("pipe").toStdString();
    QCOMPARE(::mkfifo(path.c_str(), 0600), 0);
    std::thread writer([&path] {
        QFile file(QString::fromStdString(path));
        if (!file.open(QIODevice::WriteOnly)) return;
        file.write(line(1).left(50));
        file.flush();
        file.write(line(1).mid(50) + line(2));
    });
    Secrets secrets;
    const auto counts = secrets.addKeyLogFile(path);
    writer.join();
    QVERIFY2(counts, qPrintable(words(counts)));
    QCOMPARE(counts->secrets, std::size_t{2});
    QVERIFY(!secrets.refresh()); // does not wait for another writer
    QCOMPARE(pipeline::secretsFileKind(path), SecretsFile::None);
}

void PipelineSecretsTest::gigantic() {
    Secrets secrets;
    const auto counts = secrets.addKeyLogFile(write(line(1) + QByteArray(1'000'000, 'x') + '\n' + line(2)));
    QVERIFY2(counts, qPrintable(words(counts)));
    QCOMPARE(counts->secrets, std::size_t{2});
    QCOMPARE(counts->damaged, std::size_t{1});
    write(QByteArray(1'000'000, 'y'), QIODevice::Append);
    QVERIFY(!secrets.refresh());
    write('\n' + line(3), QIODevice::Append);
    QVERIFY(secrets.refresh());
    QVERIFY(knows(secrets, 3));
}

void PipelineSecretsTest::largeFile() {
    QByteArray text;
    for (int i = 0; i < 20'000; ++i)
        text += "CLIENT_RANDOM " + QByteArray::number(i).rightJustified(64, '0') + ' ' + QByteArray(96, '1') + '\n';
    Secrets secrets;
    const auto counts = secrets.addKeyLogFile(write(text));
    QVERIFY2(counts, qPrintable(words(counts)));
    QCOMPARE(counts->secrets, std::size_t{20'000});
    QCOMPARE(counts->damaged, std::size_t{0});
}

void PipelineSecretsTest::privateKeys() {
    Secrets secrets;
    const auto say = [&secrets](const std::string& path) {
        const auto added = secrets.addPrivateKeyFile(path);
        return added ? QString() : QString::fromStdString(added.error().message);
    };
    const std::string path = write(line(1));
    QCOMPARE(say(path), QString::fromStdString(path) + ": is a key log, not a private key");
    write("words\n");
    QCOMPARE(say(path), QString::fromStdString(path) + ": there is no private key in it");
    write(QByteArray(static_cast<int>(Secrets::kMaxKeyBytes) + 1, 'x'));
    QCOMPARE(say(path), QString::fromStdString(path) + ": too long for a private key");
    QCOMPARE(secrets.addPrivateKeyFile(path).error().kind, ErrorKind::Usage);
    QVERIFY(!secrets.store()->hasPrivateKeys());
}

void PipelineSecretsTest::kinds_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("kind");
    const auto row = [](const char* name, const QByteArray& text, SecretsFile kind) {
        QTest::newRow(name) << text << static_cast<int>(kind);
    };
    row("key log", line(1), SecretsFile::KeyLog);
    row("PEM", "-----BEGIN RSA PRIVATE KEY-----\n", SecretsFile::PrivateKey);
    row("PEM behind certificates",
        "-----BEGIN CERTIFICATE-----\n" + QByteArray(9000, 'A') + "\n-----BEGIN PRIVATE KEY-----\n",
        SecretsFile::PrivateKey);
    // RFC 5958, 2: SEQUENCE of 1,214 octets { INTEGER 0, ...
    row("DER", QByteArray("\x30\x82\x04\xbe\x02\x01\x00\x30\x0d", 9), SecretsFile::PrivateKey);
    // RFC 5280, 4.1: SEQUENCE { SEQUENCE ...
    row("certificate", QByteArray("\x30\x82\x04\xbe\x30\x82\x03\xa6", 8), SecretsFile::None);
    row("empty", "", SecretsFile::None);
    row("pcapng", QByteArray("\x0a\x0d\x0d\x0a\x1c\0\0\0", 8), SecretsFile::None);
}

void PipelineSecretsTest::kinds() {
    QFETCH(QByteArray, text);
    QFETCH(int, kind);
    QCOMPARE(static_cast<int>(pipeline::secretsFileKind(write(text))), kind);
    QCOMPARE(pipeline::secretsFileKind(m_folder.path().toStdString()), SecretsFile::None);
    QCOMPARE(pipeline::secretsFileKind(m_folder.filePath("missing").toStdString()), SecretsFile::None);
}

QTEST_APPLESS_MAIN(PipelineSecretsTest)
#include "pipeline_secrets_test.moc"
