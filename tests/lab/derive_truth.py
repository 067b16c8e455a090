#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small changes of a truth file, from standard input to standard output.

  derive_truth.py tls13 | tls12   only what went over that leg, with the forwarded hops as they were before the gateway
  derive_truth.py sample          without the header lists
"""
import json
import sys

LEG_OF_PROJECT = {"sampleproject2": "tls12"}  # as in proxy.nginx.conf

kind = sys.argv[1]
for line in sys.stdin:
    entry = json.loads(line)
    entry.pop("headers", None)
    if kind != "sample":
        if LEG_OF_PROJECT.get(entry["project"], "tls13") != kind:
            continue
        entry["xff"] = entry["xff"].partition(";")[0]
        entry.pop("client_address")
        entry.pop("server_address")
    print(json.dumps(entry))
