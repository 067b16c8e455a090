# SPDX-License-Identifier: Apache-2.0
"""Runs the trust matrix; see ../trust_matrix."""
import collections
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

from certificates import make_all
from servers import all_servers, ask_for_certificates, nginx_config, write_hosts
from stacks import HERE, available, verdict

MARKER = b"the end of the matrix"


def start_capture(path):
    capture = subprocess.Popen(["tcpdump", "-i", "lo", "-n", "-s", "0", "-U", "-B", "65536", "-w", path,
                                "tcp port 443 or udp port 9"], stderr=subprocess.PIPE)
    while b"listening on" not in (line := capture.stderr.readline()):
        if not line:
            raise RuntimeError("tcpdump does not start")
    return capture


def stop_capture(path, capture):
    """When the marker is in the file everything before it is."""
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(MARKER, ("127.0.0.1", 9))
    for _ in range(200):
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - 4096))
            if MARKER in file.read():
                break
        time.sleep(0.1)
    capture.terminate()
    capture.wait()


def make_room(folder, servers):
    subprocess.run(["ip", "link", "set", "lo", "mtu", "1500", "up"], check=True)
    subprocess.run(["ip", "route", "add", "local", "100.64.9.0/24", "dev", "lo"], check=True)
    write_hosts(servers, os.path.join(folder, "hosts"))
    subprocess.run(["mount", "--bind", os.path.join(folder, "hosts"), "/etc/hosts"], check=True)


def use_client_address(address):
    """All calls to the servers come from there."""
    subprocess.run(["ip", "route", "replace", "local", "10.0.9.0/24", "dev", "lo", "src", address], check=True)


def wait_for(servers):
    for server in servers:
        for _ in range(100):
            listening = subprocess.run(["ss", "-tlnH", f"src {server.address}:443"], capture_output=True, check=True)
            if listening.stdout:
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"nothing listens at {server.address}")


def call_all(folder, servers, stacks):
    """Truth by stack and server."""
    truth = []
    for number, (name, stack) in enumerate(stacks.items()):
        client = f"100.64.9.{50 + number}"
        use_client_address(client)
        told = stack(folder, servers)
        for server in servers:
            said = told[server.host]
            truth.append({"client": client, "server": server.address, "stack": name, "scenario": server.scenario,
                          "tls": server.version, "sni": server.host, "truth": verdict(server, said), "said": said[-400:]})
    return truth


def run(out, wanted):
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix="gatescope-trust-matrix.")
    os.chmod(folder, 0o755)
    nginx = None
    try:
        servers = all_servers()
        make_room(folder, servers)
        make_all(folder)
        stacks = {name: stack for name, stack in available().items() if not wanted or name in wanted}
        if any(name.startswith("java-") for name in stacks):
            subprocess.run(["javac", "-d", folder + "/java", os.path.join(HERE, "TrustClient.java")], check=True)
        use_client_address("100.64.9.1")
        plain = [server for server in servers if server.scenario != "client-certificate"]
        nginx = subprocess.Popen(["nginx", "-e", "stderr", "-c", nginx_config(folder, plain, folder + "/nginx")],
                                 stderr=subprocess.DEVNULL)
        for server in servers:
            if server not in plain:
                ask_for_certificates(server, folder)
        wait_for(servers)
        capture = start_capture(folder + "/all.pcap")
        truth = call_all(folder, servers, stacks)
        time.sleep(1)
        stop_capture(folder + "/all.pcap", capture)
        os.makedirs(out + "/certificates", exist_ok=True)
        subprocess.run(["editcap", "-F", "pcapng", folder + "/all.pcap", out + "/capture.pcapng"], check=True)
        with open(out + "/truth.json", "w", encoding="utf-8") as file:
            json.dump(truth, file, indent=1)
        for name in os.listdir(folder):
            if name.endswith(".pem"):
                shutil.copy(os.path.join(folder, name), out + "/certificates/" + name)
    finally:
        if nginx:
            nginx.terminate()
        subprocess.run(["umount", "/etc/hosts"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)
    unclear = [one for one in truth if one["truth"] is None]
    for one in unclear:
        print(f"not clear: {one['stack']} {one['sni']}: {one['said']}")
    counted = collections.Counter(one["truth"] for one in truth)
    print(f"{len(truth)} calls of {len({one['stack'] for one in truth})} stacks: {dict(counted)}, "
          f"in {time.monotonic() - started:.0f} s: {out}")
    return 1 if unclear else 0
