// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "core/live/helper_protocol.h"

#include <fcntl.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

using namespace gatescope;
using namespace gatescope::live;

class LiveProtocolTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void carriesOrders();
    void carriesReports();
    void takesOnlyWholeMessages();
    void takesNoOtherVersion();
    void takesNoMoreThanTheLimits();
    void survivesNoise();
    void passesADescriptor();
    void refusesTwoDescriptorsAndLongMessages();
};

namespace {

std::span<const std::uint8_t> octets(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

StartMessage someOrders() {
    StartMessage orders;
    orders.request.interfaces = {"eth0", "any"};
    orders.request.filter = "tcp port 443";
    orders.request.snapLength = 96;
    orders.request.headersOnly = true;
    orders.request.bufferBytes = 7U << 20;
    orders.ring.fileBytes = 1ULL << 40;
    orders.ring.fileTime = 60'000'000'000;
    orders.ring.filePackets = 11;
    orders.stop = {.time = 5, .packets = 6, .bytes = 7, .files = 8};
    return orders;
}

ReportMessage someReport() {
    ReportMessage report;
    report.file = 3;
    report.fileBytes = 1ULL << 33;
    report.packets = 4;
    report.bytes = 5;
    report.ownDropped = 6;
    report.copies = 7;
    report.trimmedBytes = 8;
    report.interfaces = {{9, 10, false}, {11, 12, true}};
    return report;
}

std::vector<std::string> everyMessage() {
    return {encode(ParentMessage(someOrders())),
            encode(ParentMessage(FileMessage{9})),
            encode(ParentMessage(StopMessage{})),
            encode(HelperMessage(HelloMessage{})),
            encode(HelperMessage(RunningMessage{{1, 276}})),
            encode(HelperMessage(someReport())),
            encode(HelperMessage(EndedMessage{EndReason::InterfaceGone, "eth0"}))};
}

bool isUnderstood(std::span<const std::uint8_t> bytes) {
    return parseParentMessage(bytes).has_value() || parseHelperMessage(bytes).has_value();
}

} // namespace

void LiveProtocolTest::carriesOrders() {
    const auto message = parseParentMessage(octets(encode(ParentMessage(someOrders()))));
    QVERIFY(message.has_value());
    const StartMessage& got = std::get<StartMessage>(*message);
    QVERIFY(got.request.interfaces == someOrders().request.interfaces);
    QCOMPARE(got.request.filter, std::string("tcp port 443"));
    QCOMPARE(got.request.snapLength, 96U);
    QVERIFY(got.request.headersOnly && !got.request.promiscuous && !got.request.playInTime && !got.playsFile);
    QCOMPARE(got.request.bufferBytes, 7U << 20);
    QCOMPARE(got.ring.fileBytes, 1ULL << 40);
    QCOMPARE(got.ring.fileTime, 60'000'000'000);
    QCOMPARE(got.ring.filePackets, 11U);
    QVERIFY(got.stop.time == 5 && got.stop.packets == 6 && got.stop.bytes == 7 && got.stop.files == 8);
}

void LiveProtocolTest::carriesReports() {
    const auto message = parseHelperMessage(octets(encode(HelperMessage(someReport()))));
    QVERIFY(message.has_value());
    const ReportMessage& got = std::get<ReportMessage>(*message);
    QVERIFY(got.file == 3 && got.fileBytes == 1ULL << 33 && got.packets == 4 && got.bytes == 5);
    QVERIFY(got.ownDropped == 6 && got.copies == 7 && got.trimmedBytes == 8 && got.interfaces.size() == 2);
    QVERIFY(got.interfaces[1].packets == 11 && got.interfaces[1].kernelDropped == 12 && got.interfaces[1].isGone);
    const auto ended = parseHelperMessage(octets(encode(HelperMessage(EndedMessage{EndReason::CannotWrite, "full"}))));
    QVERIFY(std::get<EndedMessage>(*ended).reason == EndReason::CannotWrite);
    QCOMPARE(std::get<EndedMessage>(*ended).text, std::string("full"));
}

void LiveProtocolTest::takesOnlyWholeMessages() {
    for (const std::string& message : everyMessage()) {
        QVERIFY(isUnderstood(octets(message)));
        for (std::size_t length = 0; length < message.size(); ++length)
            QVERIFY(!isUnderstood(octets(message).first(length)));
        QVERIFY(!isUnderstood(octets(message + '\0')));
    }
    // Nobody understands what is meant for the other.
    QVERIFY(!parseHelperMessage(octets(encode(ParentMessage(StopMessage{})))));
    QVERIFY(!parseParentMessage(octets(encode(HelperMessage(HelloMessage{})))));
}

void LiveProtocolTest::takesNoOtherVersion() {
    for (std::string message : {encode(ParentMessage(someOrders())), encode(HelperMessage(HelloMessage{}))}) {
        for (std::size_t at = 1; at < 7; ++at) { // behind the type: four octets of magic, two of version
            std::string other = message;
            ++other[at];
            QVERIFY(!isUnderstood(octets(other)));
        }
    }
}

void LiveProtocolTest::takesNoMoreThanTheLimits() {
    StartMessage orders = someOrders();
    orders.request.filter.assign(kMaxFilterBytes, 'x');
    orders.request.interfaces.assign(CaptureRequest::kMaxInterfaces, std::string(kMaxNameBytes, 'n'));
    const std::string largest = encode(ParentMessage(orders));
    QVERIFY(largest.size() <= kMaxMessageBytes);
    QVERIFY(parseParentMessage(octets(largest)).has_value());
    std::string more = largest;
    more[7] = CaptureRequest::kMaxInterfaces + 1; // the number of interfaces
    QVERIFY(!parseParentMessage(octets(more)));
    orders = someOrders();
    orders.ring.fileTime = -1;
    QVERIFY(!parseParentMessage(octets(encode(ParentMessage(orders)))));
    orders = someOrders();
    orders.request.filter = std::string("tcp\0", 4);
    QVERIFY(!parseParentMessage(octets(encode(ParentMessage(orders)))));
    QVERIFY(!isUnderstood(octets(std::string(kMaxMessageBytes + 1, '\3'))));
    std::string ended = encode(HelperMessage(EndedMessage{EndReason::CannotWrite, ""}));
    ++ended[1]; // a reason that there is not
    QVERIFY(!isUnderstood(octets(ended)));
}

void LiveProtocolTest::survivesNoise() {
    std::mt19937 random(8);
    const std::vector<std::string> messages = everyMessage();
    for (int round = 0; round < 20'000; ++round) {
        std::string message = messages[random() % messages.size()];
        for (unsigned changes = random() % 4; changes > 0; --changes)
            message[random() % message.size()] = static_cast<char>(random());
        if (const auto parsed = parseParentMessage(octets(message))) QVERIFY(encode(*parsed).size() == message.size());
        if (const auto parsed = parseHelperMessage(octets(message))) QVERIFY(encode(*parsed).size() == message.size());
    }
}

void LiveProtocolTest::passesADescriptor() {
    int ends[2] = {};
    QCOMPARE(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    int pipeEnds[2] = {};
    QCOMPARE(::pipe(pipeEnds), 0);
    QVERIFY(receiveMessage(ends[1]).kind == Received::Kind::Nothing);
    QVERIFY(sendMessage(ends[0], "hello", pipeEnds[1]));
    const Received got = receiveMessage(ends[1]);
    QVERIFY(got.kind == Received::Kind::Message && got.bytes.size() == 5 && got.descriptor >= 0);
    QVERIFY((::fcntl(got.descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    QCOMPARE(::write(got.descriptor, "x", 1), 1);
    char octet = 0;
    QCOMPARE(::read(pipeEnds[0], &octet, 1), 1);
    ::close(ends[0]);
    QVERIFY(receiveMessage(ends[1]).kind == Received::Kind::Closed);
    for (const int one : {ends[1], pipeEnds[0], pipeEnds[1], got.descriptor}) ::close(one);
}

void LiveProtocolTest::refusesTwoDescriptorsAndLongMessages() {
    int ends[2] = {};
    QCOMPARE(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    QVERIFY(sendMessage(ends[0], std::string(kMaxMessageBytes + 1, 'x')));
    Received got = receiveMessage(ends[1]);
    QVERIFY(got.kind == Received::Kind::Message && got.bytes.empty());

    const int both[2] = {ends[0], ends[1]};
    char octet = 'x';
    iovec part{&octet, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof both)]{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr* attached = CMSG_FIRSTHDR(&header);
    attached->cmsg_level = SOL_SOCKET;
    attached->cmsg_type = SCM_RIGHTS;
    attached->cmsg_len = CMSG_LEN(sizeof both);
    std::memcpy(CMSG_DATA(attached), both, sizeof both);
    QVERIFY(::sendmsg(ends[0], &header, 0) == 1);
    got = receiveMessage(ends[1]);
    QVERIFY(got.bytes.empty());
    if (got.descriptor >= 0) ::close(got.descriptor);
    for (const int one : both) ::close(one);
}

QTEST_APPLESS_MAIN(LiveProtocolTest)
#include "live_protocol_test.moc"
