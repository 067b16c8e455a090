#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads recordings of calls of models and prints one row an exchange: what a reader finds that shares no code with
Gatescope. The test llm_recorded_usage_test holds the program against it.

    read_usage.py FILE...          a table, one row an exchange
    read_usage.py --json FILE...   one JSON object an exchange: {"file", "number", "exchange", "row"}

Known forms: cassettes of vcrpy, go-vcr and pydantic-ai (YAML or JSON), a single {"request", "response"} in JSON, and bare
answers (.sse, .json) in a folder that names the API. YAML needs PyYAML; without it such files are left out with a note
on standard error. "-" is "not there"; "*" is "there, but not counted here".
"""

import base64
import gzip
import json
import os
import struct
import sys
import zlib

from recordings import exchanges_of, header

COLUMNS = ["api", "input", "output", "total", "cached", "cache_write", "cache_write_1h", "reasoning", "audio_in", "audio_out",
           "image_in", "image_out", "web_searches", "tier", "finish", "tools", "tool_calls", "filter", "events",
           "content_events", "content_bytes", "usage_event", "max_tokens", "images", "prompt_bytes", "limit", "remaining",
           "error"]


# ---- what an exchange says

def octets(text):
    return len(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()) if surrogate(text) else len(
        text.encode())


def surrogate(text):
    return any(0xD800 <= ord(c) < 0xE000 for c in text)


def number(value):
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def total_of(*counts):
    known = [c for c in counts if c is not None]
    return sum(known) if known else None


def api_of(url):
    path = url.split("://", 1)[-1]
    path = path[path.index("/"):].split("?")[0]
    if path.endswith("/chat/completions"):
        return "chat"
    for end, api in (("/completions", "completions"), ("/responses", "responses"), ("/embeddings", "embeddings"),
                     ("/images/generations", "images"), ("/audio/transcriptions", "transcription"), ("/messages", "anthropic"),
                     (":generateContent", "gemini"), (":streamGenerateContent", "gemini"), ("/converse", "converse"),
                     ("/converse-stream", "converse"), ("/invoke", "anthropic"),
                     ("/invoke-with-response-stream", "anthropic")):
        if path.endswith(end):
            return api
    return None


class Answer:
    """What documents of one answer (events, or one whole) add up to."""

    def __init__(self, api, streamed):
        self.api, self.streamed = api, streamed
        self.usage = {}
        self.row = {}
        self.calls = []  # [key, name]
        self.verdicts = {}
        self.bytes, self.bytes_known = 0, True
        self.content = False
        self.invoked = {}

    # text

    def deliver(self, text):
        if isinstance(text, str) and text:
            self.bytes += octets(text)
            self.content = True

    def deliver_json(self, value):
        if isinstance(value, str):
            self.deliver(value)
        elif value is not None:  # its octets depend on how it was written
            self.bytes_known = False
            self.content = True

    def call(self, name, key=None):
        if key is None or all(k != key for k, _ in self.calls):
            self.calls.append((key, name))

    # filters

    def filter(self, part, results):
        rank = {"low": 1, "medium": 2, "high": 3, "detected": 4, "filtered": 5}
        for category, result in (results or {}).items():
            for one in result if isinstance(result, list) else [result]:
                if not isinstance(one, dict):
                    continue
                verdict = "filtered" if one.get("filtered") is True else "detected" if one.get("detected") is True else one.get(
                    "severity")
                if verdict in rank and rank[verdict] > rank.get(self.verdicts.get((part, category)), 0):
                    self.verdicts[part, category] = verdict

    def filters_in(self, holder, part):
        if isinstance(holder, dict):
            self.filter(part, holder.get("content_filter_results"))
            self.filter(part, holder.get("content_filter_result"))

    def error(self, error):
        if isinstance(error, dict):
            self.row["error"] = str(error.get("code") if error.get("code") is not None else error.get("type"))
            self.filters_in(error.get("innererror"), "prompt")

    # usage: (name, path...) in the provider's words

    def take(self, usage, names):
        taken = False
        for name, path in names.items():
            value = usage
            for step in path.split("."):
                value = value.get(step) if isinstance(value, dict) else None
            if number(value) is not None:
                self.usage[name] = value
                taken = True
        return taken

    def openai_usage(self, usage):
        if not isinstance(usage, dict):
            return False
        taken = False
        for i, o, d, e in (("prompt_tokens", "completion_tokens", "prompt_tokens_details", "completion_tokens_details"),
                           ("input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details"),
                           ("input_tokens", "output_tokens", "input_token_details", "output_token_details")):
            taken |= self.take(usage, {"input": i, "output": o, "total": "total_tokens", "cached": d + ".cached_tokens",
                                       "cache_write": d + ".cache_write_tokens", "audio_in": d + ".audio_tokens",
                                       "image_in": d + ".image_tokens", "reasoning": e + ".reasoning_tokens",
                                       "audio_out": e + ".audio_tokens", "image_out": e + ".image_tokens"})
        return taken

    # one document; returns whether it held counts

    def read(self, doc):
        self.content = False
        if not isinstance(doc, dict):
            return False
        if doc.get("error") and self.api != "anthropic":
            self.error(doc["error"])
        reader = {"chat": self.chat, "completions": self.chat, "responses": self.responses, "anthropic": self.anthropic,
                  "gemini": self.gemini, "converse": self.converse}.get(self.api)
        if reader:
            return reader(doc)
        if self.api == "transcription" and not self.streamed:
            self.deliver(doc.get("text"))
        return self.openai_usage(doc.get("usage"))

    def chat(self, doc):
        if doc.get("service_tier"):
            self.row["tier"] = doc["service_tier"]
        for prompt in doc.get("prompt_filter_results") or []:
            self.filters_in(prompt, "prompt")
        for position, choice in enumerate(doc.get("choices") or []):
            self.filters_in(choice, "completion")
            if choice.get("finish_reason"):
                self.row.setdefault("finish", choice["finish_reason"])
            self.deliver(choice.get("text"))
            message = choice.get("delta" if self.streamed else "message") or {}
            if isinstance(message.get("content"), list):
                for part in message["content"]:
                    self.deliver(part.get("text"))
            else:
                self.deliver(message.get("content"))
            self.deliver(message.get("refusal"))
            self.deliver(message.get("reasoning_content") or message.get("reasoning"))
            for call in message.get("tool_calls") or []:
                self.content = True
                function = call.get("function") or call.get("custom") or {}
                self.deliver(function.get("arguments", function.get("input")))
                if function.get("name"):
                    self.call(function["name"], (choice.get("index", position), call["index"]) if self.streamed else None)
            if message.get("function_call"):
                self.content = True
                self.deliver(message["function_call"].get("arguments"))
                if message["function_call"].get("name"):
                    self.call(message["function_call"]["name"], "legacy" if self.streamed else None)
        return self.openai_usage(doc.get("usage"))

    def response_item(self, item, key, text):
        kind = item.get("type", "")
        if kind in ("function_call", "custom_tool_call"):
            self.call(item["name"], key)
        elif kind.endswith("_call"):
            self.call(kind, key)
        if not text:
            return
        for part in (item.get("content") or []) + (item.get("summary") or []):
            self.deliver(part.get("text"))
            self.deliver(part.get("refusal"))
        for name in ("arguments", "input", "code"):
            self.deliver(item.get(name))

    def responses(self, doc):
        kind = doc.get("type", "") if self.streamed else ""
        if kind.endswith(".delta"):
            self.content = True
            if not kind.endswith("audio.delta"):
                self.deliver(doc.get("delta"))
        if kind == "error":
            self.row["error"] = doc.get("code")
        if kind.startswith("response.output_item."):
            self.response_item(doc["item"], doc["output_index"], False)
        response = doc.get("response") if self.streamed else doc
        if not isinstance(response, dict):
            return False
        if self.streamed and response.get("error"):
            self.error(response["error"])
        if response.get("service_tier"):
            self.row["tier"] = response["service_tier"]
        for entry in response.get("content_filters") or []:
            self.filters_in(entry, "prompt" if entry.get("source_type") == "prompt" else "completion")
        if response.get("output"):
            self.calls = []
            for item in response["output"]:
                self.response_item(item, None, not self.streamed)
        status = response.get("status")
        if status == "incomplete":
            self.row["finish"] = (response.get("incomplete_details") or {}).get("reason", status)
        elif status in ("completed", "failed", "cancelled"):
            self.row["finish"] = status
        return self.openai_usage(response.get("usage"))

    def anthropic(self, doc):
        if doc.get("type") == "error":
            self.error(doc["error"])
            return False
        names = {"uncached": "input_tokens", "output": "output_tokens", "cached": "cache_read_input_tokens",
                 "cache_write": "cache_creation_input_tokens", "cache_write_1h": "cache_creation.ephemeral_1h_input_tokens",
                 "web_searches": "server_tool_use.web_search_requests", "reasoning": "output_tokens_details.thinking_tokens"}
        kind = doc.get("type")
        message = doc
        if kind == "message_start":
            message = doc["message"]
            del names["output"]  # a placeholder
        if kind == "content_block_start":
            self.block(doc["content_block"], doc["index"])
        if kind == "content_block_delta":
            self.content = True
            for name in ("text", "thinking", "partial_json"):
                self.deliver(doc["delta"].get(name))
        for block in message.get("content") or [] if not self.streamed else []:
            self.block(block, None)
        reason = message.get("stop_reason") or (doc.get("delta") or {}).get("stop_reason")
        if reason:
            self.row["finish"] = reason
        self.invoked = doc.get("amazon-bedrock-invocationMetrics") or self.invoked
        usage = message.get("usage")
        if not isinstance(usage, dict):
            return False
        if usage.get("service_tier"):
            self.row["tier"] = usage["service_tier"]
        return self.take(usage, names)

    def block(self, block, key):
        self.deliver(block.get("text"))
        self.deliver(block.get("thinking"))
        if block["type"] in ("tool_use", "server_tool_use", "mcp_tool_use"):
            self.call(block["name"], key)
            if not self.streamed:
                self.deliver_json(block.get("input"))

    def gemini(self, doc):
        for candidate in doc.get("candidates") or []:
            if candidate.get("finishReason"):
                self.row["finish"] = str(candidate["finishReason"])
            for part in (candidate.get("content") or {}).get("parts") or []:
                self.deliver(part.get("text"))
                if "functionCall" in part:
                    self.content = True
                    self.call(part["functionCall"].get("name"))
                    self.deliver_json(part["functionCall"].get("args"))
        usage = doc.get("usageMetadata")
        if not isinstance(usage, dict):
            return False
        if isinstance(usage.get("trafficType"), str):
            self.row["tier"] = usage["trafficType"]
        for name, lists in (("in", ("promptTokensDetails", "toolUsePromptTokensDetails")), ("out", ("candidatesTokensDetails",))):
            for modality in ("AUDIO", "IMAGE"):
                counts = [d["tokenCount"] for key in lists for d in usage.get(key, []) if d.get("modality") == modality]
                if counts:
                    self.usage[modality.lower() + "_" + name] = sum(counts)
        return self.take(usage, {"prompt": "promptTokenCount", "visible": "candidatesTokenCount", "total": "totalTokenCount",
                                 "cached": "cachedContentTokenCount", "reasoning": "thoughtsTokenCount",
                                 "tool_prompt": "toolUsePromptTokenCount"})

    def converse(self, doc):
        if doc.get("stopReason"):
            self.row["finish"] = doc["stopReason"]
        for part in ((doc.get("output") or {}).get("message") or {}).get("content") or []:
            self.deliver(part.get("text"))
            self.deliver(((part.get("reasoningContent") or {}).get("reasoningText") or {}).get("text"))
            if "toolUse" in part:
                self.call(part["toolUse"]["name"])
                self.deliver_json(part["toolUse"].get("input"))
        delta = doc.get("delta") or {}
        self.content |= bool(delta)
        for holder in (delta, delta.get("reasoningContent") or {}):
            self.deliver(holder.get("text"))
        self.deliver((delta.get("toolUse") or {}).get("input"))
        if "toolUse" in (doc.get("start") or {}):
            self.content = True
            self.call(doc["start"]["toolUse"]["name"])
        usage = doc.get("usage")
        return isinstance(usage, dict) and self.take(
            usage, {"uncached": "inputTokens", "output": "outputTokens", "total": "totalTokens", "cached": "cacheReadInputTokens",
                    "cache_write": "cacheWriteInputTokens"})

    def finish(self):
        row, u = dict(self.row), self.usage
        if not u and self.invoked:  # Bedrock's count, for models that have none
            u.update(uncached=self.invoked["inputTokenCount"], output=self.invoked["outputTokenCount"])
        if "uncached" in u:
            u["input"] = total_of(u["uncached"], u.get("cached"), u.get("cache_write"))
        if "prompt" in u:
            u["input"] = total_of(u["prompt"], u.get("tool_prompt"))
        if "visible" in u or (self.api == "gemini" and "reasoning" in u):
            u["output"] = total_of(u.get("visible"), u.get("reasoning"))
        if self.api == "embeddings":
            u.pop("output", None)
        if "total" not in u and "input" in u and "output" in u:
            u["total"] = u["input"] + u["output"]
        for name in COLUMNS[1:13]:
            if name in u:
                row[name] = u[name]
        row["tool_calls"] = len(self.calls)
        row["tools"] = ",".join(name for _, name in self.calls)
        row["filter"] = ",".join(f"{part}:{category}:{verdict}" for (part, category), verdict in self.verdicts.items())
        return row


def events_of(text):
    """Data of the events of a stream (WHATWG HTML, 9.2.6); an event without its blank line is none."""
    text = text.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\r", "\n")
    events, data = [], None
    for line in text.split("\n")[:-1]:
        if line == "":
            if data is not None:
                events.append(data)
            data = None
        elif line.startswith("data"):
            value = line[5:] if line[4:5] == ":" else ""
            value = value[1:] if value.startswith(" ") else value
            data = value if data is None else data + "\n" + value
    return events


def frames_of(body):
    """Data of the frames of an Amazon event stream; a frame that ends early is none."""
    events = []
    while len(body) >= 16:
        total, headers, check = struct.unpack(">III", body[:12])
        assert zlib.crc32(body[:8]) == check
        if total > len(body):
            break
        frame, body = body[:total], body[total:]
        assert zlib.crc32(frame[:-4]) == struct.unpack(">I", frame[-4:])[0]
        text = {}
        left = frame[12:12 + headers]
        while left:
            name = left[1:1 + left[0]].decode()
            assert left[1 + left[0]] == 7  # a text; nothing else is in use
            size, = struct.unpack(">H", left[2 + left[0]:4 + left[0]])
            text[name] = left[4 + left[0]:4 + left[0] + size].decode()
            left = left[4 + left[0] + size:]
        payload = frame[12 + headers:-4].decode()
        if text.get(":event-type") == "chunk":
            payload = base64.b64decode(json.loads(payload)["bytes"]).decode()
        if text.get(":message-type") == "exception":
            payload = json.dumps({"error": {"code": text[":exception-type"]}})
        events.append(payload)
    return events


def stream_of(exchange, kind, body):
    """Data of the events of a streamed answer; None: it is one document."""
    if kind.startswith("text/event-stream"):
        return events_of(body)
    if kind.startswith("application/vnd.amazon.eventstream"):
        return frames_of(body)
    if ":streamGenerateContent" in exchange["url"] and "json" in kind and exchange["status"] < 300:
        documents = json.loads(body)
        return [json.dumps(d) for d in documents] if isinstance(documents, list) else [json.dumps(documents)]
    return None


def request_row(api, body):
    row = {}
    try:
        request = json.loads(body)
    except ValueError:
        return row
    for holder, name in ((request, "max_tokens"), (request, "max_completion_tokens"), (request, "max_output_tokens"),
                         (request.get("generationConfig") or {}, "maxOutputTokens"),
                         (request.get("inferenceConfig") or {}, "maxTokens")):
        if number(holder.get(name)) is not None:
            row["max_tokens"] = holder[name]
    row["images"] = count_images(request)
    if api in ("chat", "completions", "embeddings", "images"):
        row["prompt_bytes"] = prompt_bytes(request)
    return {k: v for k, v in row.items() if v is not None}


def count_images(value):
    if isinstance(value, list):
        return sum(count_images(v) for v in value)
    if not isinstance(value, dict):
        return 0
    return sum(count_images(v) for v in value.values()) + (value.get("type") in ("image_url", "input_image", "image"))


def prompt_bytes(request):
    """Of plain prompts only: definitions of tools count as they are written, which a parsed document does not show."""
    if request.get("tools") or request.get("functions"):
        return "*"
    size = None
    for text in [request.get("prompt"), request.get("input")]:
        for one in text if isinstance(text, list) else [text]:
            if isinstance(one, str):
                size = (size or 0) + octets(one)
    for message in request.get("messages") or []:
        size = size or 0
        content = message.get("content") or ""
        parts = [content] if isinstance(content, str) else [p.get("text", "") for p in content]
        for call in message.get("tool_calls") or []:
            parts += [call["function"]["name"], call["function"]["arguments"]]
        size += sum(octets(p) for p in parts + [message.get("name", "")])
    return size


def session_row(messages):
    """Each answer of a realtime session is billed by itself."""
    row, tools = {"api": "realtime"}, []
    for message in messages:
        if message.get("type") != "response.done":
            continue
        answer = Answer("responses", False)
        answer.openai_usage(message["response"].get("usage"))
        for name, count in answer.usage.items():
            row[name] = row.get(name, 0) + count
        tools += [item["name"] for item in message["response"]["output"] if item["type"] == "function_call"]
        row["finish"] = message["response"]["status"]
    row["tools"], row["tool_calls"] = ",".join(tools), len(tools)
    return row


def row_of(exchange):
    if "messages" in exchange:
        return session_row(exchange["messages"])
    api = api_of(exchange["url"]) if exchange["method"] == "POST" else None
    if api is None:
        return {}
    pairs = exchange["response_headers"]
    body = exchange["response_body"]
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    kind = (header(pairs, "content-type") or "").lower()
    row = {}
    events = stream_of(exchange, kind, body)
    if events is not None:
        answer = Answer(api, True)
        row["events"], row["content_events"] = len(events), 0
        for position, data in enumerate(events, 1):
            if data == "[DONE]":
                continue
            try:
                document = json.loads(data)
            except ValueError:
                continue
            if answer.read(document):
                row["usage_event"] = position
            row["content_events"] += answer.content
        row["content_bytes"] = answer.bytes if answer.bytes_known else "*"
    else:
        answer = Answer(api, False)
        if "json" in kind:
            try:
                documents = json.loads(body)
            except ValueError:
                documents = []
            for document in documents if isinstance(documents, list) else [documents]:
                answer.read(document)
            if 200 <= exchange["status"] < 300 and "error" not in answer.row and api != "embeddings":
                row["content_bytes"] = answer.bytes if answer.bytes_known else "*"
    row.update(answer.finish())
    row.update(request_row(api, exchange["request_body"]))
    row["api"] = api
    for column, names in (("limit", ("x-ratelimit-limit-tokens", "anthropic-ratelimit-tokens-limit")),
                          ("remaining", ("x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining"))):
        for name in names:
            value = header(pairs, name)
            if value and value.isdigit():
                row.setdefault(column, int(value))
    return row


def printable(exchange):
    if "messages" in exchange:
        return {"messages": [json.dumps(m) for m in exchange["messages"]]}
    return {**exchange, "request_body": base64.b64encode(exchange["request_body"]).decode(),
            "response_body": base64.b64encode(exchange["response_body"]).decode()}


def main(arguments):
    as_json = "--json" in arguments
    files = [a for a in arguments if not a.startswith("--")]
    if not files:
        sys.exit(__doc__)
    if not as_json:
        print("\t".join(["file", "n"] + COLUMNS))
    for path in files:
        try:
            exchanges = exchanges_of(path)
        except ImportError:
            print(f"{path}: PyYAML is not here", file=sys.stderr)
            continue
        for position, exchange in enumerate(exchanges):
            row = {k: v for k, v in row_of(exchange).items() if v not in (None, "")}
            if as_json:
                print(json.dumps({"file": path, "number": position, "exchange": printable(exchange), "row": row}))
            else:
                print("\t".join([os.path.basename(path), str(position)] + [str(row.get(c, "-")) for c in COLUMNS]))


if __name__ == "__main__":
    main(sys.argv[1:])
