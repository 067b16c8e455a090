# SPDX-License-Identifier: Apache-2.0
"""Clients of the TLS matrix. Each is called with (lab, case) and gives what it says of its connections: a list of
{"exchanges": [...]} in their order, with client_port, version, cipher, alpn, reused where it knows them."""
import gzip
import http.client
import itertools
import json
import os
import re
import ssl
import subprocess
import sys
import threading

from lab_site import content, digest

HERE = os.path.dirname(os.path.realpath(__file__))
SECONDS = 120  # no client takes that long, also on a busy machine


def exchange(method, target, status, sent, got):
    plain = gzip.decompress(got) if target.startswith("/gzip/") else got
    return {"method": method, "target": target, "status": status, "request_bytes": len(sent),
            "request_sha256": digest(sent), "response_bytes": len(got), "response_sha256": digest(plain)}


def body_of(request):
    return content(request[2]) if len(request) > 2 else b""


def by_connection(entries):
    """Entries with client_port, put together as sessions."""
    sessions = []
    for port, group in itertools.groupby(entries, lambda entry: entry["client_port"]):
        known = [session for session in sessions if session["client_port"] == port]
        if not known:
            sessions.append({"client_port": port, "exchanges": []})
            known = sessions[-1:]
        for entry in group:
            known[0]["exchanges"].append({name: entry[name] for name in entry if name in EXCHANGE})
            known[0].update((name, entry[name]) for name in FACTS if name in entry)
    return sessions


EXCHANGE = "method target status request_bytes request_sha256 response_bytes response_sha256 early".split()
FACTS = "version cipher alpn reused sni".split()


class Curl:
    """requests: (method, target[, octets of the body[, "chunked"]]); options: lines of curl's configuration."""

    def __init__(self, *requests, options=(), close=False, tool=()):
        self.requests, self.options, self.close, self.tool = requests, options, close, tool

    def __call__(self, lab, case):
        parts = []
        for number, request in enumerate(self.requests):
            lines = [f'url = "https://{case.host}:{case.port}{request[1]}"', f'resolve = "{case.host}:{case.port}:127.0.0.1"',
                     f'cacert = "{lab.file("ca.pem")}"', f'output = "{lab.file("curl.out")}.{number}"', "silent",
                     f'request = {request[0]}', 'write-out = "%{json}\\n"', 'header = "Expect:"', "max-time = 60"]
            if len(request) > 2:
                with open(lab.file(f"curl.in.{number}"), "wb") as sent:
                    sent.write(body_of(request))
                lines.append(f'data-binary = "@{lab.file(f"curl.in.{number}")}"')
            if "chunked" in request:
                lines.append('header = "Transfer-Encoding: chunked"')
            if self.close:
                lines.append('header = "Connection: close"')
            parts.append("\n".join(lines + [line.format(lab=lab, case=case) for line in self.options]))
        with open(lab.file("curl.conf"), "w", encoding="utf-8") as config:
            config.write("\nnext\n".join(parts))
        done = lab.run(["curl", "-K", lab.file("curl.conf"), *self.tool], keylog=case)
        entries = []
        for line in done.stdout.decode().splitlines():
            said = json.loads(line)
            number = next(n for n in range(len(self.requests)) if said["filename_effective"] == f"{lab.file('curl.out')}.{n}") \
                if said["filename_effective"] else len(entries)
            request = self.requests[number]
            if said["exitcode"] != 0 or not said["response_code"]:
                continue
            with open(f"{lab.file('curl.out')}.{number}", "rb") as got:
                entries.append({"client_port": said["local_port"],
                                **exchange(request[0], request[1], said["response_code"], body_of(request), got.read())})
        return by_connection(entries)


