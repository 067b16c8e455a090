#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what `gscope exchanges --format jsonl` says with a truth file. Exit 0 only when nothing differs.

  compare.py TRUTH RESULT [--times] [--result-is-truth] [--show N]

TRUTH has one JSON object a line, as the lab and the benchmark's generators write it; null is "not there". The join key
is request_id. An exchange that was cut off, or of which bytes were never captured, must be there, with its request as
sent and complete = false; what its other half would have said is not compared.
"""
import argparse
import collections
import json
import re
import sys
from datetime import datetime, timezone

# What the result must have for each field of the truth. Fields of the truth that are not here are notes.
SAME_NAME = ("method host project project_id status stream finish_reason total_tokens cached_tokens reasoning_tokens "
             "complete request_bytes response_bytes served_model").split()
RENAMED = {"prompt_tokens": "input_tokens", "completion_tokens": "output_tokens", "sse_events": "stream_events"}
OF_REQUEST = "method uri host project project_id agent model xff".split()
APIS = {"chat": "openai.chat", "chat-v1": "openai.chat", "responses": "openai.responses",
        "embeddings": "openai.embeddings"}
TIME_TOLERANCE_MS = 0.0011  # three decimals in the result, and half of a microsecond in captures that have no more


def joined(first, separator, second):
    return first if second is None else first + separator + second


def in_truth_terms(result):
    """The fields of one exchange under the names of the truth."""
    got = {name: result.get(name) for name in SAME_NAME}
    got.update((truth_name, result.get(name)) for truth_name, name in RENAMED.items())
    got["uri"] = joined(result.get("path", ""), "?", result.get("query"))
    got["agent"] = joined(result["agent"], ":", result.get("agent_version")) if "agent" in result else None
    got["model"] = joined(result["connection"], "/", result.get("model")) if "connection" in result else None
    got["deployment"] = result.get("model")
    got["xff"] = result.get("forwarded_for")
    got["api"] = result.get("api")
    retry_after = result.get("response-header:retry-after")
    got["retry_after"] = int(retry_after) if retry_after is not None else None
    return got


def expectation(truth):
    """What of the truth is compared, as {field: value}."""
    whole = truth.get("complete", True) and not truth.get("req_gap") and not truth.get("rsp_gap")
    if not whole:
        want = {name: truth[name] for name in OF_REQUEST if name in truth and not truth.get("req_gap")}
        want["complete"] = False
    else:
        want = dict(truth, complete=True)
        want.pop("deployment", None)
        want.pop("api", None)
        if truth.get("api") in APIS or str(truth.get("api")).startswith("openai."):
            want["api"] = APIS.get(truth["api"], truth["api"])
        if truth.get("model") is None and truth.get("deployment") and truth.get("method") == "POST":
            want["deployment"] = truth["deployment"]
        if truth.get("api") == "responses" and truth.get("finish_reason"):
            # The shared generator notes chat's reason here, while its response objects always say this.
            want["finish_reason"] = "completed"
        if truth.get("sse_events") is None:
            want.pop("sse_events", None)
    if "xff" in want:
        want["xff"] = [hop for hop in re.split(r"[;,]\s*", want["xff"]) if hop] if want["xff"] else None
    return want


def nanoseconds(text):
    seconds, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return int(moment.timestamp()) * 10**9 + int((fraction + "000000000")[:9])


def time_differences(truth, result):
    """(field, truth, result) of times that differ; only for exchanges of which both ends were captured."""
    if not (truth.get("start_ns") and truth.get("first_byte_ns") and truth.get("end_ns")) or not truth["complete"]:
        return
    start = nanoseconds(result["time"])
    if abs(start - truth["start_ns"]) > TIME_TOLERANCE_MS * 1e6:
        yield "time", truth["start_ns"], start
    for name, end in (("ttfb_ms", "first_byte_ns"), ("duration_ms", "end_ns")):
        want = (truth[end] - truth["start_ns"]) / 1e6
        if name not in result or abs(result[name] - want) > TIME_TOLERANCE_MS:
            yield name, want, result.get(name)


class Comparison:
    def __init__(self, show):
        self.show = show
        self.right, self.wrong = collections.Counter(), collections.Counter()
        self.examples = collections.defaultdict(list)

    def note(self, field, key, want, got):
        if want == got:
            self.right[field] += 1
            return
        self.wrong[field] += 1
        if len(self.examples[field]) < self.show:
            self.examples[field].append(f"      {key}: truth {want!r}, got {got!r}")

    def report(self):
        for field in sorted(self.right.keys() | self.wrong.keys(), key=lambda f: (-self.wrong[f], f)):
            if self.wrong[field]:
                print(f"  {field:18} right {self.right[field]:8} wrong {self.wrong[field]:8}")
                print("\n".join(self.examples[field]))


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth")
    parser.add_argument("result")
    parser.add_argument("--times", action="store_true", help="compare times as well")
    parser.add_argument("--result-is-truth", action="store_true", help="RESULT uses the truth's names; compare what it has")
    parser.add_argument("--show", type=int, default=3, help="examples of each difference to print")
    options = parser.parse_args()

    truth = {entry["request_id"]: entry for entry in read_lines(options.truth)}
    comparison = Comparison(options.show)
    seen, extra, doubled = set(), [], []
    for result in read_lines(options.result):
        key = result.get("request_id")
        if key not in truth:
            extra.append(key)
            continue
        if key in seen:
            doubled.append(key)
            continue
        seen.add(key)
        want = expectation(truth[key])
        got = expectation(result) if options.result_is_truth else in_truth_terms(result)
        for field, value in want.items():
            if field == "stream" and value is False and "api" not in want and got.get("stream") is None:
                continue  # what is no call of a model has no stream flag; true would be wrong
            if field in got and (not options.result_is_truth or field in result):
                comparison.note(field, key, value, got[field])
        if options.times:
            for field, value, other in time_differences(truth[key], result):
                comparison.note(field, key, value, other)
    missing = [key for key in truth if key not in seen]
    fields = sum(comparison.right.values()) + sum(comparison.wrong.values())
    wrong = sum(comparison.wrong.values())
    print(f"truth {len(truth)}, found {len(seen)}, missing {len(missing)}, extra {len(extra)}, doubled {len(doubled)}; "
          f"{fields} values compared, {wrong} wrong")
    for name, keys in (("missing", missing), ("extra", extra), ("doubled", doubled)):
        if keys:
            print(f"  {name}: " + ", ".join(map(str, keys[:options.show])))
    comparison.report()
    # A comparison of nothing proves nothing.
    return 1 if missing or extra or doubled or wrong or not fields else 0


sys.exit(main())
