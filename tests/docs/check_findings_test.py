#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The check of docs/findings.md must see each kind of difference."""

import contextlib
import io
import pathlib
import sys
import tempfile

import check_findings

TEXT = "A sentence that is long enough to say what it means, and what to do about it."
CODE = """constexpr FindingKind kA{"x.a", Severity::Low, "t", "e", ""};
inline constexpr FindingKind kB{
    "x."
    "b", Severity::High, "t", "e", ""};
"""
PAGE = f"# Findings\n## x\n### x.a\n*Low.* T.\n{TEXT}\n\n### x.b\n*High.* T.\n{TEXT}\n"


def fails(code, page):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "core" / "x").mkdir(parents=True)
        (folder / "docs").mkdir()
        (folder / "core" / "x" / "x_findings.h").write_text(code, encoding="utf-8")
        (folder / "docs" / "findings.md").write_text(page, encoding="utf-8")
        with contextlib.redirect_stdout(io.StringIO()):
            return check_findings.main(folder) != 0


CASES = {
    "all is well": (False, CODE, PAGE),
    "no entry": (True, CODE, PAGE[:PAGE.index("### x.b")]),
    "an entry of nothing": (True, CODE, PAGE + f"### x.c\n*Low.* T.\n{TEXT}\n"),
    "another severity": (True, CODE, PAGE.replace("*High.*", "*Low.*")),
    "no text": (True, CODE, PAGE.replace(TEXT, "Hm.", 1)),
    "twice": (True, CODE, PAGE + f"### x.b\n*High.* T.\n{TEXT}\n"),
    "no order": (True, CODE.replace("x.a", "x.z"), PAGE.replace("x.a", "x.z")),
    "unreadable": (True, CODE + "constexpr FindingKind kC{kName, Severity::Low};", PAGE),
}
wrong = [name for name, (expected, code, page) in CASES.items() if fails(code, page) != expected]
print("\n".join(wrong) or "all differences are seen")
sys.exit(1 if wrong else 0)
