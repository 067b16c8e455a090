#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A model service that answers like Azure OpenAI, and writes down what it was asked and what it answered.

Usage: model_stub.py ADDRESS PORT LOG-FILE REGION
The log has one JSON object per request; it is the lab's truth of what passed behind the gateway.
What to do is in the request's metadata ("lab": "throttled", "filtered", "gzip", "chunked", "slow", "cached").
"""
import gzip
import json
import sys
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = ("The gateway counts what each project, agent and model uses, so that a team sees its own share "
         "and nobody is surprised at the end of the month. \u2014 \u00fcber alles Z\u00e4hlbare").split(" ")
VERSIONS = {"gpt-4o": "gpt-4o-2024-11-20", "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
            "text-embedding-3-small": "text-embedding-3-small"}
SAFE = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}
EVENT_PAUSE_S = 0.012
SLOW_EVENTS = 400  # far more than the client that hangs up waits for

log_lock = threading.Lock()


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def usage_numbers(text, scenario):
    """Deterministic, and different from request to request."""
    seed = zlib.crc32(text.encode())
    numbers = {"prompt_tokens": 40 + len(text) // 4, "completion_tokens": 8 + seed % 14, "cached_tokens": 0,
               "reasoning_tokens": 0}
    if scenario == "cached":
        numbers["cached_tokens"] = numbers["prompt_tokens"] // 2
        numbers["reasoning_tokens"] = numbers["completion_tokens"] // 3
    numbers["total_tokens"] = numbers["prompt_tokens"] + numbers["completion_tokens"]
    return numbers


def chat_usage(n):
    return {"completion_tokens": n["completion_tokens"],
            "completion_tokens_details": {"accepted_prediction_tokens": 0, "audio_tokens": 0,
                                          "reasoning_tokens": n["reasoning_tokens"],
                                          "rejected_prediction_tokens": 0},
            "prompt_tokens": n["prompt_tokens"],
            "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": n["cached_tokens"]},
            "total_tokens": n["total_tokens"]}


def responses_usage(n):
    return {"input_tokens": n["prompt_tokens"], "input_tokens_details": {"cached_tokens": n["cached_tokens"]},
            "output_tokens": n["completion_tokens"],
            "output_tokens_details": {"reasoning_tokens": n["reasoning_tokens"]}, "total_tokens": n["total_tokens"]}


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    # What was asked

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, _ = self.path.partition("?")
        self.truth = {
            "request_id": self.headers.get("X-Request-ID"), "method": self.command, "uri": self.path,
            "host": self.headers.get("Host"), "project": self.headers.get("openai-project"),
            "project_id": self.headers.get("x-ms-foundry-project-id"),
            "agent": self.headers.get("x-ms-foundry-agent-id"), "model": self.headers.get("x-ms-foundry-model-id"),
            "xff": self.headers.get("x-forwarded-for"), "api": None, "deployment": None, "served_model": None,
            "status": None, "stream": False, "complete": True, "gzip": False, "retry_after": None,
            "prompt_tokens": None, "completion_tokens": None, "total_tokens": None, "cached_tokens": None,
            "reasoning_tokens": None, "finish_reason": None, "request_bytes": len(body), "response_bytes": 0,
            "client_address": "%s:%d" % self.client_address[:2],
            "server_address": "%s:%d" % self.request.getsockname()[:2], "headers": self.headers.items()}
        try:
            self.route(path, json.loads(body) if body else {})
        except (BrokenPipeError, ConnectionResetError):
            self.truth.update(complete=False, finish_reason=None)
            self.close_connection = True
        with log_lock, open(sys.argv[3], "a", encoding="utf-8") as log:
            log.write(json.dumps(self.truth) + "\n")

    def route(self, path, request):
        parts = path.strip("/").split("/")
        scenario = (request.get("metadata") or {}).get("lab")
        if path == "/status-0123456789abcdef":
            return self.send(200, b"", "text/plain")
        if self.headers.get("api-key") == "not-a-key":
            return self.send_json(401, {"error": {"code": "401", "message": "Access denied due to invalid subscription "
                                                  "key or wrong API endpoint."}})
        if parts[0] == "deployments":
            return self.send_json(200, {"value": [{"name": name, "properties": {"model": {"name": name}}}
                                                  for name in VERSIONS]})
        if parts[:2] == ["openai", "deployments"] and len(parts) > 3:
            self.truth["deployment"] = parts[2]
            model, operation = parts[2], "/".join(parts[3:])
        else:
            model, operation = request.get("model"), "/".join(parts[2:])
        if scenario == "throttled":
            return self.throttle(operation)
        if scenario == "filtered":
            return self.refuse_content(operation)
        answers = {"chat/completions": self.answer_chat, "responses": self.answer_responses,
                   "embeddings": self.answer_embeddings}
        if operation not in answers or model not in VERSIONS:
            return self.send_json(404, {"error": {"code": "DeploymentNotFound",
                                                  "message": "The API deployment for this resource does not exist."}})
        self.truth["api"] = "openai." + operation.replace("chat/completions", "chat")
        return answers[operation](model, request, scenario)

    # The answers

    def throttle(self, operation):
        self.truth.update(api="openai." + operation.replace("chat/completions", "chat"), retry_after=7)
        self.send_json(429, {"error": {"code": "429", "message": "Requests to this operation have exceeded the token "
                                       "rate limit of your current pricing tier. Please retry after 7 seconds."}},
                       {"Retry-After": "7", "retry-after-ms": "7000", "x-ratelimit-limit-tokens": "10000",
                        "x-ratelimit-remaining-tokens": "0"})

    def refuse_content(self, operation):
        self.truth.update(api="openai." + operation.replace("chat/completions", "chat"))
        result = dict(SAFE, violence={"filtered": True, "severity": "medium"})
        self.send_json(400, {"error": {"code": "content_filter", "message": "The response was filtered.", "param":
                                       "prompt", "status": 400, "type": None,
                                       "innererror": {"code": "ResponsibleAIPolicyViolation",
                                                      "content_filter_result": result}}})

    def text_of(self, numbers):
        return [WORDS[i % len(WORDS)] + " " for i in range(numbers["completion_tokens"])]

    def answer_chat(self, model, request, scenario):
        numbers = usage_numbers(json.dumps(request.get("messages")), scenario)
        version = VERSIONS[model]
        self.truth["served_model"] = version
        common = {"id": "chatcmpl-" + self.truth["request_id"][:8], "created": int(time.time()), "model": version,
                  "system_fingerprint": "fp_lab"}
        if not request.get("stream"):
            self.truth.update(numbers, finish_reason="stop")
            return self.send_json(200, {
                "choices": [{"content_filter_results": SAFE, "finish_reason": "stop", "index": 0, "logprobs": None,
                             "message": {"content": "".join(self.text_of(numbers)), "refusal": None,
                                         "role": "assistant"}}],
                **common, "object": "chat.completion",
                "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": SAFE}],
                "usage": chat_usage(numbers)}, scenario=scenario)

        def chunk(choices, **more):
            return None, {"choices": choices, **common, "object": "chat.completion.chunk", **more}

        def delta(content, finish=None):
            return chunk([{"index": 0, "delta": content, "finish_reason": finish, "logprobs": None}])

        events = [chunk([], prompt_filter_results=[{"prompt_index": 0, "content_filter_results": SAFE}]),
                  delta({"role": "assistant", "content": ""})]
        text = self.text_of(numbers) * (SLOW_EVENTS if scenario == "slow" else 1)
        events += [delta({"content": word}) for word in text]
        events.append(delta({}, "stop"))
        include = (request.get("stream_options") or {}).get("include_usage")
        if include:
            events.append(chunk([], usage=chat_usage(numbers)))
        self.send_events(events, "[DONE]")
        self.truth.update(numbers if include else {}, finish_reason="stop")

    def answer_responses(self, model, request, scenario):
        numbers = usage_numbers(json.dumps(request.get("input")), scenario)
        version = VERSIONS[model]
        self.truth["served_model"] = version
        words = self.text_of(numbers)
        base = {"id": "resp_" + self.truth["request_id"][:8], "object": "response", "created_at": int(time.time()),
                "model": version}
        done = {**base, "status": "completed", "error": None, "incomplete_details": None,
                "output": [{"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content":
                            [{"type": "output_text", "text": "".join(words), "annotations": []}]}],
                "usage": responses_usage(numbers)}
        if not request.get("stream"):
            self.truth.update(numbers, finish_reason="completed")
            return self.send_json(200, done, scenario=scenario)
        running = {**base, "status": "in_progress", "output": [], "usage": None}
        events = [("response.created", {"response": running}), ("response.in_progress", {"response": running})]
        events += [("response.output_text.delta", {"item_id": "msg_1", "output_index": 0, "content_index": 0,
                                                   "delta": word}) for word in words]
        events += [("response.output_text.done", {"item_id": "msg_1", "text": "".join(words)}),
                   ("response.completed", {"response": done})]
        self.send_events([(name, {"type": name, "sequence_number": i, **data})
                          for i, (name, data) in enumerate(events)], None)
        self.truth.update(numbers, finish_reason="completed")

    def answer_embeddings(self, model, request, scenario):
        tokens = usage_numbers(json.dumps(request.get("input")), None)["prompt_tokens"]
        self.truth.update(served_model=VERSIONS[model], prompt_tokens=tokens, total_tokens=tokens)
        vector = [round((i * 37 % 101 - 50) / 1000, 3) for i in range(64)]
        self.send_json(200, {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": vector}],
                             "model": VERSIONS[model], "usage": {"prompt_tokens": tokens, "total_tokens": tokens}},
                       scenario=scenario)

    # How an answer is sent

    def head(self, status, content_type, fields):
        self.truth["status"] = status
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for name, value in {"x-ms-region": sys.argv[4], "apim-request-id": self.truth["request_id"] or "none",
                            **fields}.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, status, body, content_type, fields=None):
        self.truth["response_bytes"] = len(body)
        self.head(status, content_type, {"Content-Length": str(len(body)), **(fields or {})})
        self.wfile.write(body)

    def send_json(self, status, value, fields=None, scenario=None):
        body = compact(value).encode()
        if scenario == "gzip":
            self.truth["gzip"] = True
            body = gzip.compress(body, mtime=0)
            fields = {**(fields or {}), "Content-Encoding": "gzip"}
        if scenario != "chunked":
            return self.send(status, body, "application/json", fields)
        self.truth["response_bytes"] = len(body)
        self.head(status, "application/json", {"Transfer-Encoding": "chunked", **(fields or {})})
        for start in range(0, len(body), 100):
            self.write_chunk(body[start:start + 100])
        self.write_chunk(b"")

    def write_chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def send_events(self, events, last):
        self.truth["stream"] = True
        self.head(200, "text/event-stream; charset=utf-8", {"Transfer-Encoding": "chunked"})
        for name, value in events:
            self.write_event((f"event: {name}\n" if name else "") + f"data: {compact(value)}\n\n")
        if last:
            self.write_event(f"data: {last}\n\n")
        self.write_chunk(b"")

    def write_event(self, text):
        data = text.encode()
        self.truth["response_bytes"] += len(data)
        # Every third event ends in a chunk of its own, so that chunks and events do not fall together.
        if len(data) % 3 == 0 and len(data) > 20:
            self.write_chunk(data[:len(data) // 2])
            data = data[len(data) // 2:]
        self.write_chunk(data)
        time.sleep(EVENT_PAUSE_S)


ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Model).serve_forever()
