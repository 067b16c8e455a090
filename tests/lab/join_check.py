#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Joins the gateway's log with captures of the same traffic, and compares every call with what the plain hop says.

  join_check.py GSCOPE TRUTH LOG CAPTURE [--plain CAPTURE] [--leave-out PROJECT]

TRUTH is what the models wrote down behind the gateway: there the last forwarded hop is address and port of the
encrypted connection, so it says which connection carried which call. LOG is the gateway's own, CAPTURE the encrypted
hop. With --plain that capture of the plain hop tells when each call came, and is joined as a third input in a second
run, which must then know the tokens as well. Exit 0 only when every call was joined, and none wrongly.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys
from datetime import datetime

HERE = os.path.dirname(os.path.abspath(__file__))
FIELDS = ("time,flow,client,server,tls,method,host,path,query,status,project,project_id,agent,agent_version,model,"
          "connection,total_tokens,joined_by,traceparent,forwarded_for,input")
RULES = {"correlation-id", "traceparent", "response-id", "transaction-id", "client-port", "unique-match"}
OF_CONNECTION = ("client", "server", "tls")
TLS_OF_PORT = {"443": "1.3", "8443": "1.2"}  # as in gateway.nginx.conf
GATEWAY = "10.0.9.4"
GATEWAY_PORT = {"sampleproject2": "8443"}  # as in proxy.nginx.conf, and derive_truth.py
TIME_TOLERANCE_S = 0.1

with open(os.path.join(HERE, "seed_headers.json"), encoding="utf-8") as seed_file:
    SEED = json.load(seed_file)


def traceparent_of(request_id):
    """As clients.py makes it."""
    if request_id == SEED["X-Request-ID"]:
        return SEED["traceparent"]
    span = request_id.replace("-", "")
    return f"00-{span}-{span[:16]}-01"


def parted(text, separator):
    """Before and after the last separator; nothing where nothing is."""
    before, found, after = (text or "").rpartition(separator)
    return (before or None, after or None) if found else (after or None, None)


def expected(truth):
    """One call as a joined row must have it; None: must not be there."""
    path, _, query = truth["uri"].partition("?")
    agent, version = parted(truth["agent"], ":")
    connection, model = parted(truth["model"], "/")
    hops = truth["xff"].split(";")
    port = GATEWAY_PORT.get(truth["project"], "443")
    want = {"method": truth["method"], "host": truth["host"], "path": path, "query": query or None,
            "status": truth["status"], "project": truth["project"], "project_id": truth["project_id"], "agent": agent,
            "agent_version": version, "connection": connection, "client": hops[-1], "server": f"{GATEWAY}:{port}",
            "tls": TLS_OF_PORT[port], "forwarded_for": hops[:-1], "total_tokens": None}
    deployment = re.search("/deployments/([^/]+)/", path)
    if truth["method"] == "POST":
        want["model"] = model or (deployment and deployment[1])
    return want


def seconds(text):
    stamp, _, fraction = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(stamp + "+00:00").timestamp() + float("0." + (fraction or "0"))


def request_times(capture):
    """When each request was captured on the plain hop, by its traceparent, as tshark says."""
    output = subprocess.run(["tshark", "-r", capture, "-n", "-Y", "http.request", "-T", "fields", "-e", "frame.time_epoch",
                             "-e", "http.request.line", "-E", "aggregator=\x1f"], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, check=True).stdout.decode()
    times = {}
    for line in output.splitlines():
        time, _, headers = line.partition("\t")
        for header in headers.split("\x1f"):
            name, _, value = header.partition(":")
            if name.lower() == "traceparent":
                times[value.strip().removesuffix("\\r\\n")] = float(time)
    return times


