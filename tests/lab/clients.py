#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The agents: two projects, four agents, three models and one application outside Foundry, with curl and Python.

Usage: clients.py LOG-FILE
Each request goes to the data proxy. The log has one JSON object per request: what was sent, and what came back as
this side understood it; it is the lab's truth of what passed before the proxy.
"""
import base64
import http.client
import json
import os
import subprocess
import sys
import threading
import uuid

PROXY = "100.64.9.1"
HOSTS = {"sampleproject1": "apimeus01234.azure-api.net", "sampleproject2": "apimwus05678.azure-api.net",
         None: "apimeus01234.azure-api.net"}
SEED_HOST = "apimeusXXXXX.azure-api.net"
VERSION = "?api-version=2025-03-01-preview"
CHAT = "/openai/deployments/{}/chat/completions" + VERSION
V1 = "/openai/v1/"
STATIC, DYNAMIC = "conn1apimgwstaticopenai", "conn2apimgwdynamicopenai"
NAMESPACE = uuid.UUID("455cbebf-a0bc-425e-99f6-000000000000")
QUESTION = "How many tokens did project {} use in week {}? Answer with one number, \u201cwithout\u201d a unit."

with open(os.path.join(os.path.dirname(__file__), "seed_headers.json"), encoding="utf-8") as seed_file:
    SEED = json.load(seed_file)
log_lock = threading.Lock()


def base64url(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def bearer(application):
    """An invented token: the claims of a managed identity, and a signature that is none."""
    head = {"typ": "JWT", "alg": "RS256", "kid": "lab"}
    claims = {"aud": "https://cognitiveservices.azure.com", "iss": "https://sts.windows.net/"
              + str(uuid.uuid5(NAMESPACE, "tenant")) + "/", "iat": 1767225600, "exp": 1767312000,
              "appid": application, "oid": str(uuid.uuid5(NAMESPACE, "oid" + application)), "idtyp": "app"}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (head, claims)]
    return "Bearer " + ".".join(base64url(part) for part in parts + [b"invented, not a signature"])


class Agent:
    def __init__(self, address, project, name):
        self.address, self.project, self.name = address, project, name
        self.application = str(uuid.uuid5(NAMESPACE, "app" + (project or "none")))
        self.count = 0
        self.connection = None

    def headers(self, model):
        self.count += 1
        request = uuid.uuid5(NAMESPACE, f"{self.address} {self.count}")
        span = f"{request.int:032x}"
        headers = {"Content-Type": "application/json; charset=utf-8",
                   "traceparent": f"00-{span}-{span[:16]}-01", "X-Request-ID": str(request)}
        if self.project:
            headers["Authorization"] = bearer(self.application)
            headers["Correlation-Context"] = f"leaf_customer_span_id={request.int % 10**18}"
            headers["x-ms-client-request-id"] = str(uuid.uuid5(request, "client"))
            if model:
                headers["x-ms-foundry-model-id"] = model
        else:
            headers["api-key"] = "0123456789abcdef-invented"
        return headers

    def call(self, method, path, body=None, model=None, lab=None, curl=None, key=None, hang_up_after=None):
        """One request. curl: the options of a call by curl, otherwise Python keeps its connection alive."""
        headers = self.headers(model)
        if key:
            headers.pop("Authorization", None)
            headers["api-key"] = key
        if lab:
            body = {**body, "metadata": {"lab": lab}}
        data = json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
        if not data:
            headers.pop("Content-Type")
        if lab == "gzip":
            headers["Accept-Encoding"] = "gzip"
        target = f"/v1/https/{HOSTS[self.project]}{path}"
        if curl is not None:
            answer = call_by_curl(self.address, method, target, headers, data, curl)
        else:
            answer = self.call_by_python(method, target, headers, data, hang_up_after)
        write_log(self, method, target, headers, data, answer, body or {})

    def call_by_python(self, method, target, headers, data, hang_up_after):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(PROXY, source_address=(self.address, 0), timeout=30)
        self.connection.request(method, target, body=data or None, headers=headers)
        response = self.connection.getresponse()
        if hang_up_after:
            response.read(hang_up_after)
            response.close()
            self.connection.close()
            self.connection = None
            return response.status, response.headers, None
        return response.status, response.headers, response.read()


def call_by_curl(address, method, target, headers, data, options):
    command = ["curl", "--silent", "--show-error", "--include", "--no-buffer", "--raw", "--suppress-connect-headers",
               "--interface", address, "--request", method, *options]
    for name, value in headers.items():
        command += ["--header", f"{name}: {value}"]
    if data:
        command += ["--data-binary", "@-"]
    result = subprocess.run([*command, f"http://{PROXY}{target}"], input=data, stdout=subprocess.PIPE, check=True)
    head, _, rest = result.stdout.partition(b"\r\n\r\n")
    while head.split()[1] == b"100":
        head, _, rest = rest.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = http.client.HTTPMessage()
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields[name] = value.strip()
    if fields.get("Transfer-Encoding") == "chunked":
        rest = without_chunks(rest)
    return int(lines[0].split()[1]), fields, rest


def without_chunks(data):
    body = b""
    while True:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            return body
        body, data = body + data[:length], data[length + 2:]


def understand(fields, data):
    """Tokens and the reason of the end, from the answer as it came."""
    facts = {"stream": "event-stream" in fields.get("Content-Type", ""), "gzip": fields.get("Content-Encoding") == "gzip",
             "complete": data is not None, "retry_after": int(fields["Retry-After"]) if "Retry-After" in fields else None,
             "prompt_tokens": None, "completion_tokens": None, "total_tokens": None, "cached_tokens": None,
             "reasoning_tokens": None, "finish_reason": None, "served_model": None,
             "response_bytes": len(data) if data is not None else None}
    if not data or "json" not in fields.get("Content-Type", "") and not facts["stream"]:
        return facts
    if facts["gzip"]:
        import gzip
        data = gzip.decompress(data)
    texts = [line[6:] for line in data.decode().split("\n") if line.startswith("data: ")] if facts["stream"] \
        else [data.decode()]
    for value in (json.loads(text) for text in texts if text != "[DONE]"):
        note_usage(facts, value.get("response") or value)
    return facts


def note_usage(facts, value):
    facts["served_model"] = value.get("model") or facts["served_model"]
    for choice in value.get("choices") or []:
        facts["finish_reason"] = choice.get("finish_reason") or facts["finish_reason"]
    if value.get("object") == "response" and value.get("status") == "completed":
        facts["finish_reason"] = "completed"
    usage = value.get("usage")
    if not usage:
        return
    facts["prompt_tokens"] = usage.get("prompt_tokens", usage.get("input_tokens"))
    facts["completion_tokens"] = usage.get("completion_tokens", usage.get("output_tokens"))
    facts["total_tokens"] = usage["total_tokens"]
    details = usage.get("prompt_tokens_details") or usage.get("input_tokens_details") or {}
    facts["cached_tokens"] = details.get("cached_tokens")
    details = usage.get("completion_tokens_details") or usage.get("output_tokens_details") or {}
    facts["reasoning_tokens"] = details.get("reasoning_tokens")


def write_log(agent, method, target, headers, data, answer, body):
    status, fields, content = answer
    truth = {"request_id": headers["X-Request-ID"], "method": method, "uri": target, "host": PROXY, "project": None,
             "project_id": None, "agent": None, "model": headers.get("x-ms-foundry-model-id"), "xff": None,
             "status": status, "request_bytes": len(data), "stream_requested": bool(body.get("stream")),
             "sent_by": {"address": agent.address, "project": agent.project, "agent": agent.name},
             **understand(fields, content)}
    with log_lock, open(sys.argv[1], "a", encoding="utf-8") as log:
        log.write(json.dumps(truth) + "\n")


def chat(question, model=None, stream=False, usage=True, **more):
    body = {"messages": [{"role": "system", "content": "You count tokens."}, {"role": "user", "content": question}],
            "max_completion_tokens": 16384, **more}
    if model:
        body["model"] = model
    if stream:
        body["stream"] = True
        if usage:
            body["stream_options"] = {"include_usage": True}
    return body


def send_seed_dump(agent):
    """The dump of the article, field by field and in its order; the body is filled up to its Content-Length."""
    own = ("Authorization", "Content-Type", "Correlation-Context", "traceparent", "X-Request-ID",
           "x-ms-client-request-id", "x-ms-foundry-model-id")
    headers = {name: SEED[name] for name in own}
    body = chat("What is the capital of the country with the most gateways? ")
    missing = int(SEED["Content-Length"]) - len(json.dumps(body, ensure_ascii=False).encode())
    body["messages"][1]["content"] += "x" * missing
    data = json.dumps(body, ensure_ascii=False).encode()
    target = "/v1/https/" + SEED_HOST + CHAT.format("gpt-4o")
    answer = call_by_curl(agent.address, "POST", target, headers, data, ["-H", "User-Agent:", "-H", "Accept:"])
    write_log(agent, "POST", target, headers, data, answer, body)


def run_static(agent):
    model = STATIC + "/gpt-4o"
    path = CHAT.format("gpt-4o")
    send_seed_dump(agent)
    for week in range(1, 4):
        agent.call("POST", path, chat(QUESTION.format("one", week), stream=True), model)
    agent.call("POST", path, chat(QUESTION.format("one", 4)), model, lab="gzip")
    agent.call("POST", path, chat(QUESTION.format("one", 5)), model, lab="throttled")
    agent.call("POST", path, chat(QUESTION.format("one", 5)), model, lab="cached", curl=[])
    agent.call("POST", path, chat("Something violent"), model, lab="filtered", curl=[])
    agent.call("POST", path, chat(QUESTION.format("one", 6), stream=True), model, curl=["--http1.0"])


def run_dynamic(agent):
    model = DYNAMIC + "/gpt-4.1-mini"
    agent.call("GET", "/deployments" + VERSION)
    for week in range(1, 3):
        agent.call("POST", V1 + "chat/completions", chat(QUESTION.format("one", week), "gpt-4.1-mini", True), model)
    agent.call("POST", V1 + "chat/completions", chat(QUESTION.format("one", 9), "gpt-4.1-mini", True, usage=False), model)
    agent.call("POST", V1 + "chat/completions", chat(QUESTION.format("one", 3) * 40, "gpt-4.1-mini"), model, lab="chunked")
    agent.call("POST", CHAT.format("gpt-4.1-mini"), chat(QUESTION.format("one", 7)), model,
               curl=["-H", "Expect: 100-continue"])
    agent.call("POST", CHAT.format("gpt-4.1-mini"), chat(QUESTION.format("one", 8), stream=True), model, lab="slow",
               hang_up_after=4000)


def responses(question, model, stream=False):
    return {"model": model, "input": [{"role": "user", "content": question}], "stream": stream, "store": False}


def run_reader(agent):
    model = DYNAMIC + "/gpt-4o"
    for week in range(1, 4):
        agent.call("POST", V1 + "responses", responses(QUESTION.format("two", week), "gpt-4o", True), model)
    agent.call("POST", V1 + "responses", responses(QUESTION.format("two", 4), "gpt-4o"), model, lab="cached")
    agent.call("POST", V1 + "responses", responses(QUESTION.format("two", 5), "gpt-4o"), model, lab="throttled")
    agent.call("POST", V1 + "responses", responses(QUESTION.format("two", 5), "gpt-4o"), model, lab="gzip",
               curl=["-H", "Transfer-Encoding: chunked"])
    agent.call("POST", V1 + "responses", responses(QUESTION.format("two", 6), "gpt-9"), DYNAMIC + "/gpt-9")


def run_triage(agent):
    model = STATIC + "/text-embedding-3-small"
    for week in range(1, 4):
        agent.call("POST", V1 + "embeddings", {"model": "text-embedding-3-small", "input": [QUESTION.format("two", week)]},
                   model, curl=[] if week == 2 else None)
    agent.call("POST", CHAT.format("gpt-4.1-mini"), chat(QUESTION.format("two", 7), stream=True),
               STATIC + "/gpt-4.1-mini", lab="cached")
    agent.call("POST", CHAT.format("gpt-4.1-mini"), chat(QUESTION.format("two", 8)), STATIC + "/gpt-4.1-mini", curl=[])
    agent.call("GET", "/deployments/gpt-4.1-mini" + VERSION)


def run_outside(agent):
    agent.call("POST", CHAT.format("gpt-4o"), chat(QUESTION.format("none", 1)))
    agent.call("POST", V1 + "chat/completions", chat(QUESTION.format("none", 2), "gpt-4o", True), curl=[])
    agent.call("POST", CHAT.format("gpt-4o"), chat(QUESTION.format("none", 3)), key="not-a-key")
    agent.call("GET", "/status-0123456789abcdef")


AGENTS = [(run_static, Agent("100.64.9.87", "sampleproject1", "TestAgent-ai-gateway-static:5")),
          (run_dynamic, Agent("100.64.9.88", "sampleproject1", "TestAgent-ai-gateway-dynamic:2")),
          (run_reader, Agent("100.64.9.91", "sampleproject2", "InvoiceReader:11")),
          (run_triage, Agent("100.64.9.92", "sampleproject2", "TicketTriage:3")),
          (run_outside, Agent("100.64.9.120", None, None))]


def guarded(run, agent, failures):
    try:
        run(agent)
        if agent.connection:
            agent.connection.close()
    except Exception as error:  # noqa: BLE001 - any trouble of a thread must fail the lab
        failures.append(f"{agent.name or agent.address}: {error!r}")


def main():
    failures = []
    threads = [threading.Thread(target=guarded, args=(run, agent, failures)) for run, agent in AGENTS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


sys.exit(main())
