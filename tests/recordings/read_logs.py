#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads gateway logs and says what is in each record: a reader that shares no code with Gatescope.

    read_logs.py FILE...                   one JSON object a record: {"file", "line", "facts"}
    read_logs.py --check GSCOPE FILE...    holds `gscope exchanges` against it, for each file as it is, through gzip and
                                           from standard input; exit 1 on any difference

Facts have the names of gscope's fields. A fact that is null must not be there; one that is a list of two times may be
any moment between them, because the log says only that. What a log leaves open is no fact here.
Known: API Management and Azure OpenAI (Azure Monitor), Front Door, Envoy and nginx in JSON, HAR, header dumps.
"""
import argparse
import collections
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MILLISECOND = 1_000_000
SECOND = 1000 * MILLISECOND
SECRET_QUERY = re.compile(r"(^|&)[^=&]*(key|token|secret|sig|pass)[^=&]*=", re.IGNORECASE)
DURATION_TOLERANCE_MS = 0.00051  # three decimals in the result
DONE, READ_IN_PART = 0, 4


# ---- values

def nanoseconds(text):
    """ISO 8601 with any number of fraction digits."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text)
    moment = datetime.fromisoformat(match[1] + match[3].replace("Z", "+00:00"))
    return (moment - EPOCH) // timedelta(seconds=1) * SECOND + int(((match[2] or "") + "0" * 9)[:9])


def timestamp(moment):
    seconds, fraction = divmod(moment, SECOND)
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S") + f".{fraction:09d}Z"


def between(first, last):
    return [timestamp(first), timestamp(last)]


def given(value):
    """None for what a log writes where it knows nothing."""
    return None if value in (None, "", "-", "REDACTED") else value


def whole_number(value):
    return int(value) if given(value) is not None else None


def parted(text, separator):
    before, found, after = (text or "").rpartition(separator)
    return (given(before), given(after)) if found else (given(after), None)


def hops(text):
    found = [hop.strip() for hop in re.split("[;,]", text or "") if hop.strip()]
    return found or None


def url_facts(url):
    """Host, path and query; a query with a secret in it is masked by gscope and left out here."""
    parts = urlsplit(url)
    target = url[len(f"{parts.scheme}://{parts.netloc}"):] if parts.netloc else url
    path, _, query = target.partition("#")[0].partition("?")
    facts = {"path": path, "query": query or None}
    if parts.netloc:
        facts["host"] = parts.netloc
    if SECRET_QUERY.search(query):
        del facts["query"]
    return facts


def deployment_of(path):
    found = re.search(r"/deployments/([^/?]+)/", path or "")
    return found and found[1]


def identity_facts(headers):
    """Who calls, from the header fields by lower-case name; absent names are absent facts."""
    agent, version = parted(headers.get("x-ms-foundry-agent-id"), ":")
    connection, model = parted(headers.get("x-ms-foundry-model-id"), "/")
    return {"project": given(headers.get("openai-project")), "project_id": given(headers.get("x-ms-foundry-project-id")),
            "agent": agent, "agent_version": version, "connection": connection,
            "traceparent": given(headers.get("traceparent")), "forwarded_for": hops(headers.get("x-forwarded-for"))} | (
                {"model": model} if model else {})


def body_facts(request, response):
    """What the bodies of a call say, both as JSON text."""
    asked = json.loads(request) if request else {}
    answered = json.loads(response) if response else {}
    usage = answered.get("usage") or {}
    choices = answered.get("choices") or [{}]
    code = (answered.get("error") or {}).get("code")
    return {"requested_model": asked.get("model"), "served_model": answered.get("model"),
            "input_tokens": usage.get("prompt_tokens"), "output_tokens": usage.get("completion_tokens"),
            "total_tokens": usage.get("total_tokens"), "finish_reason": choices[0].get("finish_reason"),
            "error_code": code, "response_id": answered.get("id")}


# ---- formats

def apim_gateway(row):
    told = row["properties"]
    url = url_facts(told["url"])
    headers = {name.lower(): value for name, value in told.get("requestHeaders", {}).items()}
    # The gateway may be told to log only what it sent on; the caller asked for and got the same.
    bodies = body_facts(told.get("requestBody") or told.get("backendRequestBody"),
                        told.get("responseBody") or told.get("backendResponseBody"))
    facts = {"time": timestamp(nanoseconds(row["time"])), "duration_ms": row.get("durationMs"), "method": told["method"],
             "status": told["responseCode"], "client": given(row.get("callerIpAddress")),
             "correlation_id": row["correlationId"], "deployment": deployment_of(url["path"]), **url, **bodies,
             **identity_facts(headers)}
    facts["error_code"] = facts["error_code"] or told.get("lastError", {}).get("reason")
    facts.setdefault("model", facts["deployment"] or bodies["requested_model"] or bodies["served_model"])
    if told.get("backendUrl"):
        facts["backend_ms"] = told["backendTime"]
    if told.get("clientTlsVersion"):
        facts["tls"] = told["clientTlsVersion"]
    return facts