class Check:
    def __init__(self):
        self.values = 0
        self.problems = []
        self.rules = collections.Counter()

    def note(self, key, field, want, got):
        self.values += 1
        if want != got:
            self.problems.append(f"{key}: {field} is {got!r}, the truth is {want!r}")

    def row(self, key, want, row, time):
        for field, value in want.items():
            self.note(key, field, value, row.get(field))
        rules = row["joined_by"].split(", ") if "joined_by" in row else []
        self.rules.update(rules)
        if not rules or not set(rules) <= RULES:
            self.problems.append(f"{key}: joined by {rules or 'nothing'}")
        if time is not None and ("time" not in row or abs(seconds(row["time"]) - time) > TIME_TOLERANCE_S):
            self.problems.append(f"{key}: time {row.get('time')}, captured behind the gateway at {time}")

    def connections(self, rows):
        """Calls of one connection have one flow, those of two have two."""
        flow_of, client_of = {}, {}
        for row in rows:
            flow, client = row.get("flow"), row.get("client")
            if flow is None:
                self.problems.append(f"{row.get('traceparent')}: no connection")
            elif flow_of.setdefault(client, flow) != flow or client_of.setdefault(flow, client) != client:
                self.problems.append(f"{row.get('traceparent')}: flow {flow} for {client}, others have "
                                     f"{flow_of.get(client)} for it and {client_of.get(flow)} for the flow")
        return len(client_of)


def exchanges(gscope, inputs):
    run = subprocess.run([gscope, "exchanges", "--format", "jsonl", "--fields", FIELDS, *inputs], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False)
    if run.returncode != 0:
        sys.exit(f"gscope ended with status {run.returncode}: {run.stderr.decode(errors='replace').strip()}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def join(what, options, truths, inputs, times, with_tokens):
    """One run of gscope against the truth; gives whether all is right."""
    check = Check()
    rows = exchanges(options.gscope, inputs)
    seen = collections.Counter()
    for row in rows:
        key = row.get("traceparent")
        seen[key] += 1
        if key not in truths:
            check.problems.append(f"a row that is no call of the truth: {row}")
            continue
        want = expected(truths[key])
        if with_tokens:
            # Either hop may stand for the connection of a call that both show.
            want = {field: value for field, value in want.items() if field not in OF_CONNECTION + ("forwarded_for",)}
            if want.get("model") is None:
                want.pop("model", None)  # the body names it, which the models' notes do not say
            want["total_tokens"] = truths[key]["total_tokens"] if truths[key]["complete"] else row.get("total_tokens")
        check.row(key, want, row, times.get(key))
    check.problems += [f"{key}: not there" for key in truths if not seen[key]]
    check.problems += [f"{key}: {count} rows of one call" for key, count in seen.items() if count > 1]
    flows = "" if with_tokens else f" on {check.connections(rows)} connections"
    rules = ", ".join(f"{rule} {count}" for rule, count in sorted(check.rules.items())) or "nothing"
    print(f"{what}: {len(truths)} calls, {len(rows)} rows{flows}; joined by {rules}; "
          f"{check.values} values compared, {len(check.problems)} wrong")
    print("\n".join("  " + problem for problem in check.problems[:options.show]), end="\n" if check.problems else "")
    return not check.problems and check.values > 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gscope")
    parser.add_argument("truth")
    parser.add_argument("log")
    parser.add_argument("capture")
    parser.add_argument("--plain", help="capture of the plain hop")
    parser.add_argument("--leave-out", metavar="PROJECT", help="calls of this project are in neither log nor capture")
    parser.add_argument("--show", type=int, default=8, help="problems to print")
    options = parser.parse_args()

    with open(options.truth, encoding="utf-8") as lines:
        entries = [entry for entry in map(json.loads, lines) if not options.leave_out or
                   entry["project"] != options.leave_out]
    truths = {traceparent_of(entry["request_id"]): entry for entry in entries}
    times = request_times(options.plain) if options.plain else {}
    right = join("encrypted hop and log", options, truths, [options.capture, options.log], times, False)
    # In any order of the inputs; of the plain hop only when it shows no calls that the others do not.
    right &= join("log first", options, truths, [options.log, options.capture], times, False)
    if options.plain and not options.leave_out:
        right &= join("with the plain hop", options, truths, [options.capture, options.plain, options.log], {}, True)
    return 0 if right else 1


sys.exit(main())
