# SPDX-License-Identifier: Apache-2.0
"""Runs the cases of the TLS matrix and writes what came of them; see ../tls_matrix."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from cases import all_cases
from clients import FACTS, HERE, SECONDS
from cuts import cut
from lab_site import content
from servers import Nginx

FIRST_PORT = 20001
MARKER = b"the end of the matrix"
ALERTS = {0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 40: "handshake_failure", 42: "bad_certificate",
          43: "unsupported_certificate", 45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter",
          48: "unknown_ca", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
          109: "missing_extension", 112: "unrecognized_name", 116: "certificate_required",
          120: "no_application_protocol"}  # RFC 8446, 6
NGINX = """daemon off;
user root;
worker_processes 1;
pid {run}/nginx.pid;
error_log {run}/nginx.log info;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_max_body_size 100m;
    client_body_temp_path {run}/body; proxy_temp_path {run}/temp;
    fastcgi_temp_path {run}/f; uwsgi_temp_path {run}/u; scgi_temp_path {run}/s;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    gzip off;
    ssl_dhparam {run}/dh.pem;
{servers}}}
"""
OPENSSL = """openssl_conf = start
[start]
ssl_conf = ssl
[ssl]
system_default = default
[default]
MinProtocol = TLSv1
CipherString = DEFAULT:@SECLEVEL=0
Options = UnsafeLegacyServerConnect
[req]
distinguished_name = name
[name]
"""


class Lab:
    """The folder of one run, and the processes in it."""

    def __init__(self, out):
        self.out = out
        self.folder = tempfile.mkdtemp(prefix="gatescope-tls-matrix.")
        os.chmod(self.folder, 0o755)
        self.processes, self.nginx = [], []

    def file(self, name):
        return os.path.join(self.folder, name)

    def keylog(self, case):
        return self.file(case.name + ".keys.log")

    def said_file(self, case, who, ending="log"):
        return self.file(f"{case.name}.{who}.{ending}")

    def note(self, case, who, text):
        with open(self.said_file(case, who), "a", encoding="utf-8") as file:
            file.write(text)

    def environment(self, keylog_of=None):
        environment = {**os.environ, "OPENSSL_CONF": self.file("openssl.cnf"), "LC_ALL": "C"}
        environment.pop("SSLKEYLOGFILE", None)
        if keylog_of is not None:
            environment["SSLKEYLOGFILE"] = self.keylog(keylog_of)
        return environment

    def run(self, command, keylog=None, given=b"", check=False):
        return subprocess.run(command, input=given, capture_output=True, check=check, timeout=SECONDS,
                              env=self.environment(keylog), cwd=self.folder)

    def start(self, command, case=None, output=None, folder=None):
        with open(output or self.file(os.path.basename(command[0]) + ".log"), "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(),
                                       cwd=folder or self.folder)
        process.of = case
        self.processes.append(process)
        return process

    def stop(self, case=None):
        for process in [process for process in self.processes if case is None or process.of is case]:
            process.terminate()
            process.wait()
            self.processes.remove(process)

    @staticmethod
    def wait(what, holds, seconds=15):
        until = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > until:
                raise RuntimeError(f"no {what} after {seconds} s")
            time.sleep(0.02)

    def wait_for_port(self, port):
        self.wait(f"listener at port {port}", lambda: ss("-ltnH", f"sport = :{port}"))

    @staticmethod
    def connect(port):
        return socket.create_connection(("127.0.0.1", port), timeout=SECONDS)


def ss(*words):
    return subprocess.run(["ss", *words], capture_output=True, check=True).stdout.strip()


def make_certificates(lab):
    with open(lab.file("openssl.cnf"), "w", encoding="utf-8") as config:
        config.write(OPENSSL)

    def openssl(*words, given=b""):
        lab.run(["openssl", *words], given=given, check=True)

    for authority in ("ca", "other-ca"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Gatescope matrix " + authority,
                "-keyout", lab.file(authority + ".key"), "-out", lab.file(authority + ".pem"),
                "-addext", "keyUsage=critical,keyCertSign", "-addext", "basicConstraints=critical,CA:TRUE")
    keys = {"rsa": ["rsa:2048"], "ecdsa": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "client": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}
    for name, key in keys.items():
        openssl("req", "-newkey", *key, "-nodes", "-subj", f"/O=Gatescope lab/CN={name}.lab.test",
                "-keyout", lab.file(name + ".key"), "-out", lab.file(name + ".csr"))
        with open(lab.file(name + ".ext"), "w", encoding="utf-8") as extensions:
            extensions.write("subjectAltName=DNS:*.lab.test,DNS:localhost\nbasicConstraints=critical,CA:FALSE\n")
        openssl("x509", "-req", "-in", lab.file(name + ".csr"), "-CA", lab.file("ca.pem"), "-CAkey", lab.file("ca.key"),
                "-days", "2", "-CAcreateserial", "-extfile", lab.file(name + ".ext"), "-out", lab.file(name + ".pem"))
    openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", lab.file("dh.pem"))


def make_pages(lab):
    os.mkdir(lab.file("pages"))
    for name, size in (("page", 300), ("long", 40000)):
        with open(lab.file("pages/" + name + ".txt"), "wb") as page:
            page.write(content(size))
    with open(lab.file("pages/answer"), "wb") as answer:  # gnutls-serv sends it as it is
        answer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\n" + content(5000))
    with open(lab.file("psk.txt"), "w", encoding="utf-8") as psk:
        psk.write("lab:000102030405060708090a0b0c0d0e0f\n")


def make_java(lab):
    """True: there is a Java that can take part."""
    if shutil.which("javac") is None:
        return False
    lab.run(["javac", "-d", lab.file("java"), os.path.join(HERE, "JavaPeer.java")], check=True)
    lab.run(["openssl", "pkcs12", "-export", "-name", "lab", "-in", lab.file("rsa.pem"), "-inkey", lab.file("rsa.key"),
             "-certfile", lab.file("ca.pem"), "-passout", "pass:gatescope", "-out", lab.file("java.p12")], check=True)
    return True


def start_nginx(lab):
    with open(lab.file("nginx.conf"), "w", encoding="utf-8") as config:
        config.write(NGINX.format(run=lab.folder, servers="".join(lab.nginx)))
    lab.run(["nginx", "-t", "-e", "stderr", "-c", lab.file("nginx.conf")], check=True)
    with open(lab.file("site.jsonl"), "w", encoding="utf-8"):
        pass
    lab.start([sys.executable, os.path.join(HERE, "lab_site.py"), lab.file("site.jsonl"), lab.file("site.sock")])
    lab.wait("site", lambda: os.path.exists(lab.file("site.sock")))
    lab.start(["nginx", "-e", "stderr", "-c", lab.file("nginx.conf")])


def start_capture(lab):
    capture = subprocess.Popen(["tcpdump", "-i", "lo", "-n", "-s", "0", "-U", "-B", "131072", "-w",
                                lab.file("all.pcap"), "tcp or udp port 9"], stderr=subprocess.PIPE)
    while b"listening on" not in (line := capture.stderr.readline()):
        if not line:
            raise RuntimeError("tcpdump does not start")
    return capture


def stop_capture(lab, capture):
    """When the marker is in the file everything before it is."""
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(MARKER, ("127.0.0.1", 9))

    def marked():
        with open(lab.file("all.pcap"), "rb") as file:
            file.seek(max(0, os.path.getsize(lab.file("all.pcap")) - 4096))
            return MARKER in file.read()

    lab.wait("marker in the capture", marked)
    capture.terminate()
    said = capture.communicate()[1].decode()
    if not re.search(r"^0 packets dropped by kernel", said, re.MULTILINE):
        raise RuntimeError("tcpdump lost packets: " + said)


def iana_names():
    listed = subprocess.run(["openssl", "ciphers", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"], capture_output=True,
                            check=True).stdout.decode()
    return {line.split()[2]: line.split()[0] for line in listed.splitlines()}


def plain_names(session, names):
    if "version" in session:
        version = session["version"].removeprefix("TLSv").removeprefix("TLS")
        session["version"] = {"1": "1.0"}.get(version, version)
    if "cipher" in session:
        session["cipher"] = names.get(session["cipher"], session["cipher"])


def agreed(case, from_client, from_server):
    """What both ends say, put together. They must not contradict each other."""
    heard = iter(from_server)
    if from_server:  # it says nothing of connections without a request
        from_server = [{} if session.get("silent") else next(heard, {}) for session in from_client] + list(heard)
    if from_server and from_client and len(from_client) != len(from_server):
        raise RuntimeError(f"{len(from_client)} connections at the client, {len(from_server)} at the server")
    sessions = []
    for number in range(max(len(from_client), len(from_server), 1 if case.fails else 0)):
        client = from_client[number] if number < len(from_client) else {}
        server = from_server[number] if number < len(from_server) else {}
        told, heard = client.get("exchanges"), server.get("exchanges")

        def order(entry):
            return json.dumps({name: entry[name] for name in sorted(entry) if name != "early"})

        if told and heard and sorted(map(order, told)) != sorted(map(order, heard)):
            raise RuntimeError(f"client and server differ:\n{told}\n{heard}")
        session = {**{name: client[name] for name in (*FACTS, "client_port") if client.get(name) is not None},
                   **{name: server[name] for name in (*FACTS, "client_port") if server.get(name) is not None}}
        session["exchanges"] = heard or told or []
        sessions.append(session)
    return sessions


def alerts_told(lab, case):
    """`SENDER:NAME` of the first alert that one end complains of having got."""
    for who, sender in (("server", "client"), ("client", "server")):
        if os.path.exists(lab.said_file(case, who)):
            with open(lab.said_file(case, who), encoding="utf-8", errors="replace") as text:
                if found := re.search(r"SSL alert number (\d+)", text.read()):
                    return f"{sender}-alert:{ALERTS[int(found[1])]}"
    return None


def expectation(lab, case, from_client, names):
    sessions = agreed(case, from_client, case.server.said(lab, case))
    for number, session in enumerate(sessions):
        plain_names(session, names)
        session["resumed"] = bool(session.pop("reused", False))
        session["ended"] = "resumed" if session["resumed"] else "complete"
        if case.fails:
            session["ended"] = alerts_told(lab, case)
            session.pop("resumed")
        elif not session["resumed"]:
            session["client_certificate"] = "not-asked"
        if case.sends_name:
            session["sni"] = case.host
        if session.get("alpn") in ("", None):
            session.pop("alpn", None)
        session.update({name: value[number] if isinstance(value, (list, tuple)) else value
                        for name, value in case.expect.items()})
        for name in [name for name, value in session.items() if value is None]:
            del session[name]
        if case.minimum and len(session["exchanges"]) < case.minimum:
            raise RuntimeError(f"{len(session['exchanges'])} exchanges in session {number}: {session}")
    if not sessions:
        raise RuntimeError(f"no session")
    if "resumed" in case.name and not any(session.get("resumed") for session in sessions):
        raise RuntimeError(f"nothing was resumed")
    wanted = max((len(getattr(client, "requests", ())) for client in case.clients), default=0)
    made = sum(len(session["exchanges"]) for session in sessions)
    if not case.fails and made < wanted:
        raise RuntimeError(f"{made} of {wanted} exchanges")
    if case.fails and any("ended" not in session for session in sessions):
        raise RuntimeError(f"nobody says how it failed")
    return {"case": case.name, "port": case.port, "secrets": case.secrets, "fails": case.fails, "sessions": sessions}


def keep(lab, case, expected):
    """The case's packets, secrets and expectation, in its folder."""
    folder = os.path.join(lab.out, case.name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    sliced = lab.file("slice.pcap")
    ports = " or ".join(f"port {port}" for port in (case.port, *case.more_ports))
    subprocess.run(["tcpdump", "-r", lab.file("all.pcap"), "-w", sliced, f"tcp and ({ports})"], check=True,
                   stderr=subprocess.DEVNULL)
    keylog, options = lab.keylog(case), []
    if case.cut:
        sliced = cut(case, sliced, keylog, expected)
    if case.secrets in ("file", "inside") and not os.path.exists(keylog):
        raise RuntimeError(f"no key log was written")
    if case.secrets == "inside":
        options = ["--inject-secrets", "tls," + keylog]
    elif case.secrets == "file":
        shutil.copy(keylog, os.path.join(folder, "keys.log"))
    elif case.secrets == "key":
        shutil.copy(lab.file("rsa.key"), os.path.join(folder, "server.key"))
    subprocess.run(["editcap", "-F", "pcapng", *options, sliced, os.path.join(folder, "capture.pcapng")], check=True)
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, indent=1)
        file.write("\n")