def read_answer(stream):
    """One HTTP/1 answer from a pipe: (status, body)."""
    status = int(stream.readline().split()[1])
    length, chunked = None, False
    while line := stream.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        if name.lower() == b"transfer-encoding":
            chunked = value.strip() == b"chunked"
    if not chunked:
        return status, stream.read() if length is None else stream.read(length)
    body = b""
    while size := int(stream.readline(), 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return status, body


class Piped:
    """A client that passes its standard input through TLS and prints what comes back."""

    def __init__(self, *requests, options=(), before=None, version="1.1", silent=0):
        """before: what is typed before which request; silent: connections that it makes first, and does not use."""
        self.requests, self.options, self.before, self.version = requests, options, before or {}, version
        self.silent = silent

    def __call__(self, lab, case):
        process = subprocess.Popen(self.command(lab, case), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=lab.environment(case))
        watch = threading.Timer(SECONDS, process.kill)
        watch.start()
        said = []
        heard = threading.Event()

        def listen():
            for line in process.stderr:
                said.append(line.decode(errors="replace"))
                if re.search("KEYUPDATE|RENEGOTIATING", said[-1]):
                    heard.set()

        reader = threading.Thread(target=listen, daemon=True)
        reader.start()
        exchanges = []
        try:
            for number, request in enumerate(self.requests):
                if number in self.before:
                    heard.clear()
                    process.stdin.write(self.before[number].encode() + b"\n")
                    process.stdin.flush()
                    heard.wait(5)
                sent = body_of(request)
                process.stdin.write(f"{request[0]} {request[1]} HTTP/{self.version}\r\nHost: {case.host}\r\n"
                                    f"Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
                process.stdin.flush()
                status, got = read_answer(process.stdout)
                exchanges.append(exchange(request[0], request[1], status, sent, got))
            process.stdin.close()
        except (OSError, IndexError, ValueError):
            pass  # the handshake failed, as some shall
        process.stdout.read()
        process.wait()
        watch.cancel()
        reader.join(5)
        text = "".join(said)
        lab.note(case, "client", text)
        session = {"exchanges": exchanges}
        for name, pattern in (("version", r"Protocol version: (\S+)"), ("cipher", r"Ciphersuite: (\S+)")):
            if found := re.search(pattern, text):
                session[name] = found[1]
        return [{"silent": True, "exchanges": []}] * self.silent + [session]


class SClient(Piped):
    def command(self, lab, case):
        options = [option.format(lab=lab, case=case) for option in self.options]
        return ["openssl", "s_client", "-brief", "-connect", f"127.0.0.1:{case.port}", "-servername", case.host,
                "-CAfile", lab.file("ca.pem"), "-keylogfile", lab.keylog(case), *options]


class GnutlsCli(Piped):
    def command(self, lab, case):
        options = [option.format(lab=lab, case=case) for option in self.options]
        return ["gnutls-cli", f"--logfile={lab.file('gnutls.log')}", f"--x509cafile={lab.file('ca.pem')}",
                f"--sni-hostname={case.host}", f"--verify-hostname={case.host}", *options, "-p", str(case.port), "127.0.0.1"]


class Node:
    def __init__(self, *requests, **options):
        self.requests, self.options = requests, options

    def __call__(self, lab, case):
        done = lab.run(["node", f"--tls-keylog={lab.keylog(case)}", os.path.join(HERE, "node_peer.js"), "client",
                        str(case.port), case.host, json.dumps({"ca": lab.file("ca.pem"), **self.options}),
                        json.dumps([[*request[:2], (request[2:] or (0,))[0], "chunked" in request]
                                    for request in self.requests])])
        lab.note(case, "client", done.stdout.decode() + done.stderr.decode())
        said = [json.loads(line) for line in done.stdout.decode().splitlines()]
        return by_connection([entry for entry in said if "error" not in entry])


class Python:
    def __init__(self, *requests, **settings):
        self.requests, self.settings = requests, settings

    def __call__(self, lab, case):
        context = ssl.create_default_context(cafile=lab.file("ca.pem"))
        context.keylog_filename = lab.keylog(case)
        for name, value in self.settings.items():
            setattr(context, name, value)
        raw = lab.connect(case.port)
        connection = http.client.HTTPSConnection(case.host, case.port, context=context)
        connection.sock = context.wrap_socket(raw, server_hostname=case.host)
        session = {"client_port": raw_port(connection.sock), "version": connection.sock.version(),
                   "cipher": connection.sock.cipher()[0], "exchanges": []}
        for request in self.requests:
            sent = body_of(request)
            connection.request(request[0], request[1], body=iter([sent]) if "chunked" in request else sent or None,
                               encode_chunked="chunked" in request,
                               headers={"Transfer-Encoding": "chunked"} if "chunked" in request else {})
            answer = connection.getresponse()
            session["exchanges"].append(exchange(request[0], request[1], answer.status, sent, answer.read()))
        connection.close()
        return [session]


def raw_port(connection):
    return connection.getsockname()[1]


class Java:
    def __init__(self, *requests, version="1.3", http_version="1"):
        self.requests, self.version, self.http = requests, version, http_version

    def __call__(self, lab, case):
        done = lab.run(["java", "-cp", lab.file("java"), "JavaPeer", "client", str(case.port), "localhost",
                        lab.file("java.p12"), self.version, self.http, *(request[1] for request in self.requests)])
        lab.note(case, "client", done.stderr.decode(errors="replace"))
        return [{"exchanges": [json.loads(line) for line in done.stdout.decode().splitlines()]}]


class Odd:
    """Clients of odd.py; nothing is exchanged that they would tell of."""

    def __init__(self, mode, version=""):
        self.mode, self.version = mode, version

    def __call__(self, lab, case):
        lab.run([sys.executable, os.path.join(HERE, "odd.py"), "client", str(case.port), self.mode, case.host,
                 lab.file("ca.pem"), lab.keylog(case), *([self.version] if self.version else [])])
        return [{}]


class Command:
    """Any command, as a list of words; may fail. Its sessions are known from the server only."""

    def __init__(self, *words, given=b"", sessions=1):
        self.words, self.given, self.sessions = words, given, sessions

    def __call__(self, lab, case):
        done = lab.run([word.format(lab=lab, case=case) for word in self.words], keylog=case,
                       given=self.given.replace(b"HOST", case.host.encode()))
        lab.note(case, "client", done.stderr.decode(errors="replace"))
        return [{} for _ in range(self.sessions)]
