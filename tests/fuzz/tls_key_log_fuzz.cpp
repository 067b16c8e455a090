// SPDX-License-Identifier: Apache-2.0
// Input: one octet that chooses where the text is split, then the text of a key log. Added in one piece or in several
// of whole lines it gives the same, and what comes out can be read again.
#include "core/tls/key_log.h"
#include "core/tls/secret_store.h"

#include <cstdlib>
#include <set>

using namespace gatescope;
using tls::KeyLogCount;
using tls::SecretStore;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

bool areSame(const KeyLogCount& a, const KeyLogCount& b) {
    return a.secrets == b.secrets && a.known == b.known && a.ignored == b.ignored && a.damaged == b.damaged &&
           a.leftOut == b.leftOut;
}

void add(KeyLogCount& sum, const KeyLogCount& more) {
    sum.secrets += more.secrets;
    sum.known += more.known;
    sum.ignored += more.ignored;
    sum.damaged += more.damaged;
    sum.leftOut += more.leftOut;
}

std::vector<tls::Random> clientsOf(std::string_view text) {
    std::set<tls::Random> clients;
    tls::KeyLogLine line;
    text = tls::withoutByteOrderMark(text);
    while (!text.empty()) {
        tls::parseKeyLogLine(tls::takeLine(text), line);
        if (line.kind == tls::KeyLogLine::Kind::Secret) clients.insert(line.key);
    }
    return {clients.begin(), clients.end()};
}

/// In pieces of so many lines. A mark in front of a line would be taken for one of a file: no border there.
KeyLogCount addInPieces(SecretStore& store, std::string_view text, unsigned linesAPiece) {
    KeyLogCount sum;
    while (!text.empty()) {
        std::string_view rest = text;
        for (unsigned i = 0; i < linesAPiece && !rest.empty(); ++i) tls::takeLine(rest);
        while (tls::withoutByteOrderMark(rest).size() != rest.size()) tls::takeLine(rest);
        add(sum, store.addKeyLog(text.substr(0, text.size() - rest.size())));
        text = rest;
    }
    return sum;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text = asText({data + 1, size - 1});
    SecretStore whole;
    const KeyLogCount counts = whole.addKeyLog(text);
    require(whole.generation() == (counts.secrets != 0 ? 1U : 0U) && whole.empty() == (counts.secrets == 0));
    SecretStore pieces;
    require(areSame(counts, addInPieces(pieces, text, 1U + data[0] % 16U)));

    const auto clients = clientsOf(text);
    const SecretText lines = whole.keyLogFor(clients);
    require(lines == pieces.keyLogFor(clients));
    SecretStore copy;
    const KeyLogCount again = copy.addKeyLog({lines.data(), lines.size()});
    require(again.damaged == 0 && again.known == 0 && again.ignored == 0);
    require(copy.keyLogFor(clients) == lines);
    for (const tls::Random& client : clients) require(whole.knows(client, 1) && !whole.knows(client, 0));

    tls::looksLikeKeyLog(text);
    SecretStore keys;
    if (const auto added = keys.addPrivateKey(text); added)
        require(keys.hasPrivateKeys());
    else
        require(!added.error().message.empty() && !keys.hasPrivateKeys());
    return 0;
}
