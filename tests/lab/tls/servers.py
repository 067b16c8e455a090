# SPDX-License-Identifier: Apache-2.0
"""Servers of the TLS matrix. prepare() is called for all before anything runs, start() when the case begins; said()
gives what the server knows of its sessions, in the order in which they came."""
import json
import os
import sys

from clients import HERE, by_connection

PROXY = """    listen 127.0.0.1:{port} ssl{listen};
        server_name {name};
        ssl_certificate {certificate}.pem;
        ssl_certificate_key {certificate}.key;
        ssl_protocols {protocols};
        ssl_ciphers "{ciphers}";
"""
HEADERS = {"Server-Port": "server_port", "Client-Port": "remote_port", "Version": "ssl_protocol", "Cipher": "ssl_cipher",
           "Reused": "ssl_session_reused", "Sni": "ssl_server_name", "Alpn": "ssl_alpn_protocol",
           "Early": "ssl_early_data"}


class Nginx:
    """lines: more of the server block; listen: more words of its listen."""

    def __init__(self, versions="TLSv1.2 TLSv1.3", ciphers="ALL", certificate="rsa", lines=(), listen=""):
        self.versions, self.ciphers, self.certificate, self.lines, self.listen = versions, ciphers, certificate, lines, listen

    def prepare(self, lab, case):
        block = PROXY.format(port=case.port, name=case.host, listen=" " + self.listen, protocols=self.versions,
                             ciphers=self.ciphers + ":@SECLEVEL=0", certificate=lab.file(self.certificate))
        block += "".join(f"        {line.format(lab=lab, case=case)};\n" for line in self.lines)
        block += "        error_log " + lab.said_file(case, "server") + " info;\n"
        block += "        location / {\n            proxy_pass http://unix:" + lab.file("site.sock") + ":;\n"
        block += "".join(f"            proxy_set_header X-Lab-{name} ${value};\n" for name, value in HEADERS.items())
        lab.nginx.append("    server {\n    " + block + "        }\n    }\n")

    def start(self, lab, case):
        pass

    def said(self, lab, case):
        with open(lab.file("site.jsonl"), encoding="utf-8") as lines:
            entries = [json.loads(line) for line in lines]
        return by_connection([entry for entry in entries if entry["server_port"] == case.port])


class Program:
    def prepare(self, lab, case):
        pass

    def start(self, lab, case):
        lab.start(self.command(lab, case), case, output=self.output(lab, case), folder=lab.file("pages"))
        lab.wait_for_port(case.port)

    def output(self, lab, case):
        return lab.said_file(case, "server")

    def said(self, lab, case):
        return []


class SServer(Program):
    """openssl s_server -WWW: serves the files of the folder pages."""

    def __init__(self, *options, certificate="rsa", keylog=False):
        self.options, self.certificate, self.keylog = options, certificate, keylog

    def command(self, lab, case):
        certificate = ["-nocert"]
        if self.certificate:
            certificate = ["-cert", lab.file(self.certificate + ".pem"), "-key", lab.file(self.certificate + ".key")]
        return ["openssl", "s_server", "-accept", f"127.0.0.1:{case.port}", "-WWW", *certificate,
                *(["-keylogfile", lab.keylog(case)] if self.keylog else []),
                *(option.format(lab=lab, case=case) for option in self.options)]


class GnutlsServ(Program):
    def __init__(self, *options, certificate="rsa"):
        self.options, self.certificate = options, certificate

    def command(self, lab, case):
        return ["gnutls-serv", "--http", f"--httpdata={lab.file('pages/answer')}", "--quiet",
                f"--x509certfile={lab.file(self.certificate)}.pem", f"--x509keyfile={lab.file(self.certificate)}.key",
                *(option.format(lab=lab, case=case) for option in self.options), "-p", str(case.port)]


class Teller(Program):
    """Servers that print each exchange."""

    def output(self, lab, case):
        return lab.said_file(case, "server", "jsonl")

    def said(self, lab, case):
        with open(self.output(lab, case), encoding="utf-8") as lines:
            return by_connection([json.loads(line) for line in lines if line.startswith("{")])


class Site(Teller):
    def __init__(self, *options, certificate="rsa"):
        self.options, self.certificate = options, certificate

    def command(self, lab, case):
        options = [option.format(lab=lab, case=case) for option in self.options]
        return [sys.executable, os.path.join(HERE, "lab_site.py"), self.output(lab, case), str(case.port),
                "--cert", lab.file(self.certificate + ".pem"), "--key", lab.file(self.certificate + ".key"), *options]


class NodeServer(Teller):
    def __init__(self, keylog=True, certificate="rsa", **options):
        self.keylog, self.certificate, self.options = keylog, certificate, options

    def command(self, lab, case):
        return ["node", *([f"--tls-keylog={lab.keylog(case)}"] if self.keylog else []), os.path.join(HERE, "node_peer.js"),
                "server", str(case.port), lab.file(self.certificate + ".pem"), lab.file(self.certificate + ".key"),
                json.dumps(self.options)]


class JavaServer(Program):
    def command(self, lab, case):
        return ["java", "-cp", lab.file("java"), "JavaPeer", "server", str(case.port), lab.file("java.p12")]


class OddServer(Program):
    def __init__(self, mode):
        self.mode = mode

    def command(self, lab, case):
        return [sys.executable, os.path.join(HERE, "odd.py"), "server", str(case.port), self.mode]
