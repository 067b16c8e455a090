#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes core/tokenizer/character_ranges.inc from UnicodeData.txt of Debian's package unicode-data.

    make_character_ranges.py /usr/share/unicode/UnicodeData.txt 15.0.0 > core/tokenizer/character_ranges.inc

Run by hand when the Unicode version is to change; the result is committed, so a build needs neither.
"""
import sys

CLASS_OF_CATEGORY = {"Lu": "U", "Lt": "U", "Ll": "L", "Lm": "B", "Lo": "B", "Mn": "M", "Mc": "M", "Me": "M",
                     "Nd": "N", "Nl": "N", "No": "N"}
# ECMA-262: WhiteSpace (with every Zs, and U+FEFF) and LineTerminator; the line ends that the patterns name are apart.
WHITE_SPACE = {0x09, 0x0B, 0x0C, 0x2028, 0x2029, 0xFEFF}
LINE_ENDS = {0x0A, 0x0D}
PER_LINE = 8


def class_of(code, category):
    if code in LINE_ENDS:
        return "E"
    if code in WHITE_SPACE or category == "Zs":
        return "S"
    return CLASS_OF_CATEGORY.get(category, "O")


def classes(path):
    """The class of every code point."""
    result = ["O"] * 0x110000
    first = None
    with open(path, encoding="ascii") as lines:
        for line in lines:
            code, name, category = line.split(";")[:3]
            code = int(code, 16)
            if name.endswith(", First>"):
                first = code
                continue
            start = code if first is None else first
            first = None
            for each in range(start, code + 1):
                result[each] = class_of(each, category)
    return result


def main():
    path, version = sys.argv[1:]
    names = {"O": "Other", "U": "Upper", "L": "Lower", "B": "Letter", "M": "Mark", "N": "Number", "S": "Space",
             "E": "LineEnd"}
    entries = []
    previous = None
    for code, kind in enumerate(classes(path)):
        if kind != previous:
            entries.append(f"{{0x{code:x}, {names[kind][0] if kind not in 'BE' else kind}}},")
            previous = kind
    print("// SPDX-License-Identifier: Apache-2.0")
    print(f"// Made by tools/make_character_ranges.py from the general categories of Unicode {version}; do not edit.")
    print("// First code point of each range and its class: Other, Upper, Lower, B (letter of either case), Mark, Number, Space,")
    print("// E (line end).")
    for at in range(0, len(entries), PER_LINE):
        print(" ".join(entries[at:at + PER_LINE]))


main()