def azure_openai(row):
    told = row["properties"]
    told = json.loads(told) if isinstance(told, str) else told
    return {"duration_ms": row["durationMs"], "status": int(row["resultSignature"]), "method": None, "path": None,
            "correlation_id": row["correlationId"], "total_tokens": None, "model": told.get("modelDeploymentName")}


def front_door(row):
    told = row["properties"]
    taken = round(float(told["timeTaken"]) * SECOND)
    end = nanoseconds(row["time"])
    return {"time": between(end - taken, end), "duration_ms": taken / MILLISECOND, "method": told["httpMethod"],
            "status": int(told["httpStatusCode"]), "client": f"{told['clientIp']}:{told['clientPort']}",
            "tls": told["securityProtocol"].removeprefix("TLS "), "total_tokens": None, **url_facts(told["requestUri"])}


def envoy(row):
    local = given(row.get("downstream_local_address"))
    port = row.get("downstream_local_port")
    facts = {"time": timestamp(nanoseconds(row["start_time"])), "method": given(row["method"]),
             "path": given((row["path"] or "").partition("?")[0]), "host": given(row.get("authority")),
             "status": row["response_code"] or None, "forwarded_for": hops(row.get("x_forwarded_for")),
             "total_tokens": None}
    if local and port:
        facts["server"] = f"{local}:{port}"
    if row["response_code"]:
        facts["duration_ms"] = row["duration"]
    if given(row.get("downstream_remote_address")) and row.get("downstream_remote_port"):
        facts["client"] = f"{row['downstream_remote_address']}:{row['downstream_remote_port']}"
    return facts


def nginx(row):
    taken = round(float(row["request_time"]) * 1000) * MILLISECOND
    # A line is written when the call has ended; $time_iso8601 is cut to whole seconds, $msec to milliseconds.
    if "msec" in row:
        end = round(row["msec"] * 1000) * MILLISECOND
        moment = between(end - taken - MILLISECOND, end - taken + MILLISECOND)
    else:
        end = nanoseconds(row["time"])
        moment = between(end - taken, end - taken + SECOND)
    headers = {"x-ms-foundry-project-id": row["foundry_project_id"], "x-ms-foundry-agent-id": row["foundry_agent_id"],
               "x-ms-foundry-model-id": row["foundry_model_id"], "openai-project": row["openai_project"],
               "traceparent": row["traceparent"], "x-forwarded-for": row["x_forwarded_for"]}
    url = url_facts(row["uri"])
    facts = {"time": moment, "duration_ms": taken / MILLISECOND, "method": row["method"], "host": row["host"],
             "status": row["status"], "client": f"{row['remote_addr']}:{row['remote_port']}",
             "tls": row["ssl_protocol"].removeprefix("TLSv"), "total_tokens": None,
             "protocol": {"HTTP/1.1": "http/1.1", "HTTP/2.0": "h2"}[row["protocol"]], **url, **identity_facts(headers)}
    if given(row["upstream_response_time"]) and "," not in row["upstream_response_time"]:
        facts["backend_ms"] = round(float(row["upstream_response_time"]) * 1000)
    return facts


def har_times(entry):
    """When the request went out, after waiting and connecting, and how long until the answer was there. Tools differ
    in whether `connect` holds `ssl` (HAR 1.2 says so), hence two ways to reckon."""
    spent = {name: max(value, 0) for name, value in entry["timings"].items() if isinstance(value, (int, float))}
    taken = spent["send"] + spent["wait"] + spent["receive"]
    started = nanoseconds(entry["startedDateTime"])
    before = [spent.get("blocked", 0) + spent.get("dns", 0) + spent.get("connect", 0), entry["time"] - taken]
    if not taken:  # it never went out
        before.append(0)
    return between(started + int(min(before) * MILLISECOND), started + int(max(before) * MILLISECOND) + 1), taken


def har_entry(entry):
    request, response = entry["request"], entry["response"]
    moment, taken = har_times(entry)
    facts = {"time": moment, "method": request["method"],
             "status": response["status"] or None, "total_tokens": None, **url_facts(request["url"])}
    named = [field["value"] for field in request["headers"] if field["name"].lower() in ("host", ":authority")]
    facts["host"] = named[0] if named else facts["host"]
    if response["status"]:
        facts["duration_ms"] = float(taken)
    return facts


def header_dump(headers, **more):
    headers = {name.lower(): value for name, value in headers.items()}
    facts = {"status": None, "total_tokens": None, "host": given(headers.get("host")),
             "request_id": given(headers.get("x-request-id")), **identity_facts(headers), **more}
    for name in ("x-k8se-app-name", "x-envoy-external-address", "x-site-deployment-id", "was-default-hostname"):
        facts["header:" + name] = given(headers.get(name))
    return facts


# ---- files

def json_row(row):
    """Facts of a row of a log; None when it is none that is known here."""
    if row.get("category") == "GatewayLogs":
        return apim_gateway(row)
    if row.get("category") == "RequestResponse":
        return azure_openai(row)
    if row.get("category") == "FrontdoorAccessLog":
        return front_door(row)
    if "response_flags" in row:
        return envoy(row)
    if "remote_addr" in row:
        return nginx(row)
    return None


