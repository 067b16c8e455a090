#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# count_lines.sh MOST FILE...: fails when the files have as many lines of code as MOST, comments and empty lines apart.
# Who reads the program that holds the right to capture must be able to read all of it.
most=$1
shift
lines=$(cat "$@" | grep -vcE '^[[:space:]]*(//.*)?$') || exit 1
echo "$lines lines of code in $# files, fewer than $most are wanted"
[ "$lines" -lt "$most" ]
