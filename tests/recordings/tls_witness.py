# SPDX-License-Identifier: Apache-2.0
"""What the truth files and tshark say of TLS in a capture, and the same of gscope."""
import base64
import collections
import gzip
import hashlib
import json
import os
import struct
import subprocess
import tempfile

# RFC 8446, 6, RFC 5246, 7.2 and RFC 7301; IANA TLS Alerts.
ALERTS = {0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed_RESERVED",
          22: "record_overflow", 30: "decompression_failure_RESERVED", 40: "handshake_failure", 41: "no_certificate_RESERVED",
          42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
          46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
          51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
          86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation_RESERVED", 109: "missing_extension",
          110: "unsupported_extension", 112: "unrecognized_name", 115: "unknown_psk_identity",
          116: "certificate_required", 120: "no_application_protocol"}
SECRETS_BLOCK = 0x0A  # draft-ietf-opsawg-pcapng, Decryption Secrets Block


def run(command):
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    return done.stdout


def gscope_rows(gscope, verb, path, secrets):
    said = run([gscope, verb, "--quiet", "--format", "jsonl", *(secrets or []), path]).decode("utf-8", "replace")
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


# ---- truth files

def truth_rows(truth, kind):
    with open(truth, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if cells[0] == kind:
                yield [None if cell == "-" else cell for cell in cells[1:]]


def endpoint(cell):
    host, _, port = (cell or "").rpartition(":")
    return f"[{host}]:{port}" if ":" in host else cell


def version_of(cell):
    """As gscope names it: drafts of TLS 1.3 are bare numbers, 0x7f1c for 28."""
    if cell is None:
        return None
    if cell.startswith("0x7f"):
        return f"1.3-draft{int(cell[4:], 16)}"
    return {"SSL3": "ssl 3.0"}.get(cell, cell.removeprefix("TLS"))


def alerts_in(cell):
    """`client:fatal:48;server:encrypted` as gscope names the readable ones."""
    found = []
    for word in (cell or "").split(";"):
        who, _, rest = word.partition(":")
        level, _, number = rest.partition(":")
        if number.isdigit():
            found.append(f"{who}:{ALERTS.get(int(number), number)}")
    return found


def tls_rows(truth):
    rows = []
    for cells in truth_rows(truth, "tls"):
        stream, client, server, sni, offered, alpn, version, cipher, certificates, subject, issuer = cells[:11]
        rows.append({"stream": stream, "client": endpoint(client), "server": endpoint(server), "sni": sni,
                     "alpn_offered": offered.split(",") if offered else [], "alpn": alpn,
                     "version": version_of(version),
                     "cipher": cipher.split(" (")[0] if cipher else None, "certificates": int(certificates or 0),
                     "leaf_subject": subject, "leaf_issuer": issuer, "alerts": alerts_in(cells[14])})
    return rows


def decrypted_rows(truth, streams):
    """(method, host, target, status, octets of the response's DATA frames) of what was inside the given TCP streams;
    None for the octets of HTTP/1."""
    for stream, method, host, uri, status, *_ in truth_rows(truth, "http1"):
        if stream in streams:
            yield method, host, uri, int(status) if status else None, None
    for stream, _, method, host, uri, status, *_, octets in truth_rows(truth, "http2"):
        if stream in streams:
            yield method, host, uri, int(status) if status else None, int(octets) if octets else 0


# ---- secrets

def has_secrets_block(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
        head = file.read(12)
        if head[:4] != b"\x0a\x0d\x0d\x0a":
            return False
        order = "<" if head[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
        file.seek(0)
        while len(header := file.read(8)) == 8:
            kind, length = struct.unpack(order + "II", header)
            if kind == SECRETS_BLOCK:
                return True
            if length < 12:
                return False
            file.seek(length - 8, os.SEEK_CUR)
    return False


def capture_secrets(path):
    """Options that give gscope the secrets of a capture; [] when they are inside, None when there are none."""
    stem = path
    for ending in (".gz", ".pcapng", ".pcap", ".cap"):
        stem = stem.removesuffix(ending)
    for name in (stem + ".keys.txt", stem + ".keylog"):
        if os.path.exists(name):
            return ["--keylog", name]
    return [] if has_secrets_block(path) else None


# ---- tshark

def tshark(path, secrets, *words):
    command = ["tshark", "-r", path, "-n", "-o", "tcp.reassemble_out_of_order:TRUE", *words]
    if secrets:
        command += ["-o", "tls.keylog_file:" + secrets[1]]
    return run(command)


def fingerprints(path):
    """{"ja3"|"ja3s": {(client, server): all values of its hellos}}"""
    words = ["-Y", "tls.handshake.type == 1 || tls.handshake.type == 2", "-T", "fields", "-E", "occurrence=l"]
    for name in ("ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tls.handshake.ja3",
                 "tls.handshake.ja3s"):
        words += ["-e", name]
    found = {"ja3": collections.defaultdict(set), "ja3s": collections.defaultdict(set)}
    for line in tshark(path, None, *words).decode("utf-8", "replace").splitlines():
        cells = (line.split("\t") + [""] * 8)[:8]
        if not cells[2]:
            continue
        source, target = (f"{v4}:{port}" if v4 else f"[{v6}]:{port}" for v4, v6, port in (cells[:3], cells[3:6]))
        if cells[6]:
            found["ja3"][source, target].add(cells[6])
        if cells[7]:
            found["ja3s"][target, source].add(cells[7])
    return found


def counted(bodies):
    """{digest: (octets, how many)}, without empty ones."""
    found = {}
    for body in bodies:
        if body:
            digest = hashlib.sha256(body).hexdigest()
            found[digest] = (len(body), found.get(digest, (0, 0))[1] + 1)
    return found


def bodies_of(path, secrets):
    """Bodies that tshark exports, of requests and responses, content coding undone. Not those of HTTP/2, nor those that
    end with the connection."""
    with tempfile.TemporaryDirectory() as folder:
        tshark(path, secrets, "-Q", "--export-objects", "http," + folder)
        bodies = []
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                bodies.append(file.read())
    return counted(bodies)


def gscope_bodies(gscope, path, secrets, exchanges):
    bodies = []
    for row in exchanges:
        text = run([gscope, "body", "--quiet", "--reveal", "--format", "json", *secrets, str(row["id"]), path])
        shown = json.loads(text.decode("utf-8", "surrogatepass")) if text else {}
        for side in ("request", "response"):
            message = shown.get(side, {})
            if message.get("body_base64") is not None:
                bodies.append(base64.b64decode(message["body_base64"]))
            elif message.get("body") is not None:
                bodies.append(message["body"].encode("utf-8", "surrogatepass"))
    return counted(bodies)
