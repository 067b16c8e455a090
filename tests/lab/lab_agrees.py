#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the lab itself: lab_agrees.py BEFORE-PROXY-TRUTH BEHIND-GATEWAY-TRUTH SEED-HEADERS

The clients and the models wrote their logs apart; both must tell the same story, and the dump of the article must
have arrived whole: the same fields with the same values in the same order.
"""
import json
import sys

BOTH = ("method model status stream complete gzip retry_after prompt_tokens completion_tokens total_tokens "
        "cached_tokens reasoning_tokens finish_reason served_model request_bytes response_bytes").split()
LEAST = {"project": 2, "agent": 4, "model": 3, "status": 4}


def load(path):
    with open(path, encoding="utf-8") as lines:
        return {entry["request_id"]: entry for entry in map(json.loads, lines)}


def differences(sent, received, seed):
    if sent.keys() != received.keys():
        yield f"requests sent and received differ: {sorted(sent.keys() ^ received.keys())}"
    for key in sent.keys() & received.keys():
        client, model = sent[key], received[key]
        for field in BOTH:
            if field in ("response_bytes", "served_model") and not model["complete"]:
                continue  # the client hung up, and does not know
            if client[field] != model[field]:
                yield f"{key}: {field} is {client[field]!r} at the client and {model[field]!r} at the model"
        for field in ("project", "agent"):
            if client["sent_by"][field] != model[field]:
                yield f"{key}: {field} {client['sent_by'][field]!r} arrived as {model[field]!r}"
        if client["uri"] != f"/v1/https/{model['host']}{model['uri']}":
            yield f"{key}: asked for {client['uri']}, arrived as {model['host']} {model['uri']}"
        if model["xff"].partition(";")[0] != client["sent_by"]["address"]:
            yield f"{key}: sent by {client['sent_by']['address']}, forwarded for {model['xff']}"
    for field, least in LEAST.items():
        if len({entry[field] for entry in received.values()} - {None}) < least:
            yield f"fewer than {least} values of {field}"
    dump = received.get(seed["X-Request-ID"])
    if dump is None:
        yield "the dump of the article did not arrive"
    elif dump["headers"] != [list(field) for field in seed.items()]:
        yield f"the dump of the article arrived changed: {dump['headers']}"


def main():
    with open(sys.argv[3], encoding="utf-8") as seed_file:
        seed = json.load(seed_file)
    found = list(differences(load(sys.argv[1]), load(sys.argv[2]), seed))
    print("\n".join(found) or "clients and models tell the same, and the dump arrived whole")
    return 1 if found else 0


sys.exit(main())
