#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tshark's view of a capture, one JSON object per HTTP request with the names of the truth.

  tshark_rows.py CAPTURE [TSHARK-OPTION...]
"""
import json
import subprocess
import sys

FIELDS = ("frame.number", "http.request.method", "http.request.uri", "http.host", "http.request.line",
          "http.response.code", "http.request_in")
# Blank-separated would collide with values; these two never stand in a header.
COLUMN, LIST = "\t", "\x1f"
HEADERS = {"x-request-id": "request_id", "openai-project": "project", "x-ms-foundry-project-id": "project_id",
           "x-ms-foundry-agent-id": "agent", "x-ms-foundry-model-id": "model", "x-forwarded-for": "xff"}


def rows(capture, options):
    command = ["tshark", "-r", capture, "-n", "-o", "tcp.reassemble_out_of_order:TRUE", *options, "-Y", "http",
               "-T", "fields", "-E", f"aggregator={LIST}"]
    for field in FIELDS:
        command += ["-e", field]
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()
    for line in output.splitlines():
        yield dict(zip(FIELDS, line.split(COLUMN)))


def request_row(row):
    request = {"method": row["http.request.method"], "uri": row["http.request.uri"], "host": row["http.host"],
               **{name: None for name in HEADERS.values()}}
    for header in row["http.request.line"].split(LIST):
        name, _, value = header.partition(":")
        if name.lower() in HEADERS:
            # tshark shows the line end as text.
            request[HEADERS[name.lower()]] = value.strip().removesuffix("\\r\\n")
    return request


def main():
    requests = {}
    for row in rows(sys.argv[1], sys.argv[2:]):
        if row["http.request.method"]:
            requests[row["frame.number"]] = request_row(row)
        elif row["http.request_in"] in requests and not row["http.response.code"].startswith("1"):
            requests[row["http.request_in"]]["status"] = int(row["http.response.code"])
    for request in requests.values():
        print(json.dumps(request))


main()
