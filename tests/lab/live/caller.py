#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Agents of some projects that call the stub's model, RATE times a second for SECONDS.

Usage: caller.py ADDRESS PORT RATE SECONDS
Waits for the last answers (at most ten seconds) and prints {"sent", "answered", "broken", "connections", "behind_ms_max"}.
"""
import asyncio
import collections
import json
import sys
import time
import zlib

from call_plan import Plan

PROJECTS = ("sampleproject1", "support-desk", "claims-intake", "research")
AGENTS = ("TestAgent:3", "Triage:12", "Summary:1", "OrderHelper:5", "Search:7")
MODELS = ("gpt-4o", "gpt-4.1-mini", "o3-mini")
TICK_S = 0.01
#: A connection is closed after so many calls, so that new ones come all the time.
CALLS_A_CONNECTION = 40
TEXT = "Please tell which of our projects used most tokens last month, and what each of them cost by model. " * 8


def request(number, host):
    seed = zlib.crc32(b"caller %d" % number)
    project, agent, model = PROJECTS[seed % 4], AGENTS[seed // 4 % 5], MODELS[seed // 20 % 3]
    streaming = {"stream": True, "stream_options": {"include_usage": True}} if Plan(number).streams else {}
    body = json.dumps({"model": model, **streaming,
                       "messages": [{"role": "system", "content": "Answer in short."},
                                    {"role": "user", "content": TEXT[:100 + seed % 700]}]}, separators=(",", ":"))
    return (f"POST /openai/deployments/{model}/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"
            f"Host: {host}\r\nAuthorization: Bearer REDACTED-{seed:08x}\r\nContent-Type: application/json; charset=utf-8\r\n"
            f"traceparent: 00-{seed:032x}-{number:016x}-01\r\nX-Request-ID: live-{number}\r\n"
            f"x-ms-client-request-id: c0a8f35e-71d2-4b9f-8e46-{number:012x}\r\n"
            f"openai-project: {project}\r\nx-ms-foundry-project-id: {seed % 4:08x}-0000-4000-8000-000000000000\r\n"
            f"x-ms-foundry-agent-id: {agent}\r\nx-ms-foundry-model-id: lab-gateway/{model}\r\n"
            f"X-Forwarded-For: 100.64.{seed >> 8 & 255}.{seed & 255}:51234\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()


class Connection(asyncio.Protocol):
    def __init__(self, caller):
        self.caller = caller
        self.calls = 0
        self.waits = False

    def connection_made(self, transport):
        self.transport = transport

    def ask(self, number):
        self.calls += 1
        self.waits = True
        self.tail = b""
        self.missing = None
        self.transport.write(request(number, self.caller.host))

    def data_received(self, data):
        if self.missing is None:
            self.tail += data
            end = self.tail.find(b"\r\n\r\n")
            if end < 0:
                return
            at = self.tail.find(b"Content-Length: ", 0, end)
            self.missing = -1 if at < 0 else end + 4 + int(self.tail[at + 16:self.tail.index(b"\r", at)]) - len(self.tail)
            data = self.tail
        elif self.missing > 0:
            self.missing -= len(data)
        if self.missing < 0:
            self.tail = (self.tail + data)[-7:]
            if not self.tail.endswith(b"\r\n0\r\n\r\n"):
                return
        if self.missing <= 0:
            self.waits = False
            self.caller.answered += 1
            if self.calls < CALLS_A_CONNECTION:
                self.caller.free.append(self)
            else:
                self.transport.close()

    def connection_lost(self, _):
        if self.waits:
            self.caller.broken += 1
        self.calls = CALLS_A_CONNECTION
        self.caller.open -= 1


class Caller:
    def __init__(self, address, port):
        self.address, self.port = address, port
        self.host = f"{address}:{port}"
        self.free = collections.deque()
        self.sent = self.answered = self.broken = self.connections = self.open = 0

    async def connect(self, number):
        try:
            _, connection = await asyncio.get_running_loop().create_connection(lambda: Connection(self), self.address,
                                                                               self.port)
        except OSError:
            self.broken += 1
            return
        self.connections += 1
        self.open += 1
        connection.ask(number)

    def call(self):
        number = self.sent
        self.sent += 1
        while self.free:
            connection = self.free.pop()
            if connection.calls < CALLS_A_CONNECTION:
                connection.ask(number)
                return None
        return asyncio.ensure_future(self.connect(number))


async def main():
    address, port, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    caller = Caller(address, port)
    began = time.monotonic()
    behind = 0.0
    opening = set()
    while (now := time.monotonic() - began) < seconds:
        while caller.sent < now * rate:
            behind = max(behind, now - caller.sent / rate)
            task = caller.call()
            if task is not None:
                opening.add(task)
                task.add_done_callback(opening.discard)
        await asyncio.sleep(TICK_S)
    ends = time.monotonic() + 10
    while caller.answered + caller.broken < caller.sent and time.monotonic() < ends:
        await asyncio.sleep(0.05)
    print(json.dumps({"sent": caller.sent, "answered": caller.answered, "broken": caller.broken,
                      "connections": caller.connections, "behind_ms_max": round(behind * 1000, 1)}), flush=True)


asyncio.run(main())
