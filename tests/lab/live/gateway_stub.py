#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A gateway with a model behind it, for many calls a second: HTTP/1.1, chat completions, streams of events.

Usage: gateway_stub.py ADDRESS PORT LOG-FILE
What it answers follows from the number in the request's x-request-id (`live-NUMBER`). The log has one line a call, written
when its answer is out: number, time of the first octet of the request, end, status, tokens of input and output, streamed.
"""
import asyncio
import json
import os
import signal
import sys
import time

from call_plan import Plan

WORDS = "the gateway counts what each project agent and model uses so that a team sees its own share of it".split()
SAFE = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}
HEAD = ("HTTP/1.1 %s\r\nServer: stub\r\napim-request-id: %08x-0000-4000-8000-000000000000\r\nx-ms-region: East US 2\r\n"
        "x-ratelimit-remaining-tokens: %d\r\n")


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class Call:
    """The answer to one request, written as time goes by."""

    def __init__(self, connection, number, model, began):
        self.connection, self.number, self.model, self.began = connection, number, model, began
        self.plan = Plan(number)
        self.sent = 0
        asyncio.get_running_loop().call_later(self.plan.delay_s, self.answer)

    def head(self, status):
        return HEAD % (status, self.number, 100000 - self.plan.input)

    def write(self, text):
        self.connection.transport.write(text.encode())

    def answer(self):
        if self.plan.status == 429:
            body = compact({"error": {"code": "429", "message": "Requests have exceeded the token rate limit. Retry "
                                                                "after 1 second."}})
            self.whole("429 Too Many Requests", "Retry-After: 1\r\n", body)
        elif self.plan.streams:
            self.write(self.head("200 OK") + "Content-Type: text/event-stream; charset=utf-8\r\n"
                                             "Transfer-Encoding: chunked\r\n\r\n")
            self.event()
        else:
            text = " ".join(WORDS[i % len(WORDS)] for i in range(self.plan.output))
            self.whole("200 OK", "", compact(
                {"choices": [{"content_filter_results": SAFE, "finish_reason": "stop", "index": 0,
                              "message": {"content": text, "role": "assistant"}}],
                 "id": f"chatcmpl-{self.number}", "created": int(time.time()), "model": self.model,
                 "object": "chat.completion", "usage": self.plan.usage()}))

    def whole(self, status, more, body):
        self.write(f"{self.head(status)}{more}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}")
        self.over()

    def chunk(self, data):
        text = f"data: {data}\n\n"
        return f"{len(text):x}\r\n{text}\r\n"

    def event(self):
        if self.connection.transport.is_closing():
            return
        frame = {"id": f"chatcmpl-{self.number}", "created": int(time.time()), "model": self.model,
                 "object": "chat.completion.chunk"}
        if self.sent < self.plan.events:
            word = WORDS[self.sent % len(WORDS)] + " "
            frame["choices"] = [{"content_filter_results": SAFE, "delta": {"content": word}, "index": 0,
                                 "finish_reason": None}]
            self.sent += 1
            self.write(self.chunk(compact(frame)))
            asyncio.get_running_loop().call_later(self.plan.pause_s, self.event)
            return
        last = compact(frame | {"choices": [{"delta": {}, "finish_reason": "stop", "index": 0}]})
        usage = compact(frame | {"choices": [], "usage": self.plan.usage()})
        self.write(self.chunk(last) + self.chunk(usage) + self.chunk("[DONE]") + "0\r\n\r\n")
        self.over()

    def over(self):
        plan = self.plan
        tokens = (plan.input, plan.output) if plan.status == 200 else (0, 0)
        self.connection.log.write("%d %d %d %d %d %d %d\n" % (self.number, self.began, time.time_ns(), plan.status, *tokens,
                                                             plan.streams))


class Connection(asyncio.Protocol):
    def __init__(self, log):
        self.log = log
        self.buffer = b""
        self.began = 0

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if not self.buffer:
            self.began = time.time_ns()
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        fields = dict(line.split(b": ", 1) for line in self.buffer[:end].lower().split(b"\r\n")[1:])
        whole = end + 4 + int(fields[b"content-length"])
        if len(self.buffer) < whole:
            return
        body = json.loads(self.buffer[end + 4:whole])
        self.buffer = self.buffer[whole:]
        Call(self, int(fields[b"x-request-id"].rsplit(b"-", 1)[1]), body["model"], self.began)


async def main():
    address, port, path = sys.argv[1:4]
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: over.done() or over.set_result(None))
    with open(path, "w", buffering=1 << 16, encoding="ascii") as log:
        server = await loop.create_server(lambda: Connection(log), address, int(port), backlog=1024)
        await over
        server.close()
        log.flush()
        os._exit(0)  # answers that are due would find the log closed


asyncio.run(main())