def document_records(document):
    if "log" in document:
        return [har_entry(entry) for entry in document["log"]["entries"]]
    if isinstance(document.get("headers"), dict):  # what a service that echoes requests answers
        # Such a service takes X-Forwarded-For away and gives it as the origin.
        facts = header_dump(document["headers"], method=document["method"], forwarded_for=hops(document["origin"]))
        if urlsplit(document["url"]).netloc != facts["host"]:
            del facts["host"]  # made of X-Forwarded-Host: both are hosts of the request
        return [facts]
    return [header_dump(document)]


def records(path):
    """[(line or None, facts)] and the lines that are damaged."""
    with open(path, "rb") as file:
        text = file.read().decode("utf-8-sig", "surrogateescape")
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if isinstance(document, dict) and json_row(document) is None:
        return [(None, facts) for facts in document_records(document)], []
    if document is None and not text.lstrip().startswith("{"):
        pairs = (line.partition(":") for line in text.splitlines() if line.strip())
        return [(None, header_dump({name.strip(): value.strip() for name, _, value in pairs}))], []
    found, damaged = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append((number, json_row(json.loads(line))))
        except ValueError:
            damaged.append(number)
    return found, damaged


# ---- holding gscope against it

def same(want, got):
    if isinstance(want, list) and len(want) == 2 and isinstance(got, str):
        return want[0] <= got <= want[1]
    if isinstance(want, (int, float)) and isinstance(got, (int, float)):
        return abs(want - got) <= (DURATION_TOLERANCE_MS if isinstance(want, float) else 0)
    return want == got


def run(gscope, arguments, data=None, expect=(DONE,)):
    done = subprocess.run([gscope, *arguments], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode not in expect:
        return None, f"status {done.returncode}: {done.stderr.decode(errors='replace').strip()}"
    return [json.loads(line) for line in done.stdout.splitlines()], None


def ordered(found):
    """As gscope orders them: by time, those without one as they come."""
    def moment(record):
        time = record[1].get("time", "")
        return time[0] if isinstance(time, list) else time
    return sorted(found, key=moment)


def compare(found, rows):
    """(number of values compared, lines about what differs)"""
    problems, values = [], 0
    if len(found) != len(rows):
        problems.append(f"{len(rows)} rows, there are {len(found)} records")
    by_line = {row.get("line"): row for row in rows}
    for number, (line, facts) in enumerate(ordered(found)):
        row = by_line.get(line) if line else rows[number] if number < len(rows) else None
        if row is None:
            problems.append(f"line {line}: no row of it")
            continue
        if row.get("source") in (None, "packets"):
            problems.append(f"line {line}: source is {row.get('source')!r}")
        for field, want in facts.items():
            values += 1
            if not same(want, row.get(field)):
                problems.append(f"line {line or number + 1}: {field} is {row.get(field)!r}, the log says {want!r}")
    return values, problems


def check_damage(gscope, path, damaged):
    rows, trouble = run(gscope, ["findings", "--format", "jsonl", path], expect=(DONE, READ_IN_PART))
    if trouble:
        return [trouble]
    told = collections.Counter(line for row in rows for line in [row.get("line", row.get("packet"))])
    return [f"line {line} is damaged, and no finding says so" for line in damaged if not told[line]]


def check_file(gscope, path):
    found, damaged = records(path)
    fields = sorted({"line", "source", *(field for _, facts in found for field in facts)})
    arguments = ["exchanges", "--format", "jsonl", "--fields", ",".join(fields)]
    expect = (DONE, READ_IN_PART) if damaged else (DONE,)
    with open(path, "rb") as file:
        data = file.read()
    with tempfile.NamedTemporaryFile(suffix=".log") as packed:
        packed.write(gzip.compress(data))
        packed.flush()
        ways = {"": run(gscope, [*arguments, path], None, expect),
                " through gzip": run(gscope, [*arguments, packed.name], None, expect),
                " from standard input": run(gscope, [*arguments, "-"], data, expect)}
    right = True
    for way, (rows, trouble) in ways.items():
        values, problems = compare(found, rows) if rows is not None else (0, [trouble])
        if not way:
            problems += check_damage(gscope, path, damaged)
        if problems or not way:
            sources = ", ".join(sorted({row.get("source", "none") for row in rows or []}))
            print(f"{os.path.basename(path)}{way}: {len(found)} records, {len(damaged)} damaged lines, read as "
                  f"{sources or 'nothing'}; {values} values compared, {len(problems)} wrong")
        print("".join(f"  {problem}\n" for problem in problems[:12]), end="")
        right &= not problems
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", metavar="GSCOPE")
    parser.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args()
    if options.check:
        results = [check_file(options.check, path) for path in options.files]
        return 0 if all(results) else 1
    for path in options.files:
        for line, facts in records(path)[0]:
            print(json.dumps({"file": os.path.basename(path), "line": line, "facts": facts}, ensure_ascii=False))
    return 0


sys.exit(main())
