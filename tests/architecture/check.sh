#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh SOURCE-TREE RULES: fails when a file includes what its room may not, or is too long.
# Prints one line for each offence, FILE:LINE: what. Exit 1 when there is one, 2 on wrong use or broken rules.
set -eu
if [ $# -ne 2 ] || [ ! -d "$1" ] || [ ! -f "$2" ]; then
    echo "usage: $0 SOURCE-TREE RULES" >&2
    exit 2
fi
rules=$(readlink -f "$2")
script=$(readlink -f "$(dirname "$0")/check.awk")
cd "$1"
files=$(find core ui app tests \( -name '*.h' -o -name '*.cpp' \) -type f 2>/dev/null | LC_ALL=C sort)
[ -n "$files" ] || { echo "no source file under $1" >&2; exit 2; }
# shellcheck disable=SC2086 # our file names are snake_case
exec awk -f "$script" "$rules" $files
