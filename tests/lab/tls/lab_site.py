#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The content of the TLS matrix as a web server: behind nginx on a Unix socket, or with TLS of its own.

  lab_site.py LOG PLACE [--cert FILE --key FILE [--ca FILE] [--ask optional|required] [--ciphers LIST] [--version 1.2|1.3]
                     [--alpn A,B] [--keylog FILE] [--renegotiation] [--no-tickets]]

PLACE is a port of 127.0.0.1 or a path. LOG gets one JSON object for each exchange: what came and what was sent.
"""
import argparse
import gzip
import hashlib
import http.server
import json
import os
import socketserver
import ssl
import threading

SSL_OP_ALLOW_CLIENT_RENEGOTIATION = 1 << 8  # OpenSSL 3.0, ssl.h; Python has no name for it


def content(size):
    """Text of that size in which no two lines are alike."""
    lines = size // 15 + 1
    return "".join(f"line {number:09d}\n" for number in range(lines)).encode()[:size]


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    log = None
    lock = threading.Lock()

    def address_string(self):
        return "client"

    def log_message(self, *arguments):
        pass

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body

    def answer(self):
        """Status, headers and body for the target: /text/N, /gzip/N, /chunked/N, /status/CODE; a POST is summed up."""
        _, kind, *rest = self.path.split("?")[0].split("/")
        number = int(rest[0]) if rest else 100
        if self.command == "POST":
            return 200, {"Content-Type": "application/json"}, json.dumps({"got": digest(self.body)}).encode()
        if kind == "status":
            return number, {"Content-Type": "application/json"}, b'{"error":{"code":"made for the lab"}}'
        headers = {"Content-Type": "text/plain"}
        if kind == "gzip":
            headers["Content-Encoding"] = "gzip"
            return 200, headers, gzip.compress(content(number), mtime=0)
        return 200, headers, content(number)

    def serve(self):
        self.body = self.read_body()
        status, headers, body = self.answer()
        chunked = self.path.startswith("/chunked/")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))))
        self.end_headers()
        if chunked:
            for start in range(0, len(body), 5000):
                piece = body[start:start + 5000]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(body)
        self.note(status, headers, body)

    do_GET = do_POST = do_PUT = serve

    def note(self, status, headers, body):
        plain = gzip.decompress(body) if "Content-Encoding" in headers else body
        entry = {"server_port": int(self.headers.get("X-Lab-Server-Port", 0)),
                 "client_port": int(self.headers.get("X-Lab-Client-Port", 0)),
                 "version": self.headers.get("X-Lab-Version"), "cipher": self.headers.get("X-Lab-Cipher"),
                 "reused": self.headers.get("X-Lab-Reused") == "r", "sni": self.headers.get("X-Lab-Sni"),
                 "alpn": self.headers.get("X-Lab-Alpn"), "early": self.headers.get("X-Lab-Early") == "1"}
        if isinstance(self.connection, ssl.SSLSocket):
            entry.update(server_port=self.connection.getsockname()[1], client_port=self.client_address[1],
                         version=self.connection.version(), cipher=self.connection.cipher()[0],
                         reused=self.connection.session_reused, alpn=self.connection.selected_alpn_protocol(),
                         sni=getattr(self.connection, "lab_name", None))
        entry.update(method=self.command, target=self.path, status=status, request_bytes=len(self.body),
                     request_sha256=digest(self.body), response_bytes=len(body), response_sha256=digest(plain))
        with Handler.lock:
            self.log.write(json.dumps(entry) + "\n")
            self.log.flush()


class TcpServer(http.server.ThreadingHTTPServer):
    context = None

    def finish_request(self, request, client_address):
        if self.context is not None:
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)
        if self.context is not None:
            request.unwrap()

    def handle_error(self, request, client_address):
        pass  # handshakes fail here on purpose


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128  # of HTTP/2 many come at once

    def get_request(self):
        request, _ = self.socket.accept()
        return request, ("client", 0)


def tls_context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if options.version:
        context.minimum_version = context.maximum_version = ssl.TLSVersion["TLSv" + options.version.replace(".", "_")]
    if options.ciphers:
        context.set_ciphers(options.ciphers)
    if options.ca:
        context.load_verify_locations(options.ca)
    if options.ask:
        context.verify_mode = ssl.CERT_REQUIRED if options.ask == "required" else ssl.CERT_OPTIONAL
    if options.alpn:
        context.set_alpn_protocols(options.alpn.split(","))
    if options.keylog:
        context.keylog_filename = options.keylog
    if options.renegotiation:
        context.options |= SSL_OP_ALLOW_CLIENT_RENEGOTIATION
    if options.no_tickets:
        context.options |= ssl.OP_NO_TICKET
    context.sni_callback = lambda connection, name, _: setattr(connection, "lab_name", name)
    return context


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log")
    parser.add_argument("place")
    for name in ("cert", "key", "ca", "ask", "ciphers", "version", "alpn", "keylog"):
        parser.add_argument("--" + name)
    parser.add_argument("--renegotiation", action="store_true")
    parser.add_argument("--no-tickets", action="store_true")
    options = parser.parse_args()
    Handler.log = open(options.log, "a", encoding="utf-8")
    if options.place.isdigit():
        server = TcpServer(("127.0.0.1", int(options.place)), Handler)
        server.context = tls_context(options)
    else:
        Handler.disable_nagle_algorithm = False
        if os.path.exists(options.place):
            os.remove(options.place)
        server = UnixServer(options.place, Handler)
        os.chmod(options.place, 0o777)
    server.serve_forever()


if __name__ == "__main__":
    main()
