# SPDX-License-Identifier: Apache-2.0
"""The forms in which calls of models are recorded: cassettes of vcrpy, go-vcr and pydantic-ai, and bare answers."""

import base64
import json
import os

FOLDER_URLS = {"openai-chat": "/v1/chat/completions", "openai-responses": "/v1/responses", "anthropic": "/v1/messages",
               "gemini-aistudio": "/v1beta/models/m:streamGenerateContent"}


# ---- forms of recordings -> exchanges

def as_bytes(body):
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, dict) and body.get("encoding") == "base64":
        return base64.b64decode(body["string"])
    if isinstance(body, dict) and set(body) <= {"string", "encoding"}:
        return as_bytes(body.get("string"))
    return json.dumps(body).encode()


def header_pairs(headers):
    pairs = []
    for name, values in (headers or {}).items():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, bytes):
                value = value.decode("latin-1")
            pairs.append((name, str(value)))
    return pairs


def header(pairs, name):
    for key, value in pairs:
        if key.lower() == name:
            return value
    return None


def message_body(message):
    for key in ("parsed_body", "body", "content"):
        if message.get(key) is not None:
            return as_bytes(message[key])
    return b""


def exchange_of(request, response):
    status = response.get("status", response.get("status_code", response.get("code")))
    if isinstance(status, dict):
        status = status["code"]
    if isinstance(status, str):
        status = response.get("code", status.split()[0])
    out = {"method": request["method"], "url": request.get("uri", request.get("url")), "status": int(status),
           "request_headers": header_pairs(request.get("headers")), "request_body": message_body(request),
           "response_headers": header_pairs(response.get("headers")), "response_body": message_body(response)}
    if not out["response_body"].startswith(b"\x1f\x8b"):  # most recordings hold the body decoded
        out["response_headers"] = [p for p in out["response_headers"] if p[0].lower() != "content-encoding"]
    return out


def bare_answer(path, body):
    url = FOLDER_URLS[os.path.basename(os.path.dirname(path))]
    kind = "text/event-stream" if path.endswith(".sse") else "application/json"
    return {"method": "POST", "url": url, "status": 200, "request_headers": [("Content-Type", "application/json")],
            "request_body": b"{}", "response_headers": [("Content-Type", kind)], "response_body": body}


def exchanges_of(path):
    with open(path, "rb") as file:
        text = file.read()
    if path.endswith((".yaml", ".yml")):
        import yaml
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    elif path.endswith(".sse"):
        return [bare_answer(path, text)]
    else:
        document = json.loads(text)
    if not isinstance(document, dict):
        return []
    if "interactions" not in document:
        if "request" in document and "response" in document:
            return [exchange_of(document["request"], document["response"])]
        return [bare_answer(path, text)] if os.path.basename(os.path.dirname(path)) in FOLDER_URLS else []
    found = [exchange_of(i["request"], i["response"]) for i in document["interactions"] if "request" in i]
    messages = [i["data"] for i in document["interactions"] if i.get("kind") == "message" and i["direction"] == "received"]
    if messages:
        found.append({"messages": messages})
    return found
