# SPDX-License-Identifier: Apache-2.0
"""Servers of the trust matrix: one address for each scenario and version, all on port 443."""
import os
import socket
import ssl
import threading

from certificates import DOMAIN

SCENARIOS = ("good", "private-ca", "missing-intermediate", "expired", "not-yet-valid", "wrong-name", "self-signed",
             "inspection", "client-certificate")
VERSIONS = ("1.2", "1.3")
NGINX = """daemon off;
user root;
worker_processes 1;
pid {run}/nginx.pid;
error_log {run}/nginx.log info;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {run}/b; proxy_temp_path {run}/t; fastcgi_temp_path {run}/f; uwsgi_temp_path {run}/u;
    scgi_temp_path {run}/s;
    ssl_session_tickets off;
{blocks}}}
"""


class Server:
    def __init__(self, number, scenario, version):
        self.scenario, self.version = scenario, version
        self.address = f"10.0.9.{10 + number}"
        self.host = f"{scenario}-tls{version.replace('.', '')}.{DOMAIN}"

    def block(self, folder):
        return f"""    server {{
        listen {self.address}:443 ssl;
        ssl_certificate {folder}/chain-{self.scenario}.pem;
        ssl_certificate_key {folder}/{self.scenario}.key;
        ssl_protocols TLSv{self.version};
        location / {{ return 200 "trusted\\n"; }}
    }}
"""


def all_servers():
    return [Server(number, scenario, version)
            for number, (scenario, version) in enumerate((s, v) for s in SCENARIOS for v in VERSIONS)]


def ask_for_certificates(server, folder):
    """A server that ends the handshake where the client has no certificate (nginx would answer 400 instead)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/chain-{server.scenario}.pem", f"{folder}/{server.scenario}.key")
    context.load_verify_locations(f"{folder}/root.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = context.maximum_version = ssl.TLSVersion["TLSv" + server.version.replace(".", "_")]
    listener = socket.create_server((server.address, 443), backlog=64)

    def serve(raw):
        raw.settimeout(30)
        try:
            with context.wrap_socket(raw, server_side=True) as secured:
                secured.recv(4096)
        except OSError:
            raw.close()

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def write_hosts(servers, path):
    with open(path, "w", encoding="utf-8") as hosts:
        hosts.write("127.0.0.1 localhost\n")
        for server in servers:
            hosts.write(f"{server.address} {server.host}\n")


def nginx_config(folder, servers, run, more=""):
    os.makedirs(run, exist_ok=True)
    path = os.path.join(run, "nginx.conf")
    with open(path, "w", encoding="utf-8") as config:
        config.write(NGINX.format(run=run, blocks="".join(server.block(folder) for server in servers) + more))
    return path
