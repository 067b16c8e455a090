# SPDX-License-Identifier: Apache-2.0
"""Runs programs and measures them: CPU and wall time, peak memory."""
import os
import statistics
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORK = os.path.join(TOP, "build", "bench")


class Run:
    """One run of a program: CPU seconds, wall seconds, peak resident KiB."""

    def __init__(self, command, output=os.devnull, expect=(0,)):
        with open(output, "wb") as out:
            start = time.monotonic()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE)
            message = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
        self.wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in expect:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}: {message.decode(errors='replace')}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak_kib = usage.ru_maxrss


def median(runs, name):
    return statistics.median(getattr(run, name) for run in runs)


def pairs(count, first, second):
    """A B A B ...: both meet the same state of the machine."""
    runs = ([], [])
    for _ in range(count):
        runs[0].append(Run(*first))
        runs[1].append(Run(*second))
    return runs


def ratio(runs):
    """Median of the ratios of the pairs, so that a slow moment of the machine meets both."""
    return statistics.median(a.cpu / b.cpu for a, b in zip(*runs))


def compiled(source, *more):
    """The program of a C++ file (and more of them, or libraries), built when it is older than one of its sources; None
    when the first source is not there."""
    if not os.path.exists(source):
        return None
    program = os.path.join(WORK, os.path.splitext(os.path.basename(source))[0])
    newest = max(os.path.getmtime(name) for name in (source, *more) if os.path.exists(name))
    if not os.path.exists(program) or os.path.getmtime(program) < newest:
        subprocess.run(["g++", "-O2", "-std=c++20", "-I", TOP, "-o", program, source, *more], check=True)
    return program


def warm(path):
    """Reads a file into the page cache; gives its size in MB."""
    with open(path, "rb") as file:
        while file.read(1 << 20):
            pass
    return os.path.getsize(path) / 1e6
