#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Proves that check.sh can fail: each bad tree must be refused for the stated reason, the good tree accepted.
set -eu
here=$(dirname "$(readlink -f "$0")")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

fresh() {
    rm -rf "$tree/core" "$tree/ui" "$tree/app"
    mkdir -p "$tree/core/base" "$tree/core/http" "$tree/core/llm" "$tree/core/analysis" "$tree/ui/views" "$tree/app"
    printf '#include <vector>\n#include <cstdint>\n' >"$tree/core/base/good.h"
    printf '#include "core/base/good.h"\n#include <llhttp.h>\n#include <fmt/format.h>\n' >"$tree/core/http/good.cpp"
    printf '#include "core/analysis/good.h"\n#include <QWidget>\n' >"$tree/ui/views/good.cpp"
    printf '#include "core/http/good.h"\n#include <CLI/CLI.hpp>\n#include <unistd.h>\n' >"$tree/app/main.cpp"
}

# expect STATUS PATTERN: what check.sh must answer to the tree as it stands
expect() {
    status=0
    output=$(sh "$here/check.sh" "$tree" "${3:-$here/rules.txt}") || status=$?
    if [ "$status" -ne "$1" ] || ! printf '%s\n' "$output" | grep -q -e "$2"; then
        printf 'expected status %s and "%s", got status %s and:\n%s\n' "$1" "$2" "$status" "$output"
        failures=$((failures + 1))
    fi
    fresh
}

# bad FILE LINE PATTERN: FILE with LINE must be refused
bad() {
    mkdir -p "$tree/$(dirname "$1")"
    printf '%s\n' "$2" >"$tree/$1"
    expect 1 "^$1:1: $3"
}

lines() { yes '// a line' | head -n "$1"; }

fresh
expect 0 '^4 files, 10 includes, 0 offences$'
bad core/base/bad.h '#include "core/http/message.h"' 'core/base may not include core/http'
bad core/llm/bad.cpp '  #  include "core/analysis/dataset.h"' 'core/llm may not include core/analysis'
bad core/analysis/bad.cpp '#include "ui/views/window.h"' 'core/analysis may not include ui/views'
bad ui/views/bad.cpp '#include "core/tcp/connection.h"' 'ui/views may not include core/tcp'
bad core/http/bad.cpp '#include <QString>' 'core includes no Qt'
bad core/http/bad.cpp '#include <QtCore/qglobal.h>' 'core includes no Qt'
bad core/analysis/bad.cpp '#include <simdjson.h>' '<simdjson.h> belongs to'
bad ui/views/bad.cpp '#include <openssl/ssl.h>' '<openssl/ssl.h> belongs to'
bad core/http/bad.h '#include <llhttp.h>' '<llhttp.h> in a header'
bad core/llm/bad.cpp '#include <boost/asio.hpp>' '<boost/asio.hpp> is of no library'
bad core/http/bad.cpp '#include <fstream>' 'a decoder does no I/O'
bad core/tls/bad.cpp '#include <shared_mutex>' 'a decoder does no I/O'
bad core/tls/secret_store.cpp '#include <thread>' 'a decoder does no I/O'
bad core/http/bad.cpp '#include "message.h"' 'includes "message.h" by a path'
bad core/http/bad.cpp '#include "build_versions.h"' 'includes "build_versions.h" by a path'
printf '#include "build_versions.h"\n' >"$tree/app/version.cpp"
expect 0 ' 0 offences'
bad core/llm/bad.cpp '#include "core/cellar/wine.h"' 'includes "core/cellar/wine.h", which is in no room'
bad core/cellar/bad.cpp '#include <vector>' 'is in no room'
lines 500 >"$tree/core/base/long.cpp"
expect 0 ' 0 offences'
lines 501 >"$tree/core/base/long.cpp"
expect 0 '^core/base/long.cpp: warning: 501 lines'
lines 800 >"$tree/core/base/long.cpp"
expect 0 'warning: 800 lines'
lines 801 >"$tree/core/base/long.cpp"
expect 1 '^core/base/long.cpp: 801 lines'
printf 'romm core/base:\n' >"$tree/rules.txt"
expect 2 'rules.txt:1: not understood' "$tree/rules.txt"
rm -rf "$tree/core" "$tree/ui" "$tree/app"
mkdir "$tree/core"
expect 2 '' 2>/dev/null

[ "$failures" -eq 0 ] || exit 1
echo "check.sh refuses what it should"
