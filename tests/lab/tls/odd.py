#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peers of the TLS matrix that do what no well-behaved program does, and a proxy.

  odd.py proxy PORT                     CONNECT proxy; every name is 127.0.0.1
  odd.py server PORT MODE               silent | close-after-hello | reset-after-hello | plain (answers with HTTP)
  odd.py client PORT MODE NAME CA KEYLOG [VERSION]
         close-after-hello, reset-after-hello, close-after-server-flight (how Node refuses a certificate),
         close-after-finished (how .NET does with TLS 1.3), reset-after-finished, wait (for an answer, then gives up),
         proxy-v2 (a PROXY protocol header of version 2, then GET /text/100)
"""
import select
import socket
import ssl
import struct
import sys
import threading

RESET = struct.pack("ii", 1, 0)  # SO_LINGER of no time: close sends RST


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def proxy_one(client):
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(4096)
    port = int(head.split()[1].rsplit(b":", 1)[1])
    server = socket.create_connection(("127.0.0.1", port))
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    back = threading.Thread(target=copy, args=(server, client), daemon=True)
    back.start()
    copy(client, server)
    back.join()
    server.close()
    client.close()


def server_one(client, mode):
    client.settimeout(10)
    hello = client.recv(65536)
    if mode == "reset-after-hello":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    elif mode == "plain":
        client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\nConnection: close\r\n\r\nTLS?")
        client.shutdown(socket.SHUT_WR)
    if mode in ("silent", "plain"):
        while hello:
            hello = client.recv(65536)
    client.close()


def listen(port, serve):
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


def context(ca, keylog, version):
    made = ssl.create_default_context(cafile=ca)
    made.keylog_filename = keylog
    if version:
        made.minimum_version = made.maximum_version = ssl.TLSVersion["TLSv" + version.replace(".", "_")]
    return made


def hello_of(made, name):
    """The client hello that OpenSSL would send, and the object that goes on with the handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    handshake = made.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        handshake.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def records_until_quiet(connection):
    """Reads until the server has nothing more to say."""
    got = b""
    while select.select([connection], [], [], 0.3)[0]:
        data = connection.recv(65536)
        if not data:
            break
        got += data
    return got


def client(port, mode, name, ca, keylog, version=None):
    made = context(ca, keylog, version)
    connection = socket.create_connection(("127.0.0.1", port))
    if mode.startswith("reset"):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    if mode == "proxy-v2":
        ends = socket.inet_aton("198.51.100.7") + socket.inet_aton("127.0.0.1") + struct.pack(">HH", 4711, port)
        connection.sendall(b"\r\n\r\n\0\r\nQUIT\n" + b"\x21\x11" + struct.pack(">H", len(ends)) + ends)
        with made.wrap_socket(connection, server_hostname=name) as secure:
            secure.sendall(b"GET /text/100 HTTP/1.1\r\nHost: " + name.encode() + b"\r\nConnection: close\r\n\r\n")
            while secure.recv(65536):
                pass
        return
    if mode.endswith("after-finished"):
        secure = made.wrap_socket(connection, server_hostname=name)
        secure.setblocking(False)
        secure.close()  # no close_notify, and the tickets of the server stay unread
        return
    connection.sendall(hello_of(made, name))
    if mode == "close-after-server-flight":
        records_until_quiet(connection)
    elif mode == "reset-after-hello":
        pass  # before the answer, or just after it; both happen
    elif mode == "wait":
        records_until_quiet(connection)
    connection.close()


def main():
    role, port, *rest = sys.argv[1:]
    if role == "proxy":
        listen(int(port), proxy_one)
    elif role == "server":
        listen(int(port), lambda connection: server_one(connection, rest[0]))
    else:
        client(int(port), *rest)


if __name__ == "__main__":
    main()
