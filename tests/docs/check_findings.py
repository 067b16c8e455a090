#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds docs/findings.md against the findings of the code: each id in both, with its severities, and with a text.

    check_findings.py SOURCE_FOLDER
"""

import pathlib
import re
import sys

TEXT = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
KIND = re.compile(r"FindingKind\s+k\w+\s*(?:=\s*)?\{\s*" + TEXT + r",\s*Severity::(\w+),")
DEFINED = re.compile(r"\bFindingKind\s+k\w+\s*(?:=\s*)?\{")
LEAST_TEXT = 60  # characters: one sentence


def literal(text):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text))


def ids_of_code(folder):
    found, problems = {}, []
    for path in sorted(folder.glob("core/**/*")) + sorted(folder.glob("ui/**/*")) + sorted(folder.glob("app/**/*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        text = path.read_text(encoding="utf-8")
        kinds = KIND.findall(text)
        if len(kinds) != len(DEFINED.findall(text)):
            problems.append(f"{path}: a finding is written in a way that this check cannot read")
        for identifier, severity in kinds:
            found.setdefault(literal(identifier), set()).add(severity)
    return found, problems


def entries_of_page(path):
    """Id to (severities, text) in their order; an id that stands twice is an error."""
    entries, problems = {}, []
    for part in re.split(r"^### ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        body = re.split(r"^## ", body, flags=re.MULTILINE)[0].strip()
        match = re.match(r"\*([A-Z][A-Za-z, ]*)\.\*", body)
        severities = set(match[1].split(", ")) if match else set()
        if name.strip() in entries:
            problems.append(f"{name.strip()}: stands twice in the page")
        entries[name.strip()] = (severities, body[match.end():].strip() if match else body)
    return entries, problems


def main(folder):
    code, problems = ids_of_code(folder)
    page, more = entries_of_page(folder / "docs" / "findings.md")
    problems += more
    problems += [f"{name}: in the code, not in docs/findings.md" for name in sorted(code.keys() - page.keys())]
    problems += [f"{name}: in docs/findings.md, not in the code" for name in sorted(page.keys() - code.keys())]
    for name in sorted(code.keys() & page.keys()):
        severities, text = page[name]
        if severities != code[name]:
            problems.append(f"{name}: {', '.join(sorted(severities)) or 'no severity'} in the page, "
                            f"{', '.join(sorted(code[name]))} in the code")
        if len(text) < LEAST_TEXT:
            problems.append(f"{name}: the entry says nothing")
    if list(page) != sorted(page, key=lambda name: (name.split(".")[0], name)):
        problems.append("the entries are not in alphabetical order")
    if not code:
        problems.append("no finding was found in the code")
    print("\n".join(problems) or f"{len(code)} findings, all documented")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
