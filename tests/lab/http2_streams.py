#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tshark's view of HTTP/2 on port 8000, one line per stream, tab-separated:
connection, stream, method, host, path, status, octets of the response's body, client's error code of a reset.

  http2_streams.py CAPTURE
"""
import subprocess
import sys

FIELDS = ("tcp.stream", "tcp.srcport", "http2.streamid", "http2.type", "http2.headers.method", "http2.headers.authority",
          "http2.headers.path", "http2.headers.status", "http2.length", "http2.flags", "http2.rst_stream.error")
LIST = "\x1f"


def packets(capture):
    command = ["tshark", "-r", capture, "-n", "-d", "tcp.port==8000,http2", "-o", "tcp.reassemble_out_of_order:TRUE",
               "-Y", "http2", "-T", "fields", "-E", f"aggregator={LIST}"]
    for field in FIELDS:
        command += ["-e", field]
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()
    for line in output.splitlines():
        columns = line.split("\t")
        yield dict(zip(FIELDS, (column.split(LIST) if column else [] for column in columns)))


def main():
    streams = {}
    for packet in packets(sys.argv[1]):
        values = {field: iter(packet[field]) for field in FIELDS}
        from_server = packet["tcp.srcport"][0] == "8000"
        for kind, stream, length, flags in zip(packet["http2.type"], packet["http2.streamid"], packet["http2.length"],
                                               packet["http2.flags"]):
            row = streams.setdefault((int(packet["tcp.stream"][0]), int(stream)), ["-"] * 4 + [0, "-"])
            if kind == "1" and not from_server:
                row[0:3] = [next(values["http2.headers.method"]), next(values["http2.headers.authority"]),
                            next(values["http2.headers.path"])]
            elif kind == "1":
                row[3] = next(values["http2.headers.status"], row[3])
            elif kind == "0" and from_server:
                if int(flags, 0) & 8: # one octet says how much padding there is
                    row[4] -= 1 + int(next(values["http2.data.padding"], "0"))
                row[4] += int(length)
            elif kind == "3":
                row[5] = next(values["http2.rst_stream.error"])
    for (connection, stream), row in sorted(streams.items()):
        if stream != 0:
            print(connection, stream, *row, sep="\t")


main()