def quiet(lab, case):
    """Until all connections of the case are over, or nobody is left who would end them."""
    try:
        lab.wait("end of connections", lambda: not ss("-tnH", "state", "connected", "exclude", "time-wait",
                                                      f"sport = :{case.port}"), seconds=3)
    except RuntimeError:
        pass


def run_case(lab, case):
    case.server.start(lab, case)
    for command, port in case.helpers:
        lab.start([word.format(here=HERE, lab=lab, case=case) for word in command], case)
        lab.wait_for_port(port)
    sessions = [session for client in case.clients for session in client(lab, case)]
    quiet(lab, case)
    lab.stop(case)
    return sessions


def run(out, wanted):
    started = time.monotonic()
    for words in (["link", "set", "lo", "mtu", "1500", "gso_max_segs", "1", "up"],):
        subprocess.run(["ip", *words], check=True)
    lab = Lab(out)
    failures, failed = [], set()
    try:
        make_certificates(lab)
        make_pages(lab)
        cases = [case for case in all_cases() if not wanted or case.name in wanted]
        if any(case.java for case in cases) and not make_java(lab):
            cases = [case for case in cases if not case.java]
        for number, case in enumerate(cases):
            case.port = FIRST_PORT + number
        for case in cases:
            case.server.prepare(lab, case)
        start_nginx(lab)
        for case in cases:
            if isinstance(case.server, Nginx):
                lab.wait_for_port(case.port)
        capture = start_capture(lab)
        told = {}
        for case in cases:
            try:
                told[case.name] = run_case(lab, case)
            except (RuntimeError, OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
                failures.append(f"{case.name}: {error!r}")
                failed.add(case.name)
        lab.stop()
        stop_capture(lab, capture)
        names = iana_names()
        for case in cases:
            try:
                if case.name in told:
                    keep(lab, case, expectation(lab, case, told[case.name], names))
            except (RuntimeError, OSError, subprocess.SubprocessError, LookupError, ValueError) as error:
                failures.append(f"{case.name}: {error!r}")
                failed.add(case.name)
                for who in ("client", "server"):
                    if os.path.exists(lab.said_file(case, who)):
                        with open(lab.said_file(case, who), encoding="utf-8", errors="replace") as text:
                            failures.append(f"  {who}: " + text.read()[-1500:])
    finally:
        lab.stop()
        if os.environ.get("GATESCOPE_KEEP"):
            print(lab.folder)
        else:
            shutil.rmtree(lab.folder)
    print("\n".join(failures))
    print(f"{len(cases)} cases, {len(failed)} failed, in {time.monotonic() - started:.0f} s: {out}")
    return 1 if failures else 0
