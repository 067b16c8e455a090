# SPDX-License-Identifier: Apache-2.0
"""Client stacks of the trust matrix. Each gives for a list of servers what it says itself: host -> `ok` or its error."""
import os
import re
import shutil
import subprocess
import sys
import time

from servers import nginx_config

HERE = os.path.dirname(os.path.realpath(__file__))
SECONDS = 300
PYTHON = shutil.which("python3", path="/usr/bin") or sys.executable  # the one that has the system's packages
NAMES_CERTIFICATE = re.compile(
    r"certificat|unable to (verify|get)|self.signed|hostname|altnames?|PKIX|ERR_TLS_CERT|CERT_|does not match|"
    r"not.{0,8}trusted|No name matching|issuer|DEPTH_ZERO", re.IGNORECASE)
# What a client says when the server ends it: RFC 8446, 6.2; in TLS 1.2 handshake_failure.
REFUSED_BY_SERVER = re.compile(
    r"certificate.?required|alert.{0,20}handshake.?failure|handshake_failure|bad_certificate|alert number 116|"
    r"reset by peer|prematurely|terminated|fatal alert|ECONNRESET|closed|EOF|other side closed|disconnect|broken pipe|"
    r"upstream|could not save SSL session|invalid state|handshake fail|getpeername|not connected", re.IGNORECASE)


def verdict(server, said):
    """Truth, or None where the client's words do not tell."""
    if said == "ok":
        return "accepted"
    if server.scenario == "client-certificate":
        return "client-certificate-required" if REFUSED_BY_SERVER.search(said) else None
    return "rejected" if NAMES_CERTIFICATE.search(said) else None


def run(command, given="", **more):
    environment = {**os.environ, "LC_ALL": "C", **more}
    environment.pop("SSLKEYLOGFILE", None)
    return subprocess.run(command, input=given.encode(), capture_output=True, timeout=SECONDS, env=environment, check=False)


class OneByOne:
    """A program that is started for each server."""

    def __init__(self, *words, given="GET / HTTP/1.0\r\n\r\n", answer=None):
        self.words, self.given, self.answer = words, given, answer

    def __call__(self, folder, servers):
        told = {}
        for server in servers:
            done = run([word.format(host=server.host, ca=folder + "/root.pem") for word in self.words], self.given)
            text = (done.stdout + done.stderr).decode(errors="replace")
            good = done.returncode == 0 and (self.answer is None or self.answer in text)
            told[server.host] = "ok" if good else " ".join(text.split())[-1500:] or f"exit {done.returncode}"
        return told


class AllAtOnce:
    """A program that calls all servers, one after the other, and prints a line for each."""

    def __init__(self, *words, on_stdin=False, environment=None):
        self.words, self.on_stdin, self.environment = words, on_stdin, environment or {}

    def __call__(self, folder, servers):
        hosts = [server.host for server in servers]
        ca = folder + "/root.pem"
        words = [word.format(ca=ca, folder=folder, here=HERE) for word in self.words]
        done = run(words + ([] if self.on_stdin else hosts), "\n".join(hosts) if self.on_stdin else "",
                   **{name: value.format(ca=ca) for name, value in self.environment.items()})
        lines = [line.split("\t", 1) for line in done.stdout.decode(errors="replace").splitlines() if "\t" in line]
        if len(lines) != len(hosts):
            raise RuntimeError(f"{words[:3]} told of {len(lines)} of {len(hosts)}: {done.stderr.decode()[-500:]}")
        return dict(lines)


def nginx_as_client(folder, servers):
    """nginx as a proxy in front of each server; its error log says why there was no answer."""
    where = os.path.join(folder, "nginx-client")
    blocks = "    proxy_ssl_verify on;\n    proxy_ssl_verify_depth 3;\n    proxy_ssl_server_name on;\n" \
             "    proxy_ssl_session_reuse off;\n    proxy_ssl_protocols TLSv1.2 TLSv1.3;\n" \
             f"    proxy_ssl_trusted_certificate {folder}/root.pem;\n"
    for number, server in enumerate(servers):
        blocks += f"    server {{ listen 127.0.0.1:{21000 + number}; location / {{ proxy_pass https://{server.host}; " \
                  f"proxy_ssl_name {server.host}; }} }}\n"
    process = subprocess.Popen(["nginx", "-e", "stderr", "-c", nginx_config(folder, [], where, blocks)],
                               stderr=subprocess.DEVNULL)
    told = {}
    try:
        time.sleep(1)
        for number, server in enumerate(servers):
            log = os.path.join(where, "nginx.log")
            before = os.path.getsize(log)
            done = run(["curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "--retry", "5", "--retry-connrefused",
                        f"http://127.0.0.1:{21000 + number}/"])
            with open(log, encoding="utf-8", errors="replace") as file:
                file.seek(before)
                said = " ".join(file.read().split())
            told[server.host] = "ok" if done.stdout == b"200" else said or "no answer"
    finally:
        process.terminate()
        process.wait()
    return told


def python(way, module=None):
    return module or "ssl", AllAtOnce(PYTHON, "{here}/python_client.py", way, "{ca}", on_stdin=True)


def available():
    """Stacks whose programs and modules are installed, by name."""
    found = {}

    def add(name, program, stack):
        if shutil.which(program):
            found[name] = stack

    # s_client gives 0 also when the server refuses late in TLS 1.3, so an answer has to come.
    add("s_client", "openssl", OneByOne("openssl", "s_client", "-quiet", "-verify_return_error", "-verify_hostname", "{host}",
                                        "-servername", "{host}", "-CAfile", "{ca}", "-connect", "{host}:443",
                                        answer="trusted"))
    add("curl", "curl", OneByOne("curl", "-sS", "-m", "20", "--cacert", "{ca}", "https://{host}/"))
    add("gnutls-cli", "gnutls-cli", OneByOne("gnutls-cli", "--x509cafile={ca}", "-p", "443", "{host}", answer="trusted"))
    add("wget", "wget", OneByOne("wget", "-nv", "-t", "1", "-T", "20", "--ca-certificate={ca}", "-O", "-", "https://{host}/"))
    for way in ("https", "fetch"):
        add("node-" + way, "node", AllAtOnce("node", "{here}/node_client.js", way, environment={"NODE_EXTRA_CA_CERTS": "{ca}"}))
    for way in ("url", "client"):
        add("java-" + way, "javac", AllAtOnce("java", "-cp", "{folder}/java", "TrustClient", way, "{ca}"))
    for way, module in (("urllib", None), ("http-client", None), ("requests", "requests"), ("httpx", "httpx"),
                        ("asyncio", None), ("aiohttp", "aiohttp"), ("httpx-async", "httpx")):
        needed, stack = python(way, module)
        if run([PYTHON, "-c", f"import {needed}"]).returncode == 0:
            found["python-" + way] = stack
    add("nginx", "nginx", nginx_as_client)
    return found
