#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The TLS side of the data proxy: bytes from a local port go unchanged through TLS to the gateway.

Debian's nginx cannot write a key log and Python's ssl can, so this leg stands between the two.
Usage: tls_leg.py LISTEN-PORT GATEWAY-PORT TLS-VERSION SERVER-NAME CA-FILE KEY-LOG [SOURCE-PORT]
"""
import select
import socket
import ssl
import sys
import threading

PROXY_ADDRESS = "10.0.9.213"
GATEWAY_ADDRESS = "10.0.9.4"
PIECE = 65536


def client_context(version, ca_file, key_log):
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = context.maximum_version = {
        "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[version]
    context.set_alpn_protocols(["http/1.1"])
    context.keylog_filename = key_log
    return context


def read_available(tls):
    """What can be read now, None when nothing can, b"" at the end."""
    tls.setblocking(False)
    try:
        return tls.recv(PIECE)
    except ssl.SSLWantReadError:
        return None
    finally:
        tls.setblocking(True)


def relay(plain, tls):
    """Until either side ends. One thread per connection: an SSL object must not be used by two at a time."""
    while True:
        readable, _, _ = select.select([plain] if tls.pending() else [plain, tls], [], [],
                                       0 if tls.pending() else None)
        if plain in readable:
            data = plain.recv(PIECE)
            if not data:
                return
            tls.sendall(data)
        if tls in readable or tls.pending():
            data = read_available(tls)
            if data == b"":
                return
            if data:
                plain.sendall(data)


def serve(plain, context, gateway_port, server_name, source_port):
    with plain:
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.bind((PROXY_ADDRESS, source_port))
        raw.connect((GATEWAY_ADDRESS, gateway_port))
        with context.wrap_socket(raw, server_hostname=server_name) as tls:
            try:
                relay(plain, tls)
                tls.setblocking(False)
                tls.unwrap()  # sends close_notify; the answer is not waited for
            except OSError:
                pass  # one side went away, as clients do; ssl's errors are of this kind as well


def main():
    listen_port, gateway_port, version, server_name, ca_file, key_log, *source_port = sys.argv[1:]
    context = client_context(version, ca_file, key_log)
    listener = socket.create_server(("127.0.0.1", int(listen_port)))
    while True:
        plain, _ = listener.accept()
        arguments = (plain, context, int(gateway_port), server_name, int(source_port[0]) if source_port else 0)
        threading.Thread(target=serve, args=arguments, daemon=True).start()


main()
